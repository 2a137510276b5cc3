//! The verdict of one control, and the only place where a `pass` is made.

use super::finding::Finding;
use serde::{Serialize, Serializer};
use std::fmt;

/// Outcome of one control: `pass`, `fail`, `unknown` or `error`.
///
/// A `pass` has no public constructor: it comes out of [`Verdict::conclude`] alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verdict(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Pass,
    Fail,
    Unknown,
    Error,
}

impl Verdict {
    /// A criterion is denied.
    pub const FAIL: Self = Self(Kind::Fail);
    /// Not proven.
    pub const UNKNOWN: Self = Self(Kind::Unknown);
    /// Policy or engine broke.
    pub const ERROR: Self = Self(Kind::Error);

    /// The verdict of a control from the state of each of its criteria.
    ///
    /// `provable` is false where a group that the control reads is not usable. No criteria at all prove nothing.
    pub fn conclude(criteria: &[CriterionState], provable: bool) -> Self {
        use CriterionState::{Contradicted, Denied, Met};
        let has = |state| criteria.contains(&state);
        if has(Contradicted) {
            return Self::ERROR;
        }
        if has(Denied) {
            return Self::FAIL;
        }
        let proven = provable && !criteria.is_empty() && criteria.iter().all(|state| *state == Met);
        if proven { Self(Kind::Pass) } else { Self::UNKNOWN }
    }

    /// Whether it is `pass`.
    pub fn is_pass(self) -> bool {
        self.0 == Kind::Pass
    }

    /// The verdict's word.
    pub fn word(self) -> &'static str {
        match self.0 {
            Kind::Pass => "pass",
            Kind::Fail => "fail",
            Kind::Unknown => "unknown",
            Kind::Error => "error",
        }
    }

    /// The checklist's mark: PASS only for `pass`, FAIL for the other three.
    pub fn mark(self) -> &'static str {
        if self.is_pass() { "PASS" } else { "FAIL" }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// How a criterion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CriterionState {
    /// Proven.
    Met,
    /// Refuted by a violation.
    Denied,
    /// Neither.
    Open,
    /// Both: the policy contradicts itself.
    Contradicted,
}

impl CriterionState {
    /// The state of a criterion that was proven, refuted, both or neither.
    pub fn of(met: bool, denied: bool) -> Self {
        match (met, denied) {
            (true, true) => Self::Contradicted,
            (true, false) => Self::Met,
            (false, true) => Self::Denied,
            (false, false) => Self::Open,
        }
    }

    /// The state's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Denied => "denied",
            Self::Open => "open",
            Self::Contradicted => "contradicted",
        }
    }
}

/// One criterion of a judged control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Criterion {
    /// Its id inside the control.
    pub id: String,
    /// Its words.
    pub words: String,
    /// How it stands.
    pub state: CriterionState,
}

/// A control's verdict with all that speaks for and against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The control.
    pub control: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Each criterion, in METADATA's order.
    pub criteria: Vec<Criterion>,
    /// Why it is not `pass`, sorted by id; empty where it is.
    pub findings: Vec<Finding>,
}

/// A control's verdict and the ids of its findings: what exceptions and the gate look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The verdict.
    pub verdict: Verdict,
    /// Sorted, each once; empty where it is `pass`.
    pub findings: Vec<String>,
}

impl Standing {
    /// Of ids in any order.
    pub fn new(verdict: Verdict, mut findings: Vec<String>) -> Self {
        findings.sort_unstable();
        findings.dedup();
        Self { verdict, findings }
    }

    /// What a judgement comes to.
    pub fn of(judgement: &Judgement) -> Self {
        Self::new(judgement.verdict, judgement.findings.iter().map(|f| f.id.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_proof_passes() {
        use CriterionState::{Contradicted, Denied, Met, Open};
        let judge = |states: &[CriterionState], provable| Verdict::conclude(states, provable).word();
        assert_eq!(judge(&[Met, Met], true), "pass");
        assert_eq!(judge(&[Met, Met], false), "unknown");
        assert_eq!(judge(&[], true), "unknown");
        assert_eq!(judge(&[Met, Open], true), "unknown");
        assert_eq!(judge(&[Met, Open, Denied], true), "fail");
        assert_eq!(judge(&[Denied], false), "fail");
        assert_eq!(judge(&[Met, Denied, Contradicted], true), "error");
    }
}
