//! Statements: every fixture of every control can be followed, and comes to what the reference came to.

use super::{Bench, name};
use crate::differences::Differences;
use golive::checklist::{Files, load};
use golive::outlook::explain::model::StopRow;
use golive::outlook::explain::{Question, explain};
use golive::rego::Limits;
use golive::text::Source;
use std::collections::BTreeMap;
use std::sync::Arc;

#[test]
fn each_criterion_that_is_not_met_names_what_stopped_it() {
    let bench = Bench::new();
    let mut differences = Differences::default();
    for case in &bench.cases {
        let Ok(explanation) = bench.explain(case) else { continue };
        let broken = explanation.verdict == "error";
        differences.hold(explanation.traced || broken, || format!("{}: its statements were not followed", name(case)));
        for criterion in &explanation.criteria {
            let what = || format!("{}: {}", name(case), criterion.id);
            let asked = explanation.traced && criterion.blind.is_empty();
            differences.hold(!criterion.rules.is_empty(), || format!("{}: no rule", what()));
            differences
                .hold(!asked || (criterion.state == "met") == criterion.stopped.is_empty(), || format!("{}: what stopped it", what()));
            differences.hold((criterion.state == "denied") != criterion.violations.is_empty(), || format!("{}: what denies it", what()));
            let places = criterion.violations.iter().all(|violation| violation.rule.is_some());
            differences.hold(!explanation.traced || places, || format!("{}: the rule of a violation", what()));
            for stopped in &criterion.stopped {
                innermost(stopped, &mut |stop| differences.hold(says(stop), || format!("{}: {stop:?}", what())));
            }
        }
    }
    differences.end("statements that stopped");
}

fn innermost(stop: &StopRow, see: &mut dyn FnMut(&StopRow)) {
    if stop.below.is_empty() {
        see(stop);
    }
    stop.below.iter().for_each(|below| innermost(&below.stop, see));
}

/// The innermost statement is one of the policy's, with what it compared, or with what is missing.
fn says(stop: &StopRow) -> bool {
    let compared = stop.compared.as_ref().is_some_and(|c| !c.left.text.is_empty() && !c.right.text.is_empty());
    let quotes = stop.at.text.matches('"').count().is_multiple_of(2);
    stop.at.line > 0
        && !stop.at.text.is_empty()
        && quotes
        && (compared || stop.missing.is_some() || stop.why == "held" || stop.why == "called")
}

#[test]
fn what_cannot_be_followed_is_said_and_not_made_up() {
    let bench = Bench::new();
    let embedded = Files::embedded();
    let mut files: BTreeMap<String, Arc<Source>> =
        ["policies/", "schemas/"].iter().flat_map(|folder| embedded.under(folder)).map(|(p, s)| (p.to_owned(), Arc::clone(s))).collect();
    let path = "policies/controls/backups/scheduled.rego";
    let text = files[path].text.replace(r#"schedule.enabled == "yes""#, r#"lower(schedule.enabled) == "yes""#);
    files.insert(path.to_owned(), Arc::new(Source::new(path, text)));
    let plan = &bench.court.plan;
    let checklist = load(&Files::new("edited", files), None, &plan.environment, Limits::default()).unwrap_or_else(|e| panic!("{e:?}"));
    let case = bench.named("fail_window-missed").find(|case| case.control == "backups.scheduled").expect("the case");
    let facts = bench.court.facts(&case.facts).expect("facts");
    let question = Question { control: &case.control, now: bench.court.now, given: true, fixtures: &bench.cases };
    let explanation = explain(&checklist, &facts, question).expect("the control");
    assert!(!explanation.traced);
    assert_eq!(explanation.verdict, "fail");
    assert!(explanation.criteria.iter().all(|c| c.stopped.is_empty() && c.compared.is_empty() && !c.rules.is_empty()));
    assert_eq!(explanation.criteria.iter().filter(|c| c.state == "denied").count(), 1);
    assert!(explanation.change.sets.is_empty() && explanation.change.not_sought.is_some());
}
