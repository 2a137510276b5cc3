//! The gate.

use crate::checklist::Checklist;
use crate::model::{Blocking, Gate, Outcome, Row};
use crate::rego::{Answer, EngineError};
use serde_json::{Value, json};

/// No decision could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// gate.rego broke.
    #[error("the gate policy broke: {0}")]
    Engine(#[from] EngineError),
    /// gate.rego gave neither GO nor `NO_GO`.
    #[error("the gate policy gave {0}, which is neither \"GO\" nor \"NO_GO\"")]
    Word(String),
    /// gate.rego said GO against the invariant.
    #[error("the gate policy says GO, yet {0}: no decision")]
    Invariant(String),
}

/// Decides on rows that have their outcomes.
///
/// # Errors
/// See [`GateError`]; none of them is a decision.
pub fn decide(
    checklist: &Checklist,
    environment: &str,
    release: &str,
    now_ms: i64,
    rows: &[Row],
) -> Result<(Gate, Vec<Blocking>), GateError> {
    let controls: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.text.id,
                "verdict": row.judgement.verdict,
                "outcome": row.outcome,
                "findings": row.judgement.findings.iter().map(|f| &f.id).collect::<Vec<_>>(),
            })
        })
        .collect();
    let input = json!({
        "environment": environment,
        "release": release,
        "now_ms": now_ms,
        "required": checklist.controls.len(),
        "controls": controls,
    });
    let answers = checklist.engine.evaluate(&["data.golive.gate.decision", "data.golive.gate.closed"], &input, checklist.limits)?;
    let gate = match answers.first() {
        Some(Answer::Value(Value::String(word))) if word == Gate::Go.word() => Gate::Go,
        Some(Answer::Value(Value::String(word))) if word == Gate::NoGo.word() => Gate::NoGo,
        Some(Answer::Value(other)) => return Err(GateError::Word(other.to_string())),
        _ => return Err(GateError::Word("nothing".to_owned())),
    };
    if gate == Gate::Go {
        invariant(checklist, rows).map_err(GateError::Invariant)?;
    }
    Ok((gate, blocking(gate, rows, answers.get(1))))
}

/// GO only where each control of the checklist passes, or is waived with a remediation.
fn invariant(checklist: &Checklist, rows: &[Row]) -> Result<(), String> {
    if rows.is_empty() || rows.len() != checklist.controls.len() {
        return Err(format!("{} of {} controls were judged", rows.len(), checklist.controls.len()));
    }
    for (row, control) in rows.iter().zip(&checklist.controls) {
        let id = &control.text.id;
        if row.text.id != *id || row.judgement.control != *id {
            return Err(format!("`{id}` was not judged in its place"));
        }
        let waived = row.outcome == Outcome::Waived && row.waiver.is_some() && row.remediation.is_some();
        let passed = row.outcome == Outcome::Pass && row.judgement.verdict.is_pass();
        if !passed && !waived {
            return Err(format!("`{id}` is {} and its outcome {}", row.judgement.verdict, row.outcome.word()));
        }
    }
    Ok(())
}

/// What blocks: each blocking row in order, then what gate.rego closes for reasons of its own.
fn blocking(gate: Gate, rows: &[Row], closed: Option<&Answer>) -> Vec<Blocking> {
    if gate == Gate::Go {
        return Vec::new();
    }
    let of_row = |row: &Row| {
        let ids: Vec<&str> = row.judgement.findings.iter().map(|f| f.id.as_str()).collect();
        Blocking { by: row.text.id.clone(), message: format!("{}: {}", row.judgement.verdict, ids.join(", ")) }
    };
    let mut out: Vec<Blocking> = rows.iter().filter(|r| r.outcome == Outcome::Blocking).map(of_row).collect();
    if let Some(Answer::Value(Value::Array(items))) = closed {
        for item in items {
            let word = |key: &str| item[key].as_str().unwrap_or("gate").to_owned();
            if !rows.iter().any(|r| r.text.id == word("by")) {
                out.push(Blocking { by: word("by"), message: word("message") });
            }
        }
    }
    if out.is_empty() {
        out.push(Blocking { by: "gate".to_owned(), message: "the gate policy closed it without a reason".to_owned() });
    }
    out
}
