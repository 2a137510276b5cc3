//! Collectors on recorded files: each case is a folder with a golive.toml, and `want.json` says what is collected from it.

use crate::differences::Differences;
use crate::project::{self, Run};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Duration;

const AT: &str = "2026-11-23T15:00:00Z";
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn every_recording_is_collected_as_expected() {
    let bless = std::env::var_os("GOLIVE_BLESS").is_some();
    let mut differences = Differences::default();
    let files = project::files(&project::root().join("fixtures/collectors"));
    let folders: Vec<&Path> = files.iter().filter(|f| f.ends_with("golive.toml")).filter_map(|f| f.parent()).collect();
    assert!(!folders.is_empty(), "fixtures/collectors holds no golive.toml: nothing would be tested");
    for folder in folders {
        let name = folder.strip_prefix(project::root()).expect("a folder of the project").display().to_string();
        let (run, got) = collect(folder);
        differences.hold(matches!(run.exit, Some(0 | 3)), || format!("{name}: exit {:?}\n{}", run.exit, run.stderr));
        let path = folder.join("want.json");
        if bless {
            project::write(&path, &format!("{got:#}\n"));
        }
        differences.equal(name, &(if path.is_file() { project::json(&path) } else { Value::Null }), &got);
    }
    differences.end("collectors");
}

/// What `golive collect` states for each group that the case configures, or why the group is absent.
fn collect(folder: &Path) -> (Run, Value) {
    let out = tempfile::tempdir().expect("a temporary folder");
    let facts = out.path().join("facts.json");
    let mut command = project::golive(10_000);
    command.current_dir(folder).args(["collect", "-c", "golive.toml", "--color", "never", "--at", AT, "-o"]).arg(&facts);
    let run = project::run(&mut command, LIMIT);
    let mut got = Map::new();
    if facts.is_file() {
        let document = project::json(&facts);
        for (group, envelope) in document["facts"].as_object().into_iter().flatten() {
            let evidence: Value = envelope["evidence"].as_array().into_iter().flatten().map(|e| e["uri"].clone()).collect();
            for (uri, sha256) in envelope["evidence"].as_array().into_iter().flatten().map(|e| (&e["uri"], &e["sha256"])) {
                kept(out.path(), uri, sha256);
            }
            let mut stated =
                json!({ "trust": envelope["trust"], "source": envelope["source"], "evidence": evidence, "value": envelope["value"] });
            if envelope["collected_at"] != AT {
                stated["collected_at"] = envelope["collected_at"].clone();
            }
            got.insert(group.clone(), stated);
        }
    }
    for line in run.stderr.lines().filter_map(|l| l.split_once("× `")) {
        if let Some((group, reason)) = line.1.split_once("` is absent: ") {
            got.insert(group.to_owned(), json!({ "absent": reason }));
        }
    }
    (run, Value::Object(got))
}

/// Evidence that is kept beside the facts has the digest that the facts state.
fn kept(folder: &Path, uri: &Value, sha256: &Value) {
    let path = folder.join(uri.as_str().expect("a link"));
    if !uri.as_str().is_some_and(|u| u.starts_with("evidence/")) {
        return;
    }
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect::<String>();
    assert_eq!(sha256, &json!(digest), "{}", path.display());
}

#[test]
fn every_recording_says_where_it_comes_from() {
    let top = project::root().join("fixtures/collectors");
    let folders = std::fs::read_dir(&top).expect("fixtures/collectors").map(|e| e.expect("an entry").path());
    let silent: Vec<_> = folders.filter(|f| !f.join("RECORDED.md").is_file()).collect();
    assert!(silent.is_empty(), "without RECORDED.md: {silent:#?}");
}
