//! What is known of a value while policies are compiled: enough to turn names into slots, and to know what cannot fail.

use crate::schema::{Kind, LeafKind, Shape};
use serde_json::Value as Json;
use std::rc::Rc;

/// What is known of a value, wherever it is defined.
#[derive(Debug, Clone)]
pub enum Type<'s> {
    /// Nothing.
    Any,
    /// `null`.
    Null,
    /// A boolean.
    Bool,
    /// An integer.
    Int,
    /// An integer that grows with the clock: by so much for each millisecond; 127 where it is not known by how much.
    Clock(i8),
    /// A string.
    Text,
    /// Valid for a schema.
    Node(&'s Shape),
    /// An object with exactly these members, sorted by name.
    Record(Rc<Vec<(String, Type<'s>)>>),
    /// A list.
    List(Rc<Type<'s>>),
    /// A set.
    Set(Rc<Type<'s>>),
    /// Known itself.
    Constant(Rc<Json>),
}

/// How a value grows with the clock is not known.
pub(super) const UNEVEN: i8 = i8::MAX;

impl<'s> Type<'s> {
    /// A record from its members.
    pub fn record(members: impl IntoIterator<Item = (String, Type<'s>)>) -> Self {
        let mut members: Vec<(String, Type<'s>)> = members.into_iter().collect();
        members.sort_by(|a, b| a.0.cmp(&b.0));
        Self::Record(Rc::new(members))
    }

    /// The type of a member by its name, with its slot where the record's keys are known; none where there is no such member.
    pub(super) fn member(&self, name: &str) -> Option<Member<'s>> {
        let dynamic = |kind| Some(Member { slot: None, kind, sure: false });
        match self {
            Self::Any => dynamic(Self::Any),
            Self::Record(members) => {
                let slot = members.iter().position(|(known, _)| known == name)?;
                Some(Member { slot: Some(slot), kind: members[slot].1.clone(), sure: false })
            }
            Self::Constant(json) => json.get(name).map(|j| Member { slot: None, kind: Self::Constant(Rc::new(j.clone())), sure: true }),
            Self::Node(shape) => shape_member(shape, name),
            Self::Null | Self::Bool | Self::Int | Self::Clock(_) | Self::Text | Self::List(_) | Self::Set(_) => None,
        }
    }

    /// The type of the members of a collection.
    pub(super) fn items(&self) -> Self {
        match self.plain() {
            Self::List(items) | Self::Set(items) => items.as_ref().clone(),
            Self::Node(shape) => match &shape.kind {
                Kind::List { items, .. } => Self::Node(items),
                _ => Self::Any,
            },
            Self::Constant(json) => match json.as_ref() {
                Json::Array(items) => items.iter().map(of_json).reduce(Self::join).unwrap_or(Self::Any),
                _ => Self::Any,
            },
            _ => Self::Any,
        }
    }

    /// The type of the keys of a collection.
    pub(super) fn indices(&self) -> Self {
        match self.plain() {
            Self::List(_) => Self::Int,
            Self::Record(_) => Self::Text,
            Self::Node(shape) => match &shape.kind {
                Kind::List { .. } => Self::Int,
                Kind::Object(_) => Self::Text,
                _ => Self::Any,
            },
            Self::Constant(json) if json.is_array() => Self::Int,
            Self::Constant(json) if json.is_object() => Self::Text,
            _ => Self::Any,
        }
    }

    /// Whether it is a list, a set or an object wherever it is defined.
    pub(super) fn is_collection(&self) -> bool {
        match self {
            Self::Record(_) | Self::List(_) | Self::Set(_) => true,
            Self::Node(shape) => shape.alternatives().iter().all(|s| matches!(s.kind, Kind::Object(_) | Kind::Map(_) | Kind::List { .. })),
            Self::Constant(json) => json.is_array() || json.is_object(),
            Self::Any | Self::Null | Self::Bool | Self::Int | Self::Clock(_) | Self::Text => false,
        }
    }

    /// Whether it is an integer wherever it is defined.
    pub(super) fn is_int(&self) -> bool {
        matches!(self.plain(), Self::Int | Self::Clock(_))
    }

    /// By how much it grows with each millisecond of the clock.
    pub(super) fn slope(&self) -> i8 {
        match self {
            Self::Clock(slope) => *slope,
            _ => 0,
        }
    }

    /// Whether the clock is in it.
    pub(super) fn moves(&self) -> bool {
        match self {
            Self::Clock(_) => true,
            Self::Record(members) => members.iter().any(|(_, kind)| kind.moves()),
            Self::List(items) | Self::Set(items) => items.moves(),
            _ => false,
        }
    }

    /// Whether it is a string wherever it is defined.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.plain(), Self::Text)
    }

    /// Scalars by their own names; all else as it is.
    pub(super) fn plain(&self) -> Self {
        match self {
            Self::Constant(json) if !json.is_array() && !json.is_object() => of_json(json),
            Self::Node(shape) => match &shape.kind {
                Kind::Leaf(leaf) => of_leaf(leaf),
                Kind::Choice(_) => {
                    let all = shape.alternatives().into_iter().map(|s| Self::Node(s).plain()).reduce(Self::join);
                    match all {
                        Some(scalar @ (Self::Null | Self::Bool | Self::Int | Self::Text)) => scalar,
                        _ => self.clone(),
                    }
                }
                _ => self.clone(),
            },
            _ => self.clone(),
        }
    }

    /// What is known of a value that is of either type.
    #[expect(clippy::needless_pass_by_value, reason = "it is what `reduce` calls")]
    pub(super) fn join(self, other: Self) -> Self {
        match (self.plain(), other.plain()) {
            (Self::Null, Self::Null) => Self::Null,
            (Self::Bool, Self::Bool) => Self::Bool,
            (Self::Int, Self::Int) => Self::Int,
            (Self::Clock(a), Self::Clock(b)) if a == b => Self::Clock(a),
            (a, b) if a.moves() || b.moves() => Self::Clock(UNEVEN),
            (Self::Text, Self::Text) => Self::Text,
            (Self::Node(a), Self::Node(b)) if std::ptr::eq(a, b) => Self::Node(a),
            (Self::List(a), Self::List(b)) => Self::List(Rc::new(a.as_ref().clone().join(b.as_ref().clone()))),
            (Self::Set(a), Self::Set(b)) => Self::Set(Rc::new(a.as_ref().clone().join(b.as_ref().clone()))),
            _ => Self::Any,
        }
    }
}

/// A member of an object.
pub(super) struct Member<'s> {
    pub slot: Option<usize>,
    pub kind: Type<'s>,
    /// It is there in every such object.
    pub sure: bool,
}

fn shape_member<'s>(shape: &'s Shape, name: &str) -> Option<Member<'s>> {
    let keys = shape.keys()?;
    let slot = keys.slot(name)?;
    let alternatives = shape.alternatives();
    let mut kind: Option<Type<'s>> = None;
    let mut sure = true;
    for alternative in alternatives {
        let Kind::Object(properties) = &alternative.kind else {
            sure = false;
            continue;
        };
        let found = match (properties.get(name), name.strip_suffix("_ms").and_then(|timed| properties.get(timed))) {
            (Some(property), _) => Type::Node(property),
            (None, Some(timed)) if timed.is_timed() => {
                sure &= timed.alternatives().len() == 1;
                Type::Int
            }
            _ => {
                sure = false;
                continue;
            }
        };
        kind = Some(match kind {
            Some(known) => known.join(found),
            None => found,
        });
    }
    Some(Member { slot: Some(slot), kind: kind.unwrap_or(Type::Any), sure })
}

fn of_leaf<'s>(leaf: &LeafKind) -> Type<'s> {
    match leaf {
        LeafKind::Time | LeafKind::Duration => Type::Text,
        LeafKind::Const(value) => of_json(value),
        LeafKind::Enum(values) => values.iter().map(of_json).reduce(Type::join).unwrap_or(Type::Any),
        LeafKind::Plain(types) => match types.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["integer"] => Type::Int,
            ["string"] => Type::Text,
            ["boolean"] => Type::Bool,
            ["null"] => Type::Null,
            _ => Type::Any,
        },
    }
}

fn of_json<'s>(json: &Json) -> Type<'s> {
    match json {
        Json::Null => Type::Null,
        Json::Bool(_) => Type::Bool,
        Json::Number(n) if n.is_i64() => Type::Int,
        Json::Number(_) => Type::Any,
        Json::String(_) => Type::Text,
        Json::Array(_) | Json::Object(_) => Type::Constant(Rc::new(json.clone())),
    }
}
