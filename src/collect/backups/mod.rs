//! Backup artifacts at their destination: what each format knows of them, and what they hold compared with what their manifests say.
//!
//! An artifact that is not exactly what its manifest says counts as one of 0 files, so that it can only harm.

pub mod documents;
pub mod tool;

mod claw;
mod dated;
mod sums;
#[cfg(test)]
mod tests;
mod tree;

pub use claw::ledger;
pub use sums::digest_in;
pub use tree::{Recheck, digest};

use super::collector::Absent;
use super::context::{Clock, Context, sha256};
use super::files::{modified, shown};
use crate::model::Instant;
use crate::text::visible;
use cap_std::fs::{Dir, Metadata};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tree::Content;

/// Where backups stand and how they are to be read.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "format", rename_all = "lowercase", deny_unknown_fields)]
pub enum Store {
    /// A folder for each backup, with a manifest and a snapshot.
    Claw {
        /// The folder of these folders.
        directory: PathBuf,
    },
    /// Files or folders whose names hold a time.
    Dated {
        /// The folder that holds them.
        directory: PathBuf,
        /// How their names are made, such as `db-%Y-%m-%dT%H%M%S.dump`; a time without offset is UTC. Without it every entry is an
        /// artifact, and its time is that of its last change.
        names: Option<String>,
        /// Their checksums: `{}.sha256` beside each artifact, or such as `SHA256SUMS` inside of each folder.
        manifest: Option<String>,
    },
}

/// One artifact.
#[derive(Debug)]
pub struct Artifact {
    /// Its name at the destination.
    pub id: String,
    /// When it was complete.
    pub created_at: Instant,
    /// Files that it holds; 0 where it is not what its manifest says.
    pub files: u64,
    /// Their bytes.
    pub size_bytes: u64,
    /// Digest of its manifest, or of the one file that it is; of nothing where there is none.
    pub manifest_sha256: String,
    /// What is wrong with it, for people.
    pub faults: Vec<String>,
    content: Content,
}

/// What stands at a destination.
#[derive(Debug)]
pub struct Listing {
    /// The destination.
    pub destination: String,
    /// The artifacts, oldest first.
    pub artifacts: Vec<Artifact>,
    /// Entries that are no artifacts, by name.
    pub left_out: Vec<String>,
}

/// More entries than this are not listed: the schema's limit.
const MOST_ARTIFACTS: usize = 10_000;

impl Store {
    /// The destination, as the settings give it.
    pub fn directory(&self) -> &Path {
        match self {
            Self::Claw { directory } | Self::Dated { directory, .. } => directory,
        }
    }

    /// Lists what stands there.
    ///
    /// # Errors
    /// The destination cannot be read, or holds too much.
    pub fn list(&self, at: &Context) -> Result<Listing, Absent> {
        let folder = at.files().folder(self.directory())?;
        let mut listing = Listing { destination: shown(self.directory()), artifacts: Vec::new(), left_out: Vec::new() };
        for (name, about) in entries(&folder, self.directory())? {
            if self.form().is_some_and(|form| dated::is_checksums(&name, form)) {
                continue;
            }
            match self.entry(&folder, &name, &about, at)? {
                Some(artifact) => listing.artifacts.push(artifact),
                None => listing.left_out.push(name),
            }
            if listing.artifacts.len() > MOST_ARTIFACTS {
                return Err(Absent::new(format!("{} holds more than {MOST_ARTIFACTS} artifacts", listing.destination)));
            }
        }
        listing.artifacts.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(listing)
    }

    /// The digest of an artifact's manifest, which must be the same after something worked on it.
    ///
    /// # Errors
    /// It is not, or the artifact is no longer there.
    pub fn unchanged(&self, artifact: &Artifact, at: &Context) -> Result<String, Absent> {
        let folder = at.files().folder(self.directory())?;
        let about = folder.symlink_metadata(&artifact.id).ok();
        let now = about.and_then(|about| self.entry(&folder, &artifact.id, &about, at).transpose()).transpose()?;
        match now {
            Some(now) if now.manifest_sha256 == artifact.manifest_sha256 => Ok(now.manifest_sha256),
            _ => Err(Absent::new(format!("the backup {} changed while it was looked at", visible(&artifact.id)))),
        }
    }

