//! `golive.problems/1`.

use super::Region;
use crate::report::encode;
use crate::text::{Problem, Severity};
use serde_json::{Value, json as object};

/// All problems in their order; `schemas/problems.schema.json` describes the text.
pub fn json(problems: &[Problem]) -> String {
    let problems: Vec<Value> = problems.iter().map(one).collect();
    let value = object!({ "format": "golive.problems/1", "problems": problems });
    encode::json(&format!("{value:#}\n"))
}

fn one(problem: &Problem) -> Value {
    let places = problem.labels.iter().flat_map(|(source, labels)| {
        labels.iter().map(move |(span, label)| {
            let region = Region::of(source, span);
            object!({
                "file": source.name,
                "line": region.start.line,
                "column": region.start.column,
                "end_line": region.end.line,
                "end_column": region.end.column,
                "label": label,
            })
        })
    });
    object!({
        "code": problem.code,
        "severity": if problem.severity == Severity::Error { "error" } else { "warning" },
        "message": problem.message,
        "help": problem.help,
        "places": places.collect::<Vec<_>>(),
    })
}
