//! Until when a decision holds with no new facts, and what ends it.

use super::control::ControlId;
use super::decision::{Gate, Outcome};
use super::finding::Finding;
use super::time::Instant;
use super::verdict::Verdict;

/// Every moment in a stretch of time at which a verdict, an outcome, an exception or the gate turns with no new facts.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Where it begins: the time of the decision.
    pub from: Instant,
    /// The end of what was looked at, exclusive: earlier than asked for where it turns too often.
    pub until: Instant,
    /// The gate at its beginning.
    pub gate: Gate,
    /// The turns, in the order of time.
    pub turns: Vec<Turn>,
    /// Controls of which it is not proven that every turn was found, each with the reason; `gate` stands for the gate policy, `forecast` for
    /// one that was cut short.
    pub unproven: Vec<(String, String)>,
}

impl Forecast {
    /// The first moment at which the gate is no longer what it was at the beginning; none where it stays so until the end.
    pub fn ends(&self) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.gate != self.gate)
    }
}

/// A moment from which on something is different.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The first millisecond at which it is so.
    pub at: Instant,
    /// The gate from then on.
    pub gate: Gate,
    /// The controls whose verdict, outcome or findings are different, in the checklist's order.
    pub controls: Vec<ControlTurn>,
    /// The waivers whose state is different: id, state before, state from then on.
    pub waivers: Vec<(String, &'static str, &'static str)>,
    /// The controls whose remediation is overdue from then on.
    pub overdue: Vec<ControlId>,
}

/// What turns in one control.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlTurn {
    /// The control.
    pub control: ControlId,
    /// Verdict and outcome before.
    pub before: (Verdict, Outcome),
    /// Verdict and outcome from then on.
    pub after: (Verdict, Outcome),
    /// The findings that are new.
    pub gained: Vec<Finding>,
    /// The ids of findings that are gone.
    pub lost: Vec<String>,
}
