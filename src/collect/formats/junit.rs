//! `JUnit` XML: test cases, and what became of each.

use super::junit_shape::{self, Seen};
use crate::model::Instant;
use quick_junit::{Property, Report, TestCase, TestCaseStatus, TestSuite, XmlString};

/// One test case.
#[derive(Debug)]
pub struct Case {
    /// The name of its suite.
    pub suite: String,
    /// Its name.
    pub name: String,
    /// Its properties, then those of its suite.
    pub properties: Vec<(String, String)>,
    /// What became of it.
    pub result: Outcome,
    /// When it, its suite or the whole run was started.
    pub at: Option<Instant>,
    /// What it printed.
    pub output: String,
}

/// How a test case ended, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// At the first try.
    Passed,
    /// It was not tried.
    Skipped,
    /// The report says it in words that nobody knows.
    Unknown,
    /// At some try.
    Failed,
}

/// Reads all test cases.
///
/// # Errors
/// It is no such file, holds no test, or holds more than could be read.
pub fn read(text: &str) -> Result<Vec<Case>, String> {
    let shape = junit_shape::read(text)?;
    let report = if shape.root == "testsuite" {
        // Some tools write one suite and nothing around it.
        Report::deserialize_from_str(&format!("<testsuites>{}</testsuites>", body(text)))
    } else {
        Report::deserialize_from_str(text)
    };
    let report = report.map_err(|e| format!("it is no JUnit report: {e}"))?;
    let cases: usize = report.test_suites.iter().map(|s| s.test_cases.len()).sum();
    if shape.cases.len() != cases || shape.suites != report.test_suites.len() {
        return Err("it holds more tests than can be read".to_owned());
    }
    if cases == 0 {
        return Err("it holds no test".to_owned());
    }
    let mut out = Vec::new();
    let mut seen = shape.cases.iter();
    for (suite, printed) in report.test_suites.iter().zip(&shape.suite_output) {
        let held: Vec<Case> = suite.test_cases.iter().zip(seen.by_ref()).map(|(case, seen)| one(&report, suite, case, seen)).collect();
        if !counts(suite, &held) {
            return Err(format!("the suite {} counts other tests than it holds", suite.name.as_str()));
        }
        let with_suite = |case: Case| Case { output: [&case.output, printed, &shape.output].map(String::as_str).join("\n"), ..case };
        out.extend(held.into_iter().map(with_suite));
    }
    if report.failures + report.errors > count(&out, Outcome::Failed) || report.skipped > count(&out, Outcome::Skipped) {
        return Err("it counts more failed or skipped tests than it holds".to_owned());
    }
    if shape.tests.is_some_and(|told| told != cases) {
        return Err("it counts other tests than it holds".to_owned());
    }
    Ok(out)
}

fn body(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("<?xml") { text.split_once("?>").map_or(text, |(_, body)| body) } else { text }
}

fn count(cases: &[Case], wanted: Outcome) -> usize {
    cases.iter().filter(|case| case.result == wanted).count()
}

/// Whether a suite says of itself what its tests say.
fn counts(suite: &TestSuite, held: &[Case]) -> bool {
    let passed = count(held, Outcome::Passed) == held.len();
    suite.tests == held.len()
        && suite.failures + suite.errors <= count(held, Outcome::Failed)
        && suite.skipped <= count(held, Outcome::Skipped)
        && !(passed && said(suite.extra.iter()) != Outcome::Passed)
}

/// What the attributes say beside the elements: googletest writes there that a test was not run, others how it ended.
fn said<'x>(extra: impl Iterator<Item = (&'x XmlString, &'x XmlString)>) -> Outcome {
    let bare = |key: &XmlString| key.as_str().rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    let telling = extra.filter(|(key, _)| ["status", "result", "outcome"].contains(&bare(key).as_str()));
    telling.map(|(_, word)| meant(word.as_str())).max().unwrap_or(Outcome::Passed)
}

fn meant(word: &str) -> Outcome {
    match word.trim().to_ascii_lowercase().as_str() {
        "run" | "passed" | "pass" | "success" | "ok" | "completed" => Outcome::Passed,
        "notrun" | "disabled" | "skipped" | "skip" | "suppressed" | "ignored" => Outcome::Skipped,
        "failed" | "fail" | "failure" | "error" => Outcome::Failed,
        _ => Outcome::Unknown,
    }
}

fn outcome(case: &TestCase, seen: &Seen) -> Outcome {
    let element = match &case.status {
        TestCaseStatus::NonSuccess { .. } => Outcome::Failed,
        TestCaseStatus::Success { flaky_runs } if !flaky_runs.is_empty() => Outcome::Failed,
        TestCaseStatus::Skipped { .. } => Outcome::Skipped,
        TestCaseStatus::Success { .. } => Outcome::Passed,
    };
    let strange = if seen.strange { Outcome::Unknown } else { Outcome::Passed };
    element.max(strange).max(said(case.extra.iter()))
}

