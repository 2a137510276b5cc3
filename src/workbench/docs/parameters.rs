//! The parameters that a control depends on: default, bounds, words.

use super::{Material, json};
use crate::checklist::{Checklist, Control, Files};
use serde_json::Value;
use std::collections::BTreeSet;

/// One parameter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    /// Its place, such as `backups.window`.
    pub name: String,
    /// The checklist's default, as JSON.
    pub default: String,
    /// What it may be.
    pub bounds: String,
    /// What it is.
    pub about: String,
}

/// The parameters that a control's policy reads, and the age of each group that it sees.
pub(super) fn of(material: &Material<'_>, control: &Control) -> Vec<Parameter> {
    let schema = json(material.files, "schemas/parameters.schema.json");
    let defaults = json(material.files, "policies/parameters.json");
    named(material.checklist, material.files, control).iter().map(|path| parameter(&schema, &defaults, path)).collect()
}

/// The paths of the parameters that a control's policy reads, and of the age of each group that it sees.
pub fn named(checklist: &Checklist, files: &Files, control: &Control) -> BTreeSet<Vec<String>> {
    let schema = json(files, "schemas/parameters.schema.json");
    let reads = checklist.reads(control).paths.iter();
    let mut paths: BTreeSet<Vec<String>> = reads.filter_map(|path| own(&schema, path.strip_prefix("parameters/")?)).collect();
    paths.extend(control.text.facts.keys().map(|group| vec!["max_age".to_owned(), group.clone()]));
    paths
}

/// The path of a parameter without the host's own `_ms` and what is inside of it.
fn own(schema: &Value, path: &str) -> Option<Vec<String>> {
    let mut out: Vec<String> = Vec::new();
    let mut at = schema;
    for part in path.split('/') {
        let Some(properties) = at["properties"].as_object() else { break };
        let plain = part.strip_suffix("_ms").filter(|plain| !properties.contains_key(part) && properties.contains_key(*plain));
        let name = plain.unwrap_or(part);
        at = properties.get(name)?;
        out.push(name.to_owned());
    }
    (!out.is_empty() && at["properties"].is_null()).then_some(out)
}

fn parameter(schema: &Value, defaults: &Value, path: &[String]) -> Parameter {
    let (mut node, mut default, mut about) = (schema, defaults, None);
    for part in path {
        node = node["properties"].get(part).unwrap_or(&node["additionalProperties"]);
        default = default.get(part).unwrap_or(&Value::Null);
        about = node["description"].as_str().or(about);
    }
    let about = match path {
        [first, group] if first == "max_age" => format!("How old the group {group} may be when it is judged."),
        _ => about.unwrap_or_default().to_owned(),
    };
    Parameter { name: path.join("."), default: default.to_string(), bounds: bounds(node), about }
}

/// What a value may be, in words.
fn bounds(schema: &Value) -> String {
    let word = |key: &str| schema[key].as_str();
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ");
    }
    if let (Some(least), Some(most)) = (word("x-golive-minimum"), word("x-golive-maximum")) {
        return format!("{least} to {most}");
    }
    match word("type") {
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(0);
            let length = schema["maxItems"].as_u64().map_or_else(|| format!("at least {least}"), |most| format!("{least} to {most}"));
            format!("a list of {length}: {}", bounds(&schema["items"]))
        }
        Some("string") => match word("pattern") {
            Some(pattern) => format!("text that matches {pattern}"),
            None => "text".to_owned(),
        },
        Some("integer" | "number") => format!("{} to {}", schema["minimum"], schema["maximum"]),
        Some(other) => other.to_owned(),
        None => "anything".to_owned(),
    }
}
