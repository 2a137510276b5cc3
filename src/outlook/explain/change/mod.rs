//! The smallest change of facts with which a control would pass: looked for with the traced run, confirmed by the reference.

mod greedy;
mod search;
mod suggest;
mod universe;

use super::court::{Court, Sight};
use super::place::{place_at, pointer};
use serde::Serialize;
use serde_json::Value as Json;

pub(super) use search::find;

/// What one fact would have to say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What is changed.
    pub kind: Kind,
    /// Where, as a JSON pointer into the facts document.
    pub pointer: String,
    /// What stands there.
    pub from: Json,
    /// What would have to stand there; for a dropped member null.
    pub to: Json,
    /// Where that comes from.
    pub because: Because,
    /// The same as a JSON Patch (RFC 6902).
    pub patch: Vec<Edit>,
    #[serde(skip)]
    path: Vec<String>,
    /// How many changes had to be made before this one suggested itself.
    #[serde(skip)]
    generation: u8,
}

/// One operation of a JSON Patch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edit {
    /// Always `replace`.
    pub op: &'static str,
    /// A JSON pointer.
    pub path: String,
    /// The new value.
    pub value: Json,
    #[serde(skip)]
    tokens: Vec<String>,
}

/// What a change changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One leaf.
    Leaf,
    /// One of several forms that a value may have.
    Form,
    /// One member more in a list, and its total.
    Added,
    /// One member less in a list, and its total.
    Dropped,
    /// A whole list, and its total.
    List,
}

/// Where the new value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// What it is compared with says so.
    Compared,
    /// It is just inside a bound.
    Bound,
    /// A fixture that passes says so.
    Fixture,
    /// The schema names this value.
    Schema,
    /// It is no longer there.
    Removed,
}

/// What was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Sets of changes, the best first; each was applied, judged by the reference, and passes.
    pub sets: Vec<Vec<Change>>,
    /// How many changes sets were tried with.
    pub largest: usize,
    /// How many documents were judged to find them.
    pub tried: usize,
    /// Whether every set up to that size was ruled out before, and not only those that there was time for.
    pub exhausted: bool,
    /// Why nothing was looked for.
    pub not_sought: Option<String>,
    /// Every single change that was considered.
    #[serde(skip)]
    pub universe: Vec<Change>,
}

impl Change {
    fn leaf(path: Vec<String>, from: Json, to: Json, because: Because) -> Self {
        let edits = vec![Edit::new(path.clone(), to.clone())];
        Self { kind: Kind::Leaf, pointer: pointer(&path), from, to, because, patch: edits, path, generation: 0 }
    }

    /// Applies it.
    pub fn apply(&self, document: &mut Json) -> bool {
        self.patch.iter().all(|edit| match place_at(document, &edit.tokens) {
            Some(here) => {
                *here = edit.value.clone();
                true
            }
            None => false,
        })
    }

    /// Whether it gives something another name: true for the leaf that tells members of a list apart.
    fn renames(&self) -> bool {
        self.kind == Kind::Leaf && self.path.last().is_some_and(|token| token == "id")
    }

    /// The group that it changes.
    fn group(&self) -> &str {
        self.path.get(1).map_or("", String::as_str)
    }

    /// Whether two changes are about the same place, or one is inside of the other's.
    fn overlaps(&self, other: &Self) -> bool {
        self.path.starts_with(&other.path) || other.path.starts_with(&self.path)
    }

    /// Whether it may change what was seen when a place was looked at, as a whole or only for its members.
    fn touches(&self, place: &[String], deep: bool) -> bool {
        self.patch.iter().any(|edit| place.starts_with(&edit.tokens) || (deep && edit.tokens.starts_with(place)))
    }
}

impl Edit {
    fn new(tokens: Vec<String>, value: Json) -> Self {
        Self { op: "replace", path: pointer(&tokens), value, tokens }
    }
}
