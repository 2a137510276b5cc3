//! gate.rego is asked, and held to the invariant: it may close, never open.

use super::GateError;
use crate::checklist::{Checklist, GATE_RULES};
use crate::model::{Gate, Outcome, Row, Standing};
use crate::rego::Answer;
use serde_json::{Value, json};

/// What the gate policy is asked about, beside the controls.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The checklist.
    pub checklist: &'a Checklist,
    /// The planned environment.
    pub environment: &'a str,
    /// The planned release.
    pub release: &'a str,
    /// The evaluation's clock.
    pub now_ms: i64,
}

/// One control as the gate sees it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its verdict and findings.
    pub standing: &'a Standing,
    /// What it does to the gate.
    pub outcome: Outcome,
    /// A waiver with its remediation covers it.
    pub excepted: bool,
}

impl<'a> Entry<'a> {
    /// The entry of a row, with its standing.
    pub fn of(row: &'a Row, standing: &'a Standing) -> Self {
        Self {
            // A row that was judged for another control stands in no place.
            id: if row.judgement.control == row.text.id { &row.text.id } else { "" },
            standing,
            outcome: row.outcome,
            excepted: row.waiver.is_some() && row.remediation.is_some(),
        }
    }
}

/// What gate.rego closes the gate for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Closed {
    /// A control's id, or a code of its own.
    pub by: String,
    /// Words for people.
    pub message: String,
}

/// Asks the interpreter for the decision.
///
/// # Errors
/// See [`GateError`]; none of them is a decision.
pub fn ask(question: &Question<'_>, entries: &[Entry<'_>]) -> Result<(Gate, Vec<Closed>), GateError> {
    let checklist = question.checklist;
    let rules = GATE_RULES.map(|rule| format!("data.golive.gate.{rule}"));
    let rules = [rules[0].as_str(), rules[1].as_str()];
    let mut answers = checklist.engine.evaluate(&rules, &input(question, entries), checklist.limits)?.into_iter();
    let Some(Answer::Value(word)) = answers.next() else { return Err(GateError::Word("nothing".to_owned())) };
    let gate = gate(word.as_str()).ok_or_else(|| GateError::Word(word.to_string()))?;
    if gate == Gate::Go {
        invariant(checklist, entries).map_err(GateError::Invariant)?;
    }
    let closed = match answers.next() {
        Some(Answer::Value(Value::Array(items))) => items.iter().map(closed).collect(),
        _ => Vec::new(),
    };
    Ok((gate, closed))
}

/// What gate.rego is given, as `checklist::compiled` knows its form.
fn input(question: &Question<'_>, entries: &[Entry<'_>]) -> Value {
    let controls: Vec<Value> = entries
        .iter()
        .map(|e| json!({ "id": e.id, "verdict": e.standing.verdict, "outcome": e.outcome, "findings": e.standing.findings }))
        .collect();
    json!({
        "environment": question.environment,
        "release": question.release,
        "now_ms": question.now_ms,
        "required": question.checklist.controls.len(),
        "controls": controls,
    })
}

/// The gate of a word.
pub(super) fn gate(word: Option<&str>) -> Option<Gate> {
    [Gate::Go, Gate::NoGo].into_iter().find(|gate| Some(gate.word()) == word)
}

fn closed(item: &Value) -> Closed {
    let word = |key: &str| item[key].as_str().unwrap_or("gate").to_owned();
    Closed { by: word("by"), message: word("message") }
}

/// GO only where each control of the checklist passes, or is waived with a remediation.
pub(super) fn invariant(checklist: &Checklist, entries: &[Entry<'_>]) -> Result<(), String> {
    if entries.is_empty() || entries.len() != checklist.controls.len() {
        return Err(format!("{} of {} controls were judged", entries.len(), checklist.controls.len()));
    }
    for (entry, control) in entries.iter().zip(&checklist.controls) {
        let id = &control.text.id;
        if entry.id != *id {
            return Err(format!("`{id}` was not judged in its place"));
        }
        let waived = entry.outcome == Outcome::Waived && entry.excepted;
        let passed = entry.outcome == Outcome::Pass && entry.standing.verdict.is_pass();
        if !passed && !waived {
            return Err(format!("`{id}` is {} and its outcome {}", entry.standing.verdict, entry.outcome.word()));
        }
    }
    Ok(())
}
