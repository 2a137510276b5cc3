//! Holds a run against what the case promises, and against what every case promises.

use super::case::{Case, Expect};
use super::drive::{self, Run};
use super::stage::{Base, Stage};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);
const DECISION: &str = "decision.json";
const CONTROLS: usize = 11;

/// What is wrong with one case, each with the command that shows it. The folder is kept then.
pub fn hold(case: &Case, base: &Base) -> Vec<String> {
    let stage = base.stage(case);
    let limit = case.expect.seconds.map_or(LIMIT, Duration::from_secs);
    let runs = drive::run(case, &stage, limit);
    let mut faults: Vec<String> = runs.iter().flat_map(|run| verify(case, &stage, run)).collect();
    for (number, over) in case.again.iter().enumerate() {
        let other = case.with(over);
        let again = base.stage(&other);
        let second = drive::run(&other, &again, limit);
        faults.extend(second.iter().flat_map(|run| verify(&other, &again, run)));
        for (first, second) in runs.iter().zip(&second) {
            faults.extend(
                differences(&stage, &again, first, second).into_iter().map(|what| format!("again #{}: {what} differs", number + 1)),
            );
        }
    }
    if faults.is_empty() {
        stage.unlock();
        return faults;
    }
    let command = drive::spelled(case, &stage);
    let heard: Vec<String> = runs.iter().map(|run| format!("    stderr: {}", first_lines(&run.stderr))).collect();
    let _ = stage.folder.keep();
    vec![format!("{} ({}):\n  - {}\n    {command}\n{}", case.id, case.area, faults.join("\n  - "), heard.join("\n"))]
}

fn first_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().take(12).map(|line| line.chars().take(200).collect::<String>()).collect::<Vec<_>>().join("\n            ")
}

fn differences(first: &Stage, second: &Stage, a: &Run, b: &Run) -> Vec<&'static str> {
    let decision = |stage: &Stage| fs::read(stage.path().join(DECISION)).ok();
    let pairs = [("stdout", a.stdout == b.stdout), ("stderr", a.stderr == b.stderr), (DECISION, decision(first) == decision(second))];
    pairs.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}

fn verify(case: &Case, stage: &Stage, run: &Run) -> Vec<String> {
    let mut faults = Vec::new();
    let expect = &case.expect;
    let mut fault = |words: String| faults.push(words);
    if run.late {
        fault("it took longer than its time limit".to_owned());
    }
    match (run.exit, run.signal) {
        (Some(exit), _) if expect.exit.list().contains(&exit) => {}
        (exit, signal) => fault(format!("exit {exit:?} (signal {signal:?}), wanted {:?}", expect.exit.list())),
    }
    if matches!(run.exit, Some(101 | 134 | 139)) || matches!(run.signal, Some(6 | 11)) {
        fault("it crashed".to_owned());
    }
    let decision = decision(case, stage, run, &mut faults);
    always(case, run, decision.as_ref(), &mut faults);
    streams(case, stage, run, &mut faults);
    if let Some(gate) = &expect.gate {
        let got = decision.as_ref().and_then(|d| d["gate"].as_str()).unwrap_or("none");
        if got != gate {
            faults.push(format!("gate {got}, wanted {gate}"));
        }
    }
    if let Some(decision) = &decision {
        rows(expect, decision, &mut faults);
    }
    faults
}

/// The decision that was written as JSON: whole, or none.
fn decision(case: &Case, stage: &Stage, run: &Run, faults: &mut Vec<String>) -> Option<Value> {
    let to_stdout = case.output.as_ref().is_some_and(|o| o.iter().any(|o| o == "json" || o == "json=-"));
    let bytes = if to_stdout { Some(run.stdout.clone()) } else { fs::read(stage.path().join(DECISION)).ok() };
    let bytes = bytes.filter(|b| !b.is_empty())?;
    let parsed = serde_json::from_slice::<Value>(&bytes);
    if parsed.is_err() {
        faults.push("the JSON result is not whole".to_owned());
    }
    for path in &case.expect.whole {
        let whole = fs::read(stage.path().join(path)).ok().and_then(|b| serde_json::from_slice::<Value>(&b).ok());
        if whole.is_none_or(|w| w["format"] != "golive.decision/1") {
            faults.push(format!("{path} holds no whole decision"));
        }
    }
    parsed.ok()
}

