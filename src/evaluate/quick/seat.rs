//! One control: what it may see of a document, and what its compiled policy makes of that.

use super::{Case, Known, finding};
use crate::checklist::{Checklist, Control};
use crate::facts::onepass::Group;
use crate::model::{ControlText, CriterionState, Fault, Instant, Standing, Trust, Verdict, Window};
use crate::rego::compiled::{Bounds, Halt, Machine, Program};
use crate::tree::{Keys, Record, Value};
use bumpalo::Bump;

/// A control with its program and the groups that it may see.
#[derive(Debug)]
pub(super) struct Seat {
    /// None where it stands outside the dialect.
    program: Option<Program>,
    groups: Vec<Wanted>,
    names: Keys,
    input: Keys,
    /// Per criterion: which of the groups it reads.
    reads: Vec<Vec<bool>>,
}

#[derive(Debug)]
struct Wanted {
    name: String,
    /// Its place among all groups.
    index: Option<usize>,
    lowest: Trust,
}

/// What a control sees of one document.
pub(super) struct View<'a> {
    seat: &'a Seat,
    /// Each group that it may see, where it may be used as proof.
    groups: Vec<Option<Group<'a>>>,
    /// What is wrong with the others.
    pub findings: Vec<String>,
    input: Value<'a>,
}

/// What a seat says of a view.
pub(super) enum Answer {
    /// The standing, and while it holds with no new facts; none where that is not known. Last the steps that it took.
    Standing(Standing, Option<Window>, u64),
    /// It is for the interpreter to say.
    Ask,
}

impl Seat {
    pub fn new(checklist: &Checklist, control: &Control, program: Option<Program>, names: &[&str]) -> Self {
        let wanted = control.text.facts.iter().map(|(name, lowest)| Wanted {
            name: name.clone(),
            index: names.binary_search(&name.as_str()).ok(),
            lowest: *lowest,
        });
        let read = &checklist.reads(control).groups_of;
        let reads = control.text.criteria.iter().map(|(criterion, _)| {
            let of = read.get(criterion);
            control.text.facts.keys().map(|group| of.is_none_or(|groups| groups.contains(group))).collect()
        });
        Self {
            program,
            groups: wanted.collect(),
            names: Keys::new(control.text.facts.keys().map(String::as_str)),
            input: Keys::new(["envelope", "environment", "facts", "now_ms", "release"]),
            reads: reads.collect(),
        }
    }

    /// The part of a document that the control sees.
    pub fn view<'a>(&'a self, case: Case<'a>, known: &[Known<'a>], arena: &'a Bump) -> View<'a> {
        let mut findings = Vec::new();
        let mut groups = Vec::with_capacity(self.groups.len());
        for wanted in &self.groups {
            let known = wanted.index.and_then(|index| known.get(index));
            let before = findings.len();
            let faults = known.map_or(&[Fault::Missing][..], |known| known.faults.as_slice());
            let untrusted = known.and_then(|known| known.trust).filter(|trust| *trust < wanted.lowest).map(|_| &Fault::Untrusted);
            findings.extend(faults.iter().chain(untrusted).map(|fault| format!("facts:{}:{fault}", wanted.name)));
            groups.push(known.and_then(|known| known.group).filter(|_| findings.len() == before));
        }
        let record = |of: fn(&Group<'a>) -> Value<'a>| {
            let words = groups.iter().map(|group| group.as_ref().map_or(Value::Undefined, of));
            let words: Vec<Value<'a>> = std::iter::once(Value::Keys(&self.names)).chain(words).collect();
            Value::Object(Record::new(arena.alloc_slice_copy(&words)))
        };
        let input = [
            Value::Keys(&self.input),
            record(|group| group.envelope),
            Value::Text(case.environment),
            record(|group| group.value.unwrap_or(Value::Undefined)),
            Value::Int(case.now.ms),
            Value::Text(case.release),
        ];
        View { seat: self, groups, findings, input: Value::Object(Record::new(arena.alloc(input))) }
    }

    /// Asks the compiled policy, and concludes.
    pub fn judge<'a>(&'a self, text: &ControlText, (view, now): (&View<'a>, Instant), arena: &'a Bump, bounds: Bounds) -> Answer {
        let Some(program) = &self.program else { return Answer::Ask };
        let mut machine = Machine::new(program, view.input, arena, bounds);
        let (violations, met) = match machine.members(0).and_then(|violations| Ok((violations, machine.members(1)?))) {
            Ok(answers) => answers,
            Err(Halt::Ask) => return Answer::Ask,
            Err(Halt::Time | Halt::Memory) => return Answer::Standing(broken(view), None, machine.work()),
        };
        let slack = machine.slack();
        let window = slack.map(|(back, on)| Window { since: now.ms.saturating_add(back), until: now.ms.saturating_add(on) });
        let work = machine.work();
        self.conclude(text, view, &violations, &met).map_or(Answer::Ask, |standing| Answer::Standing(standing, window, work))
    }

    /// The standing from what the policy answered; none where it answered something that the interpreter is to explain.
    fn conclude(&self, text: &ControlText, view: &View<'_>, violations: &[Value<'_>], met: &[Value<'_>]) -> Option<Standing> {
        let mut proven = vec![false; text.criteria.len()];
        for criterion in met {
            let Value::Text(id) = criterion else { return None };
            let index = text.criteria.iter().position(|(known, _)| known == id)?;
            *proven.get_mut(index)? = true;
        }
        let mut denied = vec![false; text.criteria.len()];
        let mut ids = Vec::new();
        for violation in violations {
            let (index, id) = finding::read(text, *violation)?;
            *denied.get_mut(index)? = true;
            ids.push(id);
        }
        let mut states = Vec::with_capacity(text.criteria.len());
        for (index, (id, _)) in text.criteria.iter().enumerate() {
            let blind = view.is_blind(self.reads.get(index)?);
            let state = CriterionState::of(*proven.get(index)? && !blind, *denied.get(index)?);
            match state {
                CriterionState::Contradicted => ids.push("error".to_owned()),
                CriterionState::Open if !blind => ids.push(format!("unproven:{id}")),
                _ => {}
            }
            states.push(state);
        }
        ids.extend(view.findings.iter().cloned());
        Some(Standing::new(Verdict::conclude(&states, view.is_whole()), ids))
    }
}

impl<'a> View<'a> {
    /// The groups that may be used as proof.
    pub fn good(&self) -> impl Iterator<Item = (&str, &Group<'a>)> {
        self.seat.groups.iter().zip(&self.groups).filter_map(|(wanted, group)| Some((wanted.name.as_str(), group.as_ref()?)))
    }

    /// The groups that may not.
    pub fn bad(&self) -> impl Iterator<Item = &str> {
        self.seat.groups.iter().zip(&self.groups).filter(|(_, group)| group.is_none()).map(|(wanted, _)| wanted.name.as_str())
    }

    fn is_whole(&self) -> bool {
        self.groups.iter().all(Option::is_some)
    }

    /// Whether a criterion reads a group that may not be used.
    fn is_blind(&self, reads: &[bool]) -> bool {
        reads.iter().zip(&self.groups).any(|(reads, group)| *reads && group.is_none())
    }
}

/// A limit passed.
fn broken(view: &View<'_>) -> Standing {
    let mut ids = view.findings.clone();
    ids.push("error".to_owned());
    Standing::new(Verdict::ERROR, ids)
}
