//! The gate.

use super::ask::{Closed, Entry, Question, ask};
use crate::checklist::Checklist;
use crate::model::{Blocking, Gate, Outcome, Row, Standing};
use crate::rego::EngineError;

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
    let standings: Vec<Standing> = rows.iter().map(|row| Standing::of(&row.judgement)).collect();
    let entries: Vec<Entry<'_>> = rows.iter().zip(&standings).map(|(row, standing)| Entry::of(row, standing)).collect();
    let (gate, closed) = ask(&Question { checklist, environment, release, now_ms }, &entries)?;
    Ok((gate, blocking(gate, rows, closed)))
}

/// What blocks: each blocking row in order, then what gate.rego closes for reasons of its own.
fn blocking(gate: Gate, rows: &[Row], closed: Vec<Closed>) -> Vec<Blocking> {
    if gate == Gate::Go {
        return Vec::new();
    }
    let of_row = |row: &Row| {
        let ids: Vec<&str> = row.judgement.findings.iter().map(|f| f.id.as_str()).collect();
        Blocking { by: row.text.id.clone(), message: format!("{}: {}", row.judgement.verdict, ids.join(", ")) }
    };
    let mut out: Vec<Blocking> = rows.iter().filter(|r| r.outcome == Outcome::Blocking).map(of_row).collect();
    let others = closed.into_iter().filter(|c| !rows.iter().any(|r| r.text.id == c.by));
    out.extend(others.map(|c| Blocking { by: c.by, message: c.message }));
    if out.is_empty() {
        out.push(Blocking { by: "gate".to_owned(), message: "the gate policy closed it without a reason".to_owned() });
    }
    out
}
