//! What becomes of mutants, held against OPA: a test that fails on a mutant fails by OPA's answers as well, and where none fails
//! OPA answers as it did before.

use super::opa::{Bridge, Opa};
use super::verdicts::input;
use super::{bridge, normal};
use crate::court::Court;
use crate::differences::Differences;
use crate::project;
use golive::checklist::Files;
use golive::workbench::mutate::{Fate, Ground, Tried, run, targets};
use golive::workbench::suite::{Case, Suite};
use serde_json::{Value, json};

/// One mutant in so many is looked at.
const EVERY: usize = 31;
/// Fewer comparisons than this would show nothing.
const LEAST: usize = 30;

#[test]
fn opa_kills_the_same_mutants() {
    let Some(bridge) = bridge() else { return };
    let court = Court::of_fixtures();
    let files = Files::embedded();
    let suite = Suite::read(&Files::embedded_fixtures()).expect("the fixtures");
    let ground = Ground { files: &files, suite: &suite, has_exam: false };
    let sample: Vec<_> = targets(&court.checklist, &files, "").into_iter().step_by(EVERY).collect();
    let report = run(&court.checklist, &ground, sample, &[]);
    let mut differences = Differences::default();
    let (mut killed, mut survived) = (0, 0);
    for tried in &report.tried {
        match &tried.fate {
            Fate::Refused(_) => {}
            Fate::Killed(test) => {
                let case = suite.cases.iter().find(|case| format!("{}/{}", case.control, case.name) == *test).expect("the case");
                let duel = Duel::new(bridge, &court, &files, tried, &case.control);
                let Some((before, after)) = duel.answers(&court, case) else { continue };
                killed += 1;
                differences.hold(before != after, || format!("{}: OPA sees no difference on {test}", words(tried)));
            }
            Fate::Survived => {
                survived += 1;
                for control in &tried.controls {
                    let duel = Duel::new(bridge, &court, &files, tried, control);
                    for case in suite.of(control) {
                        let Some((before, after)) = duel.answers(&court, case) else { continue };
                        let same = ids(&before) == ids(&after);
                        differences.hold(same, || format!("{}: OPA sees a difference on {control}/{}", words(tried), case.name));
                    }
                }
            }
        }
    }
    project::tell(&format!("{} mutants: {killed} killed and {survived} survivors held against OPA", report.tried.len()));
    assert!(killed >= LEAST, "only {killed} killed mutants were held against OPA");
    differences.end("mutants by OPA");
}

fn words(tried: &Tried) -> String {
    let (from, to) = tried.mutant.lines();
    format!("{}:{} {from} → {to}", tried.mutant.file, tried.mutant.line())
}

/// OPA with a control's policy, before and after a change.
struct Duel {
    control: String,
    before: Opa,
    after: Opa,
}

impl Duel {
    fn new(bridge: Bridge, court: &Court, files: &Files, tried: &Tried, control: &str) -> Self {
        let make = |files: &Files| {
            let opa = Opa::new(bridge);
            let own = format!("policies/controls/{}.rego", control.replacen('.', "/", 1));
            for (path, source) in files.under("policies/").filter(|(path, _)| *path == own || path.starts_with("policies/lib/")) {
                if path.ends_with(".rego") && !Files::is_test(path) {
                    opa.policy(path, &source.text);
                }
            }
            opa.parameters(&court.checklist.parameters.value);
            opa
        };
        Self { control: control.to_owned(), before: make(files), after: make(&tried.mutant.apply(files)) }
    }

    /// What both answer on a case; none where the host would hide a group from the policy.
    fn answers(&self, court: &Court, case: &Case) -> Option<(Value, Value)> {
        let control = court.checklist.control(&self.control)?;
        let (input, valid) = input(court, control, &case.facts);
        let facts = court.facts(&case.facts).ok()?;
        let whole = court.judge(control, &facts).findings.iter().all(|finding| !finding.id.starts_with("facts:"));
        let ask = |opa: &Opa| {
            let rule = |name: &str| match opa.rule(&format!("golive.controls.{}.{name}", self.control), &input) {
                Ok(value) => normal(value),
                Err(words) => json!({ "error": words }),
            };
            json!([rule("met"), rule("violations")])
        };
        (valid && whole).then(|| (ask(&self.before), ask(&self.after)))
    }
}

/// An answer without what a finding only tells.
fn ids(answer: &Value) -> Value {
    let mut answer = answer.clone();
    for violation in answer[1].as_array_mut().into_iter().flatten() {
        *violation = json!([violation["code"], violation["subject"]]);
    }
    answer
}
