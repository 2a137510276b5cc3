//! Whether a run that ended early may be gone on with: what it was asked, and what it wrote.

use super::setting::Fingerprint;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a run was asked; it lies beside the output for as long as that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// `golive.batch/1`.
    pub format: String,
    /// What each line depends on beside its document.
    pub fingerprint: Fingerprint,
    /// Whether the time was given.
    pub clock_given: bool,
    /// How many inputs there are, and the digest of their names in order.
    pub inputs: Inputs,
    /// How many lines the finished output has.
    pub complete: Option<u64>,
}

/// The inputs of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Files and streams.
    pub count: u64,
    /// Over their names in order.
    pub digest: String,
}

/// What there is of an earlier run with the same output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// Nothing.
    New,
    /// It ended early.
    Begun(State),
    /// It is finished.
    Complete(State),
}

impl State {
    /// The state of a run that begins.
    pub fn new(fingerprint: Fingerprint, clock_given: bool, inputs: Inputs) -> Self {
        Self { format: "golive.batch/1".to_owned(), fingerprint, clock_given, inputs, complete: None }
    }

    /// As a file.
    pub fn write(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// From a file; none where it is no state of this version.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok().filter(|state| state.format == "golive.batch/1")
    }

    /// What differs between an earlier run and this one, in words; nothing where the earlier one may be gone on with.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let (a, b) = (&self.fingerprint, &now.fingerprint);
        let none = || Cow::Borrowed("none");
        let word = |text: &Option<String>| text.as_deref().map_or_else(none, |t| Cow::Owned(t.to_owned()));
        let pairs = [
            ("golive", Cow::Borrowed(a.golive.as_str()), Cow::Borrowed(b.golive.as_str())),
            ("the checklist", Cow::Borrowed(a.checklist.as_str()), Cow::Borrowed(b.checklist.as_str())),
            ("the parameters", word(&a.parameters), word(&b.parameters)),
            ("the waivers", word(&a.waivers), word(&b.waivers)),
            ("the remediations", word(&a.remediations), word(&b.remediations)),
            ("the planned environment", word(&a.environment), word(&b.environment)),
            ("the planned release", word(&a.release), word(&b.release)),
            ("the time", Cow::Borrowed(a.at.as_str()), Cow::Borrowed(b.at.as_str())),
            ("the number of inputs", Cow::Owned(self.inputs.count.to_string()), Cow::Owned(now.inputs.count.to_string())),
            ("the list of inputs", Cow::Borrowed(self.inputs.digest.as_str()), Cow::Borrowed(now.inputs.digest.as_str())),
        ];
        pairs.into_iter().filter(|(_, a, b)| a != b).map(|(what, a, b)| format!("{what}: then {a}, now {b}")).collect()
    }
}

/// What a written line says of its place.
#[derive(Debug, Deserialize)]
pub struct Written {
    format: String,
    source: String,
    sha256: Option<String>,
    evaluated_at: String,
    checklist: String,
}

impl Written {
    /// A written line; none where it is no whole line, and the output ends before it.
    pub fn read(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }

    /// Whether it is the line of an input of this run: its source, and the digest of its bytes as they are now.
    pub fn is_of(&self, fingerprint: &Fingerprint, source: &str, sha256: Option<&str>) -> bool {
        self.format == "golive.verdict/1"
            && self.source == source
            && self.sha256.as_deref() == sha256
            && self.evaluated_at == fingerprint.at
            && self.checklist == fingerprint.checklist
    }
}
