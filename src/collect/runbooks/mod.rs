//! Runbooks: the Markdown files of a folder, and which topics they are mapped to.

pub mod git;
pub mod help;
pub mod markdown;
pub mod shell;
pub mod usage;

use super::collector::{Absent, Need};
use super::context::Context;
use super::files::{Seen, shown};
use crate::text::visible;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// One file or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Files {
    /// One.
    One(PathBuf),
    /// Several.
    Several(Vec<PathBuf>),
}

impl Files {
    fn paths(&self) -> &[PathBuf] {
        match self {
            Self::One(path) => std::slice::from_ref(path),
            Self::Several(paths) => paths,
        }
    }
}

/// A runbook as it stands now.
pub struct Runbook {
    /// Below the folder.
    pub inside: PathBuf,
    /// As the settings lead to it.
    pub path: String,
    /// What it is for; `other` where no topic is mapped to it.
    pub topics: Vec<String>,
    /// Its bytes and their digest.
    pub seen: Seen,
    /// Its text.
    pub text: String,
}

/// Topics that are mapped to a file that is not there.
pub type Missing = Vec<(String, PathBuf)>;

/// What no topic names.
const OTHER: &str = "other";

const MOST_FILES: usize = 500;
const MOST_DEPTH: usize = 8;

/// The folder as a need.
pub fn need(folder: &Path) -> Need {
    Need::Path(folder.to_owned())
}

/// Every Markdown file below a folder but the ignored ones, in the order of their paths.
///
/// # Errors
/// The folder or a file cannot be read, or a topic's file lies outside of the folder.
pub fn read(at: &Context, folder: &Path, ignored: &[PathBuf], topics: &BTreeMap<String, Files>) -> Result<(Vec<Runbook>, Missing), Absent> {
    let mut found = BTreeSet::new();
    walk(at, folder, Path::new(""), 0, &mut found)?;
    found.retain(|inside| !ignored.iter().any(|i| inside.starts_with(i)));
    let (mapped, missing) = map(at, folder, topics)?;
    found.extend(mapped.keys().cloned());
    let mut out = Vec::new();
    for inside in found {
        let path = folder.join(&inside);
        let (text, seen) = at.files().text(&path)?;
        let topics = mapped.get(&inside).cloned().unwrap_or_else(|| vec![OTHER.to_owned()]);
        out.push(Runbook { path: shown(&path), inside, topics, seen, text });
    }
    Ok((out, missing))
}

/// The topics of each mapped file. A topic of which one file is missing is not covered by the others: they serve `other`.
fn map(at: &Context, folder: &Path, topics: &BTreeMap<String, Files>) -> Result<(BTreeMap<PathBuf, Vec<String>>, Missing), Absent> {
    let mut out: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    let mut missing = Vec::new();
    for (topic, files) in topics {
        let mut there = Vec::new();
        let mut gone = files.paths().is_empty();
        for file in files.paths() {
            if file.components().any(|c| !matches!(c, Component::Normal(_))) {
                let reason = format!("the file {} of the topic `{}` must lie below {}", shown(file), visible(topic), shown(folder));
                return Err(Absent::new(reason));
            }
            if is_there(at, folder, file)? {
                there.push(file.clone());
            } else {
                gone = true;
                missing.push((topic.clone(), file.clone()));
            }
        }
        for file in there {
            let topic = if gone { OTHER } else { topic.as_str() };
            let topics = out.entry(file).or_default();
            if !topics.iter().any(|t| t == topic) {
                topics.push(topic.to_owned());
            }
        }
    }
    for topics in out.values_mut().filter(|t| t.len() > 1) {
        topics.retain(|t| t != OTHER);
    }
    Ok((out, missing))
}

/// Only a file that is not there is missing; one that cannot be read is not known.
fn is_there(at: &Context, folder: &Path, file: &Path) -> Result<bool, Absent> {
    match at.files().folder(folder)?.metadata(file) {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Absent::new(format!("cannot read {}: {}", shown(&folder.join(file)), visible(&e.to_string())))),
    }
}

fn walk(at: &Context, folder: &Path, inside: &Path, depth: usize, found: &mut BTreeSet<PathBuf>) -> Result<(), Absent> {
    let here = folder.join(inside);
    let failed = |e: &std::io::Error| Absent::new(format!("cannot read {}: {}", shown(&here), visible(&e.to_string())));
    if depth > MOST_DEPTH {
        return Err(Absent::new(format!("{} is nested too deep: the limit is {MOST_DEPTH} folders", shown(&here))));
    }
    for entry in at.files().folder(&here)?.entries().map_err(|e| failed(&e))? {
        let entry = entry.map_err(|e| failed(&e))?;
        let name = entry.file_name();
        let path = inside.join(&name);
        let kind = entry.file_type().map_err(|e| failed(&e))?;
        if kind.is_dir() {
            if name.as_encoded_bytes() != b".git" {
                walk(at, folder, &path, depth + 1, found)?;
            }
        } else if is_markdown(&path) {
            found.insert(path);
        } else if kind.is_symlink() && at.files().about(&folder.join(&path)).is_ok_and(|about| about.is_dir()) {
            let reason = format!("{} is a link to a folder: runbooks are read where they lie", shown(&folder.join(&path)));
            return Err(Absent::new(reason));
        }
        if found.len() > MOST_FILES {
            return Err(Absent::new(format!("{} holds more than {MOST_FILES} runbooks", shown(folder))));
        }
    }
    Ok(())
}

fn is_markdown(path: &Path) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|e| ["md", "markdown"].contains(&e.to_ascii_lowercase().as_str()))
}
