//! The files of an artifact beside what its manifest lists. No link is followed, and nothing outside of the artifact is opened.

use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::text::visible;
use cap_std::fs::{Dir, Metadata, MetadataExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::time::Duration;

/// A line of a manifest.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Where the file stands in the artifact, with slashes.
    pub path: String,
    /// Its size, where the manifest states one.
    pub bytes: Option<u64>,
    /// Its digest.
    pub sha256: String,
}

/// What an artifact consists of.
#[derive(Debug)]
pub enum Content {
    /// Nothing that could be compared.
    Nothing,
    /// A folder of files, and what its manifest lists; `beside` counts what stands beside the folder and does not belong there.
    Tree { folder: Option<Dir>, listed: Vec<Listed>, skip: Option<String>, beside: Recheck },
    /// One file in a folder of artifacts, and its checksum.
    One { folder: Dir, name: String, sha256: Option<String> },
}

/// How the files of an artifact compare with its manifest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recheck {
    /// As listed.
    pub matched: u64,
    /// Missing, or not as listed.
    pub differing: u64,
    /// Not listed.
    pub extra: u64,
    /// Links of both kinds, and what leads out of the artifact.
    pub unsafe_entries: u64,
}

impl Recheck {
    /// As it stands in the facts.
    pub fn value(&self) -> Value {
        json!({
            "state": "run", "matched": self.matched, "differing": self.differing, "extra": self.extra, "unsafe": self.unsafe_entries,
        })
    }

    /// What is wrong, for people.
    pub fn faults(&self) -> Vec<String> {
        let counted = [
            ("files that are missing or not as its manifest says", self.differing),
            ("files that are not in its manifest", self.extra),
            ("entries that are a symlink or a second name of a file, no regular file, or lead out of it", self.unsafe_entries),
        ];
        let mut out: Vec<String> = counted.iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{what}: {n}")).collect();
        if self.matched == 0 && out.is_empty() {
            out.push("its manifest lists nothing".to_owned());
        }
        out
    }
}

/// How closely files are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// They are there, with their sizes.
    Sizes,
    /// Their content is hashed too.
    Content,
}

/// An entry of a folder of files.
enum Found {
    File(u64),
    Unsafe,
}

/// Folders deeper than this, or more entries, are no backup that is read here.
const MOST_DEPTH: usize = 64;
const MOST_ENTRIES: usize = 1_000_000;

impl Content {
    /// Compares names and sizes, and gives the bytes of all files that are as listed.
    pub fn survey(&self, at: &Context) -> Result<(Recheck, u64), Absent> {
        self.compare(Look::Sizes, at)
    }

    /// Compares everything.
    pub fn recheck(&self, at: &Context) -> Result<Option<Recheck>, Absent> {
        match self {
            Self::Nothing | Self::One { sha256: None, .. } => Ok(None),
            _ => self.compare(Look::Content, at).map(|(seen, _)| Some(seen)),
        }
    }

    fn compare(&self, look: Look, at: &Context) -> Result<(Recheck, u64), Absent> {
        match self {
            Self::Nothing => Ok((Recheck::default(), 0)),
            Self::Tree { folder, listed, skip, beside } => {
                let mut found = BTreeMap::new();
                if let Some(folder) = folder {
                    walk(folder, "", 0, &mut found, at)?;
                }
                if let Some(skip) = skip {
                    found.remove(skip);
                }
                beside.with_tree(folder.as_ref(), listed, &found, look, at)
            }
            Self::One { folder, name, sha256 } => {
                let seen = match folder.symlink_metadata(name) {
                    Ok(about) if alone(&about) => about.len(),
                    _ => return Ok((Recheck { differing: 1, unsafe_entries: 1, ..Recheck::default() }, 0)),
                };
                let same = match sha256 {
                    Some(sha256) if look == Look::Content => digest(folder, name, at)?.is_some_and(|(_, got)| got == *sha256),
                    _ => true,
                };
                let (matched, differing) = if same { (1, 0) } else { (0, 1) };
                Ok((Recheck { matched, differing, ..Recheck::default() }, seen))
            }
        }
    }
}

