//! From what a policy emits to findings: the host fills in the words, so that no message can undo a violation.

use crate::model::time::say_duration;
use crate::model::{ControlText, Finding};
use crate::text::pointer_of;
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads one element of `violations`.
///
/// # Errors
/// What is wrong with it, in words: the control is `error` then.
pub fn read(control: &ControlText, value: &Value) -> Result<Finding, String> {
    let code = value["code"].as_str().ok_or("a violation has no code")?;
    let text = control.violations.get(code).ok_or_else(|| format!("METADATA lists no violation `{code}`"))?;
    let id = match value.get("subject").map(subject).transpose()? {
        Some(subject) => format!("{code}[{subject}]"),
        None => code.to_owned(),
    };
    let paths = value["at"].as_array().ok_or_else(|| format!("the violation `{code}` has no list `at`"))?;
    let pointers = paths.iter().map(|path| pointer(control, code, path)).collect::<Result<Vec<_>, _>>()?;
    let values = value["values"].as_object().ok_or_else(|| format!("the violation `{code}` has no `values`"))?;
    let values: BTreeMap<&str, &Value> = values.iter().map(|(k, v)| (k.as_str(), v)).collect();
    Ok(Finding { id, criterion: Some(text.denies.clone()), message: fill(&text.message, &values), pointers })
}

fn subject(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Array(parts) => {
            let parts = parts.iter().map(subject).collect::<Result<Vec<_>, _>>()?;
            let last = parts.len().saturating_sub(1);
            // Two subjects must never share an id: `/` is escaped in every part but the last.
            let escape = |(at, part): (usize, String)| if at < last { part.replace('~', "~0").replace('/', "~1") } else { part };
            Ok(parts.into_iter().enumerate().map(escape).collect::<Vec<_>>().join("/"))
        }
        _ => Err("a violation's subject is a string or a list of strings".to_owned()),
    }
}

/// `["backups", "artifacts", 0]` as `/facts/backups/value/artifacts/0`.
fn pointer(control: &ControlText, code: &str, path: &Value) -> Result<String, String> {
    let wrong = || format!("the violation `{code}` has a path that does not begin with one of the control's groups");
    let tokens = path.as_array().ok_or_else(wrong)?;
    let (group, rest) = tokens.split_first().ok_or_else(wrong)?;
    let group = group.as_str().filter(|g| control.facts.contains_key(*g)).ok_or_else(wrong)?;
    let rest = rest.iter().map(|token| token.as_str().map_or_else(|| token.to_string(), str::to_owned));
    Ok(format!("/facts{}/value{}", pointer_of([group]), pointer_of(rest)))
}

/// Fills `{name}` with `values.name`, or with `values.name_ms` as a duration.
fn fill(message: &str, values: &BTreeMap<&str, &Value>) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        match (values.get(name), values.get(format!("{name}_ms").as_str()).and_then(|v| v.as_i64())) {
            (Some(value), _) => out.push_str(&say(value)),
            (None, Some(ms)) => out.push_str(&say_duration(ms)),
            (None, None) => out.push_str("(not given)"),
        }
        rest = tail;
    }
    out + rest
}

fn say(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(say).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
