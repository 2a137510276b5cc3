//! Artifacts of a release: their digests, the published checksums, and their signatures, verified now and at an earlier time on record.

use crate::collect::Clock;
use crate::collect::collector::{Absent, Collected, Collector, Entry, Exhibit, Need, read};
use crate::collect::context::Context;
use crate::collect::document;
use crate::collect::files::{MOST_BYTES, Seen, shown};
use crate::collect::formats::checksums::{Checksums, Listed};
use crate::collect::formats::minisign::{Checked, Key, check};
use crate::model::{Instant, Trust};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "artifacts",
    about: "artifacts of the release: digests, sha256sum lists, minisign signatures, and when they were verified first",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// What was fetched or deployed.
    artifacts: Vec<Wanted>,
    /// The published list of checksums.
    checksums: Option<PathBuf>,
    /// A signature over that list: it speaks for each artifact that the list names, and that has none of its own.
    checksums_signature: Option<PathBuf>,
    /// Public keys, each its line of base64.
    #[serde(default)]
    keys: Vec<String>,
    /// Public keys, each a file.
    #[serde(default)]
    key_files: Vec<PathBuf>,
    /// Earlier verifications, or folders of them: `golive schema artifact-verification`. Each collection leaves one as evidence.
    #[serde(default)]
    records: Vec<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Its name, for people.
    name: String,
    /// The file.
    path: PathBuf,
    /// Its name in the list of checksums, where that is not its file name.
    listed_as: Option<String>,
    /// The signature over it.
    signature: Option<PathBuf>,
}

/// A verification on record.
#[derive(Debug, Deserialize)]
struct Past {
    sha256: String,
    key: String,
    result: String,
    verified_at: String,
}

#[derive(Debug, Deserialize)]
struct Record {
    environment: String,
    release: String,
    clock: String,
    verifications: Vec<Past>,
}

/// Larger files are not read into memory.
const MOST_ARTIFACT: u64 = 1 << 30;

/// What the records of this collector are called.
const RECORD_ENDING: &str = "artifact-verification.json";

/// What all artifacts are held against.
struct Desk<'a> {
    at: &'a Context,
    keys: Vec<Key>,
    past: Vec<Past>,
    list: List,
    list_signature: Option<Checked>,
    now: Instant,
}

enum List {
    Read(Checksums),
    Unreadable,
    None,
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let own = self.artifacts.iter().flat_map(|a| [Some(&a.path), a.signature.as_ref()]).flatten();
        let shared = [&self.checksums, &self.checksums_signature].into_iter().flatten().chain(&self.key_files).chain(&self.records);
        own.chain(shared).cloned().map(Need::Path).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        if self.artifacts.is_empty() {
            return Err(Absent::new("no artifact is configured").help("[[facts.artifacts.artifacts]] names each one"));
        }
        let (mut exhibits, mut said) = (Vec::new(), Vec::new());
        let desk = self.desk(at, &mut exhibits, &mut said)?;
        let (mut artifacts, mut verifications) = (Vec::new(), Vec::new());
        for wanted in &self.artifacts {
            said.push(shown(&wanted.path));
            let (artifact, verified) = wanted.stated(&desk, &mut exhibits)?;
            artifacts.push(artifact);
            verifications.extend(verified);
        }
        let plan = at.plan();
        let record = json!({
            "format": "golive.artifact-verification/1", "environment": plan.environment, "release": plan.release,
            "clock": if at.shared.clock == Clock::System { "system" } else { "given" }, "verifications": verifications,
        });
        exhibits.push(at.exhibit(RECORD_ENDING, format!("{record:#}\n")));
        let mut out = Collected::new(json!({ "artifacts_total": artifacts.len(), "artifacts": artifacts }), said.join("; "));
        out.exhibits = exhibits;
        Ok(out)
    }
}

impl Settings {
    fn desk<'a>(&self, at: &'a Context, exhibits: &mut Vec<Exhibit>, said: &mut Vec<String>) -> Result<Desk<'a>, Absent> {
        let mut keys = Vec::new();
        for text in &self.keys {
            keys.push(Key::read(text).ok_or_else(|| Absent::new("an entry of `keys` is no public key of minisign"))?);
        }
        for path in &self.key_files {
            let (text, _) = at.files().text(path)?;
            keys.push(Key::read(&text).ok_or_else(|| Absent::new(format!("{} is no public key of minisign", shown(path))))?);
        }
        let mut past = Vec::new();
        for path in &self.records {
            past.extend(records(at, path, exhibits)?);
        }
        let (mut list, mut list_signature) = (List::None, None);
        if let Some(path) = &self.checksums {
            list = List::Unreadable;
            match at.files().text(path) {
                Ok((text, seen)) => {
                    match Checksums::read(&text) {
                        Ok(read) => list = List::Read(read),
                        Err(line) => said.push(format!("{}:{line} is no line of a list of checksums", shown(path))),
                    }
                    if let Some(signature) = &self.checksums_signature {
                        list_signature = Some(checked(at, &seen.bytes, signature, &keys, exhibits)?);
                    }
                    exhibits.push(at.exhibit(&file_name(path), seen.bytes));
                }
                Err(absent) => said.push(absent.reason),
            }
        }
        Ok(Desk { at, keys, past, list, list_signature, now: at.now() })
    }
}

