//! SARIF 2.1.0: the frame that reports of decisions and of problems have in common.

use super::encode;
use serde_json::{Value, json};

/// A log of one run. `rest` holds what this run has beside its tool and its results.
pub fn log(rules: &[Value], results: &[Value], rest: Value) -> String {
    let mut run = json!({
        "tool": { "driver": { "name": "golive", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    if let (Some(run), Value::Object(rest)) = (run.as_object_mut(), rest) {
        run.extend(rest);
    }
    let value = json!({ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run] });
    encode::json(&format!("{value:#}\n"))
}

/// A place in a file; lines and columns count from 1, and the end is the column behind it.
pub fn place(file: &str, region: Option<((usize, usize), (usize, usize))>) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": encode::uri(file) } });
    if let (Some(place), Some((start, end))) = (place.as_object_mut(), region) {
        let region = json!({ "startLine": start.0, "startColumn": start.1, "endLine": end.0, "endColumn": end.1 });
        place.insert("region".to_owned(), region);
    }
    place
}
