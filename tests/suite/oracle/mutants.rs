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
                let Some((before, after)) = answers(bridge, &court, &files, tried, case) else { continue };
                killed += 1;
                differences.hold(before != after, || format!("{}: OPA sees no difference on {test}", words(tried)));
            }
            Fate::Survived => {
                survived += 1;
                for case in suite.cases.iter().filter(|case| tried.controls.contains(&case.control)) {
                    let Some((before, after)) = answers(bridge, &court, &files, tried, case) else { continue };
                    let same = ids(&before) == ids(&after);
                    differences.hold(same, || format!("{}: OPA sees a difference on {}/{}", words(tried), case.control, case.name));
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

/// What OPA answers on a case by the original and by the mutant; none where the host would hide a group from the policy.
fn answers(bridge: Bridge, court: &Court, files: &Files, tried: &Tried, case: &Case) -> Option<(Value, Value)> {
    let control = court.checklist.control(&case.control)?;
    let (input, valid) = input(court, control, &case.facts);
    let facts = court.facts(&case.facts).ok()?;
    let whole = court.judge(control, &facts).findings.iter().all(|finding| !finding.id.starts_with("facts:"));
    if !valid || !whole {
        return None;
    }
    let ask = |files: &Files| {
        let opa = Opa::new(bridge);
        let own = format!("policies/controls/{}.rego", case.control.replacen('.', "/", 1));
        for (path, source) in files.under("policies/").filter(|(path, _)| *path == own || path.starts_with("policies/lib/")) {
            if path.ends_with(".rego") && !Files::is_test(path) {
                opa.policy(path, &source.text);
            }
        }
        opa.parameters(&court.checklist.parameters.value);
        let rule = |name: &str| match opa.rule(&format!("golive.controls.{}.{name}", case.control), &input) {
            Ok(value) => normal(value),
            Err(words) => json!({ "error": words }),
        };
        json!([rule("met"), rule("violations")])
    };
    Some((ask(files), ask(&tried.mutant.apply(files))))
}

/// An answer without what a finding only tells.
fn ids(answer: &Value) -> Value {
    let mut answer = answer.clone();
    for violation in answer[1].as_array_mut().into_iter().flatten() {
        *violation = json!([violation["code"], violation["subject"]]);
    }
    answer
}
