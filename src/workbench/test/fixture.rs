//! Fixtures: what their controls came to, and what was expected.

use super::{Ending, Tested};
use crate::checklist::{Checklist, Control};
use crate::model::{CriterionState, Judgement, Standing};
use crate::text::{Problem, pointer_of};
use crate::workbench::laid::{lay, onepass, quick};
use crate::workbench::suite::{Case, Expected, Suite};
use crate::workbench::trial::trial;
use bumpalo::Bump;
use serde_json::Value;
use std::collections::BTreeSet;

/// More facts than this are not shown for one fixture.
const MOST_FACTS: usize = 12;

/// How a fixture's judgement differs from what was expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Miss {
    /// The verdict that was expected.
    pub expected: String,
    /// The verdict that came.
    pub actual: String,
    /// Findings that were expected and did not come.
    pub missing: Vec<String>,
    /// Findings that came and were not expected, each with its words.
    pub surprising: Vec<(String, String)>,
    /// Findings that point elsewhere than expected: id, the pointers that were expected, those that came.
    pub elsewhere: Vec<(String, Vec<String>, Vec<String>)>,
    /// The criteria that are not met: state, id, words.
    pub unmet: Vec<(CriterionState, String, String)>,
    /// What the criteria in question read of the facts: pointer and value.
    pub facts: Vec<(String, Value)>,
    /// How many more facts they read.
    pub more: usize,
}

/// Runs the fixtures that are wanted; their judgements, too, as far as there are some.
pub(super) fn run(checklist: &Checklist, suite: &Suite, wanted: &dyn Fn(&Case) -> bool) -> (Vec<Tested>, Vec<Judgement>) {
    let (onepass, quick) = (onepass(checklist), quick(checklist, &|_| true));
    let mut arena = Bump::new();
    let (mut out, mut judgements) = (Vec::new(), Vec::new());
    for case in suite.cases.iter().filter(|case| wanted(case)) {
        let swift = onepass
            .as_ref()
            .and_then(|onepass| lay(onepass, checklist, case, &arena))
            .and_then(|laid| laid.standing(checklist, &quick, &arena));
        out.push(Tested {
            group: case.control.clone(),
            name: case.name.clone(),
            ending: ending(checklist, case, swift.as_ref(), &mut judgements),
        });
        arena.reset();
    }
    (out, judgements)
}

fn ending(checklist: &Checklist, case: &Case, swift: Option<&Standing>, judgements: &mut Vec<Judgement>) -> Ending {
    let Some(control) = checklist.control(&case.control) else {
        return Ending::Errored(format!("the checklist has no control `{}`", case.control));
    };
    let Some(expected) = &case.expected else {
        return Ending::Errored("it does not say what is expected: write expected.json".to_owned());
    };
    let judgement = match trial(checklist, case) {
        Ok(Some(judgement)) => judgement,
        Ok(None) => return Ending::Errored(format!("the checklist has no control `{}`", case.control)),
        Err(problems) => return Ending::Errored(format!("its facts are refused: {}", words(&problems))),
    };
    judgements.push(judgement.clone());
    let reference = Standing::of(&judgement);
    if let Some(swift) = swift.filter(|swift| **swift != reference) {
        return Ending::Errored(format!(
            "two engines differ: the interpreter says {} [{}], the compiled path {} [{}]",
            reference.verdict,
            reference.findings.join(", "),
            swift.verdict,
            swift.findings.join(", ")
        ));
    }
    let wanted: BTreeSet<&String> = expected.findings.iter().collect();
    let found: BTreeSet<&String> = reference.findings.iter().collect();
    if expected.verdict == reference.verdict.word() && wanted == found && expected.elsewhere(&judgement).is_empty() {
        return Ending::Passed;
    }
    Ending::Missed(Box::new(miss(checklist, control, case, expected, &judgement)))
}

fn words(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ")
}

