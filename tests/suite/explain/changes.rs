//! Each change that is printed makes the control pass, and no smaller one would.

use super::{Bench, name};
use crate::differences::Differences;
use crate::project;
use golive::batch::{Judge, Mode, Setting};
use golive::checklist::Files;
use golive::outlook::explain::change::{Change, Kind};
use golive::outlook::explain::json as written;
use golive::text::{Limits, Source, read_json};
use golive::workbench::suite::Case;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

#[test]
fn every_change_that_is_printed_makes_its_control_pass() {
    let bench = Bench::new();
    let schema = project::json(&project::root().join("schemas/explanation.schema.json"));
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).expect("explanation.schema.json is a schema");
    let mut differences = Differences::default();
    let (mut cases, mut sets) = (0, 0);
    for case in bench.named("fail_") {
        cases += 1;
        let explanation = bench.explain(case).unwrap_or_else(|p| panic!("{}: {p:?}", name(case)));
        let document: Value = serde_json::from_str(&written(&explanation)).expect("it is JSON");
        let faults: Vec<String> = schema.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
        differences.equal(format!("{}: explanation.schema.json", name(case)), &Vec::new(), &faults);
        let printed = document["change"]["sets"].as_array().cloned().unwrap_or_default();
        differences.hold(!printed.is_empty(), || format!("{}: no change was found", name(case)));
        for set in &printed {
            sets += 1;
            let patches: Vec<&Value> = set.as_array().into_iter().flatten().map(|change| &change["patch"]).collect();
            let changed = patched(&case.facts, &patches);
            differences.equal(format!("{}: with {set}", name(case)), &"pass".to_owned(), &bench.verdict(case, &changed));
        }
    }
    project::tell(&format!("{cases} cases that fail, {sets} sets of changes, each judged by the reference"));
    differences.end("changes that are printed");
}

#[test]
fn nothing_smaller_would_do() {
    let bench = Bench::new();
    let mut quick = Quick::new(&bench);
    let mut differences = Differences::default();
    let (mut larger, mut left) = (0, Vec::new());
    for case in bench.named("fail_") {
        let report = bench.explain(case).unwrap_or_else(|p| panic!("{}: {p:?}", name(case))).change;
        let size = report.sets.first().map_or(0, Vec::len);
        if !report.exhausted {
            left.push(name(case));
        }
        if size < 2 {
            continue;
        }
        larger += 1;
        let leaves: Vec<&Change> = report.universe.iter().filter(|change| change.kind == Kind::Leaf).collect();
        for set in subsets(&leaves, size - 1) {
            let changed = with(&case.facts, &set);
            let words = || format!("{}: {size} changes are printed, {} would do: {set:?}", name(case), set.len());
            differences.hold(!quick.passes(&bench, case, &changed), words);
        }
    }
    project::tell(&format!(
        "{larger} cases need more than one change: {} smaller sets of leaves tried; not ruled out for want of time: {left:?}",
        quick.judged
    ));
    differences.hold(larger > 5, || "hardly any case needs more than one change: nothing was tried".to_owned());
    differences.hold(left.len() < 3, || format!("the search gave up on {left:?}"));
    differences.end("smaller changes");
}

#[test]
fn a_larger_change_is_found_without_proof_that_it_is_the_smallest() {
    let bench = Bench::new();
    let case = bench.named("pass").find(|case| case.control == "backups.scheduled").expect("the case").clone();
    let wrong = json!([
        {"op": "replace", "path": "/facts/backup_schedule/value/schedule/enabled", "value": "no"},
        {"op": "replace", "path": "/facts/backup_schedule/value/schedule/interval", "value": "P7D"},
        {"op": "replace", "path": "/facts/backup_schedule/value/last_run/result", "value": "failed"},
        {"op": "replace", "path": "/facts/backup_schedule/value/last_run/finished_at", "value": "2026-11-20T02:00:00Z"},
        {"op": "replace", "path": "/facts/backups/value/artifacts/0/size_bytes", "value": 0},
    ]);
    let case = Case { facts: patched(&case.facts, &[&wrong]), ..case };
    let report = bench.explain(&case).unwrap_or_else(|p| panic!("{p:?}")).change;
    assert_eq!(report.sets.iter().map(Vec::len).collect::<Vec<_>>(), [5]);
    assert_eq!(bench.verdict(&case, &with(&case.facts, &report.sets[0].iter().collect::<Vec<_>>())), "pass");
}

#[test]
fn two_faults_at_once_need_no_more_than_is_printed() {
    let bench = Bench::new();
    let mut quick = Quick::new(&bench);
    let mut differences = Differences::default();
    let fails: Vec<&Case> = bench.named("fail_").collect();
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for pair in fails.windows(2).step_by(3) {
        let Some(case) = both(pair[0], pair[1]) else { continue };
        let Ok(explanation) = bench.explain(&case) else { continue };
        let report = explanation.change;
        let size = report.sets.first().map_or(0, Vec::len);
        *sizes.entry(size).or_default() += 1;
        for set in &report.sets {
            let changed = with(&case.facts, &set.iter().collect::<Vec<_>>());
            differences.equal(format!("{}: with {set:?}", name(&case)), &"pass".to_owned(), &bench.verdict(&case, &changed));
        }
        if report.exhausted && size > 1 {
            let leaves: Vec<&Change> = report.universe.iter().filter(|change| change.kind == Kind::Leaf).collect();
            for set in subsets(&leaves, (size - 1).min(2)) {
                let words = || format!("{}: {size} changes are printed, {} would do: {set:?}", name(&case), set.len());
                differences.hold(!quick.passes(&bench, &case, &with(&case.facts, &set)), words);
            }
        }
    }
    project::tell(&format!(
        "pairs of faults by how many changes they need (0: none found): {sizes:?}; {} smaller sets tried",
        quick.judged
    ));
    differences.hold(sizes.iter().filter(|(size, _)| **size > 1).map(|(_, n)| n).sum::<usize>() > 10, || format!("too few: {sizes:?}"));
    differences.end("two faults at once");
}

