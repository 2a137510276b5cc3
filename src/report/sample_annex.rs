//! What stands behind the sample decisions.

use super::sample::at;
use crate::model::dossier::{ControlAnnex, GroupAnnex, InputDigest, RecordMark, Spot};
use crate::model::forecast::{ControlTurn, Turn};
use crate::model::{Annex, Decision, Finding, Forecast, Gate, Outcome, Row, Verdict};
use serde_json::json;

/// An annex in which every part holds something; `text` stands in every place that is not the program's own.
pub fn annex(decision: &Decision, text: &str) -> Annex {
    let pointers = decision.rows.iter().flat_map(|row| &row.judgement.findings).flat_map(|finding| &finding.pointers);
    let spot = |line: usize| Spot { document: format!("prod.facts.json{text}"), start: (line, 3), end: (line, 9) };
    Annex {
        controls: decision.rows.iter().map(|row| control(row, text)).collect(),
        spots: (1..).zip(pointers).map(|(line, pointer)| (pointer.clone(), spot(line))).collect(),
        digests: vec![
            InputDigest { kind: "facts", name: format!("prod.facts.json{text}"), sha256: format!("sha256:{}", "f".repeat(64)) },
            InputDigest { kind: "policy", name: "policies/gate.rego".to_owned(), sha256: format!("sha256:{}", "0".repeat(64)) },
        ],
        forecast: Some(forecast(decision, text)),
        record: Some(RecordMark { seq: 7, digest: format!("sha256:{}", "d".repeat(64)), keys: vec![format!("sha256:{}", "e".repeat(64))] }),
        command: format!("golive report record -o html{text}"),
    }
}

fn control(row: &Row, text: &str) -> ControlAnnex {
    let group = |name: &String| GroupAnnex {
        group: name.clone(),
        value: Some(json!({ "artifacts": [{ "id": format!("b-1{text}"), "files": 3 }] })),
        collected_at: Some(at(23, 14)),
        age: Some(3_600_000),
        max_age: Some(86_400_000),
    };
    let criteria = row.judgement.criteria.iter();
    ControlAnnex {
        criteria: criteria.map(|c| (c.id.clone(), format!("met contains \"{}\" if {{\n\tinput.facts.x == 1 # {text}\n}}", c.id))).collect(),
        violations: vec![("window-missed".to_owned(), format!("violations contains \"window-missed\" # {text}"))],
        shared: format!("is_new(x) if x > 1 # {text}"),
        policy: format!("policies/controls/{}.rego", row.text.id),
        groups: row.origins.iter().map(|origin| group(&origin.group)).collect(),
        parameters: vec![("max_age.backups".to_owned(), json!(format!("PT24H{text}")))],
    }
}

fn forecast(decision: &Decision, text: &str) -> Forecast {
    let row = &decision.rows[0];
    let finding = Finding {
        id: format!("facts:install:stale{text}"),
        criterion: None,
        message: format!("too old {text}"),
        pointers: vec!["/facts/install".to_owned()],
    };
    let turn = |day, hour, gate| Turn {
        at: at(day, hour),
        gate,
        controls: vec![ControlTurn {
            control: row.text.id.clone(),
            before: (row.judgement.verdict, Outcome::Pass),
            after: (Verdict::UNKNOWN, Outcome::Blocking),
            gained: vec![finding.clone()],
            lost: vec![format!("window-missed{text}")],
        }],
        waivers: vec![(format!("W-7{text}"), "active", "expired")],
        overdue: vec![row.text.id.clone()],
    };
    let other = if decision.gate == Gate::Go { Gate::NoGo } else { Gate::Go };
    Forecast {
        from: decision.evaluated_at,
        until: at(30, 15),
        gate: decision.gate,
        turns: vec![turn(24, 15, decision.gate), turn(24, 16, decision.gate), turn(26, 3, other), turn(29, 0, decision.gate)],
        unproven: vec![("slos.active".to_owned(), format!("the policy multiplies the clock {text}"))],
    }
}