fn miss(checklist: &Checklist, control: &Control, case: &Case, expected: &Expected, judgement: &Judgement) -> Miss {
    let came = |id: &String| judgement.findings.iter().any(|finding| finding.id == *id);
    let missing: Vec<String> = expected.findings.iter().filter(|id| !came(id)).cloned().collect();
    let surprising: Vec<_> = judgement.findings.iter().filter(|finding| !expected.findings.contains(&finding.id)).collect();
    let unmet = judgement.criteria.iter().filter(|criterion| criterion.state != CriterionState::Met);
    let mut asked: BTreeSet<&str> = surprising.iter().filter_map(|finding| finding.criterion.as_deref()).collect();
    asked.extend(missing.iter().filter_map(|id| criterion_of(control, id)));
    if asked.is_empty() {
        asked.extend(unmet.clone().map(|criterion| criterion.id.as_str()));
    }
    let mut pointers: Vec<String> = Vec::new();
    for pointer in surprising.iter().flat_map(|finding| &finding.pointers) {
        push(&mut pointers, pointer.clone());
    }
    for criterion in asked {
        for path in checklist.reads(control).paths_of.get(criterion).into_iter().flatten() {
            expand(path, &case.facts, &mut pointers);
        }
    }
    let facts: Vec<(String, Value)> = pointers
        .into_iter()
        .map(|pointer| {
            let value = case.facts.pointer(&pointer).cloned().unwrap_or(Value::Null);
            (pointer, value)
        })
        .collect();
    Miss {
        expected: expected.verdict.clone(),
        actual: judgement.verdict.word().to_owned(),
        missing,
        surprising: surprising.iter().map(|finding| (finding.id.clone(), finding.message.clone())).collect(),
        elsewhere: expected
            .elsewhere(judgement)
            .into_iter()
            .map(|(id, wanted, came)| (id.to_owned(), wanted.to_vec(), came.to_vec()))
            .collect(),
        unmet: unmet.map(|criterion| (criterion.state, criterion.id.clone(), criterion.words.clone())).collect(),
        more: facts.len().saturating_sub(MOST_FACTS),
        facts: facts.into_iter().take(MOST_FACTS).collect(),
    }
}

/// The criterion that a finding is about.
fn criterion_of<'c>(control: &'c Control, finding: &'c str) -> Option<&'c str> {
    if let Some(criterion) = finding.strip_prefix("unproven:") {
        return Some(criterion);
    }
    let code = finding.split('[').next()?;
    Some(control.text.violations.get(code)?.denies.as_str())
}

/// The places in some facts that a path such as `facts/backups/artifacts/*/id` stands for.
fn expand(path: &str, facts: &Value, out: &mut Vec<String>) {
    let mut words = path.split('/');
    let (Some(root), Some(group)) = (words.next(), words.next()) else { return };
    let start = match root {
        "facts" => vec!["facts".to_owned(), group.to_owned(), "value".to_owned()],
        "envelope" => vec!["facts".to_owned(), group.to_owned()],
        _ => return,
    };
    let mut places = vec![start];
    for word in words {
        places = places.into_iter().flat_map(|place| below(&place, word, facts)).collect();
    }
    for place in places {
        let pointer = pointer_of(place);
        if facts.pointer(&pointer).is_some() {
            push(out, pointer);
        }
    }
}

/// One step further: a name, or every element.
fn below(place: &[String], word: &str, facts: &Value) -> Vec<Vec<String>> {
    let further = |step: String| place.iter().cloned().chain([step]).collect();
    match (word, facts.pointer(&pointer_of(place))) {
        ("*", Some(Value::Array(items))) => (0..items.len()).map(|index| further(index.to_string())).collect(),
        ("*", Some(Value::Object(members))) => members.keys().map(|key| further(key.clone())).collect(),
        ("*", _) => Vec::new(),
        (word, _) => vec![further(word.to_owned())],
    }
}

fn push(out: &mut Vec<String>, pointer: String) {
    if !out.contains(&pointer) {
        out.push(pointer);
    }
}
