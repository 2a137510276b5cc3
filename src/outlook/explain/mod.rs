//! Why a control stands as it does: criterion by criterion, the rules and the facts that they compared, the statement that
//! stopped each, and the smallest change of facts with which the control would pass.
//!
//! States and findings are the reference's. What a traced run adds is shown only where it came to the same, and a change only
//! after it was applied and judged by the reference.

pub mod change;
mod court;
mod human;
pub mod model;
mod place;
mod reason;
mod rows;

pub use human::human;
pub use model::Explanation;

use crate::checklist::Checklist;
use crate::evaluate::judge;
use crate::facts::{Assessment, Facts};
use crate::model::{CriterionState, Finding, Instant, Judgement};
use crate::rego::trace::Trace;
use crate::workbench::suite::Case;
use change::Report;
use court::{Court, Sight};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// A change is looked for where no more violations than this hold.
const MOST_HELD: usize = 100;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// The control's id.
    pub control: &'q str,
    /// The evaluation's clock.
    pub now: Instant,
    /// Whether it was given.
    pub given: bool,
    /// Fixtures of the control: what those that pass say is what facts could say.
    pub fixtures: &'q [Case],
}

/// Explains one control; none where the checklist has no such control.
pub fn explain(checklist: &Checklist, facts: &Facts, question: Question<'_>) -> Option<Explanation> {
    let index = checklist.controls.iter().position(|c| c.text.id == question.control)?;
    let control = checklist.controls.get(index)?;
    let modules = checklist.engine.modules();
    let context = checklist.context(&modules);
    let court = Court { checklist, control, context, index, plan: &facts.plan, now: question.now };
    let sight = court.see(facts);
    let seen: BTreeMap<&str, &Assessment> = sight.groups.iter().map(|(name, a)| (name.as_str(), a)).collect();
    let judgement = judge(checklist, control, facts, &seen, question.now);
    let trace = court.trace(&sight).filter(|trace| agrees(&court, trace, &judgement, &sight));
    let document = court.document(facts);
    let change = seek(&court, &judgement, (&document, &sight, trace.as_ref()), question.fixtures);
    let words = reason::Words { modules: &modules, document: &document, parameters: &checklist.parameters.value, now: question.now };
    Some(rows::explanation(&court, facts, &sight, rows::Found { judgement, trace, change, words, given: question.given }))
}

/// Whether a traced run came to what the reference came to.
fn agrees(court: &Court<'_>, trace: &Trace, judgement: &Judgement, sight: &Sight) -> bool {
    if judgement.findings.iter().any(|finding| finding.id == "error") {
        return false;
    }
    let met: BTreeSet<&str> = trace.criteria.iter().filter(|e| !e.holds.is_empty()).map(|e| e.name.as_str()).collect();
    let same = judgement.criteria.iter().all(|criterion| {
        let blind = sight.view.bad.iter().any(|group| reads(court, &criterion.id, group));
        let held = matches!(criterion.state, CriterionState::Met | CriterionState::Contradicted);
        blind || held == met.contains(criterion.id.as_str())
    });
    let told = trace.violations.iter().flat_map(|entry| &entry.holds);
    let told: Result<BTreeSet<Finding>, String> = told.map(|held| crate::evaluate::finding(&court.control.text, &held.member)).collect();
    let known: BTreeSet<Finding> =
        judgement.findings.iter().filter(|f| f.criterion.is_some() && !f.id.starts_with("unproven:")).cloned().collect();
    same && told.is_ok_and(|told| told == known)
}

/// Whether a criterion reads a group.
fn reads(court: &Court<'_>, criterion: &str, group: &str) -> bool {
    court.checklist.reads(court.control).groups_of.get(criterion).is_none_or(|groups| groups.contains(group))
}

fn seek(court: &Court<'_>, judgement: &Judgement, (document, sight, trace): (&Json, &Sight, Option<&Trace>), fixtures: &[Case]) -> Report {
    let not_sought = |why: &str| Report { not_sought: Some(why.to_owned()), ..Report::default() };
    if judgement.verdict.is_pass() {
        return not_sought("the control passes");
    }
    if !sight.view.bad.is_empty() {
        return not_sought("groups of facts cannot be used as they are: collect these first");
    }
    let Some(trace) = trace else { return not_sought("the statements of this policy could not be followed") };
    let held: usize = trace.violations.iter().map(|entry| entry.holds.len()).sum();
    if held > MOST_HELD {
        return not_sought(&format!("{held} violations hold, and no more than {MOST_HELD} are taken apart"));
    }
    let own = fixtures.iter().filter(|case| case.control == court.control.text.id);
    let mut passes: Vec<&Case> = own.filter(|case| case.expected.as_ref().is_some_and(|e| e.verdict == "pass")).collect();
    // The usual values first, those at a boundary after them.
    passes.sort_by_key(|case| case.name != "pass");
    change::find(court, document, sight, trace, &passes.iter().map(|case| &case.facts).collect::<Vec<_>>())
}

/// `golive.explanation/1` as JSON.
pub fn json(explanation: &Explanation) -> String {
    crate::report::encode::document(explanation)
}
