//! Survivors that somebody looked at and explained: `survivors.json` beside the fixtures.

use super::mutant::Mutant;
use crate::checklist::contract;
use crate::text::{Limits, Problem, Source, read_json, visible};
use std::sync::Arc;

/// The file's name beside `case.json`.
pub const FILE: &str = "survivors.json";

/// One explained survivor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
pub struct Entry {
    /// The file in the checklist.
    pub file: String,
    /// The rule.
    pub rule: String,
    /// The lines before the change.
    pub from: String,
    /// The lines after it.
    pub to: String,
    /// Why no test can tell the two apart, or needs to.
    pub reason: String,
}

impl Entry {
    /// Whether it is about this change.
    pub fn is_about(&self, mutant: &Mutant) -> bool {
        let (from, to) = mutant.lines();
        self.file == mutant.file && self.rule == mutant.rule && self.from == from && self.to == to
    }
}

/// Reads the list.
///
/// # Errors
/// What is wrong with it: another form than `schemas/survivors.schema.json`, a reason that says nothing, an entry twice.
pub fn read(source: Arc<Source>) -> Result<Vec<Entry>, Vec<Problem>> {
    let code = "golive::mutate::survivors";
    let document = read_json(source, &Limits::default()).map_err(|p| vec![p])?;
    let faults = contract("survivors")?.problems(code, &document.value, &document, "");
    if !faults.is_empty() {
        return Err(faults);
    }
    let entries = document.value["survivors"].clone();
    let entries: Vec<Entry> = serde_json::from_value(entries).map_err(|e| vec![Problem::new(code, visible(&e.to_string()))])?;
    let mut problems = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let place = document.locate(&format!("/survivors/{index}")).value;
        let mut refuse = |message: &str| problems.push(Problem::new(code, message).at(&document.source, place.clone(), "here"));
        if entry.reason.trim().is_empty() {
            refuse("a survivor without a reason");
        }
        if entries
            .iter()
            .take(index)
            .any(|other| (&other.file, &other.rule, &other.from, &other.to) == (&entry.file, &entry.rule, &entry.from, &entry.to))
        {
            refuse("this survivor is listed twice");
        }
    }
    if problems.is_empty() { Ok(entries) } else { Err(problems) }
}
