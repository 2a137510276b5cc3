//! A decision record: everything that is needed to run a decision again, and the decision.

use super::decision::Gate;
use super::time::{Instant, Millis};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the form, which every record names.
pub const RECORD_FORMAT: &str = "golive.record/1";

/// What a decision was, and what it was made of. `D` is the decision: as it was read, or a twin that is to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record<D = Value> {
    /// [`RECORD_FORMAT`].
    pub format: String,
    /// Its number in its chain, from 1.
    pub seq: u64,
    /// The sha256 of the payload of the record before it; none for the first.
    pub prev: Option<Sha256>,
    /// The environment that was judged.
    pub environment: String,
    /// The release that was judged.
    pub release: String,
    /// When, by the evaluation's clock.
    pub evaluated_at: Instant,
    /// Where that time came from.
    pub clock: ClockMark,
    /// Whether the facts were collected from recordings.
    pub recorded: bool,
    /// The answer.
    pub gate: Gate,
    /// Until when it holds with no new facts; none where that was not looked for.
    pub holds: Option<Holds>,
    /// The program that decided.
    pub tool: Tool,
    /// The Rego engine that it asked.
    pub engine: EngineMark,
    /// What one control was allowed to use.
    pub limits: LimitsMark,
    /// Everything that was judged, and everything that judged it.
    pub inputs: Inputs,
    /// `golive.decision/1`.
    pub decision: D,
}

/// The sha256 of bytes as they were read, as 64 hexadecimal digits.
pub type Sha256 = String;

/// Where the time of an evaluation came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockMark {
    /// The machine's clock.
    System,
    /// The command line.
    Given,
}

/// Until when a decision holds with no new facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holds {
    /// The first moment at which the gate is another one; none where it stays so to the end of what was looked at.
    pub until: Option<Instant>,
    /// The end of what was looked at.
    pub looked_until: Instant,
    /// The controls, or the codes of the gate policy, that end it.
    pub ended_by: Vec<String>,
    /// Controls of which it is not proven that every turn was found.
    pub unproven: Vec<String>,
}

impl Holds {
    /// The moment from which on the decision is not known to hold.
    pub fn end(&self) -> Instant {
        self.until.unwrap_or(self.looked_until)
    }
}

/// The program that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest of its file; none where it could not be read.
    pub sha256: Option<Sha256>,
}

/// The Rego engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineMark {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest of the names of the builtins that policies may call, one a line.
    pub builtins: Sha256,
}

/// What one control was allowed to use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsMark {
    /// Milliseconds of one control, and of the gate.
    pub control_ms: Millis,
}

/// Everything that was judged, and everything that judged it: the bytes lie beside the records, under their digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// The facts documents, in the order in which they were given.
    pub facts: Vec<Input>,
    /// The checklist.
    pub checklist: ChecklistInput,
    /// Parameters laid over the checklist's defaults.
    pub parameters: Option<Input>,
    /// Files of waivers.
    pub waivers: Vec<Input>,
    /// Files of remediations.
    pub remediations: Vec<Input>,
    /// Signatures of waivers.
    pub signatures: Vec<Input>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its name, as it was given.
    pub name: String,
    /// The digest of its bytes.
    pub sha256: Sha256,
    /// When the file was last changed, by its machine; none where that is not known.
    pub modified_at: Option<Instant>,
}

/// The checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistInput {
    /// Where it came from, in words.
    pub origin: String,
    /// Whether it is the one that the program carries.
    pub embedded: bool,
    /// The digest over all its files: `sha256:…`.
    pub digest: String,
    /// Its files, by their paths in it.
    pub files: Vec<ChecklistFile>,
}

/// One file of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistFile {
    /// Its path in the checklist.
    pub path: String,
    /// The digest of its bytes.
    pub sha256: Sha256,
}

impl Inputs {
    /// Every file with a word for its kind and its name.
    pub fn all(&self) -> Vec<(&'static str, &str, &str)> {
        let mut out: Vec<(&'static str, &str, &str)> = self.facts.iter().map(|i| named("facts", i)).collect();
        out.extend(self.checklist.files.iter().map(|f| (kind_of(&f.path), f.path.as_str(), f.sha256.as_str())));
        out.extend(self.parameters.iter().map(|i| named("parameters", i)));
        out.extend(self.waivers.iter().map(|i| named("waiver", i)));
        out.extend(self.remediations.iter().map(|i| named("remediation", i)));
        out.extend(self.signatures.iter().map(|i| named("signature", i)));
        out
    }
}

fn named<'i>(kind: &'static str, input: &'i Input) -> (&'static str, &'i str, &'i str) {
    (kind, &input.name, &input.sha256)
}

fn kind_of(path: &str) -> &'static str {
    if path.starts_with("policies/") { "policy" } else { "schema" }
}
