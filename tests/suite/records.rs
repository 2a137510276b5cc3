//! Records through the binary: made, verified, run again elsewhere, compared, and rendered.

mod deploy;

use crate::differences::Differences;
use crate::project::{self, Run};
use base64::Engine as _;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
const AT: &str = "2026-11-23T15:00:00Z";

/// Runs the binary in an environment that holds only what is given.
fn golive(args: &[&str], place: impl FnOnce(&mut Command)) -> Run {
    let mut command = project::golive(100);
    command.args(args);
    place(&mut command);
    project::run(&mut command, LIMIT)
}

fn plain(args: &[&str]) -> Run {
    golive(args, |_| {})
}

/// A folder with a GO, a `NO_GO` and a GO with a waiver.
fn chain() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let facts = project::text(&project::root().join("fixtures/deployments/claw-go/facts.json"));
    let less = folder.path().join("less.json");
    let mut value: Value = serde_json::from_str(&facts).expect("facts");
    value["facts"].as_object_mut().expect("groups").remove("backup_schedule");
    project::write(&less, &value.to_string());
    let records = path(&folder, "records-of-prod");
    let less = less.to_string_lossy().into_owned();
    for (facts, extra, exit) in
        [("fixtures/deployments/claw-go/facts.json", None, 0), (less.as_str(), None, 1), (less.as_str(), Some("docs/tour/waivers.yaml"), 0)]
    {
        let mut args = vec!["check", facts, "-c", "docs/tour/golive.toml", "--at", AT, "--record", &records, "-o", "json"];
        args.extend(extra.iter().flat_map(|waivers| ["--waivers", waivers]));
        let run = plain(&args);
        assert_eq!(run.exit, Some(exit), "{}", run.stderr);
        let kept = project::text(&PathBuf::from(&records).join("decision.json"));
        assert_eq!(run.stdout, kept, "what is kept is what is printed");
    }
    folder
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_string_lossy().into_owned()
}

fn records(folder: &Path) -> Vec<PathBuf> {
    project::files(&folder.join("records"))
}

/// What an envelope holds.
fn payload_text(path: &Path) -> String {
    let envelope = project::json(path);
    let bytes = base64::engine::general_purpose::STANDARD.decode(envelope["payload"].as_str().expect("a payload")).expect("base64");
    String::from_utf8(bytes).expect("a payload is text")
}

fn payload(path: &Path) -> Value {
    serde_json::from_str(&payload_text(path)).expect("a payload is JSON")
}

fn schema(name: &str) -> jsonschema::Validator {
    let schema = project::json(&project::root().join(format!("schemas/{name}.schema.json")));
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn faults(name: &str, value: &Value) -> Vec<String> {
    schema(name).iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn a_record_comes_out_the_same_anywhere() {
    let folder = chain();
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let moved = elsewhere.path().join("archive");
    std::fs::rename(folder.path().join("records-of-prod"), &moved).expect("a folder to move");
    let moved = moved.to_string_lossy().into_owned();
    let mut differences = Differences::default();
    for seq in 1..=3 {
        let record = format!("{moved}@{seq}");
        let mut outs = Vec::new();
        for (zone, locale, threads) in [("UTC", "C", "1"), ("Asia/Kathmandu", "de_DE.UTF-8", "8"), ("America/St_Johns", "tr_TR.UTF-8", "2")]
        {
            let run = golive(&["record", "replay", &record, "--unsigned"], |command| {
                command.current_dir("/").env("TZ", zone).env("LC_ALL", locale).env("RAYON_NUM_THREADS", threads);
            });
            differences.equal(format!("record {seq} in {zone}: exit, with {}", run.stderr), &Some(0), &run.exit);
            differences.hold(run.stdout.contains("identical"), || format!("record {seq} in {zone}: {}", run.stdout));
            outs.push(run.stdout);
        }
        differences.hold(outs.iter().all(|out| *out == outs[0]), || format!("record {seq}: {outs:?}"));
        let report = plain(&["report", &record, "-o", "json"]);
        let kept = payload(&records(Path::new(&moved))[seq - 1])["predicate"]["decision"].clone();
        differences.equal(format!("record {seq}: its report"), &kept, &serde_json::from_str(&report.stdout).unwrap_or_default());
    }
    differences.end("records");
}

#[test]
fn documents_are_as_their_schemas_say() {
    let folder = chain();
    let chain = path(&folder, "records-of-prod");
    let (first, last) = (format!("{chain}@1"), format!("{chain}@3"));
    let mut differences = Differences::default();
    for (name, args) in [
        ("verification", vec!["record", "verify", &chain, "--unsigned"]),
        ("log", vec!["record", "log", &chain]),
        ("replay", vec!["record", "replay", &chain, "--unsigned"]),
        ("replay", vec!["record", "replay", &last, "--unsigned", "--checklist", "."]),
        ("record-diff", vec!["record", "diff", &first, &last]),
    ] {
        let run = plain(&[&args[..], &["-o", "json"]].concat());
        let value: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}\n{}", run.stderr));
        differences.equal(format!("{args:?}"), &Vec::new(), &faults(name, &value));
    }
    for record in records(Path::new(&chain)) {
        let statement = payload(&record);
        differences.equal(record.display().to_string(), &Vec::new(), &faults("record", &statement));
        differences.equal("its decision".to_owned(), &Vec::new(), &faults("decision", &statement["predicate"]["decision"]));
    }
    differences.equal("the head".to_owned(), &Vec::new(), &faults("head", &payload(&Path::new(&chain).join("head.json"))));
    differences.end("documents of records");
}

#[test]
fn what_people_read() {
    let folder = chain();
    let chain = path(&folder, "records-of-prod");
    let shown = |args: &[&str]| {
        let run = plain(args);
        let digests = regex::Regex::new("[0-9a-f]{64}|[0-9a-f]{12}").expect("a pattern");
        digests.replace_all(&run.stdout, "…").replace(&*folder.path().to_string_lossy(), "FOLDER")
    };
    insta::assert_snapshot!("record_log", shown(&["record", "log", &chain]));
    insta::assert_snapshot!("record_verify", shown(&["record", "verify", &chain, "--unsigned"]));
    insta::assert_snapshot!("record_diff", shown(&["record", "diff", &format!("{chain}@1"), &format!("{chain}@3")]));
    insta::assert_snapshot!("record_replay", shown(&["record", "replay", &chain, "--unsigned"]));
}

#[test]
fn a_run_keeps_its_evidence_with_its_records() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let record = path(&folder, "record");
    let at = project::text(&project::root().join("fixtures/recorded/claw/at"));
    for _ in 0..2 {
        let run = plain(&["run", "--at", at.trim(), "-c", "fixtures/recorded/claw/golive.toml", "--record", &record, "-q"]);
        assert_eq!(run.exit, Some(0), "{}", run.stderr);
    }
    let verify = || plain(&["record", "verify", &record, "--unsigned"]);
    let run = verify();
    assert!(run.exit == Some(0) && run.stdout.contains("2 records complete and unchanged"), "{}{}", run.stdout, run.stderr);
    let exhibits = project::files(&Path::new(&record).join("evidence"));
    assert!(exhibits.len() > 10, "{exhibits:?}");
    let exhibit = exhibits.last().expect("evidence");
    let before = std::fs::read(exhibit).expect("evidence");
    std::fs::write(exhibit, b"nothing to see").expect("evidence");
    let run = verify();
    assert!(run.exit == Some(7) && run.stderr.contains("evidence"), "{}{}", run.stdout, run.stderr);
    std::fs::write(exhibit, before).expect("evidence");
    assert_eq!(verify().exit, Some(0));
}