fn one(report: &Report, suite: &TestSuite, case: &TestCase, seen: &Seen) -> Case {
    let pair = |p: &Property| (p.name.as_str().to_owned(), p.value.as_str().to_owned());
    let time = case.timestamp.or(suite.timestamp).or(report.timestamp);
    Case {
        suite: suite.name.as_str().to_owned(),
        name: case.name.as_str().to_owned(),
        properties: case.properties.iter().chain(&suite.properties).map(pair).collect(),
        result: outcome(case, seen),
        at: time.map(|t| Instant { ms: t.timestamp_millis() }),
        output: seen.output.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, read};

    #[test]
    fn what_is_not_plainly_passed_is_not_passed() {
        let suite =
            |tests: usize, inner: &str| format!("<testsuites><testsuite name=\"s\" tests=\"{tests}\">{inner}</testsuite></testsuites>");
        let only = |inner: &str| read(&suite(1, inner)).map(|cases| cases[0].result);
        for (inner, want) in [
            ("<testcase name=\"a\"/>", Outcome::Passed),
            ("<testcase name=\"a\" status=\"run\"/>", Outcome::Passed),
            ("<testcase name=\"a\"><flakyFailure/></testcase>", Outcome::Failed),
            ("<testcase name=\"a\"><failure/></testcase>", Outcome::Failed),
            ("<testcase name=\"a\"><error/></testcase>", Outcome::Failed),
            ("<testcase name=\"a\"><skipped/></testcase>", Outcome::Skipped),
            ("<testcase name=\"a\" status=\"notrun\"/>", Outcome::Skipped),
            ("<testcase name=\"a\" status=\"run\" result=\"completed\"/>", Outcome::Passed),
            ("<testcase name=\"a\" status=\"failed\"/>", Outcome::Failed),
            ("<testcase name=\"a\" result=\"FAILED\"/>", Outcome::Failed),
            ("<testcase name=\"a\" status=\"run\" result=\"FAIL\"/>", Outcome::Failed),
            ("<testcase name=\"a\" outcome=\"failed\"/>", Outcome::Failed),
            ("<testcase name=\"a\" Status=\"broken\"/>", Outcome::Unknown),
            ("<testcase name=\"a\" result=\"\"/>", Outcome::Unknown),
            ("<testcase name=\"a\"><Failure/></testcase>", Outcome::Unknown),
            ("<testcase name=\"a\"><failed/></testcase>", Outcome::Unknown),
            ("<testcase name=\"a\"><timeout>late</timeout></testcase>", Outcome::Unknown),
            ("<testcase name=\"a\"><skipped/><failed/></testcase>", Outcome::Unknown),
            ("<testcase name=\"a\"><system-out><![CDATA[<testcase><failure/>]]></system-out></testcase>", Outcome::Passed),
        ] {
            assert_eq!(only(inner), Ok(want), "{inner}");
        }
        let nested = suite(1, "<testcase name=\"a\"/><testsuite name=\"t\"><testcase name=\"b\"><failure/></testcase></testsuite>");
        for bad in [
            nested,
            suite(1, "<testcase name=\"a\"><x:failure/></testcase>"),
            suite(1, "<testcase name=\"a\"/><x:testcase name=\"b\"><failure/></x:testcase>"),
            suite(1, "<testcase name=\"a\"/><failure/>"),
            suite(1, "<testcase name=\"a\"/>").replace("<testsuites>", "<testsuites tests=\"9\">"),
            suite(1, "<testcase name=\"a\"/>").replace("tests=", "status=\"failed\" tests="),
            suite(1, "<testcase name=\"a\"/>").repeat(2),
            format!("<!DOCTYPE testsuites>{}", suite(1, "<testcase name=\"a\"/>")),
            suite(1, "<testcase name=\"a\"><system-out>a<b/>c</system-out></testcase>"),
            suite(2, "<testcase name=\"a\"/>"),
            suite(0, ""),
            String::new(),
            "<testsuites/>".to_owned(),
            "<html></html>".to_owned(),
            "<testsuites failures=\"1\"><testsuite name=\"s\" tests=\"1\"><testcase name=\"a\"/></testsuite></testsuites>".to_owned(),
            "<testsuites><testsuite name=\"s\" tests=\"1\"><testcase name=\"a\">".to_owned(),
            "<testsuites><testsuite name=\"s\" tests=\"1\" timestamp=\"2026-11-23T10:00:00\"><testcase name=\"a\"/></testsuite></testsuites>".to_owned(),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
        assert!(read("<?xml version=\"1.0\"?>\n<testsuite name=\"s\" tests=\"1\"><testcase name=\"a\"/></testsuite>").is_ok());
    }
    #[test]
    fn all_that_was_printed_is_kept() {
        let text = "<testsuites><system-out>run</system-out><testsuite name=\"s\" tests=\"1\"><testcase name=\"a\"><system-out>one</system-out>\
                    <system-out><![CDATA[t&wo]]></system-out></testcase><system-err>su&amp;ite</system-err></testsuite></testsuites>";
        let cases = read(text).unwrap();
        assert_eq!(cases[0].output, "onet&wo\nsu&ite\nrun");
    }
}
