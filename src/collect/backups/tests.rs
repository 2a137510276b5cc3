//! What cannot stand in a recording: times of last changes, pipes, and records that are written.

use super::{Store, tree::Recheck};
use crate::collect::context::{Clock, Context, Shared, sha256};
use crate::collect::files::Root;
use crate::collect::programs::Live;
use crate::collect::redact::Secrets;
use crate::collect::settings::configured;
use crate::facts::Plan;
use crate::model::Instant;
use crate::schema::Schema;
use crate::text::{Limits, Problem, Source, read_json};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const HEAD: &[u8] = b"ref: heads/main\n";

struct Ground {
    _folder: tempfile::TempDir,
    root: PathBuf,
    at: Context,
}

fn record_schema(_: &str) -> Result<&'static Schema, Vec<Problem>> {
    let text = include_str!("../../../schemas/verification-record.schema.json");
    let document = read_json(Arc::new(Source::new("schema", text)), &Limits::default()).map_err(|p| vec![p])?;
    Ok(Box::leak(Box::new(Schema::new(document, true)?)))
}

fn ground(clock: Clock) -> Ground {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a folder");
    fs::create_dir(root.join("backups")).expect("a folder");
    let shared = Shared {
        plan: Plan { environment: "prod".into(), release: "1.0.0".into() },
        host: "h".into(),
        clock,
        files: Root::open(&root, &root).expect("a root"),
        programs: Arc::new(Live { path: vec!["/usr/bin".into(), "/bin".into()], environment: Vec::new() }),
        evidence: "evidence/".into(),
        contracts: record_schema,
        secrets: Secrets::default(),
    };
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    Ground {
        _folder: folder,
        root,
        at: Context { group: "backup_verifications".into(), deadline, shared: Arc::new(shared), heard: Arc::default() },
    }
}

fn claw() -> Store {
    Store::Claw { directory: "backups".into() }
}

fn backup(root: &Path, id: &str) -> PathBuf {
    let folder = root.join("backups").join(id);
    fs::create_dir_all(folder.join("snapshot")).expect("a folder");
    fs::write(folder.join("snapshot/HEAD"), HEAD).expect("a file");
    let created: u64 = id.parse::<u64>().expect("a number") + 2;
    let files = json!([{ "path": "HEAD", "bytes": HEAD.len(), "sha256": sha256(HEAD) }]);
    let manifest = json!({ "backup_id": id, "created_at_ms": created, "files": files });
    fs::write(folder.join("manifest.json"), manifest.to_string()).expect("a file");
    folder
}

fn set_modified(path: &Path, ms: u64) {
    let file = fs::File::open(path).expect("it is there");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_millis(ms)).expect("a time");
}

#[test]
fn what_a_crash_left_is_an_artifact_of_its_last_change() {
    let ground = ground(Clock::System);
    backup(&ground.root, "1795443000000");
    let left = backup(&ground.root, "1795443900000");
    fs::remove_file(left.join("manifest.json")).expect("it was there");
    set_modified(&left, 1_795_443_905_000);
    let listing = claw().list(&ground.at).expect("a listing");
    let last = listing.artifacts.last().expect("two");
    assert_eq!((last.id.as_str(), last.created_at.ms, last.files, last.size_bytes), ("1795443900000", 1_795_443_905_000, 0, 0));
    assert_eq!(last.manifest_sha256, sha256(b""));
    assert_eq!(last.recheck(&ground.at), Ok(None));
}

#[test]
fn a_pipe_is_not_waited_for() {
    let ground = ground(Clock::System);
    let folder = backup(&ground.root, "1795443000000");
    for pipe in ["snapshot/pipe", "manifest.json"] {
        let path = folder.join(pipe);
        let _ = fs::remove_file(&path);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
        let listing = claw().list(&ground.at).expect("a listing");
        assert_eq!((listing.artifacts[0].files, listing.artifacts.len()), (0, 1), "{pipe}");
    }
}

#[test]
fn a_dump_is_no_younger_than_its_name_and_its_file() {
    let ground = ground(Clock::System);
    let dump = ground.root.join("backups/db-2026-11-23.dump");
    fs::write(&dump, "x").expect("a file");
    let named = Store::Dated { directory: "backups".into(), names: Some("db-%Y-%m-%d.dump".into()), manifest: None };
    let unnamed = Store::Dated { directory: "backups".into(), names: None, manifest: None };
    let name = Instant::parse("2026-11-23T00:00:00Z").expect("a time").ms;
    for (changed, want) in [(name - 1000, name - 1000), (name + 1000, name)] {
        set_modified(&dump, u64::try_from(changed).expect("positive"));
        assert_eq!(named.list(&ground.at).expect("a listing").artifacts[0].created_at.ms, want);
        assert_eq!(unnamed.list(&ground.at).expect("a listing").artifacts[0].created_at.ms, changed);
    }
}

