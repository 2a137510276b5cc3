//! What waivers and remediations do to each control's outcome. The host alone judges them.

use crate::checklist::Checklist;
use crate::facts::{Facts, Plan};
use crate::model::decision::Origin;
use crate::model::{ExceptionState, Instant, Judgement, Outcome, Remediation, Row, Standing, Waiver};

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
    let standings: Vec<Standing> = judgements.iter().map(Standing::of).collect();
    let waivers: Vec<&Waiver> = exceptions.waivers.iter().collect();
    let Outcomes { outcomes, waived_by, states } = outcomes(checklist, &standings, &waivers, &facts.plan, now);
    let rows = checklist.controls.iter().zip(judgements).zip(outcomes.into_iter().zip(waived_by)).map(
        |((control, judgement), (outcome, waiver))| {
            let waiver = waiver.and_then(|index| exceptions.waivers.get(index)).cloned();
            let remediation = match (&waiver, outcome) {
                (_, Outcome::Pass) => None,
                (Some(waiver), _) => Some(waiver.remediation.clone()),
                (None, _) => exceptions.remediations.iter().find(|r| fits(r, &judgement.control, &facts.plan)).cloned(),
            };
            let origins = control.text.facts.keys().filter_map(|name| origin(facts, name)).collect();
            Row { text: control.text.clone(), judgement, outcome, waiver, remediation, origins }
        },
    );
    let rows: Vec<Row> = rows.collect();
    let idle_remediations = idle(exceptions, &rows, &facts.plan);
    Settled { rows, waivers: exceptions.waivers.iter().cloned().zip(states).collect(), idle_remediations }
}

/// What waivers do to controls of which verdict and findings are known.
#[derive(Debug, Clone)]
pub struct Outcomes {
    /// One per control, in the checklist's order.
    pub outcomes: Vec<Outcome>,
    /// The waiver of each control that has one, as its index.
    pub waived_by: Vec<Option<usize>>,
    /// How each waiver stands.
    pub states: Vec<ExceptionState>,
}

/// Gives each control its outcome from its standing, in the checklist's order; `waivers` are sorted by id.
pub fn outcomes(checklist: &Checklist, standings: &[Standing], waivers: &[&Waiver], plan: &Plan, now: Instant) -> Outcomes {
    let of = |id: &str| checklist.controls.iter().position(|c| c.text.id == id);
    let mut waived_by = vec![None; standings.len()];
    let mut states = Vec::with_capacity(waivers.len());
    for (index, waiver) in waivers.iter().enumerate() {
        let control = of(waiver.control());
        let mut state = state(waiver, control.and_then(|at| standings.get(at)), plan, now);
        // Of several active waivers for one control the first by id holds; the others are unused.
        if let (ExceptionState::Active, Some(place)) = (&state, control.and_then(|at| waived_by.get_mut(at))) {
            match place {
                Some(_) => state = ExceptionState::Unused,
                None => *place = Some(index),
            }
        }
        states.push(state);
    }
    let outcome = |(standing, waiver): (&Standing, &Option<usize>)| match (standing.verdict.is_pass(), waiver) {
        (true, _) => Outcome::Pass,
        (false, Some(_)) => Outcome::Waived,
        (false, None) => Outcome::Blocking,
    };
    let outcomes = standings.iter().zip(&waived_by).map(outcome).collect();
    Outcomes { outcomes, waived_by, states }
}

fn state(waiver: &Waiver, standing: Option<&Standing>, plan: &Plan, now: Instant) -> ExceptionState {
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
    let Some(standing) = standing else { return ExceptionState::Unused };
    if standing.verdict.is_pass() {
        return ExceptionState::Unused;
    }
    if standing.verdict == crate::model::Verdict::ERROR {
        return ExceptionState::NotWaivable;
    }
    if now >= scope.target_date {
        return ExceptionState::Overdue;
    }
    let uncovered: Vec<String> = standing.findings.iter().filter(|id| !waiver.findings.contains(id)).cloned().collect();
    // A control that is not pass always has a finding; without one there is nothing that the waiver could have accepted.
    if !uncovered.is_empty() || standing.findings.is_empty() {
        return ExceptionState::Lapsed { uncovered };
    }
    ExceptionState::Active
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
