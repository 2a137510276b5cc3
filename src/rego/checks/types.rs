//! What an expression of a policy stands for in the schemas, and what can be said of it.

use crate::schema::{Kind, LeafKind, Shape};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What an expression stands for.
#[derive(Debug, Clone)]
pub(super) enum Type<'s> {
    /// Nodes of schemas, each with its path, such as `facts/backups/artifacts/*/id`.
    Nodes(Vec<(String, &'s Shape)>),
    /// Nodes of schemas, or something else.
    Open(Vec<(String, &'s Shape)>),
    /// A number; the paths are those of the times or durations that it was made from.
    Number(Vec<String>),
    /// A string that is not a fact.
    Text,
    /// One of these strings.
    Words(Vec<String>),
    /// `input`, `input.facts`, `input.envelope`, `data`.
    Root(&'static str),
    /// A list that the policy makes.
    List(Box<Type<'s>>),
    /// An object that the policy makes, all of whose keys are literals.
    Made(BTreeMap<String, Type<'s>>),
    /// Anything else.
    Unknown,
}

/// The nodes with every choice opened.
pub(super) fn flat<'s>(nodes: &[(String, &'s Shape)]) -> Vec<(String, &'s Shape)> {
    nodes
        .iter()
        .flat_map(|(path, shape)| match &shape.kind {
            Kind::Choice(shapes) => flat(&shapes.iter().map(|s| (path.clone(), s)).collect::<Vec<_>>()),
            _ => vec![(path.clone(), *shape)],
        })
        .collect()
}

pub(super) fn is_time(shape: &Shape) -> bool {
    matches!(shape.kind, Kind::Leaf(LeafKind::Time | LeafKind::Duration))
}

pub(super) fn millis_of<'a>(properties: &BTreeMap<String, Shape>, field: &'a str) -> Option<&'a str> {
    let name = field.strip_suffix("_ms")?;
    properties.get(name).is_some_and(is_time).then_some(name)
}

/// Every leaf at or below a node.
pub(super) fn leaves(path: &str, shape: &Shape, out: &mut BTreeSet<String>) {
    match &shape.kind {
        Kind::Leaf(_) => {
            out.insert(path.to_owned());
        }
        Kind::Choice(shapes) => shapes.iter().for_each(|s| leaves(path, s, out)),
        Kind::List { items, .. } => leaves(&format!("{path}/*"), items, out),
        Kind::Map(values) => leaves(&format!("{path}/*"), values, out),
        Kind::Object(properties) => properties.iter().for_each(|(n, s)| leaves(&format!("{path}/{n}"), s, out)),
    }
}

/// What may be the one or the other; none is nothing yet.
pub(super) fn join<'s>(a: Option<Type<'s>>, b: Type<'s>) -> Type<'s> {
    match (a, b) {
        (None, b) => b,
        (Some(Type::Nodes(mut a)), Type::Nodes(b)) => {
            a.extend(b);
            Type::Nodes(a)
        }
        (Some(Type::Nodes(mut a) | Type::Open(mut a)), Type::Nodes(b) | Type::Open(b)) => {
            a.extend(b);
            Type::Open(a)
        }
        (Some(Type::Nodes(nodes) | Type::Open(nodes)), _) | (Some(_), Type::Nodes(nodes) | Type::Open(nodes)) => Type::Open(nodes),
        (Some(Type::Number(mut a)), Type::Number(b)) => {
            a.extend(b);
            Type::Number(a)
        }
        (Some(Type::List(a)), Type::List(b)) => Type::List(Box::new(join(Some(*a), *b))),
        (Some(Type::Words(mut a)), Type::Words(b)) => {
            a.extend(b);
            Type::Words(a)
        }
        (Some(Type::Text | Type::Words(_)), Type::Text | Type::Words(_)) => Type::Text,
        (Some(Type::Root(a)), Type::Root(b)) if a == b => Type::Root(a),
        _ => Type::Unknown,
    }
}

/// The words that an enumeration or constant allows, where a type is nothing else.
pub(super) fn words_of(found: &Type<'_>) -> Option<Vec<String>> {
    let Type::Nodes(nodes) = found else { return None };
    let mut out = Vec::new();
    for (_, shape) in flat(nodes) {
        match &shape.kind {
            Kind::Leaf(LeafKind::Enum(values)) => out.extend(values.iter().filter_map(Value::as_str).map(str::to_owned)),
            Kind::Leaf(LeafKind::Const(value)) => out.extend(value.as_str().map(str::to_owned)),
            _ => return None,
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Whether a type can be something other than a number.
pub(super) fn not_numeric(found: &Type<'_>) -> bool {
    match found {
        Type::Number(_) | Type::Unknown => false,
        Type::Nodes(nodes) | Type::Open(nodes) => flat(nodes).iter().any(|(_, shape)| match &shape.kind {
            Kind::Leaf(LeafKind::Plain(types)) => types.iter().any(|t| t != "integer" && t != "number"),
            _ => true,
        }),
        _ => true,
    }
}
