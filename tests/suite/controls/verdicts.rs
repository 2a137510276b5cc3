//! The verdict and the findings of every case of every control.

use crate::cases::{Case, cases};
use crate::court::Court;
use crate::differences::Differences;
use serde_json::{Value, json};

#[test]
fn every_case_has_its_verdict_and_findings() {
    let court = Court::of_fixtures();
    let mut differences = Differences::default();
    for case in cases("controls") {
        let mut got = verdict(&court, &case).unwrap_or_else(|words| json!({ "refused": words }));
        let mut want = case.expected(&["verdict", "findings", "at"]);
        // Where findings point is said of some only.
        let said: Vec<String> = want["at"].as_object().into_iter().flatten().map(|(id, _)| id.clone()).collect();
        if let Some(findings) = want["findings"].as_array_mut() {
            findings.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        }
        if let Some(at) = got["at"].as_object_mut() {
            at.retain(|id, _| said.contains(id));
        }
        if said.is_empty()
            && let Some(got) = got.as_object_mut()
        {
            got.remove("at");
        }
        differences.equal(&case.name, &want, &got);
    }
    differences.end("verdicts of controls");
}

fn verdict(court: &Court, case: &Case) -> Result<Value, String> {
    let id = control_of(case);
    let control = court.checklist.control(&id).ok_or(format!("there is no control {id}"))?;
    let facts = court.facts(&case.facts()).map_err(|p| p.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let judgement = court.judge(control, &facts);
    let findings: Vec<&str> = judgement.findings.iter().map(|f| f.id.as_str()).collect();
    let at: serde_json::Map<String, Value> = judgement.findings.iter().map(|f| (f.id.clone(), json!(f.pointers))).collect();
    Ok(json!({ "verdict": judgement.verdict, "findings": findings, "at": at }))
}

/// `backups/scheduled/pass` is a case of `backups.scheduled`.
pub fn control_of(case: &Case) -> String {
    case.name.split('/').take(2).collect::<Vec<_>>().join(".")
}
