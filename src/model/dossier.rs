//! A decision with what stands behind it: what the formats of a report show.

use super::control::GroupId;
use super::decision::Decision;
use super::forecast::Forecast;
use super::time::{Instant, Millis};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a format writes: the decision, and what stands behind it where the format asks for that.
#[derive(Debug, Clone, Copy)]
pub struct Dossier<'d> {
    /// The decision.
    pub decision: &'d Decision,
    /// What stands behind it; none where no format asked for it.
    pub annex: Option<&'d Annex>,
}

impl<'d> Dossier<'d> {
    /// A decision alone.
    pub fn of(decision: &'d Decision) -> Self {
        Self { decision, annex: None }
    }
}

/// What stands behind a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Annex {
    /// One for each row of the decision, in its order.
    pub controls: Vec<ControlAnnex>,
    /// Where the places that findings point at stand in the facts documents, by the finding's pointer.
    pub spots: BTreeMap<String, Spot>,
    /// The digests of everything that was judged and of what judged it: what it is, its name, `sha256:…`.
    pub digests: Vec<InputDigest>,
    /// Until when the decision holds.
    pub forecast: Option<Forecast>,
    /// The record that the decision is kept in.
    pub record: Option<RecordMark>,
    /// The command that makes the same page again.
    pub command: String,
}

/// A place in the text of a facts document; lines and columns count from 1, a column is a Unicode character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The document's name.
    pub document: String,
    /// Its first line and column.
    pub start: (usize, usize),
    /// The line and column behind its end.
    pub end: (usize, usize),
}

/// One input and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputDigest {
    /// `facts`, `policy`, `schema`, `parameters`, `waivers`, `remediations`, `program`.
    pub kind: &'static str,
    /// Its path or name.
    pub name: String,
    /// `sha256:…` of its bytes.
    pub sha256: String,
}

/// What stands behind one control.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlAnnex {
    /// Of each criterion, in the order of METADATA: its id and the Rego that proves it.
    pub criteria: Vec<(String, String)>,
    /// The Rego that denies, and its code, in the order of their codes.
    pub violations: Vec<(String, String)>,
    /// The Rego that criteria and violations have in common, without that of shared libraries.
    pub shared: String,
    /// The file of its policy.
    pub policy: String,
    /// The groups that it reads.
    pub groups: Vec<GroupAnnex>,
    /// The parameters that it reads: dotted name, value in force.
    pub parameters: Vec<(String, Value)>,
}

/// One group of facts as a reader wants to see it.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupAnnex {
    /// The group.
    pub group: GroupId,
    /// Its value as it was stated; none where nobody states it.
    pub value: Option<Value>,
    /// When it was collected.
    pub collected_at: Option<Instant>,
    /// How old it was at the decision, in milliseconds.
    pub age: Option<Millis>,
    /// How old it may be.
    pub max_age: Option<Millis>,
}

/// The record of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordMark {
    /// Its number in its chain.
    pub seq: u64,
    /// `sha256:…` of its payload.
    pub digest: String,
    /// `sha256:…` of each key that signed it.
    pub keys: Vec<String>,
}
