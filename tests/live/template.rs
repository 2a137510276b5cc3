//! Files with places to be filled: times that lie before now, digests of other files, values of the deployment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of templates, and the folder that they are written to.
pub struct Template<'a> {
    /// Values by name: `{{name}}`.
    pub values: &'a BTreeMap<String, String>,
    /// Now, in milliseconds since 1970: `{{-PT2H}}` lies before it.
    pub now: i64,
    /// Where the files are written; `{{sha256:path}}` is the digest of one that stands there.
    pub to: &'a Path,
}

impl Template<'_> {
    /// Writes every file of `from` below `folder`, those first that others name by their digest.
    pub fn fill(&self, from: &Path, folder: &str) {
        let mut left = files(from);
        left.retain(|path| path.starts_with(folder));
        while !left.is_empty() {
            let before = left.len();
            left.retain(|path| !self.write(from, path));
            assert!(left.len() < before, "these templates wait for each other: {left:?}");
        }
    }

    /// Writes one file; false where it needs another one first.
    fn write(&self, from: &Path, path: &Path) -> bool {
        let text = fs::read_to_string(from.join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let Some(text) = self.filled(&text) else { return false };
        let to = self.to.join(path);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::write(&to, text).unwrap_or_else(|e| panic!("{}: {e}", to.display()));
        true
    }

    /// A text with its places filled; none where a file that it needs is not there yet.
    pub fn filled(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, behind) = after.split_once("}}").unwrap_or_else(|| panic!("no end: {after}"));
            out.push_str(before);
            out.push_str(&self.value(name)?);
            rest = behind;
        }
        Some(out + rest)
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some(path) = name.strip_prefix("sha256:") {
            return Some(sha256(&fs::read(self.to.join(path)).ok()?));
        }
        if let Some(length) = name.strip_prefix('-') {
            let length = golive::model::time::parse_duration(length).unwrap_or_else(|| panic!("no length of time: {name}"));
            return Some(golive::model::Instant { ms: self.now - length }.to_string());
        }
        Some(self.values.get(name).unwrap_or_else(|| panic!("no value `{name}`")).clone())
    }
}

/// The digest of bytes, hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    <sha2::Sha256 as sha2::Digest>::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Every file below a folder, relative to it.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    if !folder.exists() {
        return out;
    }
    let mut todo = vec![folder.to_owned()];
    while let Some(here) = todo.pop() {
        for entry in fs::read_dir(&here).unwrap_or_else(|e| panic!("{}: {e}", here.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                todo.push(path);
            } else {
                out.push(path.strip_prefix(folder).expect("below the folder").to_owned());
            }
        }
    }
    out
}
