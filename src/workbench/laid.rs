//! Fixtures laid out once for the compiled path, so that many checklists can be asked about them.

use super::suite::Case;
use crate::checklist::{Checklist, contract};
use crate::evaluate::{self, Quick};
use crate::facts::onepass::{Onepass, ReadFacts};
use crate::model::{Standing, Window};
use crate::rego::compiled::Bounds;
use bumpalo::Bump;
use serde_json::Value;

/// What the values that one policy makes of one fixture may take.
const MEMORY: usize = 256 << 20;

/// A fixture, its text, and its facts in an arena.
pub struct Laid<'a> {
    /// The fixture.
    pub case: &'a Case,
    /// The place of its control in the checklist.
    pub control: usize,
    facts: ReadFacts<'a>,
}

/// What reads the facts of a checklist's fixtures in one pass; none where its schemas are not read so.
pub fn onepass(checklist: &Checklist) -> Option<Onepass> {
    Onepass::new(contract("envelope").ok()?, &checklist.groups).ok()
}

/// A case laid out; none where it is for the reference alone.
pub fn lay<'a>(onepass: &'a Onepass, checklist: &Checklist, case: &'a Case, arena: &'a Bump) -> Option<Laid<'a>> {
    lay_changed(onepass, checklist, case, &case.facts, arena)
}

/// A case laid out with other facts than its own.
pub fn lay_changed<'a>(onepass: &'a Onepass, checklist: &Checklist, case: &'a Case, facts: &Value, arena: &'a Bump) -> Option<Laid<'a>> {
    let control = checklist.controls.iter().position(|control| control.text.id == case.control)?;
    let facts = onepass.read(arena.alloc_str(&facts.to_string()).as_bytes(), arena)?;
    let planned = facts.environment == case.plan.environment && facts.release == case.plan.release;
    planned.then_some(Laid { case, control, facts })
}

/// Some controls of a checklist compiled for fixtures.
pub fn quick(checklist: &Checklist, wanted: &dyn Fn(&str) -> bool) -> Quick {
    let bounds = Bounds { time: checklist.limits.time, memory: MEMORY };
    Quick::of_some(checklist, checklist.compiled_some(wanted), bounds)
}

impl<'a> Laid<'a> {
    /// What its control comes to by the compiled path; the interpreter answers where that is not sure.
    pub fn standing<'b>(&'b self, checklist: &'b Checklist, quick: &'b Quick, arena: &'b Bump) -> Option<Standing>
    where
        'a: 'b,
    {
        let Case { plan, at, .. } = self.case;
        let known = quick.know(&self.facts, *at, &mut Window::ALWAYS.clone());
        let case = evaluate::Case { checklist, environment: &plan.environment, release: &plan.release, now: *at };
        quick.judge_one(self.control, case, &known, arena).map(|said| said.standing)
    }
}
