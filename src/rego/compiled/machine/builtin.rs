//! Builtins. What they refuse, the interpreter refuses with words.

use super::{Answer, Halt, Machine};
use crate::rego::compiled::program::{Builtin, Expr};
use crate::tree::Value;
use std::cmp::Ordering;

impl<'p, 'a> Machine<'p, 'a> {
    pub(super) fn builtin(&mut self, builtin: Builtin, arguments: &'p [Expr]) -> Answer<Value<'a>> {
        let first = match arguments.first() {
            Some(expr) => self.eval(expr)?,
            None => return Err(Halt::Ask),
        };
        let second = match arguments.get(1) {
            Some(expr) => Some(self.eval(expr)?),
            None => None,
        };
        if matches!(first, Value::Undefined) || matches!(second, Some(Value::Undefined)) {
            return Ok(Value::Undefined);
        }
        match second {
            None => of_one(builtin, first),
            Some(second) => self.of_two(builtin, first, second),
        }
    }

    fn of_two(&mut self, builtin: Builtin, a: Value<'a>, b: Value<'a>) -> Answer<Value<'a>> {
        let (Value::Text(a), Value::Text(b)) = (a, b) else { return Err(Halt::Ask) };
        Ok(match builtin {
            Builtin::Contains => Value::from(a.contains(b)),
            Builtin::EndsWith => Value::from(a.ends_with(b)),
            Builtin::StartsWith => Value::from(a.starts_with(b)),
            Builtin::Split if !b.is_empty() => {
                let parts: Vec<Value<'a>> = a.split(b).map(Value::Text).collect();
                self.make(parts.len())?;
                self.list_of(&parts)
            }
            _ => return Err(Halt::Ask),
        })
    }
}

fn of_one(builtin: Builtin, value: Value<'_>) -> Answer<Value<'_>> {
    Ok(match (builtin, value) {
        (Builtin::Count, value) => Value::Int(count(value)?),
        (Builtin::IsArray, value) => Value::from(matches!(value, Value::List(_))),
        (Builtin::IsBoolean, value) => Value::from(matches!(value, Value::Bool(_))),
        (Builtin::IsNull, value) => Value::from(matches!(value, Value::Null)),
        (Builtin::IsNumber, value) => Value::from(matches!(value, Value::Int(_) | Value::Float(_))),
        (Builtin::IsObject, value) => Value::from(matches!(value, Value::Object(_))),
        (Builtin::IsString, value) => Value::from(matches!(value, Value::Text(_))),
        (Builtin::Max, Value::List(items) | Value::Set(items)) => extreme(items, Ordering::Greater)?,
        (Builtin::Min, Value::List(items) | Value::Set(items)) => extreme(items, Ordering::Less)?,
        (Builtin::Sum, Value::List(items) | Value::Set(items)) => {
            let sum = items.iter().try_fold(0_i64, |sum, item| match item {
                Value::Int(n) => sum.checked_add(*n),
                _ => None,
            });
            Value::Int(sum.ok_or(Halt::Ask)?)
        }
        (Builtin::TrimSpace, Value::Text(text)) => Value::Text(text.trim()),
        _ => return Err(Halt::Ask),
    })
}

fn count(value: Value<'_>) -> Answer<i64> {
    let count = match value {
        Value::List(items) | Value::Set(items) => items.len(),
        Value::Object(record) => record.members().count(),
        Value::Text(text) => text.encode_utf16().count(),
        _ => return Err(Halt::Ask),
    };
    i64::try_from(count).map_err(|_| Halt::Ask)
}

fn extreme<'a>(items: &[Value<'a>], wanted: Ordering) -> Answer<Value<'a>> {
    let Some((first, rest)) = items.split_first() else { return Ok(Value::Undefined) };
    rest.iter().try_fold(*first, |best, item| {
        let order = item.order(best).ok_or(Halt::Ask)?;
        Ok(if order == wanted { *item } else { best })
    })
}
