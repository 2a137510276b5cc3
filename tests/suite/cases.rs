//! Cases: folders under `fixtures/` that hold `expected.json`.

use crate::project;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// What facts of deployments link to: no case.
const EVIDENCE: &str = "evidence";

/// One case.
pub struct Case {
    /// Its folder, relative to the area's.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
}

/// The cases of one area of `fixtures/`, sorted; a folder without any is no test, and one at the bottom without
/// `expected.json` is a case that somebody forgot to finish.
pub fn cases(area: &str) -> Vec<Case> {
    cases_below(&project::root().join("fixtures").join(area))
}

/// The cases below a folder.
pub fn cases_below(top: &Path) -> Vec<Case> {
    let mut out = Vec::new();
    let mut unfinished = Vec::new();
    walk(top, top, &mut out, &mut unfinished);
    assert!(unfinished.is_empty(), "folders without expected.json: {unfinished:#?}");
    assert!(!out.is_empty(), "{} holds no case: nothing would be tested", top.display());
    out
}

fn walk(top: &Path, folder: &Path, out: &mut Vec<Case>, unfinished: &mut Vec<PathBuf>) {
    if folder.join("expected.json").is_file() {
        let name = folder.strip_prefix(top).expect("below the top").to_string_lossy().into_owned();
        out.push(Case { name, folder: folder.to_owned() });
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut below: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.is_dir()).collect();
    below.sort();
    if below.is_empty() && !folder.ends_with(EVIDENCE) {
        unfinished.push(folder.to_owned());
    }
    for folder in below {
        walk(top, &folder, out, unfinished);
    }
}

impl Case {
    /// One of its documents.
    pub fn json(&self, file: &str) -> Value {
        project::json(&self.folder.join(file))
    }

    /// What must come out, with the keys that a case of this area may have.
    pub fn expected(&self, keys: &[&str]) -> Value {
        let expected = self.json("expected.json");
        let members = expected.as_object().unwrap_or_else(|| panic!("{}: expected.json is no object", self.name));
        for key in members.keys() {
            assert!(keys.contains(&key.as_str()), "{}: expected.json has the unknown key `{key}`; known: {keys:?}", self.name);
        }
        expected
    }

    /// Its facts: `facts.json`, or `patch.json` laid on the `pass` beside it.
    pub fn facts(&self) -> Value {
        if self.folder.join("facts.json").is_file() {
            return self.json("facts.json");
        }
        let mut facts = project::json(&self.folder.with_file_name("pass").join("facts.json"));
        let before = facts.clone();
        let patch: json_patch::Patch =
            serde_json::from_value(self.json("patch.json")).unwrap_or_else(|e| panic!("{}: patch.json: {e}", self.name));
        json_patch::patch(&mut facts, &patch).unwrap_or_else(|e| panic!("{}: patch.json: {e}", self.name));
        assert_ne!(facts, before, "{}: patch.json changes nothing", self.name);
        facts
    }
}
