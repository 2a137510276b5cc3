//! Controls and violations that no fixture shows at work: nobody would notice if they stopped.

use crate::checklist::{Checklist, Control};
use crate::text::{Problem, visible};
use crate::workbench::suite::Suite;
use crate::workbench::trial::trial;
use std::collections::BTreeSet;

/// A warning for each control without a fixture, without one that passes, or without one that does not.
pub fn controls(checklist: &Checklist, suite: &Suite) -> Vec<Problem> {
    let without = |control: &Control| {
        let verdicts: Vec<bool> = suite.of(&control.text.id).filter_map(|case| Some(case.expected.as_ref()?.verdict == "pass")).collect();
        match (verdicts.contains(&true), verdicts.contains(&false)) {
            (true, true) => None,
            (false, false) => Some("no fixture"),
            (false, true) => Some("no fixture that passes"),
            (true, false) => Some("no fixture that does not pass"),
        }
    };
    let problem = |control: &Control| {
        let id = &control.text.id;
        let message = format!("the control `{}` has {}", visible(id), without(control)?);
        let problem = place(checklist, id, Problem::new("golive::policy::untested", message).warning(), "untested");
        Some(
            problem
                .help(format!("fixtures/controls/{}/<case>/ holds facts.json or patch.json, and expected.json", id.replacen('.', "/", 1))),
        )
    };
    checklist.controls.iter().filter_map(problem).collect()
}

/// A warning for each violation that no fixture triggers.
pub fn violations(checklist: &Checklist, suite: &Suite) -> Vec<Problem> {
    let mut out = Vec::new();
    for control in checklist.controls.iter().filter(|control| suite.of(&control.text.id).next().is_some()) {
        let seen: BTreeSet<String> = suite
            .of(&control.text.id)
            .filter_map(|case| trial(checklist, case).ok().flatten())
            .flat_map(|judgement| judgement.findings)
            .map(|finding| finding.id.split('[').next().unwrap_or_default().to_owned())
            .collect();
        for code in control.text.violations.keys().filter(|code| !seen.contains(*code)) {
            let message = format!("no fixture triggers the violation `{}` of `{}`", visible(code), visible(&control.text.id));
            let problem = Problem::new("golive::policy::untested", message).warning();
            let problem = place(checklist, &control.text.id, problem, "never seen to deny anything");
            out.push(problem.help(format!("add a case `fail_{}` that shows what it denies", visible(code))));
        }
    }
    out
}

/// The problem at a control's package.
fn place(checklist: &Checklist, id: &str, problem: Problem, label: &str) -> Problem {
    let index = checklist.controls.iter().position(|control| control.text.id == id);
    match index.and_then(|index| checklist.engine.modules().into_iter().nth(index)) {
        Some(module) => problem.at(&module.source, module.package_span.clone(), label),
        None => problem,
    }
}
