//! What the planned release consists of: a plan with digests, or files that are measured.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::document;
use crate::collect::files::shown;
use crate::model::Trust;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "release_manifest",
    about: "what the planned release consists of: a plan with digests, or files that are measured",
    trust: Trust::Observed,
    read: read::<Settings>,
};

/// Either `manifest`, or `version` and `subjects`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The plan: `golive schema release-plan`.
    manifest: Option<PathBuf>,
    /// The exact version, written down here: a version that came from the plan of the run would always agree with it.
    version: Option<String>,
    /// The files of the release, as they were built.
    #[serde(default)]
    subjects: Vec<Subject>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    kind: Kind,
    path: PathBuf,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Binary,
    Archive,
    Image,
    Source,
    Lockfile,
}

/// Larger files are not read into memory.
const MOST_SUBJECT: u64 = 1 << 30;

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        self.manifest.iter().chain(self.subjects.iter().map(|s| &s.path)).cloned().map(Need::Path).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        match (&self.manifest, &self.version, &self.subjects[..]) {
            (Some(manifest), None, []) => {
                let (plan, seen) = document::read(at, manifest, "release-plan")?;
                let subjects = &plan["subjects"];
                let total = subjects.as_array().map_or(0, Vec::len);
                let value = json!({ "version": plan["version"], "subjects": subjects, "subjects_total": total });
                Ok(Collected::new(value, shown(manifest)).with(at.exhibit("release-plan.json", seen.bytes)))
            }
            (None, Some(version), [_, ..]) => self.measured(at, version),
            _ => Err(Absent::new("either `manifest`, or `version` and `subjects` are wanted")),
        }
    }
}

impl Settings {
    fn measured(&self, at: &Context, version: &str) -> Result<Collected, Absent> {
        let mut subjects: Vec<Value> = Vec::new();
        for subject in &self.subjects {
            let seen = at.files().read(&subject.path, MOST_SUBJECT)?;
            subjects.push(json!({ "name": subject.name, "kind": subject.kind, "sha256": seen.sha256 }));
        }
        let plan = json!({ "format": "golive.release-plan/1", "version": version, "subjects": subjects });
        let value = json!({ "version": version, "subjects_total": subjects.len(), "subjects": subjects });
        let source: Vec<String> = self.subjects.iter().map(|s| shown(&s.path)).collect();
        Ok(Collected::new(value, source.join("; ")).with(at.exhibit("release-plan.json", format!("{plan:#}\n"))))
    }
}
