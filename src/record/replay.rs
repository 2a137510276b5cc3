//! A record run again, from its kept bytes, and compared byte for byte.

use super::restore::{Kept, Restored, restore, restore_under};
use super::statement;
use crate::checklist::Files;
use crate::gate::{At, conclude};
use crate::model::record::ClockMark;
use crate::model::{Decision, Record};
use crate::rego::ENGINE;
use crate::report::{encode, twin};
use crate::text::{Problem, sha256, visible};
use serde_json::Value;

/// What came out of a record that was run again.
pub struct Replay {
    /// The decision, made anew.
    pub decision: Decision,
    /// What was judged, and what judged it.
    pub restored: Restored,
    /// How it compares.
    pub outcome: Likeness,
}

/// How a decision that was made again compares with the one in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Likeness {
    /// The same bytes.
    Identical,
    /// Other words, and the same verdicts, findings and gate: another version decided then.
    Equal,
    /// Something else was decided: where, then what was, then what is.
    Different(Vec<Difference>),
}

/// One place in which two decisions differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs, such as `auth.enforced: verdict`.
    pub place: String,
    /// What the record says.
    pub recorded: String,
    /// What came out now.
    pub replayed: String,
}

/// Runs a record again; `payload` are its bytes.
///
/// # Errors
/// Inputs that are missing, changed or refused; or the gate policy broke.
pub fn replay(record: &Record, payload: &[u8], kept: Kept<'_>) -> Result<Replay, Vec<Problem>> {
    let restored = restore(record, kept)?;
    let decision = decide(record, &restored)?;
    let again = statement::write(&with(record, twin(&decision)));
    let outcome = match compare(record, &decision) {
        _ if again.as_bytes() == payload => Likeness::Identical,
        // The same program says the same words: only another version may choose others.
        Likeness::Equal if own(record) => {
            let digest = |bytes: &[u8]| format!("sha256:{}", sha256(bytes));
            let words = Difference { place: "words".to_owned(), recorded: digest(payload), replayed: digest(again.as_bytes()) };
            Likeness::Different(vec![words])
        }
        other => other,
    };
    Ok(Replay { decision, restored, outcome })
}

/// Runs a record again under another checklist; what comes out is no gate.
///
/// # Errors
/// See [`replay`].
pub fn replay_under(record: &Record, kept: Kept<'_>, files: Files) -> Result<Replay, Vec<Problem>> {
    let restored = restore_under(record, kept, files)?;
    let decision = decide(record, &restored)?;
    let outcome = compare(record, &decision);
    Ok(Replay { decision, restored, outcome })
}

/// Whether a record names this version of the program and of its engine.
fn own(record: &Record) -> bool {
    record.tool.version == env!("CARGO_PKG_VERSION") && (record.engine.name.as_str(), record.engine.version.as_str()) == ENGINE
}

fn decide(record: &Record, restored: &Restored) -> Result<Decision, Vec<Problem>> {
    let at = At { now: record.evaluated_at, given: record.clock == ClockMark::Given, recorded: record.recorded };
    let concluded = conclude(&restored.checklist, &restored.facts, &restored.exceptions, at);
    concluded.decision.map_err(|error| vec![Problem::new("golive::gate", visible(&error.to_string()))])
}

/// The record with another decision in it.
fn with<D>(record: &Record, decision: D) -> Record<D> {
    let Record {
        format, seq, prev, environment, release, evaluated_at, clock, recorded, gate, holds, tool, engine, limits, inputs, ..
    } = record.clone();
    Record { format, seq, prev, environment, release, evaluated_at, clock, recorded, gate, holds, tool, engine, limits, inputs, decision }
}

/// Compares what was decided: the gate, and of each control verdict, outcome and findings.
fn compare(record: &Record, decision: &Decision) -> Likeness {
    let now: Value = serde_json::from_str(&encode::document(&twin(decision))).unwrap_or_default();
    let found = differences(&record.decision, &now);
    if found.is_empty() { Likeness::Equal } else { Likeness::Different(found) }
}

/// Where two decisions (`golive.decision/1`) differ: the gate, and of each control verdict, outcome, findings and waiver.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut out = Vec::new();
    let mut hold = |place: String, a: String, b: String| {
        if a != b {
            out.push(Difference { place, recorded: a, replayed: b });
        }
    };
    let text = |value: &Value| value.as_str().unwrap_or("(absent)").to_owned();
    hold("gate".to_owned(), text(&before["gate"]), text(&after["gate"]));
    let of = |decision: &Value, id: &str| -> Value {
        decision["controls"].as_array().into_iter().flatten().find(|c| c["id"] == id).cloned().unwrap_or_default()
    };
    let mut ids: Vec<&str> = controls(before);
    ids.extend(controls(after).into_iter().filter(|id| !controls(before).contains(id)));
    for id in ids {
        let (a, b) = (of(before, id), of(after, id));
        for key in ["verdict", "outcome"] {
            hold(format!("{id}: {key}"), text(&a[key]), text(&b[key]));
        }
        hold(format!("{id}: findings"), findings(&a), findings(&b));
        hold(format!("{id}: waiver"), text(&a["waiver"]["id"]), text(&b["waiver"]["id"]));
    }
    out
}

fn controls(decision: &Value) -> Vec<&str> {
    decision["controls"].as_array().into_iter().flatten().filter_map(|c| c["id"].as_str()).collect()
}

fn findings(control: &Value) -> String {
    let ids: Vec<&str> = control["findings"].as_array().into_iter().flatten().filter_map(|f| f["id"].as_str()).collect();
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}
