//! From facts to a decision, in one step: what every way to ask for one has in common.

use super::{GateError, decide};
use crate::checklist::Checklist;
use crate::evaluate::evaluate;
use crate::exceptions::{Exceptions, settle};
use crate::facts::{Facts, FactsDocument};
use crate::model::{Decision, Instant};
use crate::text::Problem;

/// The time that a decision is made at.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// The time.
    pub now: Instant,
    /// Whether it was given.
    pub given: bool,
    /// Whether the facts were collected from recordings.
    pub recorded: bool,
}

/// The reference's decision, with what is wrong with groups of facts.
#[derive(Debug)]
pub struct Concluded {
    /// The decision; or why there is none.
    pub decision: Result<Decision, GateError>,
    /// What is wrong with groups of facts, and groups that nothing reads.
    pub problems: Vec<Problem>,
}

/// Judges every control, settles exceptions and asks the gate.
pub fn conclude(checklist: &Checklist, facts: &Facts, exceptions: &Exceptions, at: At) -> Concluded {
    let evaluation = evaluate(checklist, facts, at.now);
    let settled = settle(checklist, facts, evaluation.judgements, exceptions, at.now);
    let plan = &facts.plan;
    let name = |f: &FactsDocument| (f.document.source.name.clone(), f.digest.clone());
    let decision = decide(checklist, &plan.environment, &plan.release, at.now.ms, &settled.rows).map(|(gate, blocking)| Decision {
        environment: plan.environment.clone(),
        release: plan.release.clone(),
        evaluated_at: at.now,
        clock_given: at.given,
        recorded: at.recorded,
        checklist: checklist.about.clone(),
        facts: facts.documents.iter().map(name).collect(),
        gate,
        blocking,
        rows: settled.rows,
        waivers: settled.waivers,
        idle_remediations: settled.idle_remediations,
    });
    Concluded { decision, problems: evaluation.problems }
}
