//! A quick answer to "is this value valid?" for the schemas of the dialect, read as they stand, nothing compiled.
//!
//! It may always say that it does not know: then the validator decides. What it says must be what the validator says; a
//! test compares them on damaged documents. Whatever is not plainly known here is therefore `Unknown`, never guessed.

use super::quick_pattern::matches;
use crate::model::time::{Instant, parse_duration};
use serde_json::{Map, Number, Value};

/// What is known of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Valid,
    Invalid,
    Unknown,
}

use Answer::{Invalid, Unknown, Valid};

/// Integers up to here are the same number as a float.
const EXACT: u64 = 1 << 53;

impl Answer {
    fn of(holds: bool) -> Self {
        if holds { Valid } else { Invalid }
    }

    /// Both must hold.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Invalid, _) | (_, Invalid) => Invalid,
            (Unknown, _) | (_, Unknown) => Unknown,
            (Valid, Valid) => Valid,
        }
    }
}

/// Holds a value against a schema.
pub(super) fn answer(schema: &Value, value: &Value) -> Answer {
    let Some(members) = schema.as_object() else { return Unknown };
    all(members.iter().map(|(keyword, wanted)| keyword_answer(members, keyword, wanted, value)))
}

/// The answers joined; the first `Invalid` settles it.
fn all(answers: impl Iterator<Item = Answer>) -> Answer {
    let mut out = Valid;
    for answer in answers {
        out = out.and(answer);
        if out == Invalid {
            break;
        }
    }
    out
}

fn keyword_answer(schema: &Map<String, Value>, keyword: &str, wanted: &Value, value: &Value) -> Answer {
    match keyword {
        "title" | "description" | "x-golive" | "x-golive-minimum" | "x-golive-maximum" => Valid,
        "$schema" => Answer::of(wanted == "https://json-schema.org/draft/2020-12/schema").and_unknown(),
        "type" => match wanted {
            Value::String(kind) => of_type(kind, value),
            Value::Array(kinds) => any(kinds.iter().map(|kind| kind.as_str().map_or(Unknown, |k| of_type(k, value)))),
            _ => Unknown,
        },
        "const" => same(wanted, value),
        "enum" => wanted.as_array().map_or(Unknown, |values| any(values.iter().map(|v| same(v, value)))),
        "oneOf" => wanted.as_array().map_or(Unknown, |schemas| exactly_one(schemas, value)),
        _ => match value {
            Value::Object(members) => object(schema, keyword, wanted, members),
            Value::Array(items) => array(keyword, wanted, items),
            Value::String(text) => string(keyword, wanted, text),
            Value::Number(number) => numeric(keyword, wanted, number),
            // No other keyword says anything about these.
            Value::Null | Value::Bool(_) => {
                if KNOWN.contains(&keyword) {
                    Valid
                } else {
                    Unknown
                }
            }
        },
    }
}

/// Keywords that speak of one type of value only, and hold of all other types.
const KNOWN: &[&str] = &[
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
];

impl Answer {
    /// `Invalid` is not sure here.
    fn and_unknown(self) -> Self {
        if self == Valid { Valid } else { Unknown }
    }
}

/// One of several must hold.
fn any(answers: impl Iterator<Item = Answer>) -> Answer {
    let mut out = Invalid;
    for answer in answers {
        match answer {
            Valid => return Valid,
            Unknown => out = Unknown,
            Invalid => {}
        }
    }
    out
}

fn exactly_one(schemas: &[Value], value: &Value) -> Answer {
    let (mut valid, mut unknown) = (0, 0);
    for schema in schemas {
        match answer(schema, value) {
            Valid => valid += 1,
            Unknown => unknown += 1,
            Invalid => {}
        }
    }
    match (valid, unknown) {
        (2.., _) | (0, 0) => Invalid,
        (1, 0) => Valid,
        _ => Unknown,
    }
}

