//! The organisation's thresholds: the checklist's defaults, an overlay, and what one environment overrides.

use super::files::Files;
use crate::model::control::ParameterChange;
use crate::model::time::{Millis, parse_duration};
use crate::schema::{Schema, did_you_mean, enrich};
use crate::text::{Document, Limits, Problem, pointer_of, read_json, visible};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

const ENVIRONMENTS: &str = "environments";

/// The parameters in force for one environment.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// As policies see them, with `_ms` beside each duration.
    pub value: Value,
    /// What differs from the checklist's defaults.
    pub changes: Vec<ParameterChange>,
}

impl Parameters {
    /// The parameters that golive itself reads.
    pub const HOST: &[&str] = &["clock_skew", "max_age", "waivers"];

    /// How far a time may lie ahead of the clock.
    pub fn clock_skew(&self) -> Millis {
        self.value["clock_skew_ms"].as_i64().unwrap_or(0)
    }

    /// How old a group may be; none where the parameters forgot it, and then nothing of it is fresh.
    pub fn max_age(&self, group: &str) -> Option<Millis> {
        self.value["max_age"][format!("{group}_ms")].as_i64()
    }

    /// The longest life of a waiver.
    pub fn waiver_duration(&self) -> Millis {
        self.value["waivers"]["max_duration_ms"].as_i64().unwrap_or(0)
    }
}

/// The environments with parameters of their own, in the checklist's defaults or in an overlay. All others share one set.
pub fn environments(files: &Files, overlay: Option<&Document>) -> BTreeSet<String> {
    let defaults = files.get("policies/parameters.json").and_then(|s| read_json(Arc::clone(s), &Limits::default()).ok());
    let documents = defaults.iter().chain(overlay);
    documents.flat_map(|d| d.value[ENVIRONMENTS].as_object().into_iter().flat_map(Map::keys)).cloned().collect()
}

/// Merges defaults, overlay and the environment's own part, and checks the result against the schema.
///
/// Every environment's part is checked, so that a slip in another one is found today.
pub(super) fn merge(
    schema: &Schema,
    groups: &[&str],
    defaults: &Document,
    overlay: Option<&Document>,
    environment: &str,
) -> Result<Parameters, Vec<Problem>> {
    let documents: Vec<&Document> = [Some(defaults), overlay].into_iter().flatten().collect();
    let mut names: Vec<String> =
        documents.iter().flat_map(|d| d.value[ENVIRONMENTS].as_object().into_iter().flat_map(Map::keys)).cloned().collect();
    names.push(environment.to_owned());
    names.sort();
    names.dedup();
    let mut problems = Vec::new();
    for document in &documents {
        if document.value.get(ENVIRONMENTS).is_some_and(|e| !e.is_object()) || !document.value.is_object() {
            let span = document.locate("/environments").value;
            let message = "parameters are an object, and `environments` holds one object per environment";
            problems.push(Problem::new("golive::parameters", message).at(&document.source, span, "here"));
        }
        problems.extend(misspelt(document, environment));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut result = Value::Null;
    for name in &names {
        let merged = layers(&documents, name);
        let blamed = *documents.last().unwrap_or(&defaults);
        problems.extend(faults(schema, groups, &merged, &documents, blamed, name));
        if name == environment {
            result = merged;
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut base = defaults.value.clone();
    if let Some(members) = base.as_object_mut() {
        members.remove(ENVIRONMENTS);
    }
    let mut changes = Vec::new();
    differences(&base, &result, &mut Vec::new(), &mut changes);
    enrich(&schema.shape, &mut result);
    Ok(Parameters { value: result, changes })
}

/// Parts for an environment whose name differs from the planned one by case or space only: they would be passed over in silence.
fn misspelt(document: &Document, environment: &str) -> Vec<Problem> {
    let Some(parts) = document.value[ENVIRONMENTS].as_object().filter(|parts| !parts.contains_key(environment)) else { return Vec::new() };
    let plain = |name: &str| name.trim().to_lowercase();
    let near = parts.keys().filter(|name| plain(name) == plain(environment));
    near.map(|name| {
        let place = document.locate(&format!("/{ENVIRONMENTS}{}", pointer_of([name])));
        let message =
            format!("the environment `{}` is not the planned `{}`: its part would not count", visible(name), visible(environment));
        Problem::new("golive::parameters", message)
            .at(&document.source, place.key.unwrap_or(place.value), "another environment")
            .help(format!("did you mean `{}`?", visible(environment)))
    })
    .collect()
}

fn layers(documents: &[&Document], environment: &str) -> Value {
    let mut merged = Value::Object(Map::new());
    for document in documents {
        lay(&mut merged, &document.value);
    }
    if let Some(members) = merged.as_object_mut() {
        members.remove(ENVIRONMENTS);
    }
    for document in documents {
        if let Some(own) = document.value[ENVIRONMENTS].get(environment) {
            lay(&mut merged, own);
        }
    }
    merged
}

/// Objects are laid over each other member by member; anything else replaces what was there.
fn lay(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                lay(below.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above.clone(),
    }
}

/// The merged parameters' faults, shown where the value stands: in the environment's part, the overlay or the defaults.
fn faults(schema: &Schema, groups: &[&str], merged: &Value, documents: &[&Document], blamed: &Document, environment: &str) -> Vec<Problem> {
    let mut out = Vec::new();
    let probe = |document: &Document, base: &str| schema.problems("golive::parameters", merged, document, base);
    let own_part = format!("/{ENVIRONMENTS}{}", pointer_of([environment]));
    for fault in probe(blamed, "") {
        let pointer = fault.message.split(':').next().unwrap_or_default().to_owned();
        let home = documents.iter().rev().find_map(|d| {
            let inside = format!("{own_part}{pointer}");
            [inside, pointer.clone()].into_iter().map(|p| (*d, d.locate(&p))).find(|(_, place)| place.exact)
        });
        let mut fault = fault;
        if let Some((document, place)) = home {
            fault.labels = None;
            let help = fault.help.take();
            fault = fault.at(&document.source, place.value, "here");
            fault.help = help;
        }
        out.push(fault);
    }
    let ages = merged["max_age"].as_object();
    for group in groups {
        let known = ages.and_then(|a| a.get(*group)).and_then(Value::as_str).and_then(parse_duration);
        if known.is_none() {
            let span = blamed.locate("/max_age").value;
            let message = format!("/max_age: no age is set for the group `{group}`");
            out.push(
                Problem::new("golive::parameters", message)
                    .at(&blamed.source, span.start..span.start + 1, "here")
                    .help("each group must have a max_age"),
            );
        }
    }
    for name in ages.into_iter().flat_map(Map::keys).filter(|name| !groups.contains(&name.as_str())) {
        let place = blamed.locate(&format!("/max_age{}", pointer_of([name])));
        let problem = Problem::new("golive::parameters", format!("/max_age: there is no group `{}`", visible(name))).at(
            &blamed.source,
            place.key.unwrap_or(place.value),
            "unknown group",
        );
        out.push(match did_you_mean(name, groups.iter().copied()) {
            Some(help) => problem.help(help),
            None => problem,
        });
    }
    out
}

fn differences(base: &Value, other: &Value, path: &mut Vec<String>, out: &mut Vec<ParameterChange>) {
    if let (Value::Object(a), Value::Object(b)) = (base, other) {
        let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            path.push(key.clone());
            differences(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), path, out);
            path.pop();
        }
    } else if base != other {
        out.push(ParameterChange { pointer: pointer_of(path.iter()), default: base.clone(), value: other.clone() });
    }
}
