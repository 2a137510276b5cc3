//! SARIF 2.1.0.

use super::{file, first};
use crate::report::sarif_log::{log, place};
use crate::text::{Problem, Severity};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One run with a rule for each code that is there.
pub fn sarif(problems: &[Problem]) -> String {
    let rules: BTreeSet<&str> = problems.iter().map(|problem| problem.code).collect();
    let rules: Vec<Value> = rules.iter().map(|code| json!({ "id": code })).collect();
    let results: Vec<Value> = problems.iter().map(result).collect();
    log(&rules, &results, json!({}))
}

fn result(problem: &Problem) -> Value {
    let text = match &problem.help {
        Some(help) => format!("{}\n{help}", problem.message),
        None => problem.message.clone(),
    };
    let locations = first(problem).map(|(source, region)| {
        let (start, end) = (region.start, region.end);
        json!({ "physicalLocation": place(file(source), Some(((start.line, start.column), (end.line, end.column)))) })
    });
    json!({
        "ruleId": problem.code,
        "level": if problem.severity == Severity::Error { "error" } else { "warning" },
        "message": { "text": text },
        "locations": locations.into_iter().collect::<Vec<_>>(),
    })
}
