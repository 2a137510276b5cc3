//! Constants of compiled policies: literals and parameters.
//!
//! They live as long as the process does. A checklist is compiled once for each set of parameters, and a value that borrows
//! from the program would tie every document's arena to it.

use crate::tree::{Keys, Record, Value};
use serde_json::Value as Json;

/// A constant from JSON; none for a number that is neither a 64-bit integer nor a float.
pub(super) fn of_json(json: &Json) -> Option<Value<'static>> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::from(*b),
        Json::Number(n) => match n.as_i64() {
            Some(int) => Value::Int(int),
            None if n.is_f64() => Value::Float(n.as_f64()?),
            None => return None,
        },
        Json::String(s) => text(s),
        Json::Array(items) => list(items.iter().map(of_json).collect::<Option<_>>()?),
        Json::Object(members) => {
            let keys = keys(Keys::new(members.keys().map(String::as_str)));
            let mut words = vec![Value::Keys(keys)];
            for name in keys.names() {
                words.push(of_json(members.get(name)?)?);
            }
            Value::Object(Record::new(words.leak()))
        }
    })
}

pub(super) fn text(text: &str) -> Value<'static> {
    Value::Text(name(text))
}

pub(super) fn name(name: &str) -> &'static str {
    name.to_owned().leak()
}

pub(super) fn list(items: Vec<Value<'static>>) -> Value<'static> {
    Value::List(items.leak())
}

/// A set of members that are sorted and distinct.
pub(super) fn set(members: Vec<Value<'static>>) -> Value<'static> {
    Value::Set(members.leak())
}

pub(super) fn keys(keys: Keys) -> &'static Keys {
    Box::leak(Box::new(keys))
}
