//! `golive attest`: what it writes, and what it refuses to write.

use crate::cases::cases;
use crate::differences::Differences;
use crate::project;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn statements_are_written_or_refused() {
    let mut differences = Differences::default();
    for case in cases("attest") {
        let expected = case.expected(&["exit", "stderr_has"]);
        let mut command = project::golive(200);
        command.current_dir(&case.folder).args(["attest", "--environment", "prod", "--release", "0.1.1", "--at", "2026-11-23T14:35:00Z"]);
        command.args(["--color", "never"]).args(project::arguments(&case.folder.join("args")));
        let run = project::run(&mut command, LIMIT);
        let name = &case.name;
        differences.equal(format!("{name}: exit"), &expected["exit"].as_i64(), &run.exit.map(i64::from));
        let statement = case.folder.join("statement.json");
        let want = if statement.is_file() { project::text(&statement) } else { String::new() };
        differences.equal(format!("{name}: stdout"), &want, &run.stdout);
        for words in expected["stderr_has"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str) {
            differences.hold(run.stderr.contains(words), || format!("{name}: stderr lacks `{words}`:\n{}", run.stderr));
        }
        differences.hold(!run.stderr.contains("CANARY"), || format!("{name}: stderr shows a secret"));
    }
    differences.end("attest");
}

#[test]
fn what_is_there_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = project::root().join("fixtures/attest/on_call");
    let attest = |force: &[&str]| {
        let mut command = project::golive(200);
        command.current_dir(&case).args(["attest", "--environment", "prod", "--release", "0.1.1", "--at", "2026-11-23T14:35:00Z"]);
        command.args(project::arguments(&case.join("args"))).arg("-o").arg(folder.path().join("on_call.json")).args(force);
        project::run(&mut command, LIMIT).exit
    };
    assert_eq!((attest(&[]), attest(&[]), attest(&["--force"])), (Some(0), Some(2), Some(0)));
    assert_eq!(project::text(&folder.path().join("on_call.json")), project::text(&case.join("statement.json")));
}
