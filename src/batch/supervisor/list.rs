//! What the arguments stand for: files in a fixed order, held in few bytes each.

use super::super::setting::hex;
use super::super::state::Inputs;
use crate::text::{Problem, visible};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What one entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One facts document.
    Document,
    /// One facts document a line.
    Lines,
    /// The lines of stdin.
    Stdin,
    /// Nothing that can be read; the problem stands aside.
    Refused,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    folder: u32,
    length: u16,
    kind: Kind,
    start: u32,
}

/// Inputs in order. Folders stand once, names behind each other.
#[derive(Debug, Default)]
pub struct List {
    folders: Vec<Vec<u8>>,
    names: Vec<u8>,
    entries: Vec<Entry>,
    problems: BTreeMap<usize, Problem>,
    results: BTreeSet<PathBuf>,
    /// Files in folders that are neither `*.json` nor lines.
    pub skipped: u64,
}

impl List {
    /// The inputs that a list of arguments stands for. What the batch itself writes into a folder is no input of it: `results`
    /// holds these places, however they are reached.
    pub fn of(arguments: &[PathBuf], results: BTreeSet<PathBuf>) -> Self {
        let mut list = Self { folders: vec![Vec::new()], results, ..Self::default() };
        for argument in arguments {
            list.argument(argument);
        }
        list
    }

    fn argument(&mut self, path: &Path) {
        let bytes = path.as_os_str().as_bytes();
        if bytes == b"-" {
            return self.push(0, bytes, Kind::Stdin);
        }
        if fs::symlink_metadata(path).is_ok() || !bytes.iter().any(|b| b"*?[".contains(b)) {
            return self.named(path);
        }
        let pattern = path.to_str().ok_or("a pattern is UTF-8").and_then(|p| glob::glob(p).map_err(|e| e.msg));
        let mut found: Vec<PathBuf> = match pattern {
            Ok(paths) => paths.map(|p| p.unwrap_or_else(|e| e.path().to_owned())).collect(),
            Err(words) => {
                let message = format!("the pattern {} cannot be used: {words}", visible(&path.to_string_lossy()));
                return self.refuse(bytes, Problem::new("golive::input::pattern", message));
            }
        };
        found.sort_by(|a, b| a.as_os_str().as_bytes().cmp(b.as_os_str().as_bytes()));
        if found.is_empty() {
            let message = format!("nothing matches {}", visible(&path.to_string_lossy()));
            return self.refuse(bytes, Problem::new("golive::input::none", message));
        }
        for path in found {
            self.named(&path);
        }
    }

    /// A path that somebody named: a folder is walked, whatever leads to it.
    fn named(&mut self, path: &Path) {
        let bytes = path.as_os_str().as_bytes();
        if !path.is_dir() {
            return self.push(0, bytes, if is_lines(bytes) { Kind::Lines } else { Kind::Document });
        }
        let before = self.entries.len();
        let mut folder = bytes.to_vec();
        if !folder.ends_with(b"/") {
            folder.push(b'/');
        }
        self.walk(&folder);
        if self.entries.len() == before {
            let message = format!("no facts files in {}", visible(&path.to_string_lossy()));
            let problem = Problem::new("golive::input::none", message);
            self.refuse(bytes, problem.help("facts files end in .json, .jsonl or .ndjson"));
        }
    }

    /// The files below a folder, in the order of their paths' bytes. Symbolic links to folders are not followed.
    fn walk(&mut self, folder: &[u8]) {
        let path = PathBuf::from(OsStr::from_bytes(folder));
        let cannot = |e: &std::io::Error| {
            let message = format!("cannot read {}: {}", visible(&path.to_string_lossy()), visible(&e.to_string()));
            Problem::new("golive::input::unreadable", message)
        };
        let listed = match fs::read_dir(&path) {
            Ok(listed) => listed,
            Err(error) => return self.refuse(folder, cannot(&error)),
        };
        // A folder's name is compared with the slash behind it, as the paths below it are.
        let mut names: Vec<Vec<u8>> = Vec::new();
        for entry in listed {
            match entry.and_then(|e| Ok((e.file_name(), e.file_type()?))) {
                Ok((name, kind)) if kind.is_dir() => names.push([name.as_bytes(), b"/"].concat()),
                Ok((name, _)) if is_lines(name.as_bytes()) || name.as_bytes().ends_with(b".json") => names.push(name.as_bytes().to_vec()),
                Ok(_) => self.skipped += 1,
                Err(error) => return self.refuse(folder, cannot(&error)),
            }
        }
        names.retain(|name| !self.is_result(&path, name));
        names.sort_unstable();
        let mut here = None;
        for name in names {
            if name.ends_with(b"/") {
                self.walk(&[folder, &name].concat());
                continue;
            }
            let index = *here.get_or_insert_with(|| {
                self.folders.push(folder.to_vec());
                self.folders.len() - 1
            });
            self.push(index, &name, if is_lines(&name) { Kind::Lines } else { Kind::Document });
        }
    }

    /// Whether a file of a folder is one that the batch writes.
    fn is_result(&self, folder: &Path, name: &[u8]) -> bool {
        let name = OsStr::from_bytes(name);
        self.results.iter().filter(|r| r.file_name() == Some(name)).any(|r| folder.canonicalize().is_ok_and(|f| *r == f.join(name)))
    }

    fn push(&mut self, folder: usize, name: &[u8], kind: Kind) {
        let place = (u32::try_from(folder), u32::try_from(self.names.len()), u16::try_from(name.len()));
        let (Ok(folder), Ok(start), Ok(length)) = place else {
            let message = format!("{} is one input too many, or its name is too long", visible(&String::from_utf8_lossy(name)));
            return self.refuse(b"", Problem::new("golive::input::list", message));
        };
        self.names.extend_from_slice(name);
        self.entries.push(Entry { folder, length, kind, start });
    }

    fn refuse(&mut self, name: &[u8], problem: Problem) {
        self.problems.insert(self.entries.len(), problem);
        self.push(0, &name[..name.len().min(4096)], Kind::Refused);
    }

    /// How many inputs there are.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// How many documents there are, where no input has several.
    pub fn documents(&self) -> Option<u64> {
        let several = self.entries.iter().any(|e| matches!(e.kind, Kind::Lines | Kind::Stdin));
        (!several).then_some(self.entries.len() as u64)
    }

    /// The path of an input, and what it is.
    pub fn get(&self, index: usize) -> Option<(Vec<u8>, Kind)> {
        let entry = self.entries.get(index)?;
        let start = entry.start as usize;
        let name = &self.names[start..start + usize::from(entry.length)];
        Some(([self.folders[entry.folder as usize].as_slice(), name].concat(), entry.kind))
    }

    /// Why an input is refused.
    pub fn problem(&self, index: usize) -> Option<&Problem> {
        self.problems.get(&index)
    }

    /// How many inputs there are, and one digest over their names in order.
    pub fn inputs(&self) -> Inputs {
        let mut hash = Sha256::new();
        for index in 0..self.count() {
            let (path, kind) = self.get(index).unwrap_or((Vec::new(), Kind::Refused));
            hash.update((path.len() as u64).to_be_bytes());
            hash.update([kind as u8]);
            hash.update(&path);
        }
        Inputs { count: self.count() as u64, digest: format!("sha256:{}", hex(&hash.finalize())) }
    }
}

fn is_lines(name: &[u8]) -> bool {
    name.ends_with(b".jsonl") || name.ends_with(b".ndjson")
}
