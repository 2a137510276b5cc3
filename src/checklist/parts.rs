//! All of a checklist but its policies, and what is wrong with it.

use super::files::Files;
use super::manifest::Manifest;
use super::metadata::{self, Metadata};
use crate::schema::{Schema, did_you_mean};
use crate::text::{Document, Limits, Problem, read_json, visible};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was read; parts that are broken are left out, and have problems.
pub(super) struct Parts {
    /// The schema of each group.
    pub groups: BTreeMap<String, Schema>,
    /// The groups whose schema is broken.
    pub broken: BTreeSet<String>,
    /// The schema of the parameters.
    pub parameters: Option<Schema>,
    /// The checklist's own parameters.
    pub defaults: Option<Document>,
    /// METADATA of the controls, in the manifest's order.
    pub metadata: Vec<Metadata>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Reads schemas, parameters and METADATA; the shape of METADATA is checked unless the checklist is a `known` one.
pub(super) fn parts(files: &Files, manifest: &Manifest, known: bool) -> Parts {
    let (mut problems, mut groups, mut broken) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
    for (path, _) in files.under("schemas/facts/") {
        let Some(name) = path.strip_prefix("schemas/facts/").and_then(|p| p.strip_suffix(".schema.json")) else { continue };
        match schema(files, path, false) {
            Ok(schema) => drop(groups.insert(name.to_owned(), schema)),
            Err(found) => {
                broken.insert(name.to_owned());
                problems.extend(found);
            }
        }
    }
    let parameters = schema(files, "schemas/parameters.schema.json", true).map_err(|p| problems.extend(p)).ok();
    let defaults = json(files, "policies/parameters.json").map_err(|p| problems.extend(p)).ok();
    let mut metadata = Vec::new();
    for (id, source) in &manifest.controls {
        match metadata::read(id, source, known) {
            Ok(found) => metadata.push(found),
            Err(found) => problems.extend(found),
        }
    }
    let mut parts = Parts { groups, broken, parameters, defaults, metadata, problems };
    let unknown = unknown_groups(&parts, manifest);
    parts.problems.extend(unknown);
    parts
}

fn json(files: &Files, path: &str) -> Result<Document, Vec<Problem>> {
    let Some(source) = files.get(path) else {
        return Err(vec![Problem::new("golive::checklist::file", format!("the checklist has no {path}"))]);
    };
    read_json(Arc::clone(source), &Limits::default()).map_err(|p| vec![p])
}

/// A schema of the checklist.
fn schema(files: &Files, path: &str, open_maps: bool) -> Result<Schema, Vec<Problem>> {
    let schema = Schema::new(json(files, path)?, open_maps)?;
    // The embedded schemas are compiled by a test; an edited one shows its faults here.
    if !files.is_embedded {
        schema.compile()?;
    }
    Ok(schema)
}

/// Groups that METADATA names and no schema describes.
fn unknown_groups(parts: &Parts, manifest: &Manifest) -> Vec<Problem> {
    let mut problems = Vec::new();
    let known = |group: &String| parts.groups.contains_key(group) || parts.broken.contains(group);
    for found in &parts.metadata {
        let Some((_, source)) = manifest.controls.iter().find(|(id, _)| *id == found.text.id) else { continue };
        for (group, span) in found.groups.iter().filter(|(group, _)| !known(group)) {
            let problem = Problem::new("golive::checklist::group", format!("no schema describes the group `{}`", visible(group))).at(
                source,
                span.clone(),
                "unknown group",
            );
            problems.push(match did_you_mean(group, parts.groups.keys().map(String::as_str)) {
                Some(help) => problem.help(help),
                None => problem.help(format!("write schemas/facts/{}.schema.json", visible(group))),
            });
        }
    }
    problems
}
