//! One broken document costs one line, and names itself.

use super::fleet::{Fleet, line_of, lines, name};
use crate::project;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value;

/// The lines of the sources that both runs have, as they were written.
fn without(text: &str, sources: &[&str]) -> Vec<String> {
    let is_one = |line: &Value| sources.iter().any(|s| line["source"] == *s);
    text.lines().filter(|line| !is_one(&serde_json::from_str(line).expect("JSON"))).map(str::to_owned).collect()
}

fn fifo(fleet: &Fleet, name: &str) {
    mknodat(CWD, fleet.path(name), FileType::Fifo, Mode::from_raw_mode(0o644), 0).expect("a pipe with a name");
}

#[test]
fn five_broken_documents_cost_five_lines() {
    let fleet = Fleet::of(60);
    let before = fleet.run(&["facts", "--workers", "2"]);
    let whole = fleet.text(&format!("facts/{}", name(7)));
    fleet.put("facts/a/corrupt.json", &whole.as_bytes()[..whole.len() / 2]);
    fleet.put("facts/a/deep.json", "[".repeat(100_000));
    fleet.put("facts/a/empty.json", "");
    fifo(&fleet, "facts/a/pipe.json");
    let large = std::fs::File::create(fleet.path("facts/b-and-c/large.json")).expect("a file");
    large.set_len((64 << 20) + 1).expect("a hole");
    let broken = [
        ("facts/a/corrupt.json", "golive::json::", ""),
        ("facts/a/deep.json", "golive::json::depth", "nested too deep"),
        ("facts/a/empty.json", "golive::json::empty", "is empty"),
        ("facts/a/pipe.json", "golive::input::kind", "is not a regular file"),
        ("facts/b-and-c/large.json", "golive::text::size", "more than 67108864 bytes"),
    ];
    let sources: Vec<&str> = broken.iter().map(|(source, ..)| *source).collect();
    for workers in ["1", "2"] {
        let after = fleet.run(&["facts", "--workers", workers]);
        assert_eq!(after.exit, Some(3), "{}", after.stderr);
        assert_eq!(without(&after.stdout, &sources), without(&before.stdout, &[]), "other documents have other lines");
        let all = lines(&after.stdout);
        assert_eq!(all.len(), 65);
        for (source, code, words) in &broken {
            let line = line_of(&all, source);
            assert!(line["decision"].is_null() && line["problem"]["kind"] == "refused", "{line}");
            assert!(line["problem"]["code"].as_str().is_some_and(|c| c.starts_with(code)), "{line}");
            assert!(line["problem"]["message"].as_str().is_some_and(|m| m.contains(words)), "{line}");
            assert!(after.stderr.contains(&format!("{source}: refused: ")), "{}", after.stderr);
        }
        assert!(after.stderr.contains("65 documents: ") && after.stderr.contains("5 refused"), "{}", after.stderr);
    }
}

#[test]
fn a_truncated_document_is_refused_wherever_it_ends() {
    let fleet = Fleet::of(10);
    let before = fleet.run(&["facts"]).stdout;
    let whole = super::fleet::document(3).to_string();
    for at in [0, 1, 2, 17, whole.len() / 3, whole.len() / 2, whole.len() - 2, whole.len() - 1] {
        fleet.put(&format!("facts/t/{at}.json"), &whole.as_bytes()[..at]);
    }
    let after = fleet.run(&["facts"]);
    assert_eq!(after.exit, Some(3));
    let (cut, others): (Vec<Value>, Vec<Value>) =
        lines(&after.stdout).into_iter().partition(|l| l["source"].as_str().is_some_and(|s| s.starts_with("facts/t/")));
    assert_eq!(others, lines(&before));
    assert_eq!(cut.len(), 8);
    assert!(cut.iter().all(|l| l["problem"]["kind"] == "refused" && l["decision"].is_null()), "{cut:?}");
}

#[test]
fn what_is_not_there_is_never_passed_over() {
    let fleet = Fleet::of(2);
    std::fs::create_dir(fleet.path("nothing")).expect("a folder");
    fleet.put("other/readme.txt", "no facts");
    fifo(&fleet, "pipe.jsonl");
    let arguments = ["facts", "missing.json", "missing.jsonl", "nothing", "other", "none*.json", "pipe.jsonl"];
    let run = fleet.run(&arguments);
    assert_eq!(run.exit, Some(3), "{}", run.stderr);
    let all = lines(&run.stdout);
    assert_eq!(all.len(), 8);
    for source in &arguments[1..] {
        assert_eq!(line_of(&all, source)["problem"]["kind"], "refused", "{source}");
    }
    assert!(run.stderr.contains("1 file was passed over"), "{}", run.stderr);
    let line = line_of(&all, "missing.json");
    assert_eq!((&line["sha256"], &line["environment"]), (&Value::Null, &Value::Null), "{line}");
}

#[test]
fn names_are_bytes_and_cannot_act() {
    use std::os::unix::ffi::OsStrExt;
    let fleet = Fleet::of(1);
    let bytes = std::fs::read(fleet.path(&format!("facts/{}", name(0)))).expect("a document");
    for odd in [&b"f\xff\x1b[2J.json"[..], b"new\nline.json", "\u{202e}nosj.json".as_bytes()] {
        std::fs::write(fleet.path("facts").join(std::ffi::OsStr::from_bytes(odd)), &bytes).expect("a file");
    }
    let run = fleet.run(&["facts"]);
    assert_eq!(run.exit, Some(1), "{}", run.stderr);
    assert_eq!(run.stdout.lines().count(), 4);
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}']) && !run.stderr.contains(['\u{1b}', '\u{202e}']));
    let all = lines(&run.stdout);
    assert!(all.iter().all(|l| l["decision"] == "NO_GO" && l["sha256"] == all[0]["sha256"]), "{}", run.stdout);
    assert_eq!(line_of(&all, "facts/new\nline.json")["decision"], "NO_GO");
}

#[test]
fn few_open_files_are_enough() {
    let fleet = Fleet::of(40);
    let wanted = fleet.run(&["facts"]).stdout;
    let binary = env!("CARGO_BIN_EXE_golive");
    for workers in ["1", "2", "8"] {
        let mut command = std::process::Command::new("/bin/sh");
        let script =
            format!("ulimit -n 16; exec {binary} batch facts --at {} --parameters parameters.json --workers {workers}", super::fleet::AT);
        command.args(["-c", &script]).current_dir(fleet.path("")).env_clear();
        let run = project::run(&mut command, super::fleet::LIMIT);
        assert_eq!(run.exit, Some(1), "{workers} workers: {}", run.stderr);
        assert!(run.stdout == wanted, "{workers} workers: other bytes");
    }
}
