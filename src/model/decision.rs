//! The decision on one environment and release.

use super::control::{Checklist, ControlText, ParameterChange};
use super::exception::{ExceptionState, Remediation, Waiver};
use super::facts::{Collector, Evidence, Trust};
use super::time::Instant;
use super::verdict::Judgement;
use serde::{Deserialize, Serialize};

/// A control's effect on the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The control passes.
    Pass,
    /// An active waiver covers it.
    Waived,
    /// It blocks go-live.
    Blocking,
}

impl Outcome {
    /// The outcome's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::Blocking => "blocking",
        }
    }
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gate {
    /// Go-live is allowed.
    #[serde(rename = "GO")]
    Go,
    /// It is not.
    #[serde(rename = "NO_GO")]
    NoGo,
}

impl Gate {
    /// The gate's word in machine formats.
    pub fn word(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::NoGo => "NO_GO",
        }
    }
}

/// Something that closes the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocking {
    /// A control's id, or the code that gate.rego gave.
    pub by: String,
    /// Words for people.
    pub message: String,
}

/// Where the facts of a group came from, for people who want to look.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// The group.
    pub group: String,
    /// When it was collected.
    pub collected_at: Instant,
    /// By whom.
    pub collector: Collector,
    /// From where.
    pub source: String,
    /// How it was learnt.
    pub trust: Trust,
    /// What backs it.
    pub evidence: Vec<Evidence>,
}

/// One row of the checklist in a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The control's words.
    pub text: ControlText,
    /// The raw verdict; it stands whatever the outcome is.
    pub judgement: Judgement,
    /// What it does to the gate.
    pub outcome: Outcome,
    /// The waiver that covers it.
    pub waiver: Option<Waiver>,
    /// The remediation, from the waiver or from the remediations.
    pub remediation: Option<Remediation>,
    /// Where its facts came from.
    pub origins: Vec<Origin>,
}

impl Row {
    /// Whether the record lacks the owner, action and date that the checklist demands of a FAIL.
    pub fn is_incomplete(&self) -> bool {
        !self.judgement.verdict.is_pass() && self.remediation.is_none()
    }
}

/// The decision on one environment and release, with everything that a report shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The environment that was judged.
    pub environment: String,
    /// The release that was judged.
    pub release: String,
    /// When, by the evaluation's clock.
    pub evaluated_at: Instant,
    /// Whether that time was given on the command line instead of read from the clock.
    pub clock_given: bool,
    /// Whether the facts were collected from recordings, as of a given time.
    pub recorded: bool,
    /// The checklist that judged.
    pub checklist: Checklist,
    /// Each facts document: name and `sha256:…` of its bytes.
    pub facts: Vec<(String, String)>,
    /// The answer.
    pub gate: Gate,
    /// What blocks it.
    pub blocking: Vec<Blocking>,
    /// The rows in the checklist's order.
    pub rows: Vec<Row>,
    /// Each waiver that was given, and how it stands.
    pub waivers: Vec<(Waiver, ExceptionState)>,
    /// Each remediation that was given and is not bound to a row: why it is not used.
    pub idle_remediations: Vec<(Remediation, String)>,
}

impl Decision {
    /// How many rows an exception holds open.
    pub fn waived(&self) -> usize {
        self.rows.iter().filter(|r| r.outcome == Outcome::Waived).count()
    }

    /// Parameters in force that are not the checklist's defaults.
    pub fn parameter_changes(&self) -> &[ParameterChange] {
        &self.checklist.parameters
    }
}
