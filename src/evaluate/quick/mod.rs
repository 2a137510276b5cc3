//! The same judgements by compiled policies, on facts that were read in one pass: verdicts and ids of findings, no words.
//!
//! Whatever a compiled policy is not sure of is asked of the interpreter, control by control.

mod finding;
mod seat;

use super::judge::{Input, on};
use crate::checklist::{Checklist, Control};
use crate::facts::Ages;
use crate::facts::onepass::{Group, ReadFacts};
use crate::model::{Fault, Instant, Standing, Trust, Window};
use crate::rego::compiled::{Bounds, Outside, Program};
use bumpalo::Bump;
use seat::{Answer, Seat};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// A checklist made ready for many documents.
#[derive(Debug)]
pub struct Quick {
    /// None where the control may not be asked.
    seats: Vec<Option<Seat>>,
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
        Self::of_some(checklist, programs.into_iter().map(Some).collect(), bounds)
    }

    /// Takes the compiled controls of a checklist in its order; those without one may not be asked.
    pub fn of_some(checklist: &Checklist, programs: Vec<Option<Result<Program, Outside>>>, bounds: Bounds) -> Self {
        let names: Vec<&str> = checklist.groups.keys().map(String::as_str).collect();
        let seats = checklist.controls.iter().zip(programs);
        let seat = |(control, program): (&Control, Option<Result<Program, Outside>>)| {
            program.map(|program| Seat::new(checklist, control, program.ok(), &names))
        };
        Self {
            seats: seats.map(seat).collect(),
            ages: names.iter().map(|name| checklist.parameters.max_age(name)).collect(),
            skew: checklist.parameters.clock_skew(),
            bounds,
        }
    }

    /// What is known of each group of a document that was read in one pass, in the order of their names; `window` is what is
    /// left of the times at which that stays so.
    pub fn know<'a>(&self, facts: &ReadFacts<'a>, now: Instant, window: &mut Window) -> Vec<Known<'a>> {
        let groups = facts.groups.iter().zip(&self.ages);
        groups
            .map(|(group, max_age)| {
                if let Some(stated) = group {
                    let collected = stated.collected_at.ms;
                    window.turn(now, collected.saturating_sub(self.skew));
                    if let Some(max_age) = max_age {
                        window.turn(now, collected.saturating_add(*max_age).saturating_add(1));
                    }
                }
                Known::new(*group, &Ages { now, skew: self.skew, max_age: *max_age })
            })
            .collect()
    }

    /// Judges every control; one standing each, in the checklist's order. `known` has one entry for each group that has a
    /// schema, in the order of their names; `window` is left at none where it is not known until when all this holds.
    pub fn judge<'a>(&'a self, case: Case<'a>, known: &[Known<'a>], window: &mut Option<Window>, arena: &'a Bump) -> Vec<Standing> {
        let mut standings = Vec::with_capacity(self.seats.len());
        for (seat, control) in self.seats.iter().zip(&case.checklist.controls) {
            let Some(seat) = seat else { continue };
            let said = self.ask(seat, control, case, known, arena);
            standings.push(said.standing);
            *window = window.zip(said.window).map(|(mut all, own)| {
                all.meet(own);
                all
            });
        }
        standings
    }

    /// Judges one control, by its place in the checklist; none where it has no such place.
    pub fn judge_one<'a>(&'a self, index: usize, case: Case<'a>, known: &[Known<'a>], arena: &'a Bump) -> Option<Said> {
        let (seat, control) = (self.seats.get(index)?.as_ref()?, case.checklist.controls.get(index)?);
        Some(self.ask(seat, control, case, known, arena))
    }

    fn ask<'a>(&'a self, seat: &'a Seat, control: &Control, case: Case<'a>, known: &[Known<'a>], arena: &'a Bump) -> Said {
        let view = seat.view(case, known, arena);
        match seat.judge(&control.text, (&view, case.now), arena, self.bounds) {
            Answer::Standing(standing, window, work) => Said { standing, window, work: Some(work) },
            Answer::Ask => Said { standing: interpret(case, control, &view), window: None, work: None },
        }
    }
}

/// What one control comes to.
#[derive(Debug)]
pub struct Said {
    /// Its verdict and findings.
    pub standing: Standing,
    /// What its policy's use of the clock leaves of the times at which it stays so; none where that is not known.
    pub window: Option<Window>,
    /// The steps that the compiled policy took; none where the interpreter was asked.
    pub work: Option<u64>,
}

/// What is known of one group of a document.
#[derive(Debug)]
pub struct Known<'a> {
    /// The group, where it may be used as proof.
    pub group: Option<Group<'a>>,
    /// How it was learnt, where it is stated at all.
    pub trust: Option<Trust>,
    /// Why it may not be used.
    pub faults: Vec<Fault>,
}

impl<'a> Known<'a> {
    /// Of a group that was read, or of one that nobody states.
    fn new(group: Option<Group<'a>>, ages: &Ages) -> Self {
        let Some(stated) = group else { return Self { group, trust: None, faults: vec![Fault::Missing] } };
        let mut faults = Vec::new();
        if stated.value.is_none() {
            faults.push(Fault::Invalid);
        }
        if stated.evidence == 0 {
            faults.push(Fault::NoEvidence);
        }
        faults.extend(ages.fault(stated.collected_at));
        Self { group: group.filter(|_| faults.is_empty()), trust: Some(stated.trust), faults }
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
