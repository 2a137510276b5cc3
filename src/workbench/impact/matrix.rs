//! From what to what: counts of documents, and the smallest of those that changed.

use crate::batch::Ending;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Of each change so many documents are named.
pub const WITNESSES: usize = 3;

/// What both versions say of something, in words.
pub trait State: Copy + Ord {
    /// Its word.
    fn word(self) -> &'static str;
    /// Whether it lets through: a change that leads here from elsewhere opens.
    fn lets_through(self) -> bool;
}

/// A verdict as a line writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// Proven.
    Pass,
    /// A criterion is denied.
    Fail,
    /// Not proven.
    Unknown,
    /// Policy or engine broke.
    Error,
}

impl State for Word {
    fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Error => "error",
        }
    }

    fn lets_through(self) -> bool {
        self == Self::Pass
    }
}

impl State for Ending {
    fn word(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::NoGo => "NO_GO",
            Self::Refused => "refused",
            Self::NoDecision | Self::Differs => "no_decision",
        }
    }

    fn lets_through(self) -> bool {
        self == Self::Go
    }
}

/// A document that shows a change, and what both versions say of it. The smallest comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Witness {
    /// How many bytes it has.
    pub bytes: usize,
    /// Where it stands.
    pub source: String,
    /// The digits of its digest.
    pub sha256: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// Its release.
    pub release: Option<String>,
    /// What stands against it before: findings of a control, or what closes the gate.
    pub base: Vec<String>,
    /// The same afterwards.
    pub head: Vec<String>,
}

/// The documents of one change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// How many.
    pub documents: u64,
    /// The smallest of them; none where nothing changed.
    pub witnesses: Vec<Witness>,
}

impl Cell {
    /// Keeps a witness where it is one of the smallest; false where it is not.
    fn keep(&mut self, witness: Witness) -> bool {
        let at = self.witnesses.partition_point(|w| *w < witness);
        if at >= WITNESSES {
            return false;
        }
        self.witnesses.insert(at, witness);
        self.witnesses.truncate(WITNESSES);
        true
    }
}

/// Counts by what was before and what is afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix<S>(BTreeMap<(S, S), Cell>);

impl<S> Default for Matrix<S> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<S: State> Matrix<S> {
    /// Counts a document. True where it is now one of those that are named.
    pub(super) fn add(&mut self, base: S, head: S, witness: impl FnOnce() -> Witness) -> bool {
        let cell = self.0.entry((base, head)).or_default();
        cell.documents += 1;
        base != head && cell.keep(witness())
    }

    /// Counts what another has counted, too.
    pub(super) fn merge(&mut self, other: Self) {
        for (key, cell) in other.0 {
            let own = self.0.entry(key).or_default();
            own.documents += cell.documents;
            for witness in cell.witnesses {
                own.keep(witness);
            }
        }
    }

    /// The changes: first those that open.
    pub fn changed(&self) -> Vec<Change<'_, S>> {
        let changed = self.0.iter().filter(|((from, to), _)| from != to);
        let mut out: Vec<Change<'_, S>> = changed.map(|((from, to), cell)| Change { from: *from, to: *to, cell }).collect();
        out.sort_by_key(|change| (!change.opens(), change.to, change.from));
        out
    }

    /// What stayed as it was.
    pub fn unchanged(&self) -> impl Iterator<Item = (S, u64)> {
        self.0.iter().filter(|((from, to), _)| from == to).map(|((from, _), cell)| (*from, cell.documents))
    }

    /// In how many documents something opens.
    pub fn openings(&self) -> u64 {
        self.changed().iter().filter(|change| change.opens()).map(|change| change.cell.documents).sum()
    }
}

/// One kind of change.
#[derive(Debug, Clone, Copy)]
pub struct Change<'m, S> {
    /// What was.
    pub from: S,
    /// What is.
    pub to: S,
    /// The documents.
    pub cell: &'m Cell,
}

impl<S: State> Change<'_, S> {
    /// Whether what was held back is let through.
    pub fn opens(&self) -> bool {
        self.to.lets_through() && !self.from.lets_through()
    }

    /// `fail → pass`.
    pub fn words(&self) -> String {
        format!("{} → {}", self.from.word(), self.to.word())
    }
}
