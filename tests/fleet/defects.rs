//! Faults of documents: the patches of the fixtures of controls, and what can be wrong with a whole group.

use super::random::Random;
use super::{names, palette};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// A way in which a document can be wrong, or look so.
#[derive(Debug)]
pub enum Defect {
    /// The patch of a fixture of a control.
    Patch {
        /// What it changes.
        patch: json_patch::Patch,
        /// Whether lists are left with a total that is not theirs.
        unmended: bool,
    },
    /// Something about one group as a whole.
    Envelope(Fault),
}

/// What can be wrong around a group's value.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// The group is not there.
    Missing,
    /// It was collected long ago.
    Stale,
    /// It was collected after now.
    Future,
    /// Nothing backs it.
    NoEvidence,
    /// It was stated instead of measured, or the other way round.
    OtherTrust,
    /// Another group stands beside it that no control reads.
    Unread,
}

/// The faults of whole groups.
pub const FAULTS: &[Fault] = &[Fault::Missing, Fault::Stale, Fault::Future, Fault::NoEvidence, Fault::OtherTrust, Fault::Unread];

/// All defects, in a fixed order.
pub fn all() -> Vec<Defect> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/controls");
    let mut paths = Vec::new();
    patches(&root, &mut paths);
    paths.sort();
    let mut out: Vec<Defect> = paths.iter().map(|path| of_fixture(&root, path)).collect();
    assert!(out.len() > 100, "{} holds no patches", root.display());
    // Faults of groups are as frequent as one fixture in eight.
    let share = out.len() / FAULTS.len() / 8;
    out.extend((0..=share).flat_map(|_| FAULTS).map(|fault| Defect::Envelope(*fault)));
    out
}

fn patches(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("a folder's entry").path();
        if path.is_dir() {
            patches(&path, out);
        } else if path.file_name().is_some_and(|name| name == "patch.json") {
            out.push(path);
        }
    }
}

fn of_fixture(root: &Path, path: &Path) -> Defect {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let folder = path.parent().and_then(|folder| folder.strip_prefix(root).ok()).expect("a fixture's folder");
    let name: Vec<_> = folder.iter().map(|part| part.to_string_lossy()).collect();
    let name = name.join("/");
    let patch = serde_json::from_str(&names::shortened(&text)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let unmended = name.contains("/invalid_") || name.contains("shortened");
    Defect::Patch { patch, unmended }
}

impl Defect {
    /// Applies it; false where the document has nothing that it could change.
    pub fn apply(&self, document: &mut Value, random: &mut Random) -> bool {
        match self {
            Self::Patch { patch, .. } => {
                let mut changed = document.clone();
                let fits = json_patch::patch(&mut changed, patch).is_ok() && changed != *document;
                if fits {
                    *document = changed;
                }
                fits
            }
            Self::Envelope(fault) => document["facts"].as_object_mut().is_some_and(|groups| fault.apply(groups, random)),
        }
    }

    fn unmended(&self) -> bool {
        matches!(self, Self::Patch { unmended: true, .. })
    }
}

impl Fault {
    /// Applies it to some group.
    pub fn apply(self, groups: &mut Map<String, Value>, random: &mut Random) -> bool {
        let names: Vec<String> = groups.keys().cloned().collect();
        if names.is_empty() {
            return false;
        }
        let name = random.pick(&names);
        if let Self::Missing = self {
            return groups.remove(name).is_some();
        }
        if let Self::Unread = self {
            let twin = groups[name].clone();
            return groups.insert(format!("{name}_old"), twin).is_none();
        }
        let group = &mut groups[name];
        match self {
            Self::Stale => group["collected_at"] = json!("2026-08-01T00:00:00Z"),
            Self::Future => group["collected_at"] = json!("2026-11-23T18:00:00Z"),
            Self::NoEvidence => group["evidence"] = json!([]),
            Self::OtherTrust => group["trust"] = json!(if group["trust"] == "observed" { "attested" } else { "observed" }),
            Self::Missing | Self::Unread => {}
        }
        true
    }
}

/// Applies some defects, each of another kind, and lets every total say the length of its list, except where that is the defect.
pub fn damage(document: &mut Value, defects: &[Defect], wanted: usize, random: &mut Random) {
    let mut last = Vec::new();
    let mut applied = 0;
    // Some fixtures change what a varied document does not have.
    for _ in 0..wanted * 8 {
        let defect = random.pick(defects);
        if defect.unmended() {
            last.push(defect);
        } else if !defect.apply(document, random) {
            continue;
        }
        applied += 1;
        if applied == wanted {
            break;
        }
    }
    mend_totals(document);
    for defect in last {
        defect.apply(document, random);
    }
}

/// Lets every total say the length of its list.
pub fn mend_totals(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mend_totals),
        Value::Object(members) => {
            members.values_mut().for_each(mend_totals);
            palette::set_totals(members);
        }
        _ => {}
    }
}
