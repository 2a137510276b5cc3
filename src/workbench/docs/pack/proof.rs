//! How well tests hold a control: figures, and the same in words.

use super::Trials;
use crate::workbench::mutate::{Tried, counts};
use crate::workbench::test::Tested;

/// The figures of one control, or of all.
pub(super) struct Proof<'t> {
    trials: Trials<'t>,
    /// The tests that are about it.
    pub tested: Vec<&'t Tested>,
    lines: (usize, usize),
    states: (usize, usize),
    /// The changes of its policy.
    pub tried: Vec<&'t Tried>,
}

impl<'t> Proof<'t> {
    /// Of one control, whose policy is that file.
    pub fn of(trials: Trials<'t>, control: &str, file: &str) -> Self {
        let own = |group: &str| group == control || group.strip_suffix("_test") == Some(control);
        let coverage = trials.tests.coverage.as_ref();
        let lines = coverage.and_then(|coverage| coverage.files.get(file));
        let points: Vec<_> = coverage.iter().flat_map(|coverage| &coverage.points).filter(|point| point.control == control).collect();
        Self {
            trials,
            tested: trials.tests.tests.iter().filter(|test| own(&test.group)).collect(),
            lines: lines.map_or((0, 0), |lines| (lines.reached.len(), lines.reached.len() + lines.missed.len())),
            states: (points.iter().filter(|point| point.is_seen).count(), points.len()),
            tried: trials.mutants.iter().flat_map(|report| &report.tried).filter(|tried| tried.group == control).collect(),
        }
    }

    /// Of everything.
    pub fn of_all(trials: Trials<'t>) -> Self {
        let coverage = trials.tests.coverage.as_ref();
        Self {
            trials,
            tested: trials.tests.tests.iter().collect(),
            lines: coverage.map_or((0, 0), crate::workbench::test::Coverage::lines),
            states: coverage.map_or((0, 0), crate::workbench::test::Coverage::seen),
            tried: trials.mutants.iter().flat_map(|report| &report.tried).collect(),
        }
    }

    /// `41 of 41 pass`.
    pub fn tests(&self) -> String {
        let passed = self.tested.iter().filter(|test| test.ending.word() == "passed").count();
        format!("{passed} of {} pass", self.tested.len())
    }

    /// Lines that the tests reach.
    pub fn lines(&self) -> String {
        format!("{} of {}", self.lines.0, self.lines.1)
    }

    /// States of criteria and violations that a fixture comes to.
    pub fn states(&self) -> String {
        format!("lines; {} of {} states and violations are seen", self.states.0, self.states.1)
    }

    /// Changes that are noticed.
    pub fn mutants(&self) -> String {
        match self.trials.mutants {
            Err(_) => "not tried".to_owned(),
            Ok(_) => {
                let [killed, refused, _, _] = counts(self.tried.iter().copied());
                format!("{} of {} noticed", killed + refused, self.tried.len())
            }
        }
    }

    /// What became of them.
    pub fn mutants_in_full(&self) -> String {
        match self.trials.mutants {
            Err(reason) => reason.to_owned(),
            Ok(_) => {
                let [killed, refused, explained, survived] = counts(self.tried.iter().copied());
                format!("{killed} by tests, {refused} at load; {explained} listed with a reason, {survived} unnoticed")
            }
        }
    }
}