    fn entry(&self, folder: &Dir, name: &str, about: &Metadata, at: &Context) -> Result<Option<Artifact>, Absent> {
        match self.form() {
            Some(form) => dated::artifact(folder, name, about, form, at),
            None => claw::artifact(folder, name, about, at),
        }
    }

    fn form(&self) -> Option<dated::Form<'_>> {
        match self {
            Self::Claw { .. } => None,
            Self::Dated { names, manifest, .. } => Some(dated::Form { names: names.as_deref(), manifest: manifest.as_deref() }),
        }
    }
}

/// The entries of a folder by name, links not followed.
fn entries(folder: &Dir, path: &Path) -> Result<Vec<(String, Metadata)>, Absent> {
    let failed = |e: &std::io::Error| Absent::new(format!("cannot read {}: {}", shown(path), visible(&e.to_string())));
    let mut out = Vec::new();
    for entry in folder.entries().map_err(|e| failed(&e))? {
        let entry = entry.map_err(|e| failed(&e))?;
        let about = entry.metadata().map_err(|e| failed(&e))?;
        let Ok(name) = entry.file_name().into_string() else {
            let name = visible(&entry.file_name().to_string_lossy());
            return Err(Absent::new(format!("{} holds an entry whose name is not UTF-8: {name}", shown(path))));
        };
        out.push((name, about));
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(out)
}

impl Artifact {
    /// One that is not what it should be: 0 files, the time of its last change, the digest of nothing.
    fn broken(id: &str, about: &Metadata, fault: impl Into<String>, at: &Context) -> Self {
        Self {
            id: id.to_owned(),
            created_at: changed(about, at),
            files: 0,
            size_bytes: 0,
            manifest_sha256: sha256(b""),
            faults: vec![fault.into()],
            content: Content::Nothing,
        }
    }

    /// One with a manifest. Its files count only where they are exactly those that the manifest lists.
    fn complete(id: &str, created_at: Instant, manifest_sha256: String, content: Content, at: &Context) -> Result<Self, Absent> {
        let (seen, size) = content.survey(at)?;
        let faults = seen.faults();
        let (files, size_bytes) = if faults.is_empty() { (seen.matched, size) } else { (0, 0) };
        Ok(Self { id: id.to_owned(), created_at, files, size_bytes, manifest_sha256, faults, content })
    }

    /// Compares all its files with its manifest, content included; `None` where it has no manifest to compare with.
    ///
    /// # Errors
    /// A file cannot be read, or the time is over.
    pub fn recheck(&self, at: &Context) -> Result<Option<Recheck>, Absent> {
        self.content.recheck(at)
    }

    /// As it stands in the facts.
    pub fn value(&self) -> Value {
        json!({
            "id": self.id, "created_at": self.created_at.to_string(), "files": self.files, "size_bytes": self.size_bytes,
            "manifest_sha256": self.manifest_sha256,
        })
    }
}

impl Listing {
    /// The most recent artifacts: more than one only where several have the same time.
    pub fn newest(&self) -> impl Iterator<Item = &Artifact> {
        let last = self.artifacts.last().map(|a| a.created_at);
        self.artifacts.iter().filter(move |a| Some(a.created_at) == last)
    }

    /// All of it, for the evidence.
    pub fn exhibit(&self) -> String {
        let artifact = |a: &Artifact| {
            let mut value = a.value();
            if !a.faults.is_empty() {
                value["faults"] = json!(a.faults);
            }
            value
        };
        let artifacts: Vec<Value> = self.artifacts.iter().map(artifact).collect();
        let listing = json!({ "destination": self.destination, "artifacts": artifacts, "left_out": self.left_out });
        format!("{listing:#}\n")
    }
}

/// When something was last changed. Where the time is given, the disk tells nothing about it, and the given moment stands in.
fn changed(about: &Metadata, at: &Context) -> Instant {
    match at.shared.clock {
        Clock::Given(moment) => moment,
        Clock::System => modified(about).unwrap_or_else(|| at.now()),
    }
}
