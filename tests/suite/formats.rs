//! Formats through the binary: what they say of whole deployments, and files that others write to as well.

use crate::project::{self, Run};
use std::fs;
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
const DEPLOYMENTS: [&str; 2] = ["claw-go", "claw-no-go"];

fn check(deployment: &str, outputs: &[String]) -> Run {
    let folder = format!("fixtures/deployments/{deployment}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_golive"));
    command.current_dir(project::root()).env_clear().arg("check").arg(format!("{folder}/facts.json"));
    command.args(project::text(&project::root().join(format!("{folder}/args"))).lines().filter(|line| !line.starts_with('#')));
    for output in outputs {
        command.args(["-o", output]);
    }
    project::run(&mut command, LIMIT)
}

#[test]
fn files_of_a_workflow_are_gone_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("github-output"), "before=1\n").expect("a file");
    let outputs = ["github-output", "github-summary", "junit"].map(|format| format!("{format}={}", path(format).display()));
    for _ in 0..2 {
        assert_eq!(check("claw-go", &outputs).exit, Some(0));
    }
    let read = |name: &str| fs::read_to_string(path(name)).expect("a file");
    let output = read("github-output");
    assert!(output.starts_with("before=1\ngate=GO\n"), "{output}");
    assert_eq!(output.matches("\ngate=GO\nwaived=0\nblocking=0\nenvironment=prod\n").count(), 2, "{output}");
    assert_eq!(read("github-summary").matches("\n**GO**\n").count(), 2);
    assert_eq!(read("junit").matches("<testsuites ").count(), 1);
}

#[test]
fn a_file_that_cannot_be_gone_on_with_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = check("claw-go", &[format!("github-output={}/none/output", folder.path().display())]);
    assert_eq!(run.exit, Some(6), "{}", run.stderr);
    assert!(run.stderr.contains("could not write"), "{}", run.stderr);
}

/// A page shows the Rego by which each criterion was judged, the facts, and a command that comes to the same.
#[test]
fn a_page_can_be_made_again() {
    for deployment in DEPLOYMENTS {
        let page = check(deployment, &["html".to_owned()]).stdout;
        for words in
            ["met contains &quot;schedule-exists&quot; if {", "id=\"facts-backup_schedule\"", "policies/controls/backups/scheduled.rego"]
        {
            assert!(page.contains(words), "{deployment} lacks {words}");
        }
        let command = page.split("<pre><code>golive check ").nth(1).and_then(|rest| rest.split("</code>").next()).expect("a command");
        let mut again = Command::new(env!("CARGO_BIN_EXE_golive"));
        again.current_dir(project::root()).env_clear().arg("check").args(command.split(' '));
        assert_eq!(project::run(&mut again, LIMIT).stdout, page, "{deployment}: {command}");
    }
}

#[test]
fn every_format_is_in_the_help() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_golive"));
    command.args(["check", "--help"]);
    let help = project::run(&mut command, LIMIT).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for format in golive::report::FORMATS {
        assert!(help.contains(format.name()), "{} is not in {help}", format.name());
    }
}
