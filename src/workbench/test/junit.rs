//! Tests as `JUnit`'s XML: one suite for each control and each package of tests.

use super::human::human;
use super::{Ending, Report, Tested};
use crate::report::Look;
use crate::report::junit_xml::{self, Case, Suite, Words, document};

/// The report as XML.
pub fn junit(report: &Report) -> String {
    let mut suites: Vec<Suite> = Vec::new();
    for test in &report.tests {
        match suites.last_mut() {
            Some(suite) if suite.name == test.group => suite.cases.push(case(test)),
            _ => suites.push(Suite { name: test.group.clone(), properties: Vec::new(), cases: vec![case(test)] }),
        }
    }
    document(&report.checklist, &suites)
}

fn case(test: &Tested) -> Case {
    let words = |message: String| Words { kind: test.ending.word(), message, lines: lines(test) };
    let ending = match &test.ending {
        Ending::Passed => junit_xml::Ending::Passed,
        Ending::Todo => junit_xml::Ending::Skipped(None),
        Ending::Errored(reason) => junit_xml::Ending::Errored(words(reason.clone())),
        Ending::Missed(miss) => junit_xml::Ending::Failed(words(format!("expected {}, came to {}", miss.expected, miss.actual))),
        Ending::Slipped(slip) => junit_xml::Ending::Failed(words(format!("not true at {}:{}", slip.file, slip.line))),
    };
    Case { name: test.name.clone(), class: test.group.clone(), ending }
}

/// What is told of a test; the first line would name it, and the last one count.
fn lines(test: &Tested) -> Vec<String> {
    let alone = Report { checklist: String::new(), digest: String::new(), tests: vec![test.clone()], untested: Vec::new(), coverage: None };
    let text = human(&alone, &Look { width: 100, colour: false });
    let lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    lines.split_last().map_or_else(Vec::new, |(_, lines)| lines.to_vec())
}
