//! Between JSON and the engine's values, without going through text.

use regorus::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;

pub(super) fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::from(*b),
        Json::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(i), _, _) => Value::from(i),
            (_, Some(u), _) => Value::from(u),
            (_, _, float) => Value::from(float.unwrap_or(f64::NAN)),
        },
        Json::String(s) => Value::from(s.as_str()),
        Json::Array(items) => Value::from(items.iter().map(from_json).collect::<Vec<_>>()),
        Json::Object(members) => {
            let map: BTreeMap<Value, Value> = members.iter().map(|(k, v)| (Value::from(k.as_str()), from_json(v))).collect();
            Value::from(map)
        }
    }
}

/// An engine value as JSON, sets as lists in the engine's order; none for what JSON cannot hold.
pub(super) fn to_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::String(s) => Json::String(s.to_string()),
        Value::Array(items) => Json::Array(items.iter().map(to_json).collect::<Option<_>>()?),
        Value::Set(items) => Json::Array(items.iter().map(to_json).collect::<Option<_>>()?),
        Value::Object(_) | Value::Number(_) => serde_json::to_value(value).ok()?,
        Value::Undefined => return None,
    })
}
