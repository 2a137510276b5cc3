//! The slow door: the same tree from what the strict reader and the validator have accepted.

use super::document::{Group, envelope_keys};
use crate::facts::Assessment;
use crate::model;
use crate::schema::{Kind, Schema, Shape};
use crate::tree::{Keys, Record, Value};
use bumpalo::Bump;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Where the parts of each group stand in a tree, for groups that did not come in one pass.
#[derive(Debug)]
pub struct Layouts<'s> {
    groups: BTreeMap<&'s str, Layout<'s>>,
    envelope: Keys,
    collector: Keys,
    evidence: Keys,
}

/// Where the parts of a value stand.
#[derive(Debug)]
struct Layout<'s> {
    shape: &'s Shape,
    keys: Option<Keys>,
    /// The layouts of the alternatives' parts: of each alternative its properties, or its elements.
    parts: Vec<Parts<'s>>,
}

#[derive(Debug)]
enum Parts<'s> {
    Members(BTreeMap<&'s str, Layout<'s>>),
    Elements(Box<Layout<'s>>),
    Leaf,
}

impl<'s> Layouts<'s> {
    /// The layouts of groups.
    pub fn new(groups: &'s BTreeMap<String, Schema>) -> Self {
        Self {
            groups: groups.iter().map(|(name, schema)| (name.as_str(), Layout::new(&schema.shape))).collect(),
            envelope: envelope_keys(),
            collector: Keys::new(["name", "version"]),
            evidence: Keys::new(["uri", "sha256"]),
        }
    }

    /// A group as a tree, from the assessment that found it good; none where it is not, or is unknown.
    pub fn group<'a>(&'a self, name: &str, stated: &model::Group, assessed: &'a Assessment, arena: &'a Bump) -> Option<Group<'a>> {
        let value = self.groups.get(name)?.tree(assessed.value.as_ref()?, arena)?;
        Some(Group {
            collected_at: stated.collected_at,
            trust: stated.trust,
            evidence: stated.evidence.len(),
            envelope: self.envelope(&assessed.envelope, arena)?,
            value: Some(value),
        })
    }

    fn envelope<'a>(&'a self, envelope: &'a Json, arena: &'a Bump) -> Option<Value<'a>> {
        record(&self.envelope, envelope.as_object()?, arena, |name, value| match name {
            "collector" => record(&self.collector, value.as_object()?, arena, |_, value| leaf(value)),
            "evidence" => {
                let items = value.as_array()?.iter();
                list(items.map(|item| record(&self.evidence, item.as_object()?, arena, |_, value| leaf(value))), arena)
            }
            _ => leaf(value),
        })
    }
}

impl<'s> Layout<'s> {
    fn new(shape: &'s Shape) -> Self {
        let parts = shape.alternatives().into_iter().map(|alternative| match &alternative.kind {
            Kind::Object(properties) => Parts::Members(properties.iter().map(|(name, p)| (name.as_str(), Self::new(p))).collect()),
            Kind::List { items, .. } => Parts::Elements(Box::new(Self::new(items))),
            _ => Parts::Leaf,
        });
        Self { shape, keys: shape.keys(), parts: parts.collect() }
    }

    /// A value that is valid, with `_ms` beside times and durations.
    fn tree<'a>(&'a self, value: &'a Json, arena: &'a Bump) -> Option<Value<'a>> {
        if !value.is_object() && !value.is_array() {
            return leaf(value);
        }
        let chosen = self.shape.alternative(value);
        let index = self.shape.alternatives().iter().position(|alternative| std::ptr::eq(*alternative, chosen))?;
        match (self.parts.get(index)?, value) {
            (Parts::Members(members), Json::Object(stated)) => {
                // What has no layout of its own is one of the integers beside times.
                record(self.keys.as_ref()?, stated, arena, |name, value| match members.get(name) {
                    Some(layout) => layout.tree(value, arena),
                    None => leaf(value),
                })
            }
            (Parts::Elements(items), Json::Array(stated)) => list(stated.iter().map(|value| items.tree(value, arena)), arena),
            _ => None,
        }
    }
}

fn record<'a>(
    keys: &'a Keys,
    stated: &'a Map<String, Json>,
    arena: &'a Bump,
    mut tree: impl FnMut(&'a str, &'a Json) -> Option<Value<'a>>,
) -> Option<Value<'a>> {
    let words = arena.alloc_slice_fill_copy(keys.len() + 1, Value::Undefined);
    *words.first_mut()? = Value::Keys(keys);
    for (name, value) in stated {
        *words.get_mut(keys.slot(name)? + 1)? = tree(name, value)?;
    }
    Some(Value::Object(Record::new(words)))
}

fn list<'a>(items: impl Iterator<Item = Option<Value<'a>>>, arena: &'a Bump) -> Option<Value<'a>> {
    let items: Vec<Value<'a>> = items.collect::<Option<_>>()?;
    Some(Value::List(arena.alloc_slice_copy(&items)))
}

fn leaf(value: &Json) -> Option<Value<'_>> {
    Some(match value {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::from(*b),
        Json::String(text) => Value::Text(text),
        Json::Number(n) => match n.as_i64() {
            Some(n) => Value::Int(n),
            None => Value::Float(n.as_f64()?),
        },
        Json::Array(_) | Json::Object(_) => return None,
    })
}
