//! `golive.tests/1`: tests for machines, as `schemas/tests.schema.json` describes them.

use super::{Ending, Report, Tested};
use crate::report::encode;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// The report as JSON.
pub fn json(report: &Report) -> String {
    let twin = Twin {
        format: "golive.tests/1",
        checklist: Checklist { id: &report.checklist, digest: &report.digest },
        passed: report.count("passed"),
        failed: report.count("failed"),
        errors: report.count("error"),
        todo: report.count("todo"),
        untested: &report.untested,
        coverage: report.coverage.as_ref().map(coverage),
        tests: report.tests.iter().map(test).collect(),
    };
    encode::document(&twin)
}

#[derive(Serialize)]
struct Twin<'r> {
    format: &'static str,
    checklist: Checklist<'r>,
    passed: usize,
    failed: usize,
    errors: usize,
    todo: usize,
    untested: &'r [String],
    coverage: Option<Coverage<'r>>,
    tests: Vec<Test<'r>>,
}

#[derive(Serialize)]
struct Coverage<'r> {
    files: Vec<File<'r>>,
    points: Vec<Point<'r>>,
}

#[derive(Serialize)]
struct File<'r> {
    #[serde(rename = "file")]
    name: &'r str,
    reached: &'r BTreeSet<u32>,
    missed: &'r BTreeSet<u32>,
}

#[derive(Serialize)]
struct Point<'r> {
    control: &'r str,
    name: &'r str,
    state: &'static str,
    seen: bool,
}

fn coverage(coverage: &super::Coverage) -> Coverage<'_> {
    let files = coverage.files.iter().map(|(name, lines)| File { name, reached: &lines.reached, missed: &lines.missed });
    let points = coverage.points.iter().map(|p| Point { control: &p.control, name: &p.name, state: p.state, seen: p.is_seen });
    Coverage { files: files.collect(), points: points.collect() }
}

#[derive(Serialize)]
struct Checklist<'r> {
    id: &'r str,
    digest: &'r str,
}

#[derive(Serialize)]
struct Test<'r> {
    group: &'r str,
    name: &'r str,
    ending: &'static str,
    error: Option<&'r str>,
    fixture: Option<Fixture<'r>>,
    rule: Option<Rule<'r>>,
}

#[derive(Serialize)]
struct Fixture<'r> {
    expected: &'r str,
    actual: &'r str,
    missing: &'r [String],
    surplus: Vec<Finding<'r>>,
    elsewhere: Vec<Place<'r>>,
    unmet: Vec<Criterion<'r>>,
    facts: Vec<Fact<'r>>,
}

#[derive(Serialize)]
struct Finding<'r> {
    id: &'r str,
    message: &'r str,
}

#[derive(Serialize)]
struct Place<'r> {
    id: &'r str,
    expected: &'r [String],
    actual: &'r [String],
}

#[derive(Serialize)]
struct Criterion<'r> {
    id: &'r str,
    state: &'static str,
    words: &'r str,
}

#[derive(Serialize)]
struct Fact<'r> {
    pointer: &'r str,
    value: &'r Value,
}

#[derive(Serialize)]
struct Rule<'r> {
    file: &'r str,
    line: usize,
    statement: Option<&'r str>,
    compared: Vec<Side<'r>>,
}

#[derive(Serialize)]
struct Side<'r> {
    text: &'r str,
    value: &'r str,
}

fn test(test: &Tested) -> Test<'_> {
    let (mut error, mut fixture, mut rule) = (None, None, None);
    match &test.ending {
        Ending::Passed | Ending::Todo => {}
        Ending::Errored(words) => error = Some(words.as_str()),
        Ending::Missed(miss) => {
            fixture = Some(Fixture {
                expected: &miss.expected,
                actual: &miss.actual,
                missing: &miss.missing,
                surplus: miss.surprising.iter().map(|(id, message)| Finding { id, message }).collect(),
                elsewhere: miss.elsewhere.iter().map(|(id, expected, actual)| Place { id, expected, actual }).collect(),
                unmet: miss.unmet.iter().map(|(state, id, words)| Criterion { id, state: state.word(), words }).collect(),
                facts: miss.facts.iter().map(|(pointer, value)| Fact { pointer, value }).collect(),
            });
        }
        Ending::Slipped(slip) => {
            let compared = slip.sides.iter().map(|(text, value)| Side { text, value }).collect();
            rule = Some(Rule { file: &slip.file, line: slip.line, statement: slip.statement.as_deref(), compared });
        }
    }
    Test { group: &test.group, name: &test.name, ending: test.ending.word(), error, fixture, rule }
}