/// Facts with thousands of members are explained too; what is not looked for is said.
#[test]
fn large_facts_are_explained_too() {
    let bench = Bench::new();
    let base = bench.named("pass").find(|case| case.control == "scans.passed").expect("the case").clone();
    for (critical, wanted) in [(1, None), (2_000, Some("2000 violations hold, and no more than 100 are taken apart"))] {
        let severity = |i: usize| if i < critical { "critical" } else { "low" };
        let finding = |i: usize| json!({"id": format!("CVE-{i}"), "severity": severity(i), "component": format!("c{i}")});
        let findings: Vec<Value> = (0..2_000).map(finding).collect();
        let report = "/facts/scans/value/reports/0";
        let edits = json!([
            {"op": "replace", "path": format!("{report}/findings"), "value": findings},
            {"op": "replace", "path": format!("{report}/findings_total"), "value": 2_000},
        ]);
        let case = Case { facts: patched(&base.facts, &[&edits]), ..base.clone() };
        let found = bench.explain(&case).unwrap_or_else(|p| panic!("{p:?}"));
        assert_eq!(found.criteria.iter().map(|row| row.violations.len()).sum::<usize>(), critical);
        assert_eq!(found.change.not_sought.as_deref(), wanted);
        assert!(!found.change.exhausted || wanted.is_some(), "members of long lists are not all tried");
        if wanted.is_none() {
            let set: Vec<&Change> = found.change.sets[0].iter().collect();
            assert_eq!((set.len(), bench.verdict(&case, &with(&case.facts, &set)).as_str()), (1, "pass"));
        }
    }
}

/// The faults of two cases of one control; none where one undoes the other.
fn both(first: &Case, second: &Case) -> Option<Case> {
    let folder = project::root().join("fixtures/controls").join(second.control.replacen('.', "/", 1)).join(&second.name);
    let patch: json_patch::Patch = serde_json::from_value(project::json(&folder.join("patch.json"))).ok()?;
    let mut facts = first.facts.clone();
    json_patch::patch(&mut facts, &patch).ok()?;
    let name = format!("{} and {}", first.name, second.name);
    (first.control == second.control).then(|| Case { facts, name, ..first.clone() })
}

/// All sets of up to so many changes, at most one of each place.
fn subsets<'c>(changes: &[&'c Change], most: usize) -> Vec<Vec<&'c Change>> {
    let mut out: Vec<Vec<&Change>> = Vec::new();
    let mut last: Vec<(usize, Vec<&Change>)> = vec![(0, Vec::new())];
    for _ in 0..most.min(3) {
        let mut next = Vec::new();
        for (from, set) in &last {
            for (index, change) in changes.iter().enumerate().skip(*from) {
                if set.iter().all(|other| other.pointer != change.pointer) {
                    let set: Vec<&Change> = set.iter().copied().chain([*change]).collect();
                    out.push(set.clone());
                    next.push((index + 1, set));
                }
            }
        }
        last = next;
    }
    out
}

/// Facts with some changes, applied as the JSON Patch that is printed.
fn with(facts: &Value, set: &[&Change]) -> Value {
    let patches: Vec<Value> = set.iter().map(|change| serde_json::to_value(&change.patch).expect("a patch is JSON")).collect();
    patched(facts, &patches.iter().collect::<Vec<_>>())
}

fn patched(facts: &Value, patches: &[&Value]) -> Value {
    let mut out = facts.clone();
    for patch in patches {
        let patch: json_patch::Patch = serde_json::from_value((*patch).clone()).expect("a JSON patch");
        json_patch::patch(&mut out, &patch).unwrap_or_else(|e| panic!("{patch}: {e}"));
    }
    out
}

/// The compiled path: it knows nothing of explanations.
struct Quick {
    judge: Judge,
    judged: usize,
}

impl Quick {
    fn new(bench: &Bench) -> Self {
        let path = project::root().join("fixtures/controls/parameters.json");
        let overlay = read_json(Arc::new(Source::new("parameters.json", project::text(&path))), &Limits::default());
        let setting = Setting {
            files: Files::embedded(),
            overlay: Some(overlay.unwrap_or_else(|p| panic!("{p}"))),
            waivers: Vec::new(),
            remediations: Vec::new(),
            environment: None,
            release: None,
        };
        let mut judge = Judge::new(setting, bench.court.now).unwrap_or_else(|e| panic!("{e:?}"));
        judge.take(Mode::quick(0.0));
        Self { judge, judged: 0 }
    }

    fn passes(&mut self, bench: &Bench, case: &Case, facts: &Value) -> bool {
        self.judged += 1;
        let index = bench.court.checklist.controls.iter().position(|c| c.text.id == case.control).expect("a control");
        let line = self.judge.line("document", facts.to_string().as_bytes());
        line.marks.outcomes.as_bytes().get(index) == Some(&b'p')
    }
}
