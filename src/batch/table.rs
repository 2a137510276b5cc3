//! Verdict lines as a table: one row for each document and control.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead};

/// The columns that hold one text each, in their order; `findings` stands behind them.
pub const COLUMNS: [&str; 13] = [
    "source",
    "sha256",
    "environment",
    "release",
    "evaluated_at",
    "checklist",
    "decision",
    "control",
    "verdict",
    "outcome",
    "problem_kind",
    "problem_code",
    "problem_message",
];

/// One document and one control; a document of which nothing was judged has one row without a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow<'a> {
    /// The cells of [`COLUMNS`]; nothing where the line says null.
    pub cells: [Option<&'a str>; 13],
    /// Why the control is not `pass`.
    pub findings: &'a [String],
}

/// A verdict line that is read for its rows.
#[derive(serde::Deserialize)]
struct Written {
    source: String,
    sha256: Option<String>,
    environment: Option<String>,
    release: Option<String>,
    evaluated_at: String,
    checklist: String,
    decision: Option<String>,
    waived: Vec<String>,
    verdicts: Pairs,
    findings: BTreeMap<String, Vec<String>>,
    problem: Option<Problem>,
}

#[derive(serde::Deserialize)]
struct Problem {
    kind: String,
    code: String,
    message: String,
}

/// The members of an object in the order in which they are written.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut out = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    out.push(pair);
                }
                Ok(Pairs(out))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// Gives each row of a file of verdict lines, one after the other.
///
/// # Errors
/// The file cannot be read, holds no verdict lines, or a row is not taken.
pub fn rows(mut lines: impl BufRead, mut take: impl FnMut(&TableRow<'_>) -> io::Result<()>) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let written: Written = serde_json::from_slice(&line).map_err(io::Error::from)?;
        let Pairs(verdicts) = &written.verdicts;
        for (control, verdict) in verdicts {
            let outcome = match verdict.as_str() {
                "pass" => "pass",
                _ if written.waived.contains(control) => "waived",
                _ => "blocking",
            };
            let findings = written.findings.get(control).map(Vec::as_slice).unwrap_or_default();
            take(&row(&written, Some((control, verdict, outcome)), findings))?;
        }
        if verdicts.is_empty() {
            take(&row(&written, None, &[]))?;
        }
    }
}

fn row<'a>(written: &'a Written, control: Option<(&'a str, &'a str, &'a str)>, findings: &'a [String]) -> TableRow<'a> {
    let problem = written.problem.as_ref();
    let cells = [
        Some(written.source.as_str()),
        written.sha256.as_deref(),
        written.environment.as_deref(),
        written.release.as_deref(),
        Some(&written.evaluated_at),
        Some(&written.checklist),
        written.decision.as_deref(),
        control.map(|(id, ..)| id),
        control.map(|(_, verdict, _)| verdict),
        control.map(|(.., outcome)| outcome),
        problem.map(|p| p.kind.as_str()),
        problem.map(|p| p.code.as_str()),
        problem.map(|p| p.message.as_str()),
    ];
    TableRow { cells, findings }
}
