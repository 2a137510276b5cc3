//! Facts documents: the envelope, the plan that they must match, and their union.

use crate::model::{Collector, Evidence, Group, Instant, Trust};
use crate::schema::Schema;
use crate::text::{Document, Limits, Problem, Source, pointer_of, read_json, visible};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is about to go live: given by people, never by a collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The environment.
    pub environment: String,
    /// The release.
    pub release: String,
}

/// One facts document that has the right form.
#[derive(Debug, Clone)]
pub struct FactsDocument {
    /// Its text, value and places.
    pub document: Document,
    /// `sha256:…` of its bytes.
    pub digest: String,
}

/// A group and the document that states it.
#[derive(Debug, Clone)]
pub struct Stated {
    /// The group.
    pub group: Group,
    /// Index into [`Facts::documents`].
    pub document: usize,
}

/// The facts of one environment and release.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What they are about.
    pub plan: Plan,
    /// The documents that they came in.
    pub documents: Vec<FactsDocument>,
    /// The groups by name.
    pub groups: BTreeMap<String, Stated>,
}

/// Reads one facts document and checks its envelope; `schema` is the contract `envelope`.
///
/// # Errors
/// The fault of the text, or every fault of the envelope.
pub fn read(source: Arc<Source>, schema: &Schema, limits: &Limits) -> Result<FactsDocument, Vec<Problem>> {
    let digest = source.digest();
    let document = read_json(source, limits).map_err(|p| vec![p])?;
    if !document.value.is_object() {
        let found = crate::schema::kind_of(&document.value);
        let problem = Problem::new("golive::facts::form", format!("a facts document is wanted: object expected, {found} found"));
        return Err(vec![problem.at(&document.source, document.locate("").value, "not an object")]);
    }
    let problems = schema.problems("golive::facts::envelope", &document.value, &document, "");
    if problems.is_empty() { Ok(FactsDocument { document, digest }) } else { Err(problems) }
}

/// Joins documents that match the plan.
///
/// # Errors
/// Another environment or release than planned, a group that stands in two documents, no document at all.
pub fn combine(documents: Vec<FactsDocument>, plan: &Plan) -> Result<Facts, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut groups: BTreeMap<String, Stated> = BTreeMap::new();
    if documents.is_empty() {
        problems.push(Problem::new("golive::facts::none", "no facts files: nothing was judged"));
    }
    for (index, facts) in documents.iter().enumerate() {
        let document = &facts.document;
        for (key, planned) in [("environment", &plan.environment), ("release", &plan.release)] {
            let stated = document.value[key].as_str().unwrap_or_default();
            if stated != planned {
                let message = format!("the facts are about the {key} `{}`, planned is `{}`", visible(stated), visible(planned));
                let problem = Problem::new("golive::facts::plan", message).at(
                    &document.source,
                    document.locate(&format!("/{key}")).value,
                    "not the planned one",
                );
                problems.push(problem.help("facts of another environment or release say nothing about this one"));
            }
        }
        for (name, envelope) in document.value["facts"].as_object().into_iter().flatten() {
            let Some(group) = group_of(envelope) else { continue };
            if let Some(first) = groups.get(name) {
                problems.push(twice(name, document, &documents[first.document].document));
                continue;
            }
            groups.insert(name.clone(), Stated { group, document: index });
        }
    }
    if problems.is_empty() { Ok(Facts { plan: plan.clone(), documents, groups }) } else { Err(problems) }
}

fn twice(name: &str, second: &Document, first: &Document) -> Problem {
    let pointer = format!("/facts{}", pointer_of([name]));
    let key = |d: &Document| d.locate(&pointer).key.unwrap_or_default();
    let message =
        format!("the group `{}` stands in {} and again in {}", visible(name), visible(&first.source.name), visible(&second.source.name));
    Problem::new("golive::facts::twice", message)
        .at(&second.source, key(second), "again here")
        .help("which of the two counts is not for golive to guess: leave one out")
}

/// A group from its envelope, which the contract `envelope` has accepted.
pub fn group_of(envelope: &Value) -> Option<Group> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let evidence = envelope["evidence"].as_array()?.iter().map(|e| Some(Evidence { uri: text(&e["uri"])?, sha256: text(&e["sha256"])? }));
    Some(Group {
        collected_at: Instant::parse(envelope["collected_at"].as_str()?)?,
        collector: Collector { name: text(&envelope["collector"]["name"])?, version: text(&envelope["collector"]["version"])? },
        source: text(&envelope["source"])?,
        evidence: evidence.collect::<Option<_>>()?,
        trust: Trust::from_word(envelope["trust"].as_str()?)?,
        value: envelope["value"].clone(),
    })
}

/// A facts document as text: the inverse of [`read`], groups in the order of their names.
pub fn write<'a>(plan: &Plan, groups: impl IntoIterator<Item = (&'a str, &'a Group)>) -> String {
    let facts: serde_json::Map<String, Value> = groups.into_iter().map(|(name, group)| (name.to_owned(), envelope_of(group))).collect();
    let document =
        serde_json::json!({ "format": "golive.facts/1", "environment": plan.environment, "release": plan.release, "facts": facts });
    format!("{document:#}\n")
}

fn envelope_of(group: &Group) -> Value {
    serde_json::json!({
        "collected_at": group.collected_at.to_string(),
        "collector": group.collector,
        "source": group.source,
        "evidence": group.evidence,
        "trust": group.trust,
        "value": group.value,
    })
}
