//! What docs/writing-controls.md says of fixtures.

use super::verdicts::control_of;
use crate::cases::{Case, cases};
use crate::court::Court;
use crate::differences::Differences;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_control_has_the_cases_it_must_have() {
    let court = Court::of_fixtures();
    let all = cases("controls");
    let mut differences = Differences::default();
    for control in &court.checklist.controls {
        let own = all.iter().filter(|c| control_of(c) == control.text.id);
        let names: BTreeSet<&str> = own.filter_map(|c| c.name.rsplit('/').next()).collect();
        let codes = control.text.violations.keys().map(|code| format!("fail_{code}"));
        for wanted in ["pass".to_owned(), "missing_facts".to_owned()].into_iter().chain(codes) {
            differences.hold(names.contains(wanted.as_str()), || format!("{}: there is no case `{wanted}`", control.text.id));
        }
    }
    for case in &all {
        let id = control_of(case);
        differences.hold(court.checklist.control(&id).is_some(), || format!("{}: there is no control `{id}`", case.name));
    }
    differences.end("cases of controls");
}

#[test]
fn a_case_named_after_a_code_or_verdict_shows_it() {
    let court = Court::of_fixtures();
    let mut differences = Differences::default();
    for case in cases("controls") {
        let Some(control) = court.checklist.control(&control_of(&case)) else { continue };
        let expected = case.json("expected.json");
        let name = case.name.rsplit('/').next().unwrap_or_default();
        let verdict = expected["verdict"].as_str().unwrap_or_default();
        match name.split_once('_').unwrap_or((name, "")) {
            ("pass", _) => differences.equal(&case.name, &"pass", &verdict),
            ("unknown" | "missing" | "invalid", _) => differences.hold(verdict != "pass", || format!("{} expects a pass", case.name)),
            ("fail", rest) => {
                differences.equal(&case.name, &"fail", &verdict);
                if let Some(code) = longest_code(rest, control.text.violations.keys()) {
                    differences.hold(has_code(&expected, code), || format!("{}: no finding has the code `{code}`", case.name));
                }
            }
            _ => {}
        }
    }
    differences.end("names of cases");
}

/// `fail_drill-outdated-in-future` is about `drill-outdated`.
fn longest_code<'c>(name: &str, codes: impl Iterator<Item = &'c String>) -> Option<&'c str> {
    codes.map(String::as_str).filter(|code| name.starts_with(code)).max_by_key(|code| code.len())
}

fn has_code(expected: &Value, code: &str) -> bool {
    let ids = expected["findings"].as_array().into_iter().flatten().filter_map(Value::as_str);
    ids.into_iter().any(|id| id == code || id.strip_prefix(code).is_some_and(|rest| rest.starts_with('[')))
}

#[test]
fn pass_holds_the_groups_of_the_control_and_shared_groups_are_one() {
    let court = Court::of_fixtures();
    let mut differences = Differences::default();
    let mut first: BTreeMap<String, (String, Value)> = BTreeMap::new();
    for case in passes() {
        let Some(control) = court.checklist.control(&control_of(&case)) else { continue };
        let facts = case.facts();
        let groups: BTreeSet<&str> = facts["facts"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let wanted: BTreeSet<&str> = control.text.facts.keys().map(String::as_str).collect();
        differences.equal(format!("{}: groups", case.name), &wanted, &groups);
        for name in groups {
            let value = facts["facts"][name]["value"].clone();
            match first.get(name) {
                Some((other, shared)) => differences.hold(*shared == value, || format!("`{name}` in {} is not that of {other}", case.name)),
                None => drop(first.insert(name.to_owned(), (case.name.clone(), value))),
            }
        }
    }
    differences.end("groups of `pass`");
}

fn passes() -> Vec<Case> {
    cases("controls").into_iter().filter(|c| c.name.ends_with("/pass")).collect()
}
