//! Folders of records for a case: made by the real binary, once for each wish, and then tampered with.

use super::signed::{Change, changed, key};
use super::stage::{copy, patched};
use golive::record::{Envelope, Head, head};
use golive::text::{Source, sha256};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// A folder of records.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Records {
    /// The decisions in it, in turn.
    pub runs: Vec<Decided>,
    /// A second folder, `other`.
    pub other: Vec<Decided>,
    /// What is done to them afterwards.
    pub tamper: Vec<Tamper>,
}

/// One decision that is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// `go`, `no_go` (a group is missing) or `waived` (that group, with a waiver).
    pub gate: String,
    #[serde(default)]
    pub at: Option<String>,
    #[serde(default)]
    pub environment: Option<String>,
    #[serde(default)]
    pub release: Option<String>,
    /// Who signs it; nobody where it is 0.
    #[serde(default = "one")]
    pub key: u8,
}

fn one() -> u8 {
    1
}

/// One change of what lies there. A file is a path, `store/records/3` (whatever its digest), or `store/input/<its name>`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Tamper {
    /// A bit of a payload is turned; everything else stays.
    Flip {
        file: String,
        bit: usize,
    },
    Remove(String),
    Rename {
        from: String,
        to: String,
    },
    Copy {
        from: String,
        to: String,
    },
    Link {
        from: String,
        to: String,
    },
    /// The file lies elsewhere, and a link leads there.
    Instead {
        file: String,
        aside: String,
    },
    HardLink {
        from: String,
        to: String,
    },
    Put {
        file: String,
        text: String,
    },
    /// A change of the written file.
    Edit {
        file: String,
        changes: Vec<Change>,
    },
    /// A change of a payload, in a file that then has the name of its new digest.
    Payload(Payload),
    /// Other signatures under what is there.
    Sign {
        file: String,
        by: Vec<u8>,
    },
    /// The signatures of another file, under what is there.
    Graft {
        file: String,
        of: String,
    },
    /// Every record follows the one before it again, under these signatures, and the head names the last.
    Rechain {
        folder: String,
        by: Vec<u8>,
    },
    /// The head names the last record again.
    Head {
        folder: String,
        by: Vec<u8>,
    },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    pub file: String,
    /// RFC 6902.
    #[serde(default)]
    pub patch: Vec<Value>,
    /// Changes of its text.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// Who signs it anew; the old signatures stay where nobody is named.
    #[serde(default)]
    pub by: Vec<u8>,
    #[serde(default)]
    pub kind: Option<String>,
}

/// Chains that were made already.
#[derive(Default)]
pub struct Chains(Mutex<BTreeMap<String, Arc<tempfile::TempDir>>>);

/// What every run is given.
pub struct Ground<'g> {
    pub facts: &'g Value,
    pub parameters: &'g Value,
    pub environment: &'g str,
    pub release: &'g str,
    pub at: &'g str,
}

impl Chains {
    /// Lays the folders of a case out.
    pub fn lay(&self, records: &Records, ground: &Ground<'_>, here: &Path) {
        for (runs, name) in [(&records.runs, "store"), (&records.other, "other")] {
            if !runs.is_empty() {
                let made = self.made(runs, ground);
                copy(&made.path().join("store"), &here.join(name));
                let parameters = format!("{name}-parameters.json");
                fs::copy(made.path().join("parameters.json"), here.join(parameters)).expect("the parameters of a chain");
            }
        }
        for tamper in &records.tamper {
            tamper.apply(here);
        }
    }

    fn made(&self, runs: &[Decided], ground: &Ground<'_>) -> Arc<tempfile::TempDir> {
        let wish = serde_json::to_string(runs).expect("JSON");
        // Held while it is made: nobody makes the same twice.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(wish).or_insert_with(|| Arc::new(make(runs, ground))))
    }
}

