//! The fast path of one checklist: one pass over the bytes, compiled policies, the compiled gate.

use super::line::{Head, Line, Trouble, TroubleKind};
use crate::checklist::{Checklist, Compiled};
use crate::evaluate::{Case, Quick};
use crate::exceptions::{Exceptions, outcomes};
use crate::facts::Plan;
use crate::facts::onepass::ReadFacts;
use crate::gate::{Closed, Entry, GateError, Question, QuickGate, ask};
use crate::model::{Gate, Instant, Outcome, Waiver, Window};
use crate::rego::Limits;
use crate::rego::compiled::Bounds;
use bumpalo::Bump;
use std::collections::HashMap;

/// What the values that one policy makes of one document may take.
const MEMORY: usize = 256 << 20;

/// What every document of a court is judged by.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// The checklist.
    pub checklist: &'a Checklist,
    /// Waivers and remediations as it reads them.
    pub exceptions: &'a Exceptions,
    /// The evaluation's clock.
    pub now: Instant,
}

/// A checklist made ready for many documents.
pub struct QuickCourt {
    controls: Quick,
    gate: Option<QuickGate>,
    /// Waivers by environment and release, as indices: no other touches a document.
    waivers: HashMap<(String, String), Vec<usize>>,
}

impl QuickCourt {
    /// Compiles a checklist.
    pub fn new(checklist: &Checklist, exceptions: &Exceptions, limits: Limits) -> Self {
        let bounds = Bounds { time: limits.time, memory: MEMORY };
        let Compiled { controls, gate } = checklist.compiled();
        let mut waivers: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for (index, waiver) in exceptions.waivers.iter().enumerate() {
            let scope = &waiver.remediation;
            waivers.entry((scope.environment.clone(), scope.release.clone())).or_default().push(index);
        }
        let gate = gate.ok().map(|program| QuickGate::new(program, bounds));
        Self { controls: Quick::new(checklist, controls, bounds), gate, waivers }
    }

    /// The line of a document that was read in one pass and is about what is planned, and the times at which it stays so but
    /// for its own time; none where they are not known.
    pub fn line<'a>(&'a self, bench: &Bench<'a>, head: &Head<'_>, facts: &ReadFacts<'a>, arena: &'a Bump) -> (Line, Option<Window>) {
        let Bench { checklist, exceptions, now } = *bench;
        let (environment, release) = (facts.environment, facts.release);
        let mut window = Window::ALWAYS;
        let known = self.controls.know(facts, now, &mut window);
        let waivers = self.waivers(exceptions, facts);
        for waiver in &waivers {
            for time in [waiver.created_at, waiver.expires_at, waiver.remediation.target_date] {
                window.turn(now, time.ms);
            }
        }
        let mut window = Some(window);
        let standings = self.controls.judge(Case { checklist, environment, release, now }, &known, &mut window, arena);
        let plan = Plan { environment: environment.to_owned(), release: release.to_owned() };
        let settled = outcomes(checklist, &standings, &waivers, &plan, now);
        let entries: Vec<Entry<'_>> = checklist
            .controls
            .iter()
            .zip(&standings)
            .zip(settled.outcomes.iter().zip(&settled.waived_by))
            .map(|((control, standing), (outcome, waiver))| Entry {
                id: &control.text.id,
                standing,
                outcome: *outcome,
                // Every waiver carries its remediation.
                excepted: waiver.is_some(),
            })
            .collect();
        let question = Question { checklist, environment, release, now_ms: now.ms };
        let answer = match &self.gate {
            Some(gate) => gate.ask(&question, &entries, &mut window, arena),
            None => {
                window = None;
                ask(&question, &entries)
            }
        };
        (Line::judged(head, &entries, decision(answer, &entries)), window)
    }

    /// The waivers for the environment and release of a document, sorted by id.
    fn waivers<'e>(&self, exceptions: &'e Exceptions, facts: &ReadFacts<'_>) -> Vec<&'e Waiver> {
        if self.waivers.is_empty() {
            return Vec::new();
        }
        let key = (facts.environment.to_owned(), facts.release.to_owned());
        let indices = self.waivers.get(&key).map(Vec::as_slice).unwrap_or_default();
        indices.iter().filter_map(|index| exceptions.waivers.get(*index)).collect()
    }
}

/// The decision with the ids of what blocks it, or why there is none.
pub(super) fn decision(answer: Result<(Gate, Vec<Closed>), GateError>, entries: &[Entry<'_>]) -> Result<(Gate, Vec<String>), Trouble> {
    let (gate, closed) =
        answer.map_err(|error| Trouble { kind: TroubleKind::NoDecision, code: "golive::gate".to_owned(), message: error.to_string() })?;
    if gate == Gate::Go {
        return Ok((gate, Vec::new()));
    }
    let mut blocking: Vec<String> = entries.iter().filter(|e| e.outcome == Outcome::Blocking).map(|e| e.id.to_owned()).collect();
    blocking.extend(closed.into_iter().map(|c| c.by).filter(|by| !entries.iter().any(|e| e.id == by)));
    if blocking.is_empty() {
        blocking.push("gate".to_owned());
    }
    Ok((gate, blocking))
}