impl Wanted {
    /// The artifact as the facts state it, and its verification for the record.
    fn stated(&self, desk: &Desk<'_>, exhibits: &mut Vec<Exhibit>) -> Result<(Value, Option<Value>), Absent> {
        let Seen { bytes, sha256, .. } = desk.at.files().read(&self.path, MOST_ARTIFACT)?;
        let listed_as = self.listed_as.clone().unwrap_or_else(|| file_name(&self.path));
        let checksum = match &desk.list {
            List::Read(list) => match list.of(&listed_as, &sha256) {
                Listed::Matched => "matched",
                Listed::Mismatched => "mismatched",
                Listed::Missing => "missing",
            },
            List::Unreadable => "unknown",
            List::None => "missing",
        };
        let own = self.signature.as_ref().map(|path| checked(desk.at, &bytes, path, &desk.keys, exhibits)).transpose()?;
        let checked = match (&own, &desk.list_signature) {
            (Some(own), _) => own,
            (None, Some(listed)) if checksum == "matched" => listed,
            _ => &Checked::Missing,
        };
        let (signature, record) = desk.signature(checked, &self.name, &sha256);
        Ok((json!({ "name": self.name, "sha256": sha256, "checksum": checksum, "signature": signature }), record))
    }
}

impl Desk<'_> {
    fn signature(&self, checked: &Checked, name: &str, sha256: &str) -> (Value, Option<Value>) {
        let (result, key, verified_at) = match checked {
            Checked::Missing => return (json!({ "state": "not_verified", "reason": "missing" }), None),
            Checked::Unsupported => return (json!({ "state": "not_verified", "reason": "unsupported" }), None),
            Checked::Valid(key) => ("valid", key.as_str(), self.first(sha256, key)),
            Checked::Invalid(key) => ("invalid", key.as_str(), self.now),
            Checked::Stranger => ("invalid", "", self.now),
        };
        let verified_at = verified_at.to_string();
        let stated = json!({ "state": "verified", "result": result, "key": key, "verified_at": verified_at });
        let record = json!({ "name": name, "sha256": sha256, "key": key, "result": result, "verified_at": verified_at });
        (stated, (!key.is_empty()).then_some(record))
    }

    /// The first good verification of these bytes with this key: the earliest on record, or the one just made.
    fn first(&self, sha256: &str, key: &str) -> Instant {
        let same = self.past.iter().filter(|p| p.sha256 == sha256 && p.key == key && p.result == "valid");
        same.filter_map(|p| Instant::parse(&p.verified_at)).fold(self.now, Instant::min)
    }
}

/// A signature that is configured and not there is missing; one that cannot be read leaves the group absent.
fn checked(at: &Context, bytes: &[u8], path: &Path, keys: &[Key], exhibits: &mut Vec<Exhibit>) -> Result<Checked, Absent> {
    let inside = at.files().inside(path)?;
    let folder = at.files().folder(path.parent().unwrap_or(Path::new("")))?;
    if inside.file_name().is_some_and(|name| !folder.exists(name)) {
        return Ok(Checked::Missing);
    }
    let seen = at.files().read(path, MOST_BYTES)?;
    let out = check(bytes, &seen.bytes, keys);
    exhibits.push(at.exhibit(&file_name(path), seen.bytes));
    Ok(out)
}

fn records(at: &Context, path: &Path, exhibits: &mut Vec<Exhibit>) -> Result<Vec<Past>, Absent> {
    // Before the first verification there is no record: signatures then count as verified now.
    if at.files().is_missing(path)? {
        return Ok(Vec::new());
    }
    if !at.files().about(path)?.is_dir() {
        return record(at, path, exhibits);
    }
    let failed = |e: std::io::Error| Absent::new(format!("cannot list {}: {}", shown(path), crate::text::visible(&e.to_string())));
    let mut names = Vec::new();
    for entry in at.files().folder(path)?.entries().map_err(failed)? {
        names.push(entry.map_err(failed)?.file_name());
    }
    names.retain(|name| name.to_string_lossy().ends_with(RECORD_ENDING));
    names.sort();
    let mut out = Vec::new();
    for name in names {
        out.extend(record(at, &path.join(name), exhibits)?);
    }
    Ok(out)
}

fn record(at: &Context, path: &Path, exhibits: &mut Vec<Exhibit>) -> Result<Vec<Past>, Absent> {
    let (value, seen) = document::read(at, path, "artifact-verification")?;
    let record: Record = serde_json::from_value(value).map_err(|e| Absent::new(format!("{}: {e}", shown(path))))?;
    exhibits.push(at.exhibit(&file_name(path), seen.bytes));
    // A time that somebody gave is no time of a verification, and one of another release was made for another deployment.
    let counts = record.clock == "system" && record.environment == at.plan().environment && record.release == at.plan().release;
    Ok(if counts { record.verifications } else { Vec::new() })
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
