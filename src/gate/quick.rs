//! The same with the compiled gate policy; where that is not sure, the interpreter is asked.

use super::GateError;
use super::ask::{Closed, Entry, Question, ask, gate, invariant};
use crate::model::{Gate, Window};
use crate::rego::compiled::{Bounds, Machine, Program};
use crate::tree::{Keys, Record, Value};
use bumpalo::Bump;

/// The compiled gate policy, and the keys of what it is given.
#[derive(Debug)]
pub struct QuickGate {
    program: Program,
    input: Keys,
    row: Keys,
    bounds: Bounds,
}

impl QuickGate {
    /// Takes a compiled gate policy.
    pub fn new(program: Program, bounds: Bounds) -> Self {
        let input = Keys::new(["controls", "environment", "now_ms", "release", "required"]);
        let row = Keys::new(["findings", "id", "outcome", "verdict"]);
        Self { program, input, row, bounds }
    }

    /// Asks for the decision; `window` is what is left of the times at which it stays so.
    ///
    /// # Errors
    /// See [`GateError`]; none of them is a decision.
    pub fn ask(
        &self,
        question: &Question<'_>,
        entries: &[Entry<'_>],
        window: &mut Option<Window>,
        arena: &Bump,
    ) -> Result<(Gate, Vec<Closed>), GateError> {
        let Some((gate, closed)) = self.answer(question, entries, window, arena) else {
            *window = None;
            return ask(question, entries);
        };
        if gate == Gate::Go {
            invariant(question.checklist, entries).map_err(GateError::Invariant)?;
        }
        Ok((gate, closed))
    }

    /// None where the interpreter is to be asked; `window` becomes none where it is not known until when the answer holds.
    fn answer<'a>(
        &'a self,
        question: &Question<'a>,
        entries: &[Entry<'a>],
        window: &mut Option<Window>,
        arena: &'a Bump,
    ) -> Option<(Gate, Vec<Closed>)> {
        let input = self.tree(question, entries, arena)?;
        let mut machine = Machine::new(&self.program, input, arena, self.bounds);
        let Value::Text(word) = machine.value(0).ok()? else { return None };
        let gate = gate(Some(word))?;
        // In the interpreter's order of a set of objects: by `by`, then by `message`.
        let mut closed: Vec<Closed> = machine.members(1).ok()?.into_iter().map(closed).collect::<Option<_>>()?;
        closed.sort();
        closed.dedup();
        let own = machine
            .slack()
            .map(|(back, on)| Window { since: question.now_ms.saturating_add(back), until: question.now_ms.saturating_add(on) });
        *window = window.zip(own).map(|(mut all, own)| {
            all.meet(own);
            all
        });
        Some((gate, closed))
    }

    fn tree<'a>(&'a self, question: &Question<'a>, entries: &[Entry<'a>], arena: &'a Bump) -> Option<Value<'a>> {
        let row = |entry: &Entry<'a>| {
            let findings = arena.alloc_slice_fill_iter(entry.standing.findings.iter().map(|id| Value::Text(id)));
            let words = [
                Value::Keys(&self.row),
                Value::List(findings),
                Value::Text(entry.id),
                Value::Text(entry.outcome.word()),
                Value::Text(entry.standing.verdict.word()),
            ];
            Value::Object(Record::new(arena.alloc(words)))
        };
        let words = [
            Value::Keys(&self.input),
            Value::List(arena.alloc_slice_fill_iter(entries.iter().map(row))),
            Value::Text(question.environment),
            Value::Int(question.now_ms),
            Value::Text(question.release),
            Value::Int(i64::try_from(question.checklist.controls.len()).ok()?),
        ];
        Some(Value::Object(Record::new(arena.alloc(words))))
    }
}

fn closed(value: Value<'_>) -> Option<Closed> {
    let Value::Object(record) = value else { return None };
    let (Value::Text(by), Value::Text(message)) = (record.get("by"), record.get("message")) else { return None };
    Some(Closed { by: by.to_owned(), message: message.to_owned() })
}
