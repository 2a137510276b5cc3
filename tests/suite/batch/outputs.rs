//! Places that cannot be written to, the summary, and the exit code.

use super::fleet::{AT, Fleet, LIMIT, lines};
use crate::project;
use serde_json::Value;
use std::process::Command;

#[test]
fn the_exit_code_is_the_worst_of_all_documents() {
    let fleet = Fleet::of(3);
    let go = project::root().join("fixtures/deployments/claw-go/facts.json");
    fleet.put("go.json", std::fs::read(go).expect("a document"));
    fleet.put("bad.json", "{");
    for (paths, exit) in
        [(&["go.json"][..], 0), (&["go.json", "facts"], 1), (&["go.json", "facts", "bad.json"], 3), (&["bad.json", "go.json"], 3)]
    {
        assert_eq!(fleet.run(paths).exit, Some(exit), "{paths:?}");
        assert_eq!(fleet.run(&[paths, &["--exit-zero"]].concat()).exit, Some(0), "{paths:?}");
    }
    fleet.put("nothing.jsonl", "");
    let none = fleet.run(&["nothing.jsonl"]);
    assert_eq!((none.exit, none.stdout.as_str()), (Some(3), ""));
    assert!(none.stderr.contains("nothing was judged"), "{}", none.stderr);
    assert_eq!(fleet.run(&["go.json", "--environment", ""]).exit, Some(2));
}

#[test]
fn the_summary_counts_the_lines() {
    let fleet = Fleet::of(30);
    fleet.put("facts/bad.json", "{");
    let run = fleet.run(&["facts", "--summary", "summary.json", "-o", "jsonl=out.jsonl"]);
    let all = lines(&fleet.text("out.jsonl"));
    let summary: Value = serde_json::from_str(&fleet.text("summary.json")).expect("JSON");
    let count = |matches: &dyn Fn(&&Value) -> bool| all.iter().filter(matches).count();
    assert_eq!(summary["documents"]["documents"], 31);
    assert_eq!(summary["documents"]["GO"], count(&|l| l["decision"] == "GO"));
    assert_eq!(summary["documents"]["NO_GO"], count(&|l| l["decision"] == "NO_GO"));
    assert_eq!(summary["documents"]["refused"], 1);
    assert_eq!((&summary["evaluated_at"], &summary["plan"]), (&AT.into(), &"from the documents".into()));
    let mut last = u64::MAX;
    for row in summary["controls"].as_array().expect("a list") {
        let id = row["id"].as_str().expect("an id");
        for verdict in ["pass", "fail", "unknown", "error"] {
            assert_eq!(row[verdict], count(&|l| l["verdicts"][id] == verdict), "{id}: {verdict}");
        }
        let blocking = row["blocking"].as_u64().expect("a number");
        assert!(blocking <= last, "{id} stands behind a better one");
        last = blocking;
        assert!(run.stderr.contains(id));
    }
    for row in summary["environments"].as_array().expect("a list").iter().filter(|r| r["environment"] != "(unknown)") {
        assert_eq!(row["documents"], count(&|l| l["environment"] == row["environment"]));
    }
    // Once more from the finished file: the same summary.
    fleet.run(&["facts", "--summary", "again.json", "-o", "jsonl=out.jsonl"]);
    assert_eq!(fleet.text("again.json"), fleet.text("summary.json"));
    assert_eq!(fleet.run(&["facts", "-q", "-o", "jsonl=-"]).stderr, "");
}

/// A shell's `>&-`: the standard library has put another file in its place, and nothing else would tell.
#[test]
fn a_closed_stdout_is_told() {
    let fleet = Fleet::of(3);
    let binary = env!("CARGO_BIN_EXE_golive");
    let shell = |redirection: &str| {
        let mut command = Command::new("/bin/sh");
        let script = format!("exec {binary} batch facts --at {AT} --parameters parameters.json {redirection}");
        project::run(command.args(["-c", &script]).current_dir(fleet.path("")).env_clear(), LIMIT)
    };
    let closed = shell(">&-");
    assert_eq!(closed.exit, Some(6), "{}", closed.stderr);
    assert!(closed.stderr.contains("could not write to stdout"), "{}", closed.stderr);
    assert_eq!(shell(">/dev/null").exit, Some(1));
    assert_eq!(shell("-o jsonl=out.jsonl >&-").exit, Some(1));
    assert_eq!(fleet.text("out.jsonl").lines().count(), 3);
}

/// A disk that is full ends the run with words; with more room the same command finishes it. Needs a name space of its own.
#[test]
fn a_full_disk_is_told_and_gone_on_with() {
    let space = ["--user", "--map-root-user", "--mount"];
    if !Command::new("unshare").args(space).arg("true").status().is_ok_and(|s| s.success()) {
        return project::tell("batch: the test of a full disk was skipped: this system gives no mounts to its users");
    }
    let fleet = Fleet::of(60);
    let wanted = fleet.run(&["facts"]).stdout;
    assert!(wanted.len() > 48 << 10);
    std::fs::create_dir(fleet.path("disk")).expect("a folder");
    let batch = format!("{} batch facts --at {AT} --parameters parameters.json -o jsonl=disk/out.jsonl", env!("CARGO_BIN_EXE_golive"));
    let script = format!(
        "mount -t tmpfs -o size=32k tmpfs disk && {{ {batch}; echo $?; mount -o remount,size=4m disk; {batch}; echo $?; cp disk/out.jsonl .; ls disk; }}"
    );
    let mut command = Command::new("unshare");
    let run = project::run(command.args(space).args(["/bin/sh", "-c", &script]).current_dir(fleet.path("")), LIMIT);
    assert_eq!(run.stdout.split_whitespace().collect::<Vec<_>>(), ["6", "1", "out.jsonl", "out.jsonl.state.json"], "{}", run.stderr);
    assert!(run.stderr.contains("could not write disk/out.jsonl.part: No space left on device (os error 28) (ENOSPC)"), "{}", run.stderr);
    assert!(run.stderr.contains("going on behind"), "{}", run.stderr);
    assert!(fleet.text("out.jsonl") == wanted);
}
