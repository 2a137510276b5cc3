//! What waivers and remediations do to each control's outcome. The host alone judges them.

use crate::checklist::Checklist;
use crate::facts::{Facts, Plan};
use crate::model::decision::Origin;
use crate::model::{ExceptionState, Instant, Judgement, Outcome, Remediation, Row, Waiver};

/// The exceptions that were given.
#[derive(Debug, Clone, Default)]
pub struct Exceptions {
    /// Waivers without a static fault, sorted by id.
    pub waivers: Vec<Waiver>,
    /// Remediations without a static fault.
    pub remediations: Vec<Remediation>,
}

/// Rows with their outcomes, and how each exception stands.
#[derive(Debug, Clone)]
pub struct Settled {
    /// One row per control, in the checklist's order.
    pub rows: Vec<Row>,
    /// Each waiver and its state.
    pub waivers: Vec<(Waiver, ExceptionState)>,
    /// Remediations that belong to no row, each with the reason.
    pub idle_remediations: Vec<(Remediation, String)>,
}

/// Gives each control its outcome.
///
/// One active waiver must list every finding of its control; several do not add up. `error` is never waived.
pub fn settle(checklist: &Checklist, facts: &Facts, judgements: Vec<Judgement>, exceptions: &Exceptions, now: Instant) -> Settled {
    let states: Vec<(Waiver, ExceptionState)> = exceptions
        .waivers
        .iter()
        .map(|waiver| {
            let judgement = judgements.iter().find(|j| j.control == waiver.control());
            (waiver.clone(), state(waiver, judgement, &facts.plan, now))
        })
        .collect();
    let mut states = states;
    one_each(&mut states);
    let rows = checklist.controls.iter().zip(judgements).map(|(control, judgement)| {
        let waiver = states.iter().find(|(w, s)| *s == ExceptionState::Active && w.control() == judgement.control).map(|(w, _)| w.clone());
        let outcome = match (judgement.verdict.is_pass(), &waiver) {
            (true, _) => Outcome::Pass,
            (false, Some(_)) => Outcome::Waived,
            (false, None) => Outcome::Blocking,
        };
        let remediation = match (&waiver, outcome) {
            (_, Outcome::Pass) => None,
            (Some(waiver), _) => Some(waiver.remediation.clone()),
            (None, _) => exceptions.remediations.iter().find(|r| fits(r, &judgement.control, &facts.plan)).cloned(),
        };
        let origins = control.text.facts.keys().filter_map(|name| origin(facts, name)).collect();
        Row { text: control.text.clone(), judgement, outcome, waiver, remediation, origins }
    });
    let rows: Vec<Row> = rows.collect();
    let idle_remediations = idle(exceptions, &rows, &facts.plan);
    Settled { rows, waivers: states, idle_remediations }
}

fn state(waiver: &Waiver, judgement: Option<&Judgement>, plan: &Plan, now: Instant) -> ExceptionState {
    let scope = &waiver.remediation;
    if scope.environment != plan.environment || scope.release != plan.release {
        return ExceptionState::OutOfScope;
    }
    if now >= waiver.expires_at {
        return ExceptionState::Expired;
    }
    if now < waiver.created_at {
        return ExceptionState::Pending;
    }
    let Some(judgement) = judgement else { return ExceptionState::Unused };
    if judgement.verdict.is_pass() {
        return ExceptionState::Unused;
    }
    if judgement.verdict == crate::model::Verdict::ERROR {
        return ExceptionState::NotWaivable;
    }
    if now >= scope.target_date {
        return ExceptionState::Overdue;
    }
    let uncovered: Vec<String> = judgement.findings.iter().map(|f| f.id.clone()).filter(|id| !waiver.findings.contains(id)).collect();
    // A control that is not pass always has a finding; without one there is nothing that the waiver could have accepted.
    if !uncovered.is_empty() || judgement.findings.is_empty() {
        return ExceptionState::Lapsed { uncovered };
    }
    ExceptionState::Active
}

/// Of several active waivers for one control the first by id holds; the others are unused.
fn one_each(states: &mut [(Waiver, ExceptionState)]) {
    let mut seen = std::collections::BTreeSet::new();
    for (waiver, state) in states.iter_mut().filter(|(_, s)| *s == ExceptionState::Active) {
        if !seen.insert(waiver.control().to_owned()) {
            *state = ExceptionState::Unused;
        }
    }
}

fn fits(remediation: &Remediation, control: &str, plan: &Plan) -> bool {
    remediation.control == control && remediation.environment == plan.environment && remediation.release == plan.release
}

fn idle(exceptions: &Exceptions, rows: &[Row], plan: &Plan) -> Vec<(Remediation, String)> {
    let reason = |r: &Remediation| {
        let row = rows.iter().find(|row| row.text.id == r.control);
        match row {
            _ if r.environment != plan.environment || r.release != plan.release => Some("it is for another environment or release"),
            Some(row) if row.outcome == Outcome::Pass => Some("the control passes"),
            Some(row) if row.waiver.is_some() => Some("the waiver's own remediation stands"),
            _ => None,
        }
    };
    exceptions.remediations.iter().filter_map(|r| Some((r.clone(), reason(r)?.to_owned()))).collect()
}

fn origin(facts: &Facts, name: &str) -> Option<Origin> {
    let group = &facts.groups.get(name)?.group;
    Some(Origin {
        group: name.to_owned(),
        collected_at: group.collected_at,
        collector: group.collector.clone(),
        source: group.source.clone(),
        trust: group.trust,
        evidence: group.evidence.clone(),
    })
}
