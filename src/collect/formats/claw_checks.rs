//! What claw says of itself: `claw doctor --json` and `claw admin preflight`.

use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Doctor {
    checks: Vec<DoctorCheck>,
}

#[derive(Deserialize)]
struct DoctorCheck {
    name: String,
    status: String,
}

/// The checks of `claw doctor --json`, as the group `install` holds them.
///
/// # Errors
/// It is no such report, or an empty one.
pub fn doctor(text: &str) -> Result<Vec<Value>, String> {
    let doctor: Doctor = serde_json::from_str(text).map_err(|e| format!("no report of `doctor --json`: {e}"))?;
    if doctor.checks.is_empty() {
        return Err("the report of `doctor --json` lists no check".to_owned());
    }
    let one = |check: DoctorCheck| {
        let name = format!("doctor {}", check.name);
        match check.status.as_str() {
            "skipped" => json!({ "state": "skipped", "name": name }),
            status => json!({ "state": "ran", "name": name, "result": result(status, ["ok", "warning", "error"]) }),
        }
    };
    Ok(doctor.checks.into_iter().map(one).collect())
}

/// The lines `[PASS] name: detail` of `claw admin preflight`. Its headline says PASS with warnings below it, and is not read.
///
/// # Errors
/// No such line, or a line with brackets that is not one.
pub fn preflight(text: &str) -> Result<Vec<Value>, String> {
    let mut out = Vec::new();
    for line in text.lines().map(str::trim_start).filter(|line| line.starts_with('[')) {
        let parts = line[1..].split_once("] ").and_then(|(word, rest)| Some((word, rest.split_once(':')?.0)));
        let Some((word, name)) = parts else { return Err(format!("no line of `admin preflight`: {line}")) };
        out.push(json!({ "state": "ran", "name": format!("preflight {name}"), "result": result(word, ["PASS", "WARN", "FAIL"]) }));
    }
    if out.is_empty() { Err("`admin preflight` lists no check".to_owned()) } else { Ok(out) }
}

fn result(word: &str, words: [&str; 3]) -> &'static str {
    let results = ["passed", "warned", "failed"];
    words.iter().zip(results).find(|(known, _)| **known == word).map_or("unknown", |(_, result)| result)
}
