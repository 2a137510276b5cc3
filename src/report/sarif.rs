//! The decision as SARIF 2.1.0: one result for each finding of a control that is not `pass`, and for each rule of the gate that blocks.

use super::sarif_log::{log, place};
use super::{Format, Look, encode, words};
use crate::model::{Dossier, Finding, Gate, Row, Waiver};
use serde_json::{Value, json};

/// The rule under which blocking rules of the gate are told.
const GATE: &str = "gate";

/// For code scanning, and whatever else reads SARIF.
pub struct Sarif;

impl Format for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn about(&self) -> &'static str {
        "SARIF 2.1.0: a result for each finding, suppressed where it is waived"
    }

    fn wants_annex(&self) -> bool {
        true
    }

    fn render(&self, dossier: &Dossier<'_>, _look: &Look) -> String {
        let decision = dossier.decision;
        let gate = json!({
            "id": GATE,
            "name": "GoLiveGate",
            "shortDescription": { "text": "Go-live is allowed" },
            "fullDescription": { "text": "Every check is PASS or formally waived, and no rule of the gate closes it." },
            "help": { "text": "Mend what blocks, or have it formally waived." },
        });
        let rules: Vec<Value> = decision.rows.iter().map(rule).chain([gate]).collect();
        let mut results: Vec<Value> = Vec::new();
        for (index, row) in decision.rows.iter().enumerate().filter(|(_, row)| !row.judgement.verdict.is_pass()) {
            results.extend(row.judgement.findings.iter().map(|finding| result(dossier, (index, row), finding)));
        }
        results.extend(closing(dossier));
        log(&rules, &results, run(dossier))
    }
}

/// A control as a rule.
fn rule(row: &Row) -> Value {
    let text = &row.text;
    let help = format!("PASS: {}\nFAIL: {}\nRemediation: {}", text.pass, text.fail, text.remediation);
    json!({
        "id": text.id,
        "shortDescription": { "text": encode::sarif(&text.title) },
        "fullDescription": { "text": encode::sarif(&text.pass) },
        "help": { "text": help.lines().map(encode::sarif).collect::<Vec<_>>().join("\n") },
        "defaultConfiguration": { "level": "error" },
        "properties": { "area": text.area },
    })
}

/// What the run is about, and that it went through: no result is an answer, too.
fn run(dossier: &Dossier<'_>) -> Value {
    let decision = dossier.decision;
    let artifact = |(name, digest): &(String, String)| {
        let hash = digest.strip_prefix("sha256:").unwrap_or(digest);
        json!({ "location": { "uri": encode::uri(name) }, "roles": ["analysisTarget"], "hashes": { "sha-256": hash } })
    };
    json!({
        "automationDetails": { "id": format!("golive/{}/", encode::fragment(&decision.environment)) },
        "artifacts": decision.facts.iter().map(artifact).collect::<Vec<_>>(),
        "invocations": [{
            "executionSuccessful": true,
            "exitCode": i32::from(decision.gate == Gate::NoGo),
            "properties": { "evaluatedAt": decision.evaluated_at.to_string(), "clock": words::clock(decision) },
        }],
        "properties": {
            "environment": decision.environment,
            "release": decision.release,
            "gate": decision.gate.word(),
            "headline": words::headline(decision),
            "checklist": decision.checklist.id,
            "checklistVersion": decision.checklist.version,
            "checklistOrigin": decision.checklist.origin,
            "controls": decision.checklist.controls,
            "digest": decision.checklist.digest,
            "parameters": words::parameters(decision).map(|(name, value)| format!("{name} is {value}")).collect::<Vec<_>>(),
        },
    })
}

fn result(dossier: &Dossier<'_>, (index, row): (usize, &Row), finding: &Finding) -> Value {
    let message = format!("{}: {} ({})", finding.id, finding.message, words::mark(row.judgement.verdict));
    let waiver = row.waiver.as_ref().filter(|waiver| waiver.findings.contains(&finding.id));
    let mut result = json!({
        "ruleId": row.text.id,
        "ruleIndex": index,
        "kind": "fail",
        "level": "error",
        "message": { "text": encode::sarif(&message) },
        "locations": locations(dossier, &finding.pointers),
        "partialFingerprints": { "golive/v1": format!("{}/{}", row.text.id, finding.id) },
        "properties": {
            "finding": finding.id,
            "verdict": row.judgement.verdict.word(),
            "outcome": row.outcome.word(),
            "criterion": finding.criterion,
        },
    });
    if let (Some(result), Some(waiver)) = (result.as_object_mut(), waiver) {
        result.insert("suppressions".to_owned(), json!([suppression(waiver)]));
    }
    result
}

fn suppression(waiver: &Waiver) -> Value {
    let words = format!("{} until {}, approved by {}: {}", waiver.id, waiver.ends_at(), waiver.approved_by, waiver.reason);
    json!({ "kind": "external", "status": "accepted", "justification": encode::sarif(&words) })
}

/// One place for each pointer; the facts as a whole where there is none.
fn locations(dossier: &Dossier<'_>, pointers: &[String]) -> Vec<Value> {
    let first = dossier.decision.facts.first().map_or("facts", |(name, _)| name.as_str());
    if pointers.is_empty() {
        return vec![json!({ "physicalLocation": place(first, None) })];
    }
    let spot = |pointer: &String| dossier.annex.and_then(|annex| annex.spots.get(pointer));
    let location = |pointer: &String| {
        let place = spot(pointer).map_or_else(|| place(first, None), |spot| place(&spot.document, Some((spot.start, spot.end))));
        json!({ "physicalLocation": place, "logicalLocations": [{ "fullyQualifiedName": pointer, "kind": "object" }] })
    };
    pointers.iter().map(location).collect()
}

/// What closes the gate beside controls that do not pass.
fn closing(dossier: &Dossier<'_>) -> Vec<Value> {
    words::closing(dossier.decision)
        .into_iter()
        .map(|(by, reason)| {
            json!({
                "ruleId": GATE,
                "ruleIndex": dossier.decision.rows.len(),
                "kind": "fail",
                "level": "error",
                "message": { "text": encode::sarif(&format!("{by}: {reason}")) },
                "locations": locations(dossier, &[]),
                "partialFingerprints": { "golive/v1": format!("{GATE}/{by}") },
                "properties": { "finding": by, "verdict": "fail", "outcome": "blocking", "criterion": null },
            })
        })
        .collect()
}
