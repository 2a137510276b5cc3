//! Files that are watched: looked at a few times a second, which every file system bears.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long a change may go unseen.
const PAUSE: Duration = Duration::from_millis(150);

/// What a file looks like from the outside: when it was changed, and its size.
type Looks = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Folders as they were when they were last looked at.
pub struct Watched {
    folders: Vec<PathBuf>,
    looks: Looks,
}

impl Watched {
    /// The folders as they are now.
    pub fn new(folders: Vec<PathBuf>) -> Self {
        let looks = look(&folders);
        Self { folders, looks }
    }

    /// Waits until something changes; gives the paths that were changed, added or removed.
    pub fn wait(&mut self) -> Vec<PathBuf> {
        loop {
            std::thread::sleep(PAUSE);
            let looks = look(&self.folders);
            let differs = |(path, looks): (&PathBuf, &(Option<SystemTime>, u64)), others: &Looks| others.get(path) != Some(looks);
            let mut changed: Vec<PathBuf> = looks.iter().filter(|file| differs(*file, &self.looks)).map(|(path, _)| path.clone()).collect();
            changed.extend(self.looks.keys().filter(|path| !looks.contains_key(*path)).cloned());
            self.looks = looks;
            if !changed.is_empty() {
                return changed;
            }
        }
    }
}

fn look(folders: &[PathBuf]) -> Looks {
    let mut out = Looks::new();
    for folder in folders {
        below(folder, &mut out);
    }
    out
}

/// What cannot be read now is read in the next round, or never.
fn below(folder: &Path, out: &mut Looks) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            below(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "rego" || ending == "json")
            && let Ok(meta) = fs::metadata(&path)
        {
            out.insert(path, (meta.modified().ok(), meta.len()));
        }
    }
}

/// The control that a changed file is about, where it is about one alone: a policy, its test, or a fixture.
pub fn control_of(path: &Path) -> Option<String> {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let at = parts.iter().rposition(|part| *part == "controls")?;
    let [area, name, ..] = parts.get(at + 1..)? else { return None };
    let name = name.strip_suffix(".rego").unwrap_or(name);
    Some(format!("{area}.{}", name.strip_suffix("_test").unwrap_or(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_about_its_control() {
        let of = |path: &str| control_of(Path::new(path));
        assert_eq!(of("a/policies/controls/backups/scheduled.rego").as_deref(), Some("backups.scheduled"));
        assert_eq!(of("a/policies/controls/backups/scheduled_test.rego").as_deref(), Some("backups.scheduled"));
        assert_eq!(of("fixtures/controls/backups/scheduled/pass/facts.json").as_deref(), Some("backups.scheduled"));
        assert_eq!(of("policies/lib/clock.rego"), None);
        assert_eq!(of("fixtures/controls/case.json"), None);
    }
}
