//! The recorded deployment of the README through `golive run`: collected by the same code as a live one.

use crate::differences::Differences;
use crate::project::{self, Run};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

fn folder() -> PathBuf {
    project::root().join("fixtures/recorded/claw")
}

fn run(configuration: &Path, record: &Path) -> (Run, Value, Value) {
    let at = project::text(&folder().join("at"));
    let mut command = project::golive(100);
    let run = project::run(command.args(["run", "--at", at.trim(), "-c"]).arg(configuration).arg("--record").arg(record), LIMIT);
    let read = |name: &str| std::fs::read(record.join(name)).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default();
    (run, read("decision.json"), read("facts.json"))
}

#[test]
fn it_is_a_go_and_says_recorded() {
    let record = tempfile::tempdir().expect("a temporary folder");
    let (run, decision, facts) = run(&folder().join("golive.toml"), record.path());
    assert_eq!((run.exit, run.stdout.lines().last()), (Some(0), Some("GO")), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.lines().next().is_some_and(|l| l.contains("RECORDED")), "{}", run.stdout);
    assert_eq!((&decision["gate"], &decision["recorded"]), (&"GO".into(), &true.into()));
    let groups = project::files(&project::root().join("schemas/facts")).len();
    assert_eq!(facts["facts"].as_object().map(serde_json::Map::len), Some(groups), "every group of the checklist is collected");
    for (group, envelope) in facts["facts"].as_object().into_iter().flatten() {
        for link in envelope["evidence"].as_array().into_iter().flatten().filter_map(|e| e["uri"].as_str()) {
            let kept = !link.starts_with("evidence/") || record.path().join(link).is_file();
            assert!(kept, "{group} names {link}, which is not there");
        }
    }
}

#[test]
fn no_table_may_be_missing() {
    let text = project::text(&folder().join("golive.toml"));
    let tables: Vec<&str> =
        text.lines().filter_map(|l| l.strip_prefix("[facts.")?.split(']').next()).filter(|t| !t.contains('.')).collect();
    assert!(tables.len() > 20, "{tables:?}");
    let mut differences = Differences::default();
    for table in tables {
        let configuration = folder().join(format!("without-{table}-{}.toml", std::process::id()));
        let mut kept = true;
        let lines = text.lines().filter(|line| {
            if line.starts_with('[') {
                kept = !line.starts_with(&format!("[facts.{table}]")) && !line.starts_with(&format!("[facts.{table}."));
            }
            kept
        });
        project::write(&configuration, &lines.map(|l| format!("{l}\n")).collect::<String>());
        let record = tempfile::tempdir().expect("a temporary folder");
        let (run, decision, _) = run(&configuration, record.path());
        std::fs::remove_file(&configuration).expect("a file of this test");
        differences.equal(format!("without {table}: exit, with {}", run.stderr), &Some(1), &run.exit);
        let findings: Vec<&str> = decision["controls"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|row| row["findings"].as_array().into_iter().flatten())
            .filter_map(|f| f["id"].as_str())
            .collect();
        let wanted = format!("facts:{table}:missing");
        differences.hold(findings.contains(&wanted.as_str()), || format!("without {table}: {findings:?}"));
    }
    differences.end("tables of the recorded deployment");
}

#[test]
fn live_collectors_are_refused_at_a_given_time() {
    let configuration = project::root().join("profiles/claw.toml");
    let mut command = project::golive(100);
    command.args(["run", "--at", "2026-11-23T15:00:00Z", "--record", "/nonexistent", "-c"]).arg(&configuration);
    let overlay = ["--parameters", "fixtures/deployments/claw-go/parameters.json"];
    let run = project::run(command.args(overlay), LIMIT);
    assert_eq!(run.exit, Some(2), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("daemons") && run.stderr.contains("auth_probes"), "{}", run.stderr);
}