#[test]
fn a_folder_is_of_one_environment() {
    let folder = chain();
    let chain = path(&folder, "records-of-prod");
    let facts = project::text(&project::root().join("fixtures/deployments/claw-go/facts.json"))
        .replace(r#""environment": "prod""#, r#""environment": "stage""#);
    let stage = folder.path().join("stage.json");
    project::write(&stage, &facts);
    let run = plain(&["check", &stage.to_string_lossy(), "--environment", "stage", "--release", "0.1.1", "--at", AT, "--record", &chain]);
    assert_eq!((run.exit, run.stdout.as_str()), (Some(3), ""), "{}", run.stderr);
    assert!(run.stderr.contains("`prod`"), "{}", run.stderr);
    assert_eq!(records(Path::new(&chain)).len(), 3);
}

#[test]
fn under_another_checklist_it_is_no_gate() {
    let folder = chain();
    let other = tempfile::tempdir().expect("a temporary folder");
    project::copy(&["policies", "schemas"], other.path());
    let policy = other.path().join("policies/controls/backups/scheduled.rego");
    let text = project::text(&policy).replace("schedule.interval_ms > 0", "schedule.interval_ms > 86400000");
    project::write(&policy, &text);
    let first = format!("{}@1", path(&folder, "records-of-prod"));
    let run = plain(&["record", "replay", &first, "--unsigned", "--checklist", &other.path().to_string_lossy()]);
    assert_eq!(run.exit, Some(1), "{}{}", run.stdout, run.stderr);
    for words in ["NOT A GATE", "backups.scheduled: verdict", "It would be: NO_GO"] {
        assert!(run.stdout.contains(words), "{}", run.stdout);
    }
}

#[test]
fn a_remediation_is_closed_by_a_record() {
    let folder = chain();
    let records = path(&folder, "records-of-prod");
    let list = |records: &[&str], at: &str| {
        let args = ["remediation", "list", "--waivers", "docs/tour/waivers.yaml", "--at", at, "-o", "json"];
        let run = plain(&[&args[..], records].concat());
        assert_eq!(run.exit, Some(0), "{}", run.stderr);
        let value: Value = serde_json::from_str(&run.stdout).expect("a list");
        value["remediations"][0]["state"].as_str().expect("a state").to_owned()
    };
    let late = "2026-12-02T00:00:00Z";
    assert_eq!(list(&[], late), "overdue");
    assert_eq!(list(&["--records", &records], late), "overdue", "the newest record does not show that the control passes");
    let facts = "fixtures/deployments/claw-go/facts.json";
    let run = plain(&["check", facts, "-c", "docs/tour/golive.toml", "--at", "2026-11-23T15:30:00Z", "--record", &records]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    assert_eq!(list(&["--records", &records], late), "closed");
}
