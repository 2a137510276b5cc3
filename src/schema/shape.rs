//! A schema as a tree that the host walks: for times, totals, paths in policies, and mutations.

use serde_json::Value;
use std::collections::BTreeMap;

/// One node of a closed schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// What stands here.
    pub kind: Kind,
    /// No verdict depends on it (`x-golive: informative`).
    pub informative: bool,
    /// The node's own keywords, for whoever needs its bounds: what describes its parts stands in theirs.
    pub schema: Value,
}

/// What a node of a schema describes.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A closed object; each property is required.
    Object(BTreeMap<String, Shape>),
    /// An object with keys of any name (parameters only).
    Map(Box<Shape>),
    /// A list.
    List {
        /// Its elements.
        items: Box<Shape>,
        /// Members can only harm: `<name>_total` stands beside it.
        adverse: bool,
    },
    /// Exactly one of several.
    Choice(Vec<Shape>),
    /// A string, number, boolean or null.
    Leaf(LeafKind),
}

/// What a leaf holds, as far as the host acts on it.
#[derive(Debug, Clone, PartialEq)]
pub enum LeafKind {
    /// `format: date-time`.
    Time,
    /// `format: duration`.
    Duration,
    /// One value only.
    Const(Value),
    /// One of these values.
    Enum(Vec<Value>),
    /// Anything else: the JSON types that are allowed.
    Plain(Vec<String>),
}

impl Shape {
    /// The property names that may stand in a value here, over all alternatives.
    pub fn properties(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Object(properties) => properties.keys().map(String::as_str).collect(),
            Kind::Choice(shapes) => {
                let mut names: Vec<_> = shapes.iter().flat_map(Shape::properties).collect();
                names.sort_unstable();
                names.dedup();
                names
            }
            _ => Vec::new(),
        }
    }

    /// The alternative that a value was written for: its constants agree, or else its names fit best.
    pub fn alternative<'s>(&'s self, value: &Value) -> &'s Shape {
        let Kind::Choice(shapes) = &self.kind else { return self };
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let score = |shape: &Shape| match (&shape.kind, value) {
            (Kind::Object(properties), Value::Object(members)) => {
                let tagged = properties.iter().any(|(name, p)| match &p.kind {
                    Kind::Leaf(LeafKind::Const(c)) => members.get(name) == Some(c),
                    _ => false,
                });
                let shared = properties.keys().filter(|name| members.contains_key(*name)).count();
                i64::from(tagged) * 1000 + 2 * whole(shared) - whole(properties.len()) - whole(members.len())
            }
            (Kind::List { .. }, Value::Array(_)) => 100,
            (Kind::Leaf(LeafKind::Const(c)), v) if c == v => 100,
            (Kind::Leaf(LeafKind::Enum(all)), v) if all.contains(v) => 100,
            (Kind::Leaf(LeafKind::Time | LeafKind::Duration), Value::String(_)) => 50,
            (Kind::Leaf(LeafKind::Plain(types)), v) if types.iter().any(|t| t == super::kind_of(v)) => 50,
            _ => -10_000,
        };
        shapes.iter().max_by_key(|s| score(s)).map_or(self, |s| s.alternative(value))
    }

    /// The node that describes what stands at a path of tokens inside a value.
    pub fn at<'s>(&'s self, value: &Value, tokens: &[&str]) -> Option<&'s Shape> {
        let here = self.alternative(value);
        let Some((first, rest)) = tokens.split_first() else { return Some(here) };
        let absent = Value::Null;
        match &here.kind {
            Kind::Object(properties) => properties.get(*first)?.at(value.get(first).unwrap_or(&absent), rest),
            Kind::Map(shape) => shape.at(value.get(first).unwrap_or(&absent), rest),
            Kind::List { items, .. } => {
                let index: usize = first.parse().ok()?;
                items.at(value.get(index).unwrap_or(&absent), rest)
            }
            _ => None,
        }
    }
}
