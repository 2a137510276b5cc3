//! The format `claw`: `<start in ms>/manifest.json` beside `<start in ms>/snapshot`, and the ledger of what was done.

use super::tree::{Content, Listed, Recheck};
use super::{Artifact, entries};
use crate::collect::collector::Absent;
use crate::collect::context::{Context, sha256};
use crate::collect::files::MOST_BYTES;
use crate::model::Instant;
use crate::text::{Limits, Source, read_json, visible};
use cap_std::fs::{Dir, Metadata};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

const MANIFEST: &str = "manifest.json";
const SNAPSHOT: &str = "snapshot";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    backup_id: String,
    created_at_ms: u64,
    files: Vec<File>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    path: String,
    bytes: u64,
    sha256: String,
}

/// An entry of the folder of backups; `None` where its name is no number: the product would take it for the latest, but it is none of
/// its backups.
pub fn artifact(folder: &Dir, name: &str, about: &Metadata, at: &Context) -> Result<Option<Artifact>, Absent> {
    if !name.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let broken = |fault: &str| Ok(Some(Artifact::broken(name, about, fault, at)));
    if about.is_symlink() {
        return broken("it is a symlink, which was not followed");
    }
    if !about.is_dir() {
        return broken("it is no folder");
    }
    let inner = match folder.open_dir(name) {
        Ok(inner) => inner,
        Err(e) => return broken(&format!("it cannot be opened: {e}")),
    };
    let (bytes, manifest) = match manifest(&inner, name) {
        Ok(read) => read,
        Err(fault) => return broken(&format!("{MANIFEST}: {}", visible(&fault))),
    };
    let Some(created_at) = i64::try_from(manifest.created_at_ms).ok().and_then(instant) else {
        return broken(&format!("{MANIFEST}: created_at_ms is no time"));
    };
    if name.parse::<i64>().map_or(true, |start| start > created_at.ms) {
        return broken(&format!("{MANIFEST}: created_at_ms lies before the start, which its name states"));
    }
    let listed = manifest.files.into_iter().map(|f| Listed { path: f.path, bytes: Some(f.bytes), sha256: f.sha256 }).collect();
    let content = Content::Tree { folder: snapshot(&inner), listed, skip: None, beside: beside(&inner, name)? };
    Artifact::complete(name, created_at, sha256(&bytes), content, at).map(Some)
}

/// The last moment that RFC 3339 can say is the end of the year 9999.
fn instant(ms: i64) -> Option<Instant> {
    Instant::parse(&Instant { ms }.to_string()).filter(|read| read.ms == ms)
}

fn manifest(folder: &Dir, id: &str) -> Result<(Vec<u8>, Manifest), String> {
    let about = folder.symlink_metadata(MANIFEST).map_err(|e| e.to_string())?;
    if !about.is_file() || about.len() > MOST_BYTES {
        return Err(format!("it is no regular file of at most {MOST_BYTES} bytes"));
    }
    let mut bytes = Vec::new();
    let file = folder.open(MANIFEST).map_err(|e| e.to_string())?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    let manifest: Manifest = serde_json::from_value(strict(&bytes)?).map_err(|e| e.to_string())?;
    if manifest.backup_id != id {
        return Err("backup_id is not the name of its folder".to_owned());
    }
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let mut paths = BTreeSet::new();
    for file in &manifest.files {
        if file.sha256.len() != 64 || !file.sha256.bytes().all(hex) {
            return Err(format!("the sha256 of {} is none", file.path));
        }
        if !paths.insert(file.path.as_str()) {
            return Err(format!("it lists {} twice", file.path));
        }
    }
    Ok((bytes, manifest))
}

/// JSON with one reading: no key comes twice, no number is too large.
fn strict(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let document = read_json(Arc::new(Source::new(MANIFEST, text)), &Limits::default());
    document.map(|d| d.value).map_err(|p| p.message)
}

fn snapshot(folder: &Dir) -> Option<Dir> {
    let real = folder.symlink_metadata(SNAPSHOT).is_ok_and(|about| about.is_dir());
    if real { folder.open_dir(SNAPSHOT).ok() } else { None }
}

/// What stands beside manifest and snapshot: nothing belongs there.
fn beside(folder: &Dir, name: &str) -> Result<Recheck, Absent> {
    let mut out = Recheck::default();
    for (entry, about) in entries(folder, Path::new(name))? {
        match entry.as_str() {
            MANIFEST => {}
            SNAPSHOT if about.is_dir() => {}
            _ if about.is_file() || about.is_dir() => out.extra += 1,
            _ => out.unsafe_entries += 1,
        }
    }
    Ok(out)
}

#[derive(Deserialize)]
struct Row {
    timestamp_ms: i64,
    action: String,
    status: String,
    details: Option<Value>,
}

/// The backups that a ledger tells of: when each was made, and its id. Failures are never written there.
///
/// # Errors
/// The first line that is no row of a ledger.
pub fn ledger(text: &str) -> Result<Vec<(Instant, String)>, String> {
    let mut out = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let wrong = |what: &str| format!("line {}: {what}", index + 1);
        let row = strict(line.as_bytes()).map_err(|e| wrong(&visible(&e)))?;
        let row: Row = serde_json::from_value(row).map_err(|e| wrong(&visible(&e.to_string())))?;
        if row.action != "backup.create" || row.status != "ok" {
            continue;
        }
        let id = row.details.as_ref().and_then(|d| d.get("backup_id")).and_then(Value::as_str);
        let id = id.ok_or_else(|| wrong("a backup without an id"))?;
        out.push((instant(row.timestamp_ms).ok_or_else(|| wrong("timestamp_ms is no time"))?, id.to_owned()));
    }
    Ok(out)
}
