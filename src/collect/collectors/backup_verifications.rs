//! Stored results of backup verifications: the newest backup is verified now, the result is stored, and earlier results are read again.

use crate::collect::backups::{Artifact, Recheck, Store, documents, tool};
use crate::collect::collector::{Absent, Collected, Collector, Entry, Exhibit, Need, read};
use crate::collect::context::{Clock, Context};
use crate::collect::document;
use crate::collect::files::shown;
use crate::collect::programs::Output;
use crate::model::{Instant, Trust};
use crate::text::visible;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "backup_verifications",
    about: "verifies the newest backup, stores the result, and reads the stored results",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The backups.
    backups: Store,
    /// Verifies one backup, `{id}`, and exits with 0 where it is good.
    command: Vec<String>,
    /// The working directory of `command`.
    cwd: Option<PathBuf>,
    /// Lines that it prints where the backup is good, `{id}` for the backup. Without them the exit code is its word.
    #[serde(default)]
    says: Vec<String>,
    /// The folder of the records: `golive schema verification-record`. At a given time nothing is written there.
    records: PathBuf,
}

/// A result, as a record states it, and where it stands.
struct Outcome {
    record: Value,
    bytes: Vec<u8>,
    stored: bool,
    name: String,
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let program = self.command.first().map(|program| Need::Program(program.clone()));
        let paths = [self.backups.directory().to_owned(), self.records.clone()].into_iter().map(Need::Path);
        paths.chain(program).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        tool::names_it(&self.command)?;
        let mut outcomes = self.stored(at)?;
        let listing = self.backups.list(at)?;
        let mut source = format!("records in {}", shown(&self.records));
        let mut exhibits = Vec::new();
        let mut now = BTreeMap::new();
        let mut since = None;
        for artifact in listing.newest() {
            match tool::ask(&self.command, self.cwd.clone(), &artifact.id, at) {
                Ok(output) => {
                    since = since.or(Some(output.started_at));
                    source = format!("{}, re-hash of its files, {source}", output.line());
                    exhibits.push(at.exhibit("backup-verify.json", format!("{:#}\n", output.exhibit())));
                    let outcome = self.outcome(artifact, &output, at, &mut source)?;
                    if !outcomes.iter().any(|o| same(o, &outcome)) {
                        outcomes.push(outcome);
                    }
                }
                // What was recorded may be the records alone.
                Err(absent) if recorded(at) => source = format!("{source}; {}", absent.reason),
                Err(absent) => return Err(absent),
            }
            now.insert(artifact.id.clone(), artifact.recheck(at)?);
        }
        outcomes.sort_by_key(|o| (verified_at(o), o.record["artifact_id"].to_string()));
        let verifications: Vec<Value> = outcomes.into_iter().map(|o| state(o, &now, at, &mut exhibits)).collect();
        let value = json!({ "verifications_total": verifications.len(), "verifications": verifications });
        exhibits.push(at.exhibit("backups.json", listing.exhibit()));
        let mut out = Collected::new(value, source);
        out.exhibits = exhibits;
        out.collected_at = since;
        Ok(out)
    }
}

/// At a given time what was recorded is read, and nothing is written.
fn recorded(at: &Context) -> bool {
    matches!(at.shared.clock, Clock::Given(_))
}

fn same(a: &Outcome, b: &Outcome) -> bool {
    a.record["artifact_id"] == b.record["artifact_id"] && a.record["verified_at"] == b.record["verified_at"]
}

fn verified_at(outcome: &Outcome) -> Option<Instant> {
    outcome.record["verified_at"].as_str().and_then(Instant::parse)
}

