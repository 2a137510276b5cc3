//! Integers beside times and durations, so that a policy never parses one.

use super::layout::millis_key;
use super::shape::{Kind, LeafKind, Shape};
use crate::model::time::{Instant, parse_duration};
use serde_json::Value;

/// Puts `<key>_ms` beside every time (milliseconds since 1970) and duration (milliseconds) that is an object's member.
///
/// The value must be valid for the shape.
pub fn enrich(shape: &Shape, value: &mut Value) {
    match (&shape.alternative(value).kind, value) {
        (Kind::Object(properties), Value::Object(members)) => {
            for (name, property) in properties {
                let Some(member) = members.get_mut(name) else { continue };
                enrich(property, member);
                if let Some(ms) = millis(property, member) {
                    members.insert(millis_key(name), ms.into());
                }
            }
        }
        (Kind::Map(shape), Value::Object(members)) => {
            let mut added = Vec::new();
            for (name, member) in members.iter_mut() {
                enrich(shape, member);
                added.extend(millis(shape, member).map(|ms| (millis_key(name), ms)));
            }
            members.extend(added.into_iter().map(|(name, ms)| (name, ms.into())));
        }
        (Kind::List { items, .. }, Value::Array(elements)) => {
            for element in elements {
                enrich(items, element);
            }
        }
        _ => {}
    }
}

fn millis(shape: &Shape, value: &Value) -> Option<i64> {
    let text = value.as_str()?;
    match &shape.alternative(value).kind {
        Kind::Leaf(LeafKind::Time) => Instant::parse(text).map(|i| i.ms),
        Kind::Leaf(LeafKind::Duration) => parse_duration(text),
        _ => None,
    }
}
