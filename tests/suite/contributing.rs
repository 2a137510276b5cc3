//! CONTRIBUTING.md as it stands: its blocks build a twelfth control, and the binary judges by it.

use crate::cases::{Case, cases_below};
use crate::differences::Differences;
use crate::project;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const PAGE: &str = "CONTRIBUTING.md";
const CONTROL: &str = "clocks.synchronised";

/// A fenced block whose info string says where it belongs.
#[derive(Debug)]
enum Block {
    /// ```` ```rego file=PATH ````: the file.
    File(String, String),
    /// ```` ```json edit=PATH ````: a JSON Merge Patch (RFC 7396) of the file.
    Edit(String, String),
}

fn blocks(page: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let text: String = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        let place = |key: &str| info.split_whitespace().find_map(|word| word.strip_prefix(key).map(str::to_owned));
        match (place("file="), place("edit=")) {
            (Some(path), None) => out.push(Block::File(path, text)),
            (None, Some(path)) => out.push(Block::Edit(path, text)),
            _ => {}
        }
    }
    assert!(out.len() > 4, "{PAGE} has no blocks with file= or edit=: {out:?}");
    out
}

/// The checklist with the page's blocks in it, in a folder of its own.
fn built() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    project::copy(&["policies", "schemas"], folder.path());
    for block in blocks(&project::text(&project::root().join(PAGE))) {
        match block {
            Block::File(path, text) => {
                assert!(!folder.path().join(&path).exists(), "{PAGE}: {path} is there already: use edit=");
                project::write(&folder.path().join(path), &text);
            }
            Block::Edit(path, text) => {
                let path = folder.path().join(path);
                let mut document = project::json(&path);
                let patch: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{PAGE}: {}: {e}", path.display()));
                json_patch::merge(&mut document, &patch);
                project::write(&path, &format!("{document:#}\n"));
            }
        }
    }
    folder
}

#[test]
fn a_twelfth_control_needs_no_rust() {
    let folder = built();
    let manifest = project::json(&folder.path().join("policies/manifest.json"));
    let shipped = project::json(&project::root().join("policies/manifest.json"));
    let ids = |manifest: &Value| manifest["controls"].as_array().cloned().unwrap_or_default();
    let mut wanted = ids(&shipped);
    wanted.push(CONTROL.into());
    assert_eq!(wanted, ids(&manifest), "{PAGE} lists the shipped controls and its own");
    let mut differences = Differences::default();
    for case in cases_below(&folder.path().join("fixtures/controls/clocks/synchronised")) {
        judge(folder.path(), &case, &mut differences);
    }
    differences.end("the control of CONTRIBUTING.md");
}

/// The facts of claw-go and the case's own: GO where the twelfth control passes too, else `NO_GO`.
fn judge(checklist: &Path, case: &Case, differences: &mut Differences) {
    let facts = checklist.join("facts.json");
    project::write(&facts, &case.facts().to_string());
    let deployment = "fixtures/deployments/claw-go";
    let args = project::arguments(&project::root().join(deployment).join("args"));
    let mut command = project::golive(80);
    command.arg("check").arg(format!("{deployment}/facts.json")).arg(&facts).args(args).args(["-o", "json", "--checklist"]).arg(checklist);
    let run = project::run(&mut command, Duration::from_secs(20));
    let expected = case.expected(&["verdict", "findings", "at"]);
    let exit = i32::from(expected["verdict"] != "pass");
    differences.equal(format!("{}: exit, with {}", case.name, run.stderr), &Some(exit), &run.exit);
    let decision: Value = serde_json::from_str(&run.stdout).unwrap_or_default();
    let rows = decision["controls"].as_array().into_iter().flatten();
    let row = rows.into_iter().find(|row| row["id"] == CONTROL).cloned().unwrap_or_default();
    let findings: Value = row["findings"].as_array().into_iter().flatten().map(|f| f["id"].clone()).collect();
    differences.equal(format!("{}: verdict", case.name), &expected["verdict"], &row["verdict"]);
    differences.equal(format!("{}: findings", case.name), &expected["findings"], &findings);
}

#[test]
fn a_new_group_is_collected_without_rust() {
    let folder = built();
    let facts = folder.path().join("collected.json");
    let mut collect = project::golive(80);
    collect.arg("collect").arg("-c").arg(folder.path().join("collect/golive.toml")).arg("--checklist").arg(folder.path());
    let run = project::run(collect.args(["--at", "2026-11-23T15:00:00Z", "-o"]).arg(&facts), Duration::from_secs(20));
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    let deployment = "fixtures/deployments/claw-go";
    let args = project::arguments(&project::root().join(deployment).join("args"));
    let mut check = project::golive(80);
    check.args(["check", "fixtures/deployments/claw-go/facts.json"]).arg(&facts).args(args).arg("--checklist").arg(folder.path());
    let run = project::run(&mut check, Duration::from_secs(20));
    assert_eq!((run.exit, run.stdout.lines().last()), (Some(0), Some("GO")), "{}{}", run.stdout, run.stderr);
}

#[test]
fn every_part_of_the_page_counts() {
    let page = project::text(&project::root().join(PAGE));
    let paths = blocks(&page).into_iter().map(|block| match block {
        Block::File(path, _) | Block::Edit(path, _) => path,
    });
    for path in paths.filter(|p| !p.starts_with("fixtures/") && !p.starts_with("collect/")) {
        let folder = built();
        let target = folder.path().join(&path);
        let shipped = project::root().join(&path);
        if shipped.exists() {
            project::write(&target, &project::text(&shipped));
        } else {
            std::fs::remove_file(&target).expect("a file of the page");
        }
        let mut command = project::golive(80);
        command.args(["check", "fixtures/deployments/claw-go/facts.json", "--checklist"]).arg(folder.path());
        command.args(project::arguments(&project::root().join("fixtures/deployments/claw-go/args")));
        let run = project::run(&mut command, Duration::from_secs(20));
        assert_eq!(run.exit, Some(4), "without {path} the checklist must be refused: {}", run.stderr);
    }
}