/// A result as it stands in the facts. What was stored about an artifact that was looked at now must still be so: the worse counts.
fn state(outcome: Outcome, now: &BTreeMap<String, Option<Recheck>>, at: &Context, exhibits: &mut Vec<Exhibit>) -> Value {
    let Outcome { record, bytes, stored, name } = outcome;
    let then = &record["recheck"];
    let sound = ["differing", "extra", "unsafe"].iter().all(|key| then[*key] == 0) && then["matched"].as_u64().is_some_and(|n| n > 0);
    let recheck = match record["artifact_id"].as_str().and_then(|id| now.get(id)) {
        Some(now) if sound => rechecked(*now),
        _ => then.clone(),
    };
    let place = if stored {
        let exhibit = at.exhibit(&name, bytes);
        let place = json!({ "state": "stored", "uri": exhibit.evidence.uri, "sha256": exhibit.evidence.sha256 });
        exhibits.push(exhibit);
        place
    } else {
        json!({ "state": "none" })
    };
    let tool: Value = ["command", "result", "exit_code", "output"].iter().map(|k| ((*k).to_owned(), record["tool"][k].clone())).collect();
    json!({
        "artifact_id": record["artifact_id"], "manifest_sha256": record["manifest_sha256"], "verified_at": record["verified_at"],
        "tool": tool, "recheck": recheck, "record": place,
    })
}

fn rechecked(seen: Option<Recheck>) -> Value {
    seen.map_or_else(|| json!({ "state": "not_run" }), |seen| seen.value())
}

impl Settings {
    /// The results of earlier runs, whatever their outcome.
    fn stored(&self, at: &Context) -> Result<Vec<Outcome>, Absent> {
        let mut out = Vec::new();
        // Before the first verification there is no record.
        if at.files().is_missing(&self.records)? {
            return Ok(out);
        }
        for (name, text, seen) in documents::folder(&self.records, &[".json"], at)? {
            let record = document::parse(at, &name, text, "verification-record")?.value;
            if record["environment"] != json!(at.plan().environment) {
                let of = visible(record["environment"].as_str().unwrap_or_default());
                return Err(Absent::new(format!("{name} is a record of the environment {of}")));
            }
            let name = seen.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            out.push(Outcome { record, bytes: seen.bytes, stored: true, name });
        }
        Ok(out)
    }

    /// What a run of the command and our own comparison say about an artifact. It is stored, but not at a given time.
    fn outcome(&self, artifact: &Artifact, output: &Output, at: &Context, source: &mut String) -> Result<Outcome, Absent> {
        let code = tool::exit_code(output);
        let result = match (code, tool::heard(&self.says, &String::from_utf8_lossy(&output.stdout), &artifact.id)) {
            (0, Ok(_)) => "passed",
            (0, Err(_)) => "unknown",
            _ => "failed",
        };
        let recheck = rechecked(artifact.recheck(at)?);
        let record = json!({
            "format": "golive.verification-record/1", "environment": at.plan().environment, "artifact_id": artifact.id,
            "manifest_sha256": self.backups.unchanged(artifact, at)?, "verified_at": output.finished_at.to_string(),
            "tool": {
                "command": tool::line(output), "program": output.program.to_string_lossy(), "program_sha256": output.sha256,
                "result": result, "exit_code": code, "output": tool::words(output),
            },
            "recheck": recheck,
        });
        let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' };
        let id: String = artifact.id.trim_start_matches('.').chars().take(100).map(plain).collect();
        let name = format!("{id}-{}.json", output.finished_at.ms);
        let bytes = format!("{record:#}\n").into_bytes();
        let stored = !recorded(at) && {
            let written = if at.shared.secrets.leak(&bytes) { Err("it holds a secret".to_owned()) } else { self.write(&name, &bytes, at) };
            if let Err(e) = &written {
                *source = format!("{source}; the result was not stored: {}", visible(e));
            }
            written.is_ok()
        };
        Ok(Outcome { record, bytes, stored, name })
    }

    /// Writes a record whole or not at all, and over no other.
    fn write(&self, name: &str, bytes: &[u8], at: &Context) -> Result<(), String> {
        let folder = at.files().make_folder(&self.records).map_err(|absent| absent.reason)?;
        let passing = format!(".{name}.{}", std::process::id());
        let written = (|| -> io::Result<()> {
            let mut options = cap_std::fs::OpenOptions::new();
            let mut file = folder.open_with(&passing, options.write(true).create_new(true))?;
            file.write_all(bytes)?;
            file.sync_all()?;
            if folder.symlink_metadata(name).is_ok() {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{name} exists already")));
            }
            folder.rename(&passing, &folder, name)?;
            folder.open(".")?.sync_all()
        })();
        if written.is_err() {
            let _ = folder.remove_file(&passing);
        }
        written.map_err(|e| e.to_string())
    }
}
