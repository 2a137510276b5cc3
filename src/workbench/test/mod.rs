//! Tests of a checklist: the fixtures of its controls, and the tests in Rego beside its policies.

mod coverage;
mod fixture;
mod human;
mod json;
mod junit;
mod lcov;
mod unit;

pub use coverage::Coverage;
pub use fixture::Miss;
pub use human::human;
pub use json::json;
pub use junit::junit;
pub use lcov::lcov;
pub use unit::Slip;

use super::suite::{Case, Suite};
use crate::checklist::Checklist;
use crate::rego::Exam;
use std::collections::BTreeSet;

/// What is asked for.
pub struct Request<'r> {
    /// The checklist, with the parameters of the suite.
    pub checklist: &'r Checklist,
    /// Its fixtures.
    pub suite: &'r Suite,
    /// Its tests in Rego, where it has some.
    pub exam: Option<&'r Exam>,
    /// Only controls whose id begins with this.
    pub control: &'r str,
    /// Only tests whose name this says yes to.
    pub wanted: &'r dyn Fn(&str) -> bool,
    /// Whether what the tests reach is wanted; checklist and exam watch their lines then.
    pub coverage: bool,
}

/// All that was run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The checklist's id.
    pub checklist: String,
    /// The checklist's digest.
    pub digest: String,
    /// The tests, fixtures first, in the order of controls, files and names.
    pub tests: Vec<Tested>,
    /// Controls that no test is about, run or not.
    pub untested: Vec<String>,
    /// What the tests reach, where that was watched.
    pub coverage: Option<Coverage>,
}

/// One test that was run, or passed over.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// What it is about: a control's id, or the package of the tests.
    pub group: String,
    /// Its name in there.
    pub name: String,
    /// How it ended.
    pub ending: Ending,
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// As it should.
    Passed,
    /// A fixture's verdict is another than expected.
    Missed(Box<Miss>),
    /// A rule of a test is not `true`.
    Slipped(Box<Slip>),
    /// It could not be run, or two engines differ.
    Errored(String),
    /// It is to be written.
    Todo,
}

impl Tested {
    /// The name that `--run` looks at.
    pub fn full_name(&self) -> String {
        full_name(&self.group, &self.name)
    }
}

impl Ending {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Missed(_) | Self::Slipped(_) => "failed",
            Self::Errored(_) => "error",
            Self::Todo => "todo",
        }
    }
}

impl Report {
    /// How many ended with this word.
    pub fn count(&self, word: &str) -> usize {
        self.tests.iter().filter(|test| test.ending.word() == word).count()
    }

    /// Whether tests were run and none failed.
    pub fn is_good(&self) -> bool {
        self.count("passed") > 0 && self.count("failed") + self.count("error") == 0
    }
}

fn full_name(group: &str, name: &str) -> String {
    let separator = if group.ends_with("_test") { '.' } else { '/' };
    format!("{group}{separator}{name}")
}

/// Runs the tests that are wanted.
pub fn run(request: &Request<'_>) -> Report {
    let Request { checklist, suite, exam, control, wanted, coverage } = *request;
    let is_wanted = |case: &Case| case.control.starts_with(control) && wanted(&full_name(&case.control, &case.name));
    let (mut tests, judgements) = fixture::run(checklist, suite, &is_wanted);
    tests.extend(exam.into_iter().flat_map(|exam| unit::run(exam, control, wanted)));
    let about = exam.into_iter().flat_map(|exam| &exam.tests).map(|test| unit::group(test).trim_end_matches("_test").to_owned());
    let tested: BTreeSet<String> = suite.cases.iter().map(|case| case.control.clone()).chain(about).collect();
    let ids = checklist.controls.iter().map(|control| &control.text.id);
    let untested = ids.filter(|id| id.starts_with(control) && !tested.contains(*id)).cloned().collect();
    let coverage = coverage.then(|| coverage::coverage(request, &judgements));
    let about = &checklist.about;
    Report { checklist: about.id.clone(), digest: about.digest.clone(), tests, untested, coverage }
}
