//! `JUnit` XML: test cases, and what became of each.

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

/// How a test case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// At the first try.
    Passed,
    /// At some try.
    Failed,
    /// It was not tried.
    Skipped,
}

/// Reads all test cases.
///
/// # Errors
/// It is no such file, holds no test, or holds more than could be read.
pub fn read(text: &str) -> Result<Vec<Case>, String> {
    let report = match Report::deserialize_from_str(text) {
        // Some tools write one suite and nothing around it.
        Err(_) if !text.contains("<testsuites") => Report::deserialize_from_str(&format!("<testsuites>{}</testsuites>", body(text))),
        report => report,
    };
    let report = report.map_err(|e| format!("it is no JUnit report: {e}"))?;
    // Suites within suites are not read: without this, what failed there would be lost.
    let cases: usize = report.test_suites.iter().map(|s| s.test_cases.len()).sum();
    if begun(text, "testcase") != cases || begun(text, "testsuite") != report.test_suites.len() {
        return Err("it holds test suites within test suites, or tests outside of them: those are not read".to_owned());
    }
    if cases == 0 {
        return Err("it holds no test".to_owned());
    }
    if let Some(suite) = report.test_suites.iter().find(|s| !counts(s)) {
        return Err(format!("the suite {} counts other tests than it holds", suite.name.as_str()));
    }
    let told = (report.failures + report.errors, report.skipped);
    let held = |wanted| report.test_suites.iter().flat_map(|s| &s.test_cases).filter(|c| outcome(c) == wanted).count();
    if told.0 > held(Outcome::Failed) || told.1 > held(Outcome::Skipped) {
        return Err("it counts more failed or skipped tests than it holds".to_owned());
    }
    Ok(report.test_suites.iter().flat_map(|suite| suite.test_cases.iter().map(|case| one(&report, suite, case))).collect())
}

fn body(text: &str) -> &str {
    let text = text.trim_start();
    if text.starts_with("<?xml") { text.split_once("?>").map_or(text, |(_, body)| body) } else { text }
}

/// How many elements of this name begin in the text.
fn begun(text: &str, name: &str) -> usize {
    let open = format!("<{name}");
    text.match_indices(&open).filter(|(at, _)| !text[at + open.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())).count()
}

fn counts(suite: &TestSuite) -> bool {
    let held = |wanted| suite.test_cases.iter().filter(|c| outcome(c) == wanted).count();
    suite.tests == suite.test_cases.len()
        && suite.failures + suite.errors <= held(Outcome::Failed)
        && suite.skipped <= held(Outcome::Skipped)
}

fn outcome(case: &TestCase) -> Outcome {
    // googletest says in an attribute that a test was not run.
    let said = |key: &str, words: &[&str]| {
        case.extra.iter().any(|(name, value)| name.as_str() == key && words.contains(&value.as_str().to_ascii_lowercase().as_str()))
    };
    match &case.status {
        TestCaseStatus::NonSuccess { .. } => Outcome::Failed,
        TestCaseStatus::Success { flaky_runs } if !flaky_runs.is_empty() => Outcome::Failed,
        TestCaseStatus::Skipped { .. } => Outcome::Skipped,
        TestCaseStatus::Success { .. } => {
            let idle = ["notrun", "disabled", "skipped", "suppressed", "ignored"];
            if said("status", &idle) || said("result", &idle) { Outcome::Skipped } else { Outcome::Passed }
        }
    }
}

fn one(report: &Report, suite: &TestSuite, case: &TestCase) -> Case {
    let pair = |p: &Property| (p.name.as_str().to_owned(), p.value.as_str().to_owned());
    let time = case.timestamp.or(suite.timestamp).or(report.timestamp);
    let printed = [&case.system_out, &case.system_err];
    Case {
        suite: suite.name.as_str().to_owned(),
        name: case.name.as_str().to_owned(),
        properties: case.properties.iter().chain(&suite.properties).map(pair).collect(),
        result: outcome(case),
        at: time.map(|t| Instant { ms: t.timestamp_millis() }),
        output: printed.into_iter().flatten().map(XmlString::as_str).collect::<Vec<_>>().join("\n"),
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
        ] {
            assert_eq!(only(inner), Ok(want), "{inner}");
        }
        let nested = suite(1, "<testcase name=\"a\"/><testsuite name=\"t\"><testcase name=\"b\"><failure/></testcase></testsuite>");
        for bad in [
            nested,
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
}
