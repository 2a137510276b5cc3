//! The decision as a table for spreadsheets: one row for each finding, one for each control that has none, one for each rule of the gate
//! that blocks.

use super::{Format, Look, words};
use crate::model::{Decision, Dossier, Finding, Row};
use crate::text::spreadsheet;

/// The names of the columns.
const COLUMNS: [&str; 26] = [
    "environment",
    "release",
    "evaluated_at",
    "clock",
    "checklist",
    "digest",
    "facts",
    "parameters",
    "gate",
    "number",
    "control",
    "area",
    "check",
    "mark",
    "verdict",
    "outcome",
    "finding",
    "criterion",
    "message",
    "pointers",
    "waiver",
    "waived_until",
    "owner",
    "action",
    "target_date",
    "evidence",
];

/// For spreadsheets.
pub struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "a table for spreadsheets: a row for each finding and each control that passes"
    }

    fn render(&self, dossier: &Dossier<'_>, _look: &Look) -> String {
        let decision = dossier.decision;
        let mut out = ::csv::WriterBuilder::new().terminator(::csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        let mut rows = vec![COLUMNS.map(str::to_owned)];
        for (number, row) in (1..).zip(&decision.rows) {
            let findings: Vec<Option<&Finding>> = row.judgement.findings.iter().map(Some).collect();
            let findings = if findings.is_empty() { vec![None] } else { findings };
            rows.extend(findings.into_iter().map(|finding| control(decision, (number, row), finding)));
        }
        rows.extend(words::closing(decision).into_iter().map(|(by, reason)| closing(decision, by, reason)));
        for row in rows {
            // Bytes in memory take every record of the first one's length.
            let written = out.write_record(row.iter().map(|cell| spreadsheet(cell)));
            debug_assert!(written.is_ok());
        }
        out.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

/// What every row begins with.
fn scope(decision: &Decision) -> [String; 9] {
    [
        decision.environment.clone(),
        decision.release.clone(),
        decision.evaluated_at.to_string(),
        words::clock(decision).to_owned(),
        decision.checklist.id.clone(),
        decision.checklist.digest.clone(),
        decision.facts.iter().map(|(name, digest)| format!("{name} {digest}")).collect::<Vec<_>>().join("; "),
        words::parameters(decision).map(|(name, value)| format!("{name} is {value}")).collect::<Vec<_>>().join("; "),
        decision.gate.word().to_owned(),
    ]
}

fn control(decision: &Decision, (number, row): (usize, &Row), finding: Option<&Finding>) -> [String; 26] {
    let [environment, release, at, clock, checklist, digest, facts, parameters, gate] = scope(decision);
    let text = |of: fn(&Finding) -> String| finding.map(of).unwrap_or_default();
    let waiver = row.waiver.as_ref();
    let remediation = row.remediation.as_ref();
    let evidence = row.origins.iter().flat_map(|origin| &origin.evidence).map(|evidence| evidence.uri.as_str());
    [
        environment,
        release,
        at,
        clock,
        checklist,
        digest,
        facts,
        parameters,
        gate,
        number.to_string(),
        row.text.id.clone(),
        row.text.area.clone(),
        row.text.title.clone(),
        row.judgement.verdict.mark().to_owned(),
        row.judgement.verdict.word().to_owned(),
        row.outcome.word().to_owned(),
        text(|finding| finding.id.clone()),
        text(|finding| finding.criterion.clone().unwrap_or_default()),
        text(|finding| finding.message.clone()),
        text(|finding| finding.pointers.join(" ")),
        waiver.map(|waiver| waiver.id.clone()).unwrap_or_default(),
        waiver.map(|waiver| waiver.ends_at().to_string()).unwrap_or_default(),
        remediation.map(|remediation| remediation.owner.clone()).unwrap_or_default(),
        remediation.map(|remediation| remediation.action.clone()).unwrap_or_default(),
        remediation.map(|remediation| words::target(decision, remediation)).unwrap_or_default(),
        evidence.collect::<Vec<_>>().join(" "),
    ]
}

/// A rule of the gate that blocks.
fn closing(decision: &Decision, by: &str, reason: &str) -> [String; 26] {
    let [environment, release, at, clock, checklist, digest, facts, parameters, gate] = scope(decision);
    let mut row: [String; 26] = std::array::from_fn(|_| String::new());
    row[..9].clone_from_slice(&[environment, release, at, clock, checklist, digest, facts, parameters, gate]);
    for (column, text) in [("area", "gate"), ("outcome", "blocking"), ("finding", by), ("message", reason)] {
        if let Some(index) = COLUMNS.iter().position(|name| *name == column) {
            text.clone_into(&mut row[index]);
        }
    }
    row
}
