//! What people read, through the binary.

use super::{Bench, name};
use crate::project::{self, Run};
use serde_json::Value;
use std::io::{Seek, Write};
use std::process::Stdio;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

fn run(facts: &Value, control: &str, columns: usize) -> Run {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(facts.to_string().as_bytes()).expect("it is written");
    file.rewind().expect("it can be read");
    let mut command = project::golive(columns);
    command.args(["explain", "-", control, "--at", "2026-11-23T15:00:00Z", "--environment", "prod", "--release", "0.1.1"]);
    command.args(["--parameters", "fixtures/controls/parameters.json"]).stdin(Stdio::from(file));
    project::run(&mut command, LIMIT)
}

#[test]
fn explanations_read_well() {
    let bench = Bench::new();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("../snapshots/explain");
    settings.add_filter("[0-9a-f]{64}", "[digest]");
    settings.bind(|| {
        for (control, fixture) in [
            ("tls.encrypted", "fail_expired"),
            ("tls.encrypted", "missing_facts"),
            ("backups.scheduled", "fail_window-missed"),
            ("scans.passed", "fail_critical-finding"),
        ] {
            let case = bench.cases.iter().find(|case| case.control == control && case.name == fixture).expect("the case");
            for columns in [80, 120] {
                let run = run(&case.facts, control, columns);
                assert_eq!(run.exit, Some(0), "{}: {}", name(case), run.stderr);
                assert!(run.stdout.lines().all(|line| line.chars().count() <= columns), "{}: a line is too long", name(case));
                insta::assert_snapshot!(format!("{control}-{fixture}-{columns}"), run.stdout);
            }
        }
    });
}

#[test]
fn a_control_that_is_not_there_is_a_usage_error() {
    let bench = Bench::new();
    let case = bench.named("pass").next().expect("a case");
    let run = run(&case.facts, "backups.schedulled", 80);
    assert_eq!(run.exit, Some(2), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("did you mean `backups.scheduled`?"), "{}", run.stderr);
}
