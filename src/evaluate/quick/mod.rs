//! The same judgements by compiled policies, on facts that were read in one pass: verdicts and ids of findings, no words.
//!
//! Whatever a compiled policy is not sure of is asked of the interpreter, control by control.

mod finding;
mod seat;

use super::judge::{Input, on};
use crate::checklist::{Checklist, Control};
use crate::facts::Ages;
use crate::facts::onepass::{Group, ReadFacts};
use crate::model::{Fault, Instant, Standing};
use crate::rego::compiled::{Bounds, Outside, Program};
use bumpalo::Bump;
use seat::{Answer, Seat};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// A checklist made ready for many documents.
#[derive(Debug)]
pub struct Quick {
    seats: Vec<Seat>,
    /// Per group, in the order of their names: how old it may be.
    ages: Vec<Option<i64>>,
    skew: i64,
    bounds: Bounds,
}

/// What a judgement is made of, beside the facts.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The checklist that the seats were made of.
    pub checklist: &'a Checklist,
    /// The planned environment.
    pub environment: &'a str,
    /// The planned release.
    pub release: &'a str,
    /// The evaluation's clock.
    pub now: Instant,
}

impl Quick {
    /// Takes the compiled controls of a checklist, one each in its order.
    pub fn new(checklist: &Checklist, programs: Vec<Result<Program, Outside>>, bounds: Bounds) -> Self {
        let names: Vec<&str> = checklist.groups.keys().map(String::as_str).collect();
        let seats = checklist.controls.iter().zip(programs);
        Self {
            seats: seats.map(|(control, program)| Seat::new(checklist, control, program.ok(), &names)).collect(),
            ages: names.iter().map(|name| checklist.parameters.max_age(name)).collect(),
            skew: checklist.parameters.clock_skew(),
            bounds,
        }
    }

    /// Judges every control; one standing each, in the checklist's order.
    pub fn judge<'a>(&'a self, case: Case<'a>, facts: &ReadFacts<'a>, arena: &'a Bump) -> Vec<Standing> {
        let faults: Vec<Vec<Fault>> = facts.groups.iter().zip(&self.ages).map(|(g, age)| self.faults(g.as_ref(), *age, case.now)).collect();
        let seats = self.seats.iter().zip(&case.checklist.controls);
        seats
            .map(|(seat, control)| {
                let view = seat.view(case, facts, &faults, arena);
                match seat.judge(&control.text, &view, arena, self.bounds) {
                    Answer::Standing(standing) => standing,
                    Answer::Ask => interpret(case, control, &view),
                }
            })
            .collect()
    }

    fn faults(&self, group: Option<&Group<'_>>, max_age: Option<i64>, now: Instant) -> Vec<Fault> {
        let Some(group) = group else { return vec![Fault::Missing] };
        let mut out = Vec::new();
        if group.value.is_none() {
            out.push(Fault::Invalid);
        }
        if group.evidence == 0 {
            out.push(Fault::NoEvidence);
        }
        out.extend(Ages { now, skew: self.skew, max_age }.fault(group.collected_at));
        out
    }
}

/// The interpreter's judgement of one control on the same groups.
fn interpret(case: Case<'_>, control: &Control, view: &seat::View<'_>) -> Standing {
    let json = |value: crate::tree::Value<'_>| value.to_json().unwrap_or(Json::Null);
    let mut input = Input { facts: Map::new(), envelope: Map::new() };
    for (name, group) in view.good() {
        input.facts.insert(name.to_owned(), group.value.map_or(Json::Null, json));
        input.envelope.insert(name.to_owned(), json(group.envelope));
    }
    let bad: BTreeSet<String> = view.bad().map(str::to_owned).collect();
    let judgement = on(case.checklist, control, &input.whole(case.environment, case.release, case.now), Vec::new(), &bad);
    let mut ids = view.findings.clone();
    ids.extend(judgement.findings.into_iter().map(|f| f.id));
    Standing::new(judgement.verdict, ids)
}
