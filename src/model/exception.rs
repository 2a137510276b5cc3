//! What people state about a control that is not `pass`: a waiver, a remediation.

use super::time::Instant;
use serde::Serialize;

/// Who mends a control marked FAIL, how, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remediation {
    /// The control.
    pub control: String,
    /// The environment.
    pub environment: String,
    /// The release.
    pub release: String,
    /// Who is responsible.
    pub owner: String,
    /// What will be done.
    pub action: String,
    /// Until when.
    pub target_date: Instant,
}

impl Remediation {
    /// Whether its target date has passed.
    pub fn is_overdue(&self, now: Instant) -> bool {
        now >= self.target_date
    }
}

/// A dated, approved exception for one control, environment and release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Unique among the waivers in force.
    pub id: String,
    /// The findings that it accepts, and no others.
    pub findings: Vec<String>,
    /// Why.
    pub reason: String,
    /// The formal request.
    pub ticket: String,
    /// Who asked.
    pub requested_by: String,
    /// Who approved; never the requester.
    pub approved_by: String,
    /// From when.
    pub created_at: Instant,
    /// Until when, exclusive.
    pub expires_at: Instant,
    /// What will be done meanwhile, with the waiver's control, environment and release.
    pub remediation: Remediation,
}

impl Waiver {
    /// When it ends, exclusive: at its own end, or where its remediation is due before.
    pub fn ends_at(&self) -> Instant {
        self.expires_at.min(self.remediation.target_date)
    }

    /// The control that it is for.
    pub fn control(&self) -> &str {
        &self.remediation.control
    }
}

/// How a waiver stands in one evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ExceptionState {
    /// It covers every finding of its control.
    Active,
    /// Its end has come.
    Expired,
    /// Its beginning has not.
    Pending,
    /// It is for another environment or release.
    OutOfScope,
    /// Its remediation's target date has passed.
    Overdue,
    /// Findings stand that it does not list.
    Lapsed {
        /// The findings that it does not cover.
        uncovered: Vec<String>,
    },
    /// Its control is `error`, which no waiver covers.
    NotWaivable,
    /// Its control passes.
    Unused,
}

impl ExceptionState {
    /// The state's word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Pending => "pending",
            Self::OutOfScope => "out-of-scope",
            Self::Overdue => "overdue",
            Self::Lapsed { .. } => "lapsed",
            Self::NotWaivable => "not-waivable",
            Self::Unused => "unused",
        }
    }
}
