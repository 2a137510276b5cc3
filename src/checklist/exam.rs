//! The tests beside a checklist's policies.

use super::files::Files;
use super::load::Checklist;
use crate::rego::{Exam, check_tests};
use crate::text::{Problem, Source};
use std::sync::Arc;

impl Checklist {
    /// The tests in the files that this checklist was loaded from, ready to run with its parameters; none where it has none.
    ///
    /// # Errors
    /// What is wrong with the tests.
    pub fn exam(&self, files: &Files) -> Result<Option<Exam>, Vec<Problem>> {
        let rego = |is_test: bool| -> Vec<Arc<Source>> {
            let found = files.under("policies/").filter(|(path, _)| path.ends_with(".rego") && Files::is_test(path) == is_test);
            found.map(|(_, source)| Arc::clone(source)).collect()
        };
        let tests = rego(true);
        if tests.is_empty() {
            return Ok(None);
        }
        let check = |modules: &[_], first| check_tests(&self.reading.context(modules, &self.groups), first);
        Exam::new(rego(false), tests, &self.parameters.value, self.limits, check).map(Some)
    }
}
