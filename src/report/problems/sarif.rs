//! SARIF 2.1.0.

use super::{file, first};
use crate::report::encode;
use crate::text::{Problem, Severity};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One run with a rule for each code that is there.
pub fn sarif(problems: &[Problem]) -> String {
    let rules: BTreeSet<&str> = problems.iter().map(|problem| problem.code).collect();
    let rules: Vec<Value> = rules.iter().map(|code| json!({ "id": code })).collect();
    let results: Vec<Value> = problems.iter().map(result).collect();
    let value = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "golive", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    encode::json(&format!("{value:#}\n"))
}

fn result(problem: &Problem) -> Value {
    let text = match &problem.help {
        Some(help) => format!("{}\n{help}", problem.message),
        None => problem.message.clone(),
    };
    let locations = first(problem).map(|(source, region)| {
        json!({
            "physicalLocation": {
                "artifactLocation": { "uri": encode::uri(file(source)) },
                "region": {
                    "startLine": region.start.line,
                    "startColumn": region.start.column,
                    "endLine": region.end.line,
                    "endColumn": region.end.column,
                },
            },
        })
    });
    json!({
        "ruleId": problem.code,
        "level": if problem.severity == Severity::Error { "error" } else { "warning" },
        "message": { "text": text },
        "locations": locations.into_iter().collect::<Vec<_>>(),
    })
}