#[test]
fn a_backup_that_changes_meanwhile_is_told() {
    let ground = ground(Clock::System);
    let folder = backup(&ground.root, "1795443000000");
    let listing = claw().list(&ground.at).expect("a listing");
    let artifact = &listing.artifacts[0];
    assert_eq!(claw().unchanged(artifact, &ground.at).as_deref(), Ok(artifact.manifest_sha256.as_str()));
    fs::write(folder.join("snapshot/HEAD"), b"ref: heads/evil\n").expect("a file");
    assert_eq!(artifact.recheck(&ground.at), Ok(Some(Recheck { differing: 1, ..Recheck::default() })));
    fs::write(folder.join("manifest.json"), "{}").expect("a file");
    assert!(claw().unchanged(artifact, &ground.at).is_err());
}

fn verify(ground: &Ground, command: &str) -> Value {
    let text = format!(
        "[facts.backup_verifications]\nbackups = {{ format = \"claw\", directory = \"backups\" }}\ncommand = {command}\n\
         says = [\"Backup verified: {{id}}\"]\nrecords = \"records\"\n"
    );
    let source = Arc::new(Source::new("golive.toml", text));
    let all = configured(&source, &["backup_verifications"]).map_err(|p| format!("{p:?}")).expect("settings");
    all[0].collector.collect(&ground.at).expect("a value").value
}

fn records(ground: &Ground) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(ground.root.join("records"))
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_result_is_stored_and_read_again() {
    let ground = ground(Clock::System);
    backup(&ground.root, "1795443000000");
    fs::create_dir(ground.root.join("records")).expect("a folder");
    let good = r#"["echo", "Backup verified: {id}"]"#;
    let first = verify(&ground, good);
    let one = &first["verifications"][0];
    assert_eq!(
        (&one["tool"]["result"], &one["recheck"]["matched"], &one["record"]["state"]),
        (&json!("passed"), &json!(1), &json!("stored"))
    );
    let names = records(&ground);
    assert!(matches!(names.as_slice(), [name] if name.starts_with("1795443000000-")), "{names:?}");
    let bytes = fs::read(ground.root.join("records").join(&names[0])).expect("a record");
    assert_eq!(one["record"]["sha256"], json!(sha256(&bytes)));
    std::thread::sleep(Duration::from_millis(5));
    let second = verify(&ground, r#"["sh", "-c", "echo no; exit 3", "{id}"]"#);
    assert_eq!(second["verifications_total"], json!(2));
    assert_eq!(second["verifications"][0], first["verifications"][0]);
    let last = &second["verifications"][1];
    assert_eq!((&last["tool"]["result"], &last["tool"]["exit_code"]), (&json!("failed"), &json!(3)));
    assert_eq!(records(&ground).len(), 2);
}

#[test]
fn at_a_given_time_nothing_is_written() {
    let ground = ground(Clock::Given(Instant { ms: 1_795_446_000_000 }));
    backup(&ground.root, "1795443000000");
    fs::create_dir(ground.root.join("records")).expect("a folder");
    let value = verify(&ground, r#"["echo", "Backup verified: {id}"]"#);
    assert_eq!(value["verifications"][0]["record"], json!({ "state": "none" }));
    assert!(records(&ground).is_empty());
}

#[test]
fn a_folder_that_takes_no_record_is_told() {
    let ground = ground(Clock::System);
    backup(&ground.root, "1795443000000");
    fs::create_dir(ground.root.join("records")).expect("a folder");
    // A file takes the folder's place while the command runs.
    let id = "1795443000000";
    let command = format!(r#"["sh", "-c", "rm -r records && touch records && echo Backup verified: {id}", "{{id}}"]"#);
    let text = ground.root.display().to_string();
    let value = verify(&ground, &command.replace("records", &format!("{text}/records")));
    assert_eq!(value["verifications"][0]["record"], json!({ "state": "none" }));
}

#[test]
fn a_file_with_a_second_name_is_unsafe() {
    let ground = ground(Clock::System);
    let folder = backup(&ground.root, "1795443000000");
    let listing = claw().list(&ground.at).expect("a listing");
    fs::hard_link(folder.join("snapshot/HEAD"), ground.root.join("elsewhere")).expect("a link");
    let seen = listing.artifacts[0].recheck(&ground.at).expect("a recheck").expect("a manifest");
    assert_eq!((seen.matched, seen.unsafe_entries), (0, 1), "{seen:?}");
}

#[test]
fn what_is_not_finished_is_no_artifact() {
    let ground = ground(Clock::System);
    for name in ["db.dump", "db.dump.partial", "db.TMP", "db.part", ".db.dump.swp", ".hidden"] {
        fs::write(ground.root.join("backups").join(name), "x").expect("a file");
    }
    let store = Store::Dated { directory: "backups".into(), names: None, manifest: None };
    let ids: Vec<String> = store.list(&ground.at).expect("a listing").artifacts.into_iter().map(|a| a.id).collect();
    assert_eq!(ids, ["db.dump"]);
}