fn of_type(kind: &str, value: &Value) -> Answer {
    match (kind, value) {
        // A whole number written with a point is an integer to JSON Schema: rare enough to ask.
        ("integer", Value::Number(n)) => Answer::of(!n.is_f64()).and_unknown(),
        ("null", Value::Null)
        | ("boolean", Value::Bool(_))
        | ("number", Value::Number(_))
        | ("string", Value::String(_))
        | ("array", Value::Array(_))
        | ("object", Value::Object(_)) => Valid,
        ("null" | "boolean" | "number" | "integer" | "string" | "array" | "object", _) => Invalid,
        _ => Unknown,
    }
}

/// Equality in JSON Schema, where `1` and `1.0` are equal.
fn same(wanted: &Value, value: &Value) -> Answer {
    match (wanted, value) {
        (Value::String(a), Value::String(b)) => Answer::of(a == b),
        (Value::Bool(a), Value::Bool(b)) => Answer::of(a == b),
        (Value::Null, Value::Null) => Valid,
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Answer::of(a == b),
            _ => Unknown,
        },
        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => Unknown,
        _ => Invalid,
    }
}

fn object(schema: &Map<String, Value>, keyword: &str, wanted: &Value, members: &Map<String, Value>) -> Answer {
    let properties = match schema.get("properties") {
        None => None,
        Some(Value::Object(properties)) => Some(properties),
        Some(_) => return Unknown,
    };
    let described = |name: &String| properties.is_some_and(|p| p.contains_key(name));
    match (keyword, wanted) {
        ("properties", Value::Object(properties)) => {
            all(properties.iter().filter_map(|(name, schema)| Some(answer(schema, members.get(name)?))))
        }
        ("required", Value::Array(names)) => {
            all(names.iter().map(|name| name.as_str().map_or(Unknown, |name| Answer::of(members.contains_key(name)))))
        }
        ("additionalProperties", Value::Bool(false)) => Answer::of(members.keys().all(described)),
        ("additionalProperties", Value::Object(_)) => {
            all(members.iter().filter(|(name, _)| !described(name)).map(|(_, value)| answer(wanted, value)))
        }
        ("properties" | "required" | "additionalProperties", _) => Unknown,
        _ => other_type(keyword),
    }
}

fn array(keyword: &str, wanted: &Value, items: &[Value]) -> Answer {
    match keyword {
        "items" => all(items.iter().map(|item| answer(wanted, item))),
        "minItems" => wanted.as_u64().map_or(Unknown, |least| Answer::of(items.len() as u64 >= least)),
        "maxItems" => wanted.as_u64().map_or(Unknown, |most| Answer::of(items.len() as u64 <= most)),
        _ => other_type(keyword),
    }
}

fn string(keyword: &str, wanted: &Value, text: &str) -> Answer {
    let length = || text.chars().count() as u64;
    match keyword {
        "minLength" => wanted.as_u64().map_or(Unknown, |least| Answer::of(length() >= least)),
        "maxLength" => wanted.as_u64().map_or(Unknown, |most| Answer::of(length() <= most)),
        "format" => match wanted.as_str() {
            Some("date-time") => Answer::of(Instant::parse(text).is_some()),
            Some("duration") => Answer::of(parse_duration(text).is_some()),
            _ => Unknown,
        },
        "pattern" => wanted.as_str().map_or(Unknown, |pattern| Answer::of(matches(pattern, text)).and_unknown()),
        _ => other_type(keyword),
    }
}

fn numeric(keyword: &str, wanted: &Value, number: &Number) -> Answer {
    let compared = || {
        let (number, bound) = (exact(number)?, exact(wanted.as_number()?)?);
        number.partial_cmp(&bound)
    };
    match keyword {
        "minimum" => compared().map_or(Unknown, |order| Answer::of(order.is_ge())),
        "maximum" => compared().map_or(Unknown, |order| Answer::of(order.is_le())),
        _ => other_type(keyword),
    }
}

/// A number as a float where it is exactly that.
fn exact(number: &Number) -> Option<f64> {
    let whole = number.as_i64().is_none_or(|n| n.unsigned_abs() <= EXACT) && number.as_u64().is_none_or(|n| n <= EXACT);
    number.as_f64().filter(|_| whole)
}

/// A keyword that says nothing about this type of value.
fn other_type(keyword: &str) -> Answer {
    Answer::of(KNOWN.contains(&keyword)).and_unknown()
}
