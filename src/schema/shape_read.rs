//! From a JSON Schema file to a [`Shape`], refusing what is outside the dialect.

use super::shape::{Kind, LeafKind, Shape};
use crate::text::{Document, Problem, pointer_of};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Keywords that a schema of the dialect may use.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$id",
    "title",
    "description",
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "oneOf",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "pattern",
    "format",
    "x-golive",
    "x-golive-minimum",
    "x-golive-maximum",
];

/// Keywords that describe the parts of a value, or nobody but the reader.
const PARTS: &[&str] = &["$schema", "description", "properties", "required", "additionalProperties", "items", "oneOf"];

/// Reads the shape of a schema document; `open_maps` allows objects with free keys (parameters).
///
/// # Errors
/// Every departure from the dialect, each with its place.
pub(super) fn read_shape(document: &Document, open_maps: bool) -> Result<Shape, Vec<Problem>> {
    let mut reader = Reader { document, open_maps, problems: Vec::new() };
    let shape = reader.shape(&document.value, &mut Vec::new());
    match (shape, reader.problems.is_empty()) {
        (Some(shape), true) => Ok(shape),
        (_, _) => Err(reader.problems),
    }
}

struct Reader<'d> {
    document: &'d Document,
    open_maps: bool,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn refuse(&mut self, path: &[String], message: impl Into<String>) {
        let place = self.document.locate(&pointer_of(path));
        let span = place.key.unwrap_or(place.value);
        self.problems.push(Problem::new("golive::schema::dialect", message).at(&self.document.source, span, "here"));
    }

    fn shape(&mut self, schema: &Value, path: &mut Vec<String>) -> Option<Shape> {
        let Value::Object(members) = schema else {
            self.refuse(path, "a schema must be an object");
            return None;
        };
        for key in members.keys().filter(|k| !KEYWORDS.contains(&k.as_str())) {
            path.push(key.clone());
            self.refuse(path, format!("the keyword `{key}` is outside the schema dialect"));
            path.pop();
        }
        let mark = members.get("x-golive").and_then(Value::as_str);
        if members.contains_key("x-golive") && !matches!(mark, Some("adverse" | "informative")) {
            self.refuse(path, "`x-golive` is `adverse` or `informative`");
        }
        let own = members.iter().filter(|(key, _)| !PARTS.contains(&key.as_str()));
        let own = own.map(|(key, value)| (key.clone(), value.clone())).collect();
        let kind = self.kind(members, mark == Some("adverse"), path)?;
        if mark == Some("adverse") && !matches!(kind, Kind::List { .. }) {
            self.refuse(path, "only a list can be adverse");
        }
        Some(Shape { kind, informative: mark == Some("informative"), schema: Value::Object(own) })
    }

    fn kind(&mut self, members: &Map<String, Value>, adverse: bool, path: &mut Vec<String>) -> Option<Kind> {
        if let Some(Value::Array(alternatives)) = members.get("oneOf") {
            let mut shapes = Vec::new();
            for (index, alternative) in alternatives.iter().enumerate() {
                path.extend(["oneOf".to_owned(), index.to_string()]);
                shapes.extend(self.shape(alternative, path));
                path.truncate(path.len() - 2);
            }
            return Some(Kind::Choice(shapes));
        }
        if let Some(value) = members.get("const") {
            return Some(Kind::Leaf(LeafKind::Const(value.clone())));
        }
        if let Some(Value::Array(values)) = members.get("enum") {
            return Some(Kind::Leaf(LeafKind::Enum(values.clone())));
        }
        match members.get("type") {
            Some(Value::String(t)) if t == "object" => self.object(members, path),
            Some(Value::String(t)) if t == "array" => {
                path.push("items".to_owned());
                let items = members.get("items").and_then(|items| self.shape(items, path));
                path.pop();
                if !members.contains_key("items") {
                    self.refuse(path, "a list needs `items`");
                }
                Some(Kind::List { items: Box::new(items?), adverse })
            }
            Some(Value::String(t)) => Some(Kind::Leaf(self.leaf(members, vec![t.clone()], path))),
            Some(Value::Array(types)) => {
                let types = types.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                Some(Kind::Leaf(self.leaf(members, types, path)))
            }
            _ => {
                self.refuse(path, "a schema needs `type`, `enum`, `const` or `oneOf`");
                None
            }
        }
    }

    fn leaf(&mut self, members: &Map<String, Value>, types: Vec<String>, path: &[String]) -> LeafKind {
        match members.get("format").and_then(Value::as_str) {
            Some("date-time") => LeafKind::Time,
            Some("duration") => LeafKind::Duration,
            Some(other) => {
                self.refuse(path, format!("the format `{other}` is outside the schema dialect: `date-time` or `duration`"));
                LeafKind::Plain(types)
            }
            None => LeafKind::Plain(types),
        }
    }

    fn object(&mut self, members: &Map<String, Value>, path: &mut Vec<String>) -> Option<Kind> {
        let empty = Map::new();
        let properties = members.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        match members.get("additionalProperties") {
            Some(Value::Bool(false)) => {}
            Some(values @ Value::Object(_)) if self.open_maps && properties.is_empty() => {
                path.push("additionalProperties".to_owned());
                let shape = self.shape(values, path);
                path.pop();
                return Some(Kind::Map(Box::new(shape?)));
            }
            _ => self.refuse(path, "an object must be closed: `\"additionalProperties\": false`"),
        }
        let required: Vec<_> = members.get("required").and_then(Value::as_array).into_iter().flatten().collect();
        let mut out = BTreeMap::new();
        for (name, schema) in properties {
            path.extend(["properties".to_owned(), name.clone()]);
            if !required.iter().any(|r| r.as_str() == Some(name)) {
                self.refuse(path, format!("the property `{name}` is not required: what could not be learnt is stated, never left out"));
            }
            if name.ends_with("_ms") {
                self.refuse(path, format!("the property `{name}` ends in `_ms`, which the host writes beside times and durations"));
            }
            if let Some(shape) = self.shape(schema, path) {
                out.insert(name.clone(), shape);
            }
            path.truncate(path.len() - 2);
        }
        self.totals(&out, path);
        Some(Kind::Object(out))
    }

    /// An adverse list states its length beside it.
    fn totals(&mut self, properties: &BTreeMap<String, Shape>, path: &mut Vec<String>) {
        for (name, shape) in properties {
            if !matches!(shape.kind, Kind::List { adverse: true, .. }) {
                continue;
            }
            let total = properties.get(&format!("{name}_total")).map(|s| &s.kind);
            let counted = matches!(total, Some(Kind::Leaf(LeafKind::Plain(types))) if types == &["integer"]);
            if !counted {
                path.extend(["properties".to_owned(), name.clone()]);
                self.refuse(path, format!("the adverse list `{name}` needs an integer `{name}_total` beside it"));
                path.truncate(path.len() - 2);
            }
        }
    }
}
