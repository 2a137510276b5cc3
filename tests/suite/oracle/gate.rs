//! The gate policy on rows of all kinds.

use super::compiled::{BOUNDS, compiled, plain};
use super::opa::Opa;
use super::{Pair, SEED, bridge};
use crate::court::Court;
use crate::fleet::random::Random;
use crate::project;
use golive::rego::compiled::Machine;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DOCUMENTS: usize = 1000;
const RULES: [&str; 2] = ["golive.gate.decision", "golive.gate.closed"];

#[test]
fn the_compiled_gate_decides_as_the_interpreter_does() {
    let court = Court::of_fixtures();
    let compiled = compiled(&court.checklist);
    let program = compiled.gate.as_ref().expect("it is compiled");
    let pair = Pair { engine: &court.checklist.engine, opa: None };
    let mut decisions = BTreeMap::new();
    let mut differences = Vec::new();
    for input in inputs(&court) {
        let answers = pair.compare(&RULES.map(str::to_owned), &input).answers;
        let arena = bumpalo::Bump::new();
        let mut machine = Machine::new(program, plain(&input), &arena, BOUNDS);
        let quick: Vec<Result<Option<Value>, String>> = (0..RULES.len())
            .map(|entry| match machine.value(entry) {
                Ok(golive::tree::Value::Undefined) => Ok(None),
                Ok(value) => Ok(value.to_json()),
                Err(halt) => Err(format!("{halt:?}")),
            })
            .collect();
        if answers != quick {
            differences.push(format!("{input}\n    interpreter {answers:?}\n    compiled    {quick:?}"));
        }
        *decisions.entry(format!("{:?}", answers[0])).or_insert(0) += 1;
    }
    project::tell(&format!("compiled gate: {DOCUMENTS} documents, {decisions:?}, {} differences", differences.len()));
    assert!(decisions.len() > 1, "both decisions are wanted: {decisions:?}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn the_gate_decides_as_opa_does() {
    let Some(bridge) = bridge() else { return };
    let court = Court::of_fixtures();
    let opa = Opa::new(bridge);
    opa.policy("gate.rego", &project::text(&project::root().join("policies/gate.rego")));
    opa.parameters(&court.checklist.parameters.value);
    let pair = Pair { engine: &court.checklist.engine, opa: Some(opa) };
    let rules = RULES.map(str::to_owned);
    let differences: Vec<String> = inputs(&court)
        .iter()
        .flat_map(|input| pair.compare(&rules, input).disagreements.into_iter().map(move |d| format!("{input}\n    {d}")))
        .collect();
    project::tell(&format!("gate: {DOCUMENTS} documents, {} differences", differences.len()));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn inputs(court: &Court) -> Vec<Value> {
    let ids: Vec<&str> = court.checklist.controls.iter().map(|c| c.text.id.as_str()).collect();
    let mut random = Random::new(SEED, "gate");
    (0..DOCUMENTS).map(|_| input(&ids, &mut random)).collect()
}

/// Rows of a checklist, some of them missing, twice, or with a word that no host writes.
fn input(ids: &[&str], random: &mut Random) -> Value {
    let calm = random.once_in(2);
    let mut rows: Vec<Value> = ids.iter().map(|id| row(id, calm, random)).collect();
    if random.once_in(4) {
        rows.remove(random.below(rows.len()));
    }
    if random.once_in(8) {
        rows.push(rows[random.below(rows.len())].clone());
    }
    if random.once_in(20) {
        rows.clear();
    }
    let required = *random.pick(&[ids.len(), ids.len(), ids.len(), 0, 1, ids.len() - 1]);
    json!({ "environment": "prod", "release": "0.1.1", "now_ms": 1_795_446_000_000_i64, "required": required, "controls": rows })
}

fn row(id: &str, calm: bool, random: &mut Random) -> Value {
    let outcomes: &[&str] = if calm { &["pass", "pass", "waived"] } else { &["pass", "waived", "blocking", "", "PASS"] };
    let outcome = *random.pick(outcomes);
    let verdict = *random.pick(&["pass", "fail", "unknown", "error"]);
    json!({ "id": id, "verdict": verdict, "outcome": outcome, "findings": if random.once_in(2) { json!([]) } else { json!(["x"]) } })
}
