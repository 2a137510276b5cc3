//! JSON lines, and the worker that an engine starts.

use super::fleet::{Fleet, LIMIT, document, lines};
use crate::project;
use serde_json::Value;
use std::fs::File;

/// Documents as lines, among them broken ones.
fn documents() -> String {
    let mut out: String = (0..30).map(|n| document(n).to_string() + "\n").collect();
    out.push_str("{\n\n[]\r\n\"facts/a/00000.json\"\n\"unclosed\nl{}\ns5 \"x\"\n=G\t{}\n\u{1b}[2J\n");
    out.push_str(&document(1).to_string());
    out
}

#[test]
fn each_line_has_its_line() {
    let fleet = Fleet::of(2);
    fleet.put("in.jsonl", documents());
    let run = fleet.run(&["in.jsonl", "--workers", "2"]);
    assert_eq!(run.exit, Some(3), "{}", run.stderr);
    let all = lines(&run.stdout);
    assert_eq!(all.len(), 40);
    for (index, (line, text)) in all.iter().zip(documents().split('\n')).enumerate() {
        assert_eq!(line["source"], format!("in.jsonl:{}", index + 1));
        assert_eq!(line["problem"].is_null(), index < 30 || index == 39, "{line}");
        let mut file = fleet.command("check", &["-", "-o", "json"]);
        if index == 7 {
            // The digest is that of the line without its end.
            fleet.put("one.json", text);
            let facts: Value = serde_json::from_str(text).expect("JSON");
            let plan = ["environment", "release"].map(|key| format!("--{key}={}", facts[key].as_str().expect("a name")));
            file.args(plan).stdin(File::open(fleet.path("one.json")).expect("a file"));
            let decision: Value = serde_json::from_str(&project::run(&mut file, LIMIT).stdout).expect("a decision");
            assert_eq!(decision["facts"][0]["sha256"], line["sha256"]);
        }
    }
    let stdin = project::run(fleet.batch(&["-"]).stdin(File::open(fleet.path("in.jsonl")).expect("a file")), LIMIT);
    assert_eq!(stdin.stdout, run.stdout.replace("in.jsonl:", "-:"));
    fleet.put("in.ndjson", documents());
    assert_eq!(fleet.run(&["in.ndjson"]).stdout, run.stdout.replace("in.jsonl:", "in.ndjson:"));
}

#[test]
fn a_worker_answers_line_by_line() {
    let fleet = Fleet::of(2);
    fleet.put("in.jsonl", documents());
    let batch = fleet.run(&["in.jsonl"]).stdout;
    let worker = |arguments: &[&str]| {
        project::run(fleet.command("worker", arguments).stdin(File::open(fleet.path("in.jsonl")).expect("a file")), LIMIT)
    };
    let run = worker(&["--source-prefix", "in.jsonl"]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    for (got, want) in lines(&run.stdout).iter().zip(lines(&batch)) {
        if got["problem"]["code"] != "golive::batch::path" {
            assert_eq!(*got, want);
        }
    }
    // The path of a file is accepted where somebody says so.
    assert_eq!(lines(&run.stdout)[33]["problem"]["code"], "golive::batch::path");
    let files = lines(&worker(&["--files"]).stdout);
    assert_eq!((files.len(), &files[33]["source"]), (40, &"facts/a/00000.json".into()));
    assert_eq!(files[33]["decision"], "NO_GO");
    // Another checklist than the one that was sent along is no checklist.
    let other = worker(&["--expect-checklist", "sha256:00"]);
    assert_eq!((other.exit, other.stdout.as_str()), (Some(4), ""), "{}", other.stderr);
    let digest = files[0]["checklist"].as_str().expect("a digest");
    assert_eq!(worker(&["--expect-checklist", digest]).exit, Some(0));
}

/// What comes through a pipe is answered when it has come, not when the pipe ends.
#[test]
fn a_slow_pipe_is_answered_at_once() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;
    let fleet = Fleet::of(0);
    for command in ["worker", "batch"] {
        let arguments: &[&str] = if command == "batch" { &["-", "-q"] } else { &[] };
        let mut child = fleet.command(command, arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary starts");
        let (mut to, mut from) = (child.stdin.take().expect("stdin"), BufReader::new(child.stdout.take().expect("stdout")));
        for index in 0..5 {
            writeln!(to, "{}", document(index)).expect("a line");
            let mut line = String::new();
            from.read_line(&mut line).expect("an answer");
            let line: Value = serde_json::from_str(&line).expect("JSON");
            assert_eq!(line["source"], format!("-:{}", index + 1));
        }
        drop(to);
        assert_eq!(child.wait().expect("a child").code(), Some(i32::from(command == "batch")));
    }
}
