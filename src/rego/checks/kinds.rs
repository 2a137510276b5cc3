//! Comparisons that can never hold, or always do, because of the types of their sides.

use super::super::syntax::{Expr, ExprKind};
use super::types::{Type, flat};
use crate::schema::{Kind, LeafKind};
use serde_json::Value;
use std::collections::BTreeSet;

/// The kinds of values that an expression may have; none where that is not known. Lists and sets count as one.
pub(super) fn kinds(expr: &Expr, found: &Type<'_>) -> Option<BTreeSet<&'static str>> {
    if let ExprKind::Constant(value) = &expr.kind {
        return Some(BTreeSet::from([of_value(value)]));
    }
    match found {
        Type::Nodes(nodes) if !nodes.is_empty() => {
            Some(flat(nodes).iter().flat_map(|(_, shape)| of_shape(&shape.kind)).collect()).filter(|kinds: &BTreeSet<_>| !kinds.is_empty())
        }
        Type::Number(_) => Some(BTreeSet::from(["a number"])),
        Type::Text | Type::Words(_) => Some(BTreeSet::from(["a string"])),
        Type::List(_) => Some(BTreeSet::from(["a list"])),
        Type::Made(_) => Some(BTreeSet::from(["an object"])),
        _ => None,
    }
}

/// Whether a type is nothing but times: texts of which several may mean the same moment.
pub(super) fn is_time(found: &Type<'_>) -> bool {
    let Type::Nodes(nodes) = found else { return false };
    let nodes = flat(nodes);
    !nodes.is_empty() && nodes.iter().all(|(_, shape)| matches!(shape.kind, Kind::Leaf(LeafKind::Time | LeafKind::Duration)))
}

/// The kinds as words.
pub(super) fn words(kinds: &BTreeSet<&'static str>) -> String {
    kinds.iter().copied().collect::<Vec<_>>().join(" or ")
}

fn of_shape(kind: &Kind) -> Vec<&'static str> {
    match kind {
        Kind::Object(_) | Kind::Map(_) => vec!["an object"],
        Kind::List { .. } => vec!["a list"],
        Kind::Choice(shapes) => shapes.iter().flat_map(|shape| of_shape(&shape.kind)).collect(),
        Kind::Leaf(LeafKind::Time | LeafKind::Duration) => vec!["a string"],
        Kind::Leaf(LeafKind::Const(value)) => vec![of_value(value)],
        Kind::Leaf(LeafKind::Enum(values)) => values.iter().map(of_value).collect(),
        Kind::Leaf(LeafKind::Plain(types)) => types.iter().map(|name| of_name(name)).collect(),
    }
}

fn of_name(name: &str) -> &'static str {
    match name {
        "null" => "null",
        "boolean" => "a boolean",
        "integer" | "number" => "a number",
        _ => "a string",
    }
}

fn of_value(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