/// What every case promises.
fn always(case: &Case, run: &Run, decision: Option<&Value>, faults: &mut Vec<String>) {
    let checks = case.run.as_ref().is_none_or(|words| matches!(words.first(), Some(super::case::Word::One(w)) if w == "check"));
    let gate = decision.map(|d| d["gate"].as_str().unwrap_or_default());
    match (run.exit, gate) {
        (Some(0), None) if !checks || !writes_json(case) => {}
        (Some(0), Some("GO")) | (Some(1), Some("NO_GO")) | (Some(6 | 141), _) => {}
        (Some(1), None) if !writes_json(case) => {}
        (Some(exit @ (0 | 1)), gate) => faults.push(format!("exit {exit} beside the gate {gate:?}")),
        (_, Some(gate)) => faults.push(format!("exit {:?}, yet the decision {gate} was left behind", run.exit)),
        (Some(2..=5 | 70), None) if checks && !run.stdout.is_empty() && case.stdin != super::case::Stdin::Terminal => {
            faults.push("nothing was decided, yet stdout holds something".to_owned());
        }
        _ => {}
    }
    let Some(rows) = decision.and_then(|d| d["controls"].as_array()) else { return };
    if rows.len() != case.expect.controls.unwrap_or(CONTROLS) {
        faults.push(format!("{} controls were judged", rows.len()));
    }
    let all = |list: &Value, good: fn(&Value) -> bool| list.as_array().is_some_and(|l| !l.is_empty() && l.iter().all(good));
    for row in rows {
        let pass = row["verdict"] == "pass";
        let proven = all(&row["criteria"], |c| c["state"] == "met") && row["findings"].as_array().is_some_and(Vec::is_empty);
        let marked = (row["mark"] == "PASS") == pass && (row["outcome"] == "pass") == pass;
        if pass && !proven || !marked {
            faults.push(format!("{} is {} / {} / {} without proof", row["id"], row["verdict"], row["mark"], row["outcome"]));
        }
        if gate == Some("GO") && !pass && row["outcome"] != "waived" {
            faults.push(format!("GO, yet {} is {}", row["id"], row["outcome"]));
        }
    }
}

fn writes_json(case: &Case) -> bool {
    !case.bare && case.output.as_ref().is_none_or(|o| o.iter().any(|o| ["json", "json=-", "json=decision.json"].contains(&o.as_str())))
}

fn streams(case: &Case, stage: &Stage, run: &Run, faults: &mut Vec<String>) {
    let expect = &case.expect;
    let plain = |bytes: &[u8]| String::from_utf8_lossy(bytes).split_whitespace().collect::<Vec<_>>().join(" ");
    let (stdout, stderr) = (plain(&run.stdout), plain(&run.stderr));
    let both = format!("{stdout} {stderr}");
    for (name, stream, wanted) in
        [("stdout", &stdout, &expect.stdout), ("stderr", &stderr, &expect.stderr), ("a stream", &both, &expect.says)]
    {
        let missing = wanted.iter().filter(|words| !stream.contains(words.as_str()));
        faults.extend(missing.map(|words| format!("{name} does not say `{words}`")));
    }
    faults.extend(expect.lacks.iter().filter(|words| both.contains(words.as_str())).map(|words| format!("a stream says `{words}`")));
    let prose: String = String::from_utf8_lossy(&run.stdout).lines().map(outside_code).collect();
    faults
        .extend(expect.prose_lacks.iter().filter(|words| prose.contains(words.as_str())).map(|words| format!("the prose holds `{words}`")));
    for words in ["panicked at", "RUST_BACKTRACE", "stack backtrace"] {
        if both.contains(words) {
            faults.push(format!("a stream says `{words}`"));
        }
    }
    let written = fs::read(stage.path().join(DECISION)).unwrap_or_default();
    for hex in &expect.no_bytes {
        let bytes: Vec<u8> = (0..hex.len() / 2).filter_map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).ok()).collect();
        let holds = |stream: &[u8]| stream.windows(bytes.len()).any(|w| w == bytes);
        if [&run.stdout, &run.stderr, &written].into_iter().any(|s| holds(s)) {
            faults.push(format!("a stream or the decision holds the bytes {hex}"));
        }
    }
    let there = |path: &&String| stage.path().join(Path::new(path)).symlink_metadata().is_ok();
    faults.extend(expect.absent.iter().filter(there).map(|path| format!("{path} is there")));
}

/// A line without its code spans: so many backticks close what so many opened.
fn outside_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let ticks = rest[at..].bytes().take_while(|b| *b == b'`').count();
        let after = &rest[at + ticks..];
        out.push_str(&rest[..at]);
        let mut from = 0;
        let close = loop {
            let Some(next) = after[from..].find('`').map(|n| n + from) else { break None };
            let run = after[next..].bytes().take_while(|b| *b == b'`').count();
            if run == ticks {
                break Some(next + run);
            }
            from = next + run;
        };
        match close {
            Some(end) => rest = &after[end..],
            None => {
                out.push_str(&rest[at..at + ticks]);
                rest = after;
            }
        }
    }
    out + rest + "\n"
}

/// Verdicts, outcomes and findings of the controls.
fn rows(expect: &Expect, decision: &Value, faults: &mut Vec<String>) {
    let rows: BTreeMap<&str, &Value> =
        decision["controls"].as_array().into_iter().flatten().map(|row| (row["id"].as_str().unwrap_or_default(), row)).collect();
    for control in expect.verdicts.keys().chain(expect.findings.keys()).filter(|c| *c != "*" && !rows.contains_key(c.as_str())) {
        faults.push(format!("there is no control {control}"));
    }
    for (control, row) in &rows {
        if let Some(wanted) = expect.verdicts.get(*control).or_else(|| expect.verdicts.get("*")) {
            let wanted = wanted.list();
            if !wanted.iter().any(|w| row["verdict"] == w.as_str() || row["outcome"] == w.as_str()) {
                faults.push(format!("{control} is {} / {}, wanted {wanted:?}", row["verdict"], row["outcome"]));
            }
        }
        for id in expect.findings.get(*control).into_iter().flatten() {
            let found: Vec<&str> = row["findings"].as_array().into_iter().flatten().filter_map(|f| f["id"].as_str()).collect();
            if !found.contains(&id.as_str()) {
                faults.push(format!("{control} lacks the finding {id}, has {found:?}"));
            }
        }
    }
}
