//! Builtins that are traced; the others are for the interpreter.

use super::value::{Data, Read, Val};
use super::{Halt, Run};
use serde_json::Value as Json;
use std::rc::Rc;

/// The value of a builtin.
pub(super) fn call<'a>(name: &str, arguments: &[Val<'a>]) -> Run<Val<'a>> {
    let from: Vec<Read> = arguments.iter().flat_map(Val::sources).collect();
    let scalar = |json: Json| Ok(Val::scalar(json, from.clone()));
    match (name, arguments) {
        ("count", [value]) if value.items().is_some() => Ok(Val::scalar(count(value)?.into(), value.outline())),
        ("count", [value]) => scalar(count(value)?.into()),
        ("sum", [value]) => {
            let mut sum: i64 = 0;
            for (_, item) in value.items().ok_or(Halt::Unsure)? {
                let number = item.plain().and_then(Json::as_i64).ok_or(Halt::Unsure)?;
                sum = sum.checked_add(number).ok_or(Halt::Unsure)?;
            }
            scalar(sum.into())
        }
        ("is_array", [value]) => scalar(Json::Bool(matches!(value.data, Data::List(_) | Data::Json(Json::Array(_))))),
        ("is_object", [value]) => scalar(Json::Bool(matches!(value.data, Data::Object(_) | Data::Json(Json::Object(_))))),
        ("is_string", [value]) => scalar(Json::Bool(value.plain().is_some_and(Json::is_string))),
        ("is_number", [value]) => scalar(Json::Bool(value.plain().is_some_and(Json::is_number))),
        ("is_boolean", [value]) => scalar(Json::Bool(value.plain().is_some_and(Json::is_boolean))),
        ("is_null", [value]) => scalar(Json::Bool(value.plain().is_some_and(Json::is_null))),
        ("trim_space", [value]) => scalar(text(value)?.trim().into()),
        ("startswith", [a, b]) => scalar(Json::Bool(text(a)?.starts_with(text(b)?))),
        ("endswith", [a, b]) => scalar(Json::Bool(text(a)?.ends_with(text(b)?))),
        ("contains", [a, b]) => scalar(Json::Bool(text(a)?.contains(text(b)?))),
        ("split", [a, b]) if !text(b)?.is_empty() => {
            let parts = text(a)?.split(text(b)?).map(|part| Val::scalar(part.into(), from.clone())).collect();
            Ok(Val::made(Data::List(Rc::new(parts)), Vec::new()))
        }
        _ => Err(Halt::Unsure),
    }
}

fn text<'v>(value: &'v Val<'_>) -> Run<&'v str> {
    value.plain().and_then(Json::as_str).ok_or(Halt::Unsure)
}

fn count(value: &Val<'_>) -> Run<usize> {
    match value.items() {
        Some(items) => Ok(items.len()),
        None => value.plain().and_then(Json::as_str).map(|t| t.encode_utf16().count()).ok_or(Halt::Unsure),
    }
}
