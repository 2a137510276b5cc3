//! From a record's kept bytes back to what was judged, and what judged it.

use crate::checklist::{Checklist, Files, LoadError, contract, load};
use crate::exceptions::{Exceptions, Scope, remediations, waivers};
use crate::facts::{self, Facts, Plan, combine};
use crate::model::Record;
use crate::model::record::{ChecklistInput, Input};
use crate::rego;
use crate::text::{Document, Limits, Problem, Source, decode, read_by_name, visible};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Where kept bytes come from: by their digest, held against it.
pub type Kept<'k> = &'k dyn Fn(&str) -> Result<Vec<u8>, String>;

/// What was judged, and what judged it.
pub struct Restored {
    /// The checklist with the parameters in force.
    pub checklist: Checklist,
    /// Its files.
    pub files: Files,
    /// The facts.
    pub facts: Facts,
    /// Parameters laid over the checklist's defaults.
    pub overlay: Option<Document>,
    /// Files of waivers.
    pub waivers: Vec<Document>,
    /// Files of remediations.
    pub remediations: Vec<Document>,
    /// What these say.
    pub exceptions: Exceptions,
}

/// Inputs of a record that are missing or changed, each with a word for its kind.
pub fn missing(record: &Record, kept: Kept<'_>) -> Vec<Problem> {
    let mut out = Vec::new();
    for (kind, name, digest) in record.inputs.all() {
        if let Err(words) = kept(digest) {
            out.push(Problem::new("golive::record::input", format!("{}: {words}", named(kind, name))));
        }
    }
    out
}

/// Takes everything from the kept bytes.
///
/// # Errors
/// Inputs that are missing or changed, and whatever this program refuses of them.
pub fn restore(record: &Record, kept: Kept<'_>) -> Result<Restored, Vec<Problem>> {
    let files = files(&record.inputs.checklist, kept)?;
    restore_under(record, kept, files)
}

/// The same under another checklist.
///
/// # Errors
/// See [`restore`].
pub fn restore_under(record: &Record, kept: Kept<'_>, files: Files) -> Result<Restored, Vec<Problem>> {
    let overlay = record.inputs.parameters.as_ref().map(|input| document("parameters", input, &Limits::default(), kept)).transpose()?;
    let millis = u64::try_from(record.limits.control_ms).unwrap_or(0);
    let limits = rego::Limits { time: Duration::from_millis(millis) };
    let checklist = load(&files, overlay.as_ref(), &record.environment, limits).map_err(|error| match error {
        LoadError::Checklist(problems) | LoadError::Parameters(problems) => problems,
    })?;
    let plan = Plan { environment: record.environment.clone(), release: record.release.clone() };
    let envelope = contract("envelope")?;
    let read = |input: &Input| facts::read(source("facts", input, kept)?, envelope, &Limits::default());
    let documents = record.inputs.facts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let facts = combine(documents, &plan)?;
    let scope = Scope::of(&checklist);
    let waived = documents_of("waiver", &record.inputs.waivers, kept)?;
    let mended = documents_of("remediation", &record.inputs.remediations, kept)?;
    let exceptions = Exceptions { waivers: waivers(&waived, &scope)?, remediations: remediations(&mended, &scope)? };
    Ok(Restored { checklist, files, facts, overlay, waivers: waived, remediations: mended, exceptions })
}

fn files(input: &ChecklistInput, kept: Kept<'_>) -> Result<Files, Vec<Problem>> {
    let mut by_path = BTreeMap::new();
    let mut problems = Vec::new();
    for file in &input.files {
        let kind = if file.path.starts_with("policies/") { "policy" } else { "schema" };
        match text(kind, (&file.path, &file.sha256), kept) {
            Ok(source) => drop(by_path.insert(file.path.clone(), source)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(Files::kept(&input.origin, input.embedded, by_path)) } else { Err(problems) }
}

fn documents_of(kind: &'static str, inputs: &[Input], kept: Kept<'_>) -> Result<Vec<Document>, Vec<Problem>> {
    inputs.iter().map(|input| document(kind, input, &Limits { bytes: 4 << 20, keys: 20_000, ..Limits::default() }, kept)).collect()
}

fn document(kind: &'static str, input: &Input, limits: &Limits, kept: Kept<'_>) -> Result<Document, Vec<Problem>> {
    read_by_name(source(kind, input, kept)?, limits).map_err(|p| vec![p])
}

fn source(kind: &'static str, input: &Input, kept: Kept<'_>) -> Result<Arc<Source>, Vec<Problem>> {
    text(kind, (&input.name, &input.sha256), kept).map_err(|p| vec![p])
}

fn text(kind: &'static str, (name, digest): (&str, &str), kept: Kept<'_>) -> Result<Arc<Source>, Problem> {
    let bytes = kept(digest).map_err(|words| Problem::new("golive::record::input", format!("{}: {words}", named(kind, name))))?;
    decode(name, bytes, &Limits::default())
}

fn named(kind: &str, name: &str) -> String {
    format!("{kind} digest of `{}`", visible(name))
}
