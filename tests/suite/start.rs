//! The workbench begins with the right checklist, and writes over nothing that is not its own.

use crate::project::{self, Run};
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
const FACTS: &str = "fixtures/deployments/claw-go/facts.json";

fn policy(folder: &Path, arguments: &[&str]) -> Run {
    project::run(project::golive(200).current_dir(folder).arg("policy").args(arguments), LIMIT)
}

#[test]
fn a_broken_checklist_is_never_replaced_by_the_built_in_one() {
    let folder = tempfile::tempdir().expect("a folder");
    project::copy(&["policies", "schemas", "fixtures/controls"], folder.path());
    for place in [folder.path().to_owned(), folder.path().join("schemas/facts")] {
        let run = policy(&place, &["check", "-q"]);
        assert_eq!(run.exit, Some(0), "{}", run.stderr);
        assert!(run.stdout.contains(", folder "), "{}", run.stdout);
    }
    std::fs::remove_file(folder.path().join("policies/manifest.json")).expect("a manifest");
    for place in [folder.path().to_owned(), folder.path().join("schemas/facts")] {
        for command in ["check", "test", "list"] {
            let run = policy(&place, &[command]);
            assert_eq!(run.exit, Some(4), "{command}: {}{}", run.stdout, run.stderr);
        }
    }
}

#[test]
fn new_and_docs_leave_what_others_wrote() {
    let folder = tempfile::tempdir().expect("a folder");
    let gate = format!("{}\n# ours\n", project::text(&project::root().join("policies/gate.rego")));
    project::write(&folder.path().join("policies/gate.rego"), &gate);
    let run = policy(folder.path(), &["new", "a.b"]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    assert_eq!(project::text(&folder.path().join("policies/gate.rego")), gate);

    let readme = folder.path().join("README.md");
    project::write(&readme, "ours\n");
    let run = policy(folder.path(), &["docs", "-o", "."]);
    assert_eq!(run.exit, Some(2), "{}", run.stdout);
    assert_eq!(project::text(&readme), "ours\n");
    assert!(!folder.path().join("a.b.md").exists(), "pages were written");
}

#[test]
fn impact_does_not_take_an_old_archive_or_a_lost_control_for_nothing() {
    let stale = ["impact", FACTS, "--head-parameters", "fixtures/deployments/claw-go/parameters.json", "--deny-opening"];
    let run = policy(project::root(), &[&stale[..], &["--at", "2027-06-01T00:00:00Z"]].concat());
    assert_eq!(run.exit, Some(3), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("facts are too old"), "{}", run.stderr);

    let folder = tempfile::tempdir().expect("a folder");
    project::copy(&["policies", "schemas"], folder.path());
    let manifest = folder.path().join("policies/manifest.json");
    let text = project::text(&manifest).replace("golive.production-readiness", "less").replace("    \"backups.scheduled\",\n", "");
    project::write(&manifest, &text);
    std::fs::remove_file(folder.path().join("policies/controls/backups/scheduled.rego")).expect("a control");
    let head = folder.path().to_string_lossy().into_owned();
    let run = policy(project::root(), &["impact", FACTS, "--head", &head, "--at", "2026-11-23T15:00:00Z"]);
    assert!(run.stdout.contains("! REMOVED") && run.stdout.contains("1 CONTROL REMOVED; "), "{}{}", run.stdout, run.stderr);
}
