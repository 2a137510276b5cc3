//! Parameters and facts that no policy reads: they look as if they mattered.

use crate::checklist::{Checklist, Parameters};
use crate::schema::{Kind, Schema, Shape};
use crate::text::{Problem, pointer_of, visible};
use std::collections::BTreeSet;

/// A warning for each parameter that neither a policy nor golive itself reads.
pub fn parameters(checklist: &Checklist) -> Vec<Problem> {
    let read = read(checklist);
    let schema = checklist.parameter_schema();
    let mut leaves = Vec::new();
    walk(&schema.shape, &Here { path: "parameters".to_owned(), pointer: Vec::new() }, &mut leaves);
    let host = |path: &str| Parameters::HOST.iter().any(|name| path.split('/').nth(1) == Some(name));
    let unread = leaves.into_iter().filter(|here| !host(&here.path) && !is_read(&here.path, &read));
    unread
        .map(|here| {
            let message = format!("no policy reads the parameter `{}`", visible(&here.words()));
            at(schema, &here, Problem::new("golive::policy::unread", message).warning(), "changes nothing")
                .help("remove it from the parameters and their schema, or use it")
        })
        .collect()
}

/// A warning for each group that no control names, and for each leaf of the others that no policy reads and that is not informative.
pub fn facts(checklist: &Checklist) -> Vec<Problem> {
    let read = read(checklist);
    let named: BTreeSet<&String> = checklist.controls.iter().flat_map(|control| control.text.facts.keys()).collect();
    let mut out = Vec::new();
    for (name, schema) in &checklist.groups {
        let root = Here { path: format!("facts/{name}"), pointer: Vec::new() };
        if !named.contains(name) {
            let message = format!("no control reads the group `{}`", visible(name));
            let problem = at(schema, &root, Problem::new("golive::policy::unread", message).warning(), "collected for nobody");
            out.push(problem.help("name it in the METADATA of a control, or remove its schema"));
            continue;
        }
        let mut leaves = Vec::new();
        walk(&schema.shape, &root, &mut leaves);
        for here in leaves.into_iter().filter(|here| !is_read(&here.path, &read)) {
            let message = format!("no policy reads `{}`", visible(&here.words()));
            let problem = at(schema, &here, Problem::new("golive::policy::unread", message).warning(), "no verdict depends on it");
            out.push(problem.help("mark it `\"x-golive\": \"informative\"`, remove it, or use it"));
        }
    }
    out
}

/// Every path that some policy reads.
fn read(checklist: &Checklist) -> BTreeSet<String> {
    checklist.all_reads().flat_map(|reads| reads.paths.iter().cloned()).collect()
}

/// A leaf is read where it, something above it, or something below it is.
fn is_read(path: &str, read: &BTreeSet<String>) -> bool {
    let below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    read.iter().any(|known| below(path, known) || below(known, path))
}

/// A node: its path in facts or parameters, and its tokens in the schema.
struct Here {
    path: String,
    pointer: Vec<String>,
}

impl Here {
    fn below(&self, name: &str, tokens: &[&str]) -> Self {
        let path = if name.is_empty() { self.path.clone() } else { format!("{}/{name}", self.path) };
        Self { path, pointer: self.pointer.iter().cloned().chain(tokens.iter().map(|t| (*t).to_owned())).collect() }
    }

    /// The path as a person would write it.
    fn words(&self) -> String {
        let (_, path) = self.path.split_once('/').unwrap_or(("", &self.path));
        path.replace("/*", "[]").replace('/', ".")
    }
}

/// The leaves that could matter: constants tell alternatives apart, totals are the host's.
fn walk(shape: &Shape, here: &Here, out: &mut Vec<Here>) {
    if shape.informative {
        return;
    }
    match &shape.kind {
        Kind::Object(properties) => {
            for (name, below) in properties {
                let total = name.strip_suffix("_total").and_then(|list| properties.get(list));
                if !total.is_some_and(|list| matches!(list.kind, Kind::List { adverse: true, .. })) {
                    walk(below, &here.below(name, &["properties", name]), out);
                }
            }
        }
        Kind::Map(below) => walk(below, &here.below("*", &["additionalProperties"]), out),
        Kind::List { items, .. } => walk(items, &here.below("*", &["items"]), out),
        Kind::Choice(shapes) => {
            for (index, below) in shapes.iter().enumerate() {
                walk(below, &here.below("", &["oneOf", &index.to_string()]), out);
            }
        }
        Kind::Leaf(crate::schema::LeafKind::Const(_)) => {}
        Kind::Leaf(_) => out.push(here.below("", &[])),
    }
}

fn at(schema: &Schema, here: &Here, problem: Problem, label: &str) -> Problem {
    let place = schema.document.locate(&pointer_of(&here.pointer));
    problem.at(&schema.document.source, place.key.unwrap_or(place.value), label)
}