fn make(runs: &[Decided], ground: &Ground<'_>) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("golive-chain-").tempdir().expect("a temporary folder");
    let put = |name: &str, value: &Value| fs::write(folder.path().join(name), value.to_string()).expect("a file");
    put("parameters.json", ground.parameters);
    for run in runs {
        let environment = run.environment.as_deref().unwrap_or(ground.environment);
        let release = run.release.as_deref().unwrap_or(ground.release);
        let mut facts = ground.facts.clone();
        facts["environment"] = json!(environment);
        facts["release"] = json!(release);
        if run.gate != "go" {
            facts["facts"].as_object_mut().expect("groups").remove("backup_schedule");
        }
        put("facts.json", &facts);
        put("waivers.json", &waivers(environment, release));
        let at = run.at.as_deref().unwrap_or(ground.at);
        let mut args: Vec<String> =
            ["check", "facts.json", "--parameters", "parameters.json", "--record", "store"].map(str::to_owned).into();
        args.extend(["--environment", environment, "--release", release, "--at", at, "-q"].map(str::to_owned));
        if run.gate == "waived" {
            args.extend(["--waivers", "waivers.json"].map(str::to_owned));
        }
        if run.key > 0 {
            let name = format!("{}.key", run.key);
            super::signed::write_key(&folder.path().join(&name), run.key, None);
            args.extend(["--signing-key".to_owned(), name]);
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_golive"));
        command.args(&args).current_dir(folder.path()).env_clear().stdin(Stdio::null());
        let run_of = command.output().expect("the binary starts");
        let wanted = i32::from(run.gate == "no_go");
        assert_eq!(run_of.status.code(), Some(wanted), "{args:?}: {}", String::from_utf8_lossy(&run_of.stderr));
    }
    folder
}

fn waivers(environment: &str, release: &str) -> Value {
    json!({"format": "golive.waivers/1", "waivers": [{
        "id": "W-1", "control": "backups.scheduled", "environment": environment, "release": release,
        "findings": ["facts:backup_schedule:missing"],
        "reason": "the schedule moves this week", "ticket": "RISK-41",
        "requested_by": "dana@example.test", "approved_by": "riley@example.test",
        "created_at": "2026-11-20T00:00:00Z", "expires_at": "2026-12-10T00:00:00Z",
        "remediation": {"owner": "Dana Okoye", "action": "state the schedule", "target_date": "2026-12-10T00:00:00Z"},
    }]})
}

impl Tamper {
    fn apply(&self, here: &Path) {
        let at = |file: &str| find(here, file);
        match self {
            Self::Flip { file, bit } => {
                let (path, mut envelope) = open(&at(file));
                envelope.payload[bit / 8] ^= 1 << (bit % 8);
                put(&path, &envelope);
            }
            Self::Remove(file) => {
                let path = at(file);
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.unwrap_or_else(|e| panic!("{file}: {e}"));
            }
            Self::Rename { from, to } => fs::rename(at(from), free(here, to)).expect("a new name"),
            Self::Copy { from, to } if at(from).is_dir() => copy(&at(from), &free(here, to)),
            Self::Copy { from, to } => drop(fs::copy(at(from), target(here, from, to)).expect("a copy")),
            Self::Link { from, to } => symlink(from, free(here, to)).expect("a symbolic link"),
            Self::Instead { file, aside } => {
                let (path, aside) = (at(file), here.join(aside));
                fs::rename(&path, &aside).expect("a new name");
                symlink(&aside, &path).expect("a symbolic link");
            }
            Self::HardLink { from, to } => fs::hard_link(at(from), free(here, to)).expect("a hard link"),
            Self::Put { file, text } => fs::write(free(here, file), text).expect("a file"),
            Self::Edit { file, changes } => {
                let path = at(file);
                let text = fs::read_to_string(&path).expect("a text");
                fs::write(&path, changed(text, changes)).expect("a file");
            }
            Self::Payload(payload) => payload.apply(here),
            Self::Sign { file, by } => {
                let (path, mut envelope) = open(&at(file));
                envelope.signatures.clear();
                by.iter().map(|number| key(*number)).for_each(|key| envelope.sign(&key));
                put(&path, &envelope);
            }
            Self::Graft { file, of } => {
                let (path, mut envelope) = open(&at(file));
                envelope.signatures = open(&at(of)).1.signatures;
                put(&path, &envelope);
            }
            Self::Rechain { folder, by } => rechain(&here.join(folder), by),
            Self::Head { folder, by } => rehead(&here.join(folder), by),
        }
    }
}

impl Payload {
    fn apply(&self, here: &Path) {
        let (path, mut envelope) = open(&find(here, &self.file));
        let mut text = String::from_utf8(envelope.payload.clone()).expect("JSON");
        if !self.patch.is_empty() {
            let mut value: Value = serde_json::from_str(&text).expect("JSON");
            patched(&mut value, &self.patch);
            text = value.to_string();
        }
        envelope.payload = changed(text, &self.changes).into_bytes();
        envelope.payload_type = self.kind.clone().unwrap_or(envelope.payload_type);
        if !self.by.is_empty() {
            envelope.signatures.clear();
            self.by.iter().map(|number| key(*number)).for_each(|key| envelope.sign(&key));
        }
        put(&renamed(&path, &envelope), &envelope);
    }
}

/// The name that a record's file has after a change of its payload.
fn renamed(path: &Path, envelope: &Envelope) -> PathBuf {
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    let Some((seq, _)) = name.split_once('-').filter(|_| path.parent().is_some_and(|p| p.ends_with("records"))) else {
        return path.to_owned();
    };
    fs::remove_file(path).expect("a file to rename");
    path.with_file_name(format!("{seq}-{}.json", sha256(&envelope.payload)))
}

fn rechain(folder: &Path, by: &[u8]) {
    let mut before: Option<String> = None;
    for path in files(&folder.join("records")) {
        let (path, mut envelope) = open(&path);
        let mut value: Value = serde_json::from_slice(&envelope.payload).expect("JSON");
        value["predicate"]["prev"] = json!(before);
        envelope.payload = value.to_string().into_bytes();
        envelope.signatures.clear();
        by.iter().map(|number| key(*number)).for_each(|key| envelope.sign(&key));
        before = Some(sha256(&envelope.payload));
        put(&renamed(&path, &envelope), &envelope);
    }
    rehead(folder, by);
}

fn rehead(folder: &Path, by: &[u8]) {
    let last = files(&folder.join("records")).pop().expect("a record");
    let envelope = open(&last).1;
    let text = String::from_utf8(envelope.payload.clone()).expect("JSON");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let seq = last.file_name().and_then(|n| n.to_str()?.split('-').next()?.parse().ok()).expect("a number");
    let environment = value["predicate"]["environment"].as_str().expect("an environment");
    let new = Head::new(environment, seq, &sha256(&envelope.payload));
    let mut envelope = Envelope::new(head::PAYLOAD_TYPE, new.write());
    by.iter().map(|number| key(*number)).for_each(|key| envelope.sign(&key));
    put(&folder.join("head.json"), &envelope);
}

/// The file that is meant, wherever it lies.
fn find(here: &Path, file: &str) -> PathBuf {
    if let Some((store, seq)) = file.split_once("/records/").and_then(|(s, n)| Some((s, n.parse::<u64>().ok()?))) {
        let start = format!("{seq:08}-");
        let found = files(&here.join(store).join("records")).into_iter().find(|path| name_of(path).starts_with(&start));
        return found.unwrap_or_else(|| panic!("there is no {file}"));
    }
    if let Some((store, name)) = file.split_once("/input/") {
        let last = files(&here.join(store).join("records")).pop().expect("a record");
        let payload: Value = serde_json::from_slice(&open(&last).1.payload).expect("JSON");
        return here.join(store).join("inputs").join(digest(&payload["predicate"]["inputs"], name));
    }
    here.join(file)
}

/// The digest of an input by its name, wherever in a record it stands.
fn digest(inputs: &Value, name: &str) -> String {
    let mut todo = vec![inputs];
    while let Some(value) = todo.pop() {
        if value["name"] == name || value["path"] == name {
            return value["sha256"].as_str().expect("a digest").to_owned();
        }
        match value {
            Value::Array(items) => todo.extend(items),
            Value::Object(members) => todo.extend(members.values()),
            _ => {}
        }
    }
    panic!("no input is called {name}")
}

/// A place for something new, in a folder that is there.
fn free(here: &Path, file: &str) -> PathBuf {
    let path = here.join(super::stage::escaped(file));
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    path
}

/// Where a copy goes: with the name of the original where `to` ends in a slash.
fn target(here: &Path, from: &str, to: &str) -> PathBuf {
    if to.ends_with('/') { here.join(to).join(name_of(&find(here, from))) } else { free(here, to) }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut out: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    out.sort();
    out
}

fn open(path: &Path) -> (PathBuf, Envelope) {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    (path.to_owned(), Envelope::read(Arc::new(Source::new("envelope", text))).expect("an envelope"))
}

fn put(path: &Path, envelope: &Envelope) {
    fs::write(path, envelope.write()).expect("an envelope");
}
