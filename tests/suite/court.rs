//! The library as the fixtures of controls use it: one checklist, one plan, one clock.

use crate::project;
use golive::checklist::{Checklist, Control, Files, contract, load};
use golive::evaluate::evaluate;
use golive::facts::{Facts, Plan, combine, read};
use golive::model::{Instant, Judgement};
use golive::rego::Limits;
use golive::schema::Schema;
use golive::text::{self, Problem, Source, read_json};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A checklist that judges facts of one plan at one time.
pub struct Court {
    /// The built-in checklist under the fixtures' parameters.
    pub checklist: Checklist,
    /// The one clock.
    pub now: Instant,
    /// What the facts must be about.
    pub plan: Plan,
    envelope: &'static Schema,
}

impl Court {
    /// As `fixtures/controls/case.json` says.
    pub fn of_fixtures() -> Self {
        let folder = project::root().join("fixtures/controls");
        let case = project::json(&folder.join("case.json"));
        let parameters = folder.join(word(&case, "parameters"));
        Self::new(&case, Some(&parameters))
    }

    /// The same without the fixtures' parameters.
    pub fn of_defaults() -> Self {
        Self::new(&project::json(&project::root().join("fixtures/controls/case.json")), None)
    }

    fn new(case: &Value, parameters: Option<&Path>) -> Self {
        let overlay = parameters.map(|path| {
            let source = Arc::new(Source::new(path.to_string_lossy(), project::text(path)));
            read_json(source, &text::Limits::default()).unwrap_or_else(|p| panic!("{p}"))
        });
        let plan = Plan { environment: word(case, "environment"), release: word(case, "release") };
        // A busy machine is no reason for a verdict to change.
        let limits = Limits { time: Duration::from_secs(60) };
        let checklist = load(&Files::embedded(), overlay.as_ref(), &plan.environment, limits);
        let checklist = checklist.unwrap_or_else(|e| panic!("the built-in checklist is refused: {e:?}"));
        let now = Instant::parse(&word(case, "at")).expect("case.json: `at` is a time");
        Self { checklist, now, plan, envelope: contract("envelope").expect("the envelope's schema") }
    }

    /// A facts document, read as strictly as the binary does.
    pub fn facts(&self, document: &Value) -> Result<Facts, Vec<Problem>> {
        let source = Arc::new(Source::new("facts.json", document.to_string()));
        let document = read(source, self.envelope, &text::Limits::default())?;
        combine(vec![document], &self.plan)
    }

    /// The judgement of one control.
    pub fn judge(&self, control: &Control, facts: &Facts) -> Judgement {
        let judgements = evaluate(&self.checklist, facts, self.now).judgements;
        judgements.into_iter().find(|j| j.control == control.text.id).expect("every control is judged")
    }
}

fn word(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("`{key}` is no string")).to_owned()
}
