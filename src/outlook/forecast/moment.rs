//! All that may turn, as it is at one time.

use super::Fault;
use crate::checklist::Checklist;
use crate::evaluate::evaluate;
use crate::exceptions::{Exceptions, settle};
use crate::facts::Facts;
use crate::gate::decide;
use crate::model::{Finding, Gate, Instant, Outcome, Standing};

/// All that may turn, as it is at one time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moment {
    /// Each control, in the checklist's order.
    pub standings: Vec<Standing>,
    pub outcomes: Vec<Outcome>,
    /// Whether the control's remediation is overdue.
    pub overdue: Vec<bool>,
    /// The state of each waiver.
    pub waivers: Vec<&'static str>,
    pub gate: Gate,
}

impl Moment {
    /// Where two moments differ first, in words.
    pub fn difference(&self, other: &Self, checklist: &Checklist) -> Option<String> {
        let id = |index: usize| checklist.controls.get(index).map_or("?", |control| control.text.id.as_str());
        let standing = self.standings.iter().zip(&other.standings).position(|(a, b)| a != b);
        let outcome = self.outcomes.iter().zip(&other.outcomes).position(|(a, b)| a != b);
        let overdue = self.overdue.iter().zip(&other.overdue).position(|(a, b)| a != b);
        match (standing, outcome.or(overdue)) {
            (Some(index), _) => Some(format!(
                "{} is {} {:?} and {} {:?}",
                id(index),
                self.standings[index].verdict,
                self.standings[index].findings,
                other.standings[index].verdict,
                other.standings[index].findings
            )),
            (None, Some(index)) => Some(format!("the outcome or the remediation of {}", id(index))),
            _ if self.waivers != other.waivers => Some("the state of a waiver".to_owned()),
            _ => (self != other).then(|| "the gate".to_owned()),
        }
    }
}

/// The reference's word on one time, with the findings of each control.
pub(super) fn reference(
    checklist: &Checklist,
    facts: &Facts,
    exceptions: &Exceptions,
    at: Instant,
) -> Result<(Moment, Vec<Vec<Finding>>), Fault> {
    let judgements = evaluate(checklist, facts, at).judgements;
    let settled = settle(checklist, facts, judgements, exceptions, at);
    let plan = &facts.plan;
    let decided = decide(checklist, &plan.environment, &plan.release, at.ms, &settled.rows);
    let (gate, _) = decided.map_err(|error| Fault::NoDecision { at, words: error.to_string() })?;
    let rows = settled.rows;
    let moment = Moment {
        standings: rows.iter().map(|row| Standing::of(&row.judgement)).collect(),
        outcomes: rows.iter().map(|row| row.outcome).collect(),
        overdue: rows.iter().map(|row| row.remediation.as_ref().is_some_and(|r| r.is_overdue(at))).collect(),
        waivers: settled.waivers.iter().map(|(_, state)| state.word()).collect(),
        gate,
    };
    Ok((moment, rows.into_iter().map(|row| row.judgement.findings).collect()))
}
