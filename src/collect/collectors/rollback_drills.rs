//! Every recorded rollback drill.

use crate::collect::backups::documents;
use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::{Context, sha256};
use crate::collect::document;
use crate::collect::files::shown;
use crate::model::{Instant, Trust};
use crate::text::visible;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "rollback_drills",
    about: "records of rollback drills: times, steps, the data before and after, smoke tests",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The folder of the records, JSON or YAML, one file for each drill: `golive schema rollback-drill`.
    records: PathBuf,
}

/// What a record says that its digest is made of.
const MOMENTS: [(&str, &str); 3] = [("good", "good_sha256"), ("disturbed", "disturbed_sha256"), ("restored", "restored_sha256")];

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Path(self.records.clone())]
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let mut drills = Vec::new();
        let mut ids = BTreeSet::new();
        let mut exhibits = Vec::new();
        for (name, text, seen) in documents::folder(&self.records, &[".json", ".yaml", ".yml"], at)? {
            let record = document::parse(at, &name, text, "rollback-drill")?.value;
            about_this(&name, &record, &at.shared.plan.environment)?;
            let drill = drill(&record);
            let id = record["id"].as_str().unwrap_or_default().to_owned();
            if !ids.insert(id.clone()) {
                return Err(Absent::new(format!("{name}: another record has the id {} already", visible(&id))));
            }
            let started = record["started_at"].as_str().and_then(Instant::parse);
            drills.push((started, id, drill));
            exhibits.push(at.exhibit(&file_name(&seen.path), seen.bytes));
        }
        drills.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let drills: Vec<Value> = drills.into_iter().map(|(_, _, drill)| drill).collect();
        let value = json!({ "drills_total": drills.len(), "drills": drills });
        let mut out = Collected::new(value, format!("records of rollback drills in {}", shown(&self.records)));
        if exhibits.is_empty() {
            exhibits.push(at.exhibit("rollback-drills.json", format!("{:#}\n", out.value)));
        }
        out.exhibits = exhibits;
        Ok(out)
    }
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A drill of another environment, or one of no data, shows nothing of this one.
fn about_this(name: &str, record: &Value, planned: &str) -> Result<(), Absent> {
    let environment = record["environment"].as_str().unwrap_or_default();
    if environment != planned {
        let reason = format!("{name} is a drill of the environment `{}`, not of `{}`", visible(environment), visible(planned));
        return Err(Absent::new(reason).help("keep the drills of each environment in a folder of their own"));
    }
    // The disturbed state may be empty: losing everything is a disturbance.
    let nothing = |(references, digest): &&(&str, &str)| {
        let state = &record["state"];
        *references != "disturbed" && (state[*references].as_object().is_some_and(Map::is_empty) || state[*digest] == sha256(b""))
    };
    match MOMENTS.iter().find(nothing) {
        Some((moment, _)) => {
            Err(Absent::new(format!("{name}: its state `{moment}` is of nothing, and nothing is always equal to nothing"))
                .help("drill with data, and name each reference with what it stands for"))
        }
        None => Ok(()),
    }
}

fn drill(record: &Value) -> Value {
    let mut out = json!({
        "procedure_sha256": record["procedure"]["sha256"], "state": state(&record["state"]),
        "smokes_total": record["smokes"].as_array().map_or(0, Vec::len),
    });
    for key in ["id", "from_version", "to_version", "started_at", "finished_at", "artifact_id", "steps", "version_after", "smokes"] {
        out[key] = record[key].clone();
    }
    out
}

/// The three digests: as they stand in the record, or over its references, each with what it names, sorted by name.
fn state(state: &Value) -> Value {
    let mut out = json!({});
    for (references, digest) in MOMENTS {
        out[digest] = match state[references].as_object() {
            Some(references) => json!(sha256(sorted(references).as_bytes())),
            None => state[digest].clone(),
        };
    }
    out
}

/// One line of JSON for each, so that no name can look like another name and its value.
fn sorted(references: &Map<String, Value>) -> String {
    let mut lines: Vec<(&String, &Value)> = references.iter().collect();
    lines.sort_by(|a, b| a.0.cmp(b.0));
    lines.into_iter().map(|(name, value)| format!("{}\n", json!([name, value]))).collect()
}
