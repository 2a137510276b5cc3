//! The published compatibility guarantee, as the document on hand says it.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::files::{Seen, shown};
use crate::collect::formats::claw_matrix;
use crate::collect::{document, redact};
use crate::model::Trust;
use crate::text::{Limits, Source, read_json, visible};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "compatibility_guarantees",
    about: "the published compatibility guarantee: a small YAML, or claw's matrix",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The document on hand.
    document: PathBuf,
    /// Where it is published.
    uri: String,
    /// How it is written.
    format: Format,
    /// The client versions that are in use or offered. One of which the document says nothing is stated as unknown.
    #[serde(default)]
    clients: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Format {
    /// `golive schema compatibility-guarantee`, in YAML or JSON.
    Yaml,
    /// claw's `compatibility-matrix.json`.
    ClawMatrix,
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Path(self.document.clone())]
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let (daemon, clients, seen) = match self.format {
            Format::Yaml => self.small(at)?,
            Format::ClawMatrix => self.matrix(at)?,
        };
        let name = self.document.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let exhibit = at.exhibit(&name, seen.bytes);
        let value = json!({
            "document": { "uri": redact::url(&self.uri), "sha256": exhibit.evidence.sha256 },
            "daemon_version": daemon, "clients_total": clients.len(), "clients": clients,
        });
        Ok(Collected::new(value, shown(&self.document)).with(exhibit))
    }
}

type Read = (Value, Vec<Value>, Seen);

impl Settings {
    fn small(&self, at: &Context) -> Result<Read, Absent> {
        let (mut value, seen) = document::read(at, &self.document, "compatibility-guarantee")?;
        let Value::Array(mut clients) = value["clients"].take() else { return Err(Absent::new("the document names no client")) };
        for version in &self.clients {
            if !clients.iter().any(|c| c["version"] == *version) {
                clients.push(json!({ "version": version, "level": "unknown" }));
            }
        }
        Ok((value["daemon"].take(), clients, seen))
    }

    /// The matrix speaks of series of versions: which of them matter here, the settings say.
    fn matrix(&self, at: &Context) -> Result<Read, Absent> {
        if self.clients.is_empty() {
            return Err(Absent::new("the matrix names no exact client version").help("`clients` names those that are in use or offered"));
        }
        let (text, seen) = at.files().text(&self.document)?;
        let name = shown(&self.document);
        let failed = |reason: String| Absent::new(format!("{name}: {}", visible(&reason)));
        let matrix = read_json(Arc::new(Source::new(name.as_str(), text)), &Limits::default()).map_err(|p| failed(p.message))?;
        let daemon = &at.plan().release;
        let levels = claw_matrix::levels(matrix.value, daemon, &self.clients).map_err(failed)?;
        let clients = self.clients.iter().zip(levels).map(|(version, level)| json!({ "version": version, "level": level }));
        Ok((json!(daemon), clients.collect(), seen))
    }
}
