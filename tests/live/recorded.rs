//! The recorded deployment of the README: one live run on real parts, kept so that it can be collected and judged again without any of them.
//!
//! `GOLIVE_RECORD_TO=fixtures/recorded/claw GOLIVE_CLAW=… cargo test --test live recorded` makes it anew, where `/srv/claw` can be made.

use crate::claw_binary;
use crate::world::World;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What is copied as it is. The binary, the token and the keys stay where they are.
const KEPT: &[&str] = &[
    "compatibility",
    "docs",
    "escalation.md",
    "exposure",
    "install-record.json",
    "monitoring",
    "parameters.yaml",
    "release",
    "remediations.yaml",
    "reports",
    "repo/.claw/backups",
    "rollback",
    "runbooks",
    "slo",
    "statements",
    "values",
    "verifications",
    "waivers.yaml",
];

/// Groups that were looked up in running processes, on sockets, or in the binary: their values stand in files.
const LIVE: &[&str] = &["daemons", "auth_probes", "tls_endpoints", "artifacts"];

#[test]
fn recorded_deployment() {
    let Some(to) = std::env::var_os("GOLIVE_RECORD_TO") else { return };
    let Some(claw) = claw_binary() else { return };
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join(to);
    // No path of the machine that recorded may stand in what is kept.
    let guard = tempfile::Builder::new().prefix("claw").rand_bytes(0).tempdir_in("/srv").expect("/srv/claw can be made");
    let world = World::build_in(&claw, guard.path().to_owned(), guard);
    world.verify_artifacts();
    let _daemon = world.daemon();
    let ran = world.golive(&["run"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.words);
    let ran = world.golive(&["collect", "-o", "again/facts.json", "--keep-runs", "commands.json"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.words);
    let _ = fs::remove_dir_all(&to);
    for name in KEPT {
        copy(&world.path(name), &to.join(name));
    }
    write(&to.join("commands.json"), &world.read("commands.json"));
    let facts: Value = serde_json::from_str(&world.read("again/facts.json")).expect("JSON");
    for group in LIVE {
        let value = &facts["facts"][group]["value"];
        write(&to.join(format!("live/{group}.json")), &format!("{value:#}\n"));
    }
    write(&to.join("golive.toml"), &configuration(&world.read("golive.toml")));
    let now = crate::world::now() / 1000 * 1000 + 1000;
    write(&to.join("at"), &format!("{}\n", golive::model::Instant { ms: now }));
}

/// The same configuration, with files instead of what is live, and nothing outside of its folder.
fn configuration(text: &str) -> String {
    let mut out = String::new();
    let mut skipped = false;
    for line in text.lines() {
        if let Some(table) = line.strip_prefix("[facts.").and_then(|l| l.split([']', '.']).next()) {
            let was = skipped;
            skipped = LIVE.contains(&table);
            if skipped && !(was && out.contains(&format!("[facts.{table}]\n"))) {
                out.push_str(&format!("[facts.{table}]\ncollector = \"json\"\nfile = \"live/{table}.json\"\ntrust = \"observed\"\n\n"));
            }
        } else if line.starts_with("# ---") {
            skipped = false;
        }
        if !skipped && !line.starts_with("root = ") {
            out.push_str(&line.replace("\"/srv/claw/repo/.claw/backups\"", "\"repo/.claw/backups\""));
            out.push('\n');
            if line == "[collect]" {
                out.push_str("recorded = \"commands.json\" # what the programs printed\n");
            }
        }
    }
    out
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
        return;
    }
    let bytes = fs::read(from).expect("a file");
    fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    fs::write(to, bytes).expect("a file");
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}
