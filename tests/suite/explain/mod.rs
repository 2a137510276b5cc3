//! `golive explain`: what it says is true, what it suggests works, and nothing smaller would.

mod changes;
mod reads_well;
mod statements;

use crate::court::Court;
use golive::checklist::Files;
use golive::outlook::explain::{Explanation, Question, explain};
use golive::text::Problem;
use golive::workbench::suite::{Case, Suite};
use serde_json::Value;

/// All fixtures of controls, and the library as they use it.
struct Bench {
    court: Court,
    cases: Vec<Case>,
}

impl Bench {
    fn new() -> Self {
        let suite = Suite::read(&Files::embedded_fixtures()).unwrap_or_else(|p| panic!("{p:?}"));
        Self { court: Court::of_fixtures(), cases: suite.cases }
    }

    /// The cases whose name begins so.
    fn named<'b>(&'b self, prefix: &'b str) -> impl Iterator<Item = &'b Case> {
        self.cases.iter().filter(move |case| case.name.starts_with(prefix))
    }

    fn explain(&self, case: &Case) -> Result<Explanation, Vec<Problem>> {
        let facts = self.court.facts(&case.facts)?;
        let question = Question { control: &case.control, now: self.court.now, given: true, fixtures: &self.cases };
        Ok(explain(&self.court.checklist, &facts, question).unwrap_or_else(|| panic!("{}: no such control", case.control)))
    }

    /// The verdict of a case's control on other facts.
    fn verdict(&self, case: &Case, facts: &Value) -> String {
        let control = self.court.checklist.control(&case.control).unwrap_or_else(|| panic!("{}: no such control", case.control));
        match self.court.facts(facts) {
            Ok(facts) => self.court.judge(control, &facts).verdict.to_string(),
            Err(problems) => format!("refused: {problems:?}"),
        }
    }
}

/// What a case is called in a message.
fn name(case: &Case) -> String {
    format!("{}/{}", case.control, case.name)
}
