//! What changed between two records: facts, policies, parameters, verdicts, exceptions.

use super::replay::{Difference, differences};
use super::restore::Kept;
use crate::model::Record;
use crate::model::record::Input;
use crate::text::{Limits, Problem, decode, pointer_of, read_by_name, visible};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One of two records, with what it keeps.
#[derive(Debug)]
pub struct Side {
    /// The record.
    pub record: Record,
    /// What it keeps.
    pub contents: Contents,
}

/// What a record keeps, as values.
#[derive(Debug, Default)]
pub struct Contents {
    /// The groups of facts by name, each with what stands around it.
    pub facts: BTreeMap<String, Value>,
    /// Waivers by their ids.
    pub waivers: BTreeMap<String, Value>,
    /// Remediations by control, environment and release.
    pub remediations: BTreeMap<String, Value>,
}

/// What changed.
#[derive(Debug)]
pub struct Changes {
    /// JSON pointers into the facts.
    pub facts: Vec<Change>,
    /// Files of the checklist: their digests.
    pub policies: Vec<Change>,
    /// Parameters that are not the checklist's defaults, by their pointers.
    pub parameters: Vec<Change>,
    /// The gate, and verdict, outcome, findings and waiver of each control.
    pub verdicts: Vec<Difference>,
    /// Waivers, by id and pointer.
    pub waivers: Vec<Change>,
    /// Remediations, by control, environment, release and pointer.
    pub remediations: Vec<Change>,
}

/// One place that differs; none where it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The place.
    pub place: String,
    /// What the earlier record says there.
    pub before: Option<String>,
    /// What the later record says there.
    pub after: Option<String>,
}

impl Contents {
    /// Takes what a record keeps.
    ///
    /// # Errors
    /// Inputs that are missing or changed.
    pub fn read(record: &Record, kept: Kept<'_>) -> Result<Self, Vec<Problem>> {
        let mut out = Self::default();
        for document in values(&record.inputs.facts, "facts", kept)? {
            let groups = document["facts"].as_object().into_iter().flatten();
            out.facts.extend(groups.map(|(name, group)| (name.clone(), group.clone())));
        }
        for document in values(&record.inputs.waivers, "waiver", kept)? {
            let entries = document["waivers"].as_array().into_iter().flatten();
            out.waivers.extend(entries.map(|w| (text(&w["id"]), w.clone())));
        }
        for document in values(&record.inputs.remediations, "remediation", kept)? {
            let entries = document["remediations"].as_array().into_iter().flatten();
            let name = |r: &Value| format!("{} in {} for {}", text(&r["control"]), text(&r["environment"]), text(&r["release"]));
            out.remediations.extend(entries.map(|r| (name(r), r.clone())));
        }
        Ok(out)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn values(inputs: &[Input], kind: &str, kept: Kept<'_>) -> Result<Vec<Value>, Vec<Problem>> {
    let read = |input: &Input| {
        let bytes = kept(&input.sha256).map_err(|words| {
            let message = format!("{kind} digest of `{}`: {words}", visible(&input.name));
            vec![Problem::new("golive::record::input", message)]
        })?;
        let source = decode(&input.name, bytes, &Limits::default()).map_err(|p| vec![p])?;
        read_by_name(source, &Limits::default()).map(|d| d.value).map_err(|p| vec![p])
    };
    inputs.iter().map(read).collect()
}

/// Compares two records.
pub fn diff(before: &Side, after: &Side) -> Changes {
    let files = |side: &Side| -> BTreeMap<String, String> {
        side.record.inputs.checklist.files.iter().map(|f| (f.path.clone(), format!("sha256:{}", f.sha256))).collect()
    };
    let parameters = |side: &Side| -> BTreeMap<String, String> {
        let changes = side.record.decision["checklist"]["parameters"].as_array().into_iter().flatten();
        changes.map(|p| (text(&p["pointer"]), p["value"].to_string())).collect()
    };
    Changes {
        facts: entries(&before.contents.facts, &after.contents.facts, "/facts"),
        policies: compare(&files(before), &files(after)),
        parameters: compare(&parameters(before), &parameters(after)),
        verdicts: differences(&before.record.decision, &after.record.decision),
        waivers: entries(&before.contents.waivers, &after.contents.waivers, ""),
        remediations: entries(&before.contents.remediations, &after.contents.remediations, ""),
    }
}

fn compare(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Change> {
    let places: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |place: &String| Change { place: place.clone(), before: before.get(place).cloned(), after: after.get(place).cloned() };
    places.into_iter().map(change).filter(|c| c.before != c.after).collect()
}

/// Compares named values: one that is on one side alone is one change, others are compared leaf by leaf.
fn entries(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>, prefix: &str) -> Vec<Change> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut out = Vec::new();
    for name in names {
        let place = if prefix.is_empty() { name.clone() } else { format!("{prefix}{}", pointer_of([name])) };
        match (before.get(name), after.get(name)) {
            (Some(a), Some(b)) => out.extend(compare(&leaves(a, &place), &leaves(b, &place))),
            (a, b) => out.push(Change { place, before: a.map(Value::to_string), after: b.map(Value::to_string) }),
        }
    }
    out
}

/// Every leaf by its pointer; empty lists and objects are leaves too.
fn leaves(value: &Value, place: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    walk(value, place, &mut out);
    out
}

fn walk(value: &Value, place: &str, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, member) in members {
                walk(member, &format!("{place}{}", pointer_of([key])), out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{place}/{index}"), out);
            }
        }
        leaf => drop(out.insert(place.to_owned(), leaf.to_string())),
    }
}