impl Recheck {
    fn with_tree(
        mut self,
        folder: Option<&Dir>,
        listed: &[Listed],
        found: &BTreeMap<String, Found>,
        look: Look,
        at: &Context,
    ) -> Result<(Self, u64), Absent> {
        let mut size = 0_u64;
        let names: BTreeSet<&str> = listed.iter().map(|l| l.path.as_str()).collect();
        for file in listed {
            if !inside(&file.path) {
                self.unsafe_entries += 1;
                continue;
            }
            let same = match found.get(&file.path) {
                Some(Found::File(bytes)) if file.bytes.is_none_or(|wanted| wanted == *bytes) => {
                    size = size.saturating_add(*bytes);
                    match (look, folder) {
                        (Look::Content, Some(folder)) => digest(folder, &file.path, at)?.is_some_and(|(_, got)| got == file.sha256),
                        _ => true,
                    }
                }
                _ => false,
            };
            if same { self.matched += 1 } else { self.differing += 1 }
        }
        for (path, entry) in found {
            match entry {
                Found::Unsafe => self.unsafe_entries += 1,
                Found::File(_) if names.contains(path.as_str()) => {}
                Found::File(_) => self.extra += 1,
            }
        }
        Ok((self, size))
    }
}

/// Whether a path of a manifest stays inside of its artifact, and has one spelling.
pub fn inside(path: &str) -> bool {
    !path.contains('\0') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Whether this is a regular file with one name: who changes it by another name changes the backup.
fn alone(about: &Metadata) -> bool {
    about.is_file() && about.nlink() == 1
}

fn walk(folder: &Dir, prefix: &str, depth: usize, found: &mut BTreeMap<String, Found>, at: &Context) -> Result<(), Absent> {
    let failed =
        |e: &io::Error| Absent::new(format!("cannot read the folder {} of a backup: {}", visible(prefix), visible(&e.to_string())));
    for entry in folder.entries().map_err(|e| failed(&e))? {
        in_time(at)?;
        let entry = entry.map_err(|e| failed(&e))?;
        let about = entry.metadata().map_err(|e| failed(&e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let plain = entry.file_name().to_str().is_some();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        if about.is_dir() && plain && depth < MOST_DEPTH {
            walk(&entry.open_dir().map_err(|e| failed(&e))?, &path, depth + 1, found, at)?;
        } else {
            found.insert(path, if alone(&about) && plain { Found::File(about.len()) } else { Found::Unsafe });
        }
        if found.len() > MOST_ENTRIES {
            return Err(Absent::new(format!("a backup holds more than {MOST_ENTRIES} entries")));
        }
    }
    Ok(())
}

/// Size and digest of a regular file below a folder, read piece by piece; `None` where it is none, or was replaced meanwhile.
///
/// # Errors
/// It cannot be read, or the time is over.
pub fn digest(folder: &Dir, path: &str, at: &Context) -> Result<Option<(u64, String)>, Absent> {
    let failed = |e: &io::Error| Absent::new(format!("cannot read {}: {}", visible(path), visible(&e.to_string())));
    let about = folder.symlink_metadata(path).map_err(|e| failed(&e))?;
    if !about.is_file() {
        return Ok(None);
    }
    let mut file = folder.open(path).map_err(|e| failed(&e))?;
    let opened = file.metadata().map_err(|e| failed(&e))?;
    if (opened.ino(), opened.dev()) != (about.ino(), about.dev()) {
        return Ok(None);
    }
    let (mut hash, mut total) = (Sha256::new(), 0_u64);
    let mut piece = vec![0; 1 << 17];
    loop {
        in_time(at)?;
        let read = file.read(&mut piece).map_err(|e| failed(&e))?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
        total += read as u64;
    }
    let sha256 = hash.finalize().iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    });
    Ok(Some((total, sha256)))
}

fn in_time(at: &Context) -> Result<(), Absent> {
    if at.left(Duration::MAX).is_zero() {
        let help = format!("[facts.{}] limit = \"PT10M\" gives it longer", at.group);
        return Err(Absent::new("its time was over before all files of the backups were read").help(help));
    }
    Ok(())
}
