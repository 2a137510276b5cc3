//! What becomes of a mutant: the loader refuses it, a test tells it from the original, or it survives.

use super::mutant::Mutant;
use crate::checklist::{Checklist, Files, LoadError, load_for};
use crate::facts::onepass::Onepass;
use crate::model::Standing;
use crate::rego::{Limits, Mark};
use crate::workbench::laid::{Laid, lay, quick};
use crate::workbench::suite::{Case, Suite};
use crate::workbench::trial::trial;
use bumpalo::Bump;

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The checks at load refuse it, for this reason.
    Refused(String),
    /// This test fails on it.
    Killed(String),
    /// No test fails.
    Survived,
}

/// What mutants are tried with: the files of the checklist, its parameters, its fixtures.
pub struct Ground<'g> {
    /// The checklist's files.
    pub files: &'g Files,
    /// Its fixtures.
    pub suite: &'g Suite,
    /// Whether it has tests in Rego.
    pub has_exam: bool,
}

impl Ground<'_> {
    /// Loads a changed checklist; the reason in words where it is refused.
    pub(super) fn load(&self, files: &Files, controls: &[String]) -> Result<Checklist, String> {
        let Suite { overlay, plan, .. } = self.suite;
        let concerned = |id: &str| is_one(controls, id);
        load_for(files, overlay.as_ref(), &plan.environment, Limits::default(), &concerned).map_err(|error| {
            let (LoadError::Checklist(problems) | LoadError::Parameters(problems)) = error;
            problems.first().map_or_else(String::new, |problem| format!("{}: {}", problem.code, problem.message))
        })
    }
}

/// Fixtures laid out in the arena of one thread.
pub(super) struct Range<'a> {
    ground: &'a Ground<'a>,
    laid: Vec<Result<Laid<'a>, &'a Case>>,
}

impl<'a> Range<'a> {
    pub fn new(ground: &'a Ground<'a>, checklist: &Checklist, onepass: Option<&'a Onepass>, arena: &'a Bump) -> Self {
        let place = |case: &'a Case| onepass.and_then(|onepass| lay(onepass, checklist, case, arena)).ok_or(case);
        Self { ground, laid: ground.suite.cases.iter().map(place).collect() }
    }

    /// What becomes of a mutant that concerns some controls.
    pub fn fate(&self, mutant: &Mutant, controls: &[String]) -> Fate {
        let files = mutant.apply(self.ground.files);
        let checklist = match self.ground.load(&files, controls) {
            Ok(checklist) => checklist,
            Err(reason) => return Fate::Refused(reason),
        };
        self.fixtures(&checklist, controls).or_else(|| self.tests(&checklist, &files)).map_or(Fate::Survived, Fate::Killed)
    }

    /// The first fixture that tells the difference.
    fn fixtures(&self, checklist: &Checklist, controls: &[String]) -> Option<String> {
        let quick = quick(checklist, &|id| is_one(controls, id));
        let mut arena = Bump::new();
        for place in &self.laid {
            let case = place.as_ref().map_or_else(|case| *case, |laid| laid.case);
            let Some(expected) = case.expected.as_ref().filter(|_| is_one(controls, &case.control)) else { continue };
            let standing = match place {
                Ok(laid) => laid.standing(checklist, &quick, &arena),
                Err(case) => trial(checklist, case).ok().flatten().as_ref().map(Standing::of),
            };
            arena.reset();
            let mut findings = expected.findings.clone();
            findings.sort_unstable();
            findings.dedup();
            let is_same = standing.is_some_and(|standing| standing.verdict.word() == expected.verdict && standing.findings == findings);
            // Where a finding points is known to the reference alone.
            let points = || trial(checklist, case).ok().flatten().is_some_and(|judgement| expected.elsewhere(&judgement).is_empty());
            if !is_same || !(expected.at.is_empty() || points()) {
                return Some(format!("{}/{}", case.control, case.name));
            }
        }
        None
    }

    /// The first test in Rego that does.
    fn tests(&self, checklist: &Checklist, files: &Files) -> Option<String> {
        if !self.ground.has_exam {
            return None;
        }
        // The tests were good before the change: what is wrong with them now is what the change did.
        let Ok(exam) = checklist.exam(files) else { return Some("the tests in Rego".to_owned()) };
        let exam = exam?;
        let failing = |test: &&crate::rego::Test| !test.is_todo && exam.run(test).iter().any(|(_, mark)| *mark != Mark::Passed);
        exam.tests.iter().find(failing).map(|test| format!("{}.{}", test.package, test.name))
    }
}

fn is_one(controls: &[String], id: &str) -> bool {
    controls.iter().any(|control| control == id)
}
