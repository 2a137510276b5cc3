//! `policies/manifest.json`: which controls the checklist has, in order.

use super::contracts::contract;
use super::files::Files;
use crate::text::{Document, Limits, Problem, Source, visible};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

const PATH: &str = "policies/manifest.json";

/// What the manifest says.
pub(super) struct Manifest {
    pub id: String,
    pub title: String,
    pub version: String,
    /// Control ids in order, each with the file of its policy.
    pub controls: Vec<(String, Arc<Source>)>,
}

/// Reads the manifest and holds it against the control files that are there; where it cannot be read, every control file counts.
pub(super) fn read(files: &Files, problems: &mut Vec<Problem>) -> Manifest {
    match document(files) {
        Ok(document) => listed(files, &document, problems),
        Err(found) => {
            problems.extend(found);
            guess(files)
        }
    }
}

const CODE: &str = "golive::checklist::manifest";

fn document(files: &Files) -> Result<Document, Vec<Problem>> {
    let Some(source) = files.get(PATH) else {
        let message = format!("the checklist `{}` has no {PATH}", visible(&files.origin));
        return Err(vec![Problem::new(CODE, message).help("a checklist's folder holds `policies/` with its manifest")]);
    };
    let document = crate::text::read_json(Arc::clone(source), &Limits::default()).map_err(|p| vec![p])?;
    let faults = contract("manifest")?.problems(CODE, &document.value, &document, "");
    if faults.is_empty() { Ok(document) } else { Err(faults) }
}

/// The controls by their files, so that those can be looked at all the same.
fn guess(files: &Files) -> Manifest {
    let controls = files.under("policies/controls/").filter(|(path, _)| path.ends_with(".rego") && !Files::is_test(path));
    let controls = controls.filter_map(|(path, source)| {
        let id = path.strip_prefix("policies/controls/")?.strip_suffix(".rego")?.replacen('/', ".", 1);
        Some((id, Arc::clone(source)))
    });
    Manifest { id: String::new(), title: String::new(), version: String::new(), controls: controls.collect() }
}

/// The manifest that a document is.
fn listed(files: &Files, document: &Document, problems: &mut Vec<Problem>) -> Manifest {
    let (code, source) = (CODE, &document.source);
    let word = |key: &str| document.value[key].as_str().unwrap_or_default().to_owned();
    let ids: Vec<&str> = document.value["controls"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut controls = Vec::new();
    let mut missing = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, id) in ids.iter().enumerate() {
        let span = document.locate(&format!("/controls/{index}")).value;
        if !seen.insert(*id) {
            problems.push(Problem::new(code, format!("the control `{}` is listed twice", visible(id))).at(source, span.clone(), "again"));
        }
        if id.ends_with("_test") {
            problems.push(Problem::new(code, format!("`{}` is the name of a test, not of a control", visible(id))).at(
                source,
                span.clone(),
                "here",
            ));
        }
        match files.get(&file_of(id)) {
            Some(policy) => controls.push(((*id).to_owned(), Arc::clone(policy))),
            None => missing.push((*id, span)),
        }
    }
    if !missing.is_empty() {
        let mut problem =
            Problem::new(code, format!("{} of {} controls missing: the manifest lists them, no file holds them", missing.len(), ids.len()));
        for (id, span) in missing {
            problem = problem.at(source, span, format!("no {}", file_of(id)));
        }
        problems.push(problem.help("a control file that is missing or misnamed is no control that passed"));
    }
    extra(files, &ids, problems);
    complete(&word("id"), &ids, files, source, problems);
    Manifest { id: word("id"), title: word("title"), version: word("version"), controls }
}

fn file_of(id: &str) -> String {
    format!("policies/controls/{}.rego", id.replacen('.', "/", 1))
}

/// A policy that the manifest does not name would be read by a person and by nobody else.
fn extra(files: &Files, ids: &[&str], problems: &mut Vec<Problem>) {
    for (path, source) in files.under("policies/").filter(|(path, _)| !Files::is_test(path)) {
        let known = path == PATH
            || path == "policies/parameters.json"
            || path == "policies/gate.rego"
            || (path.starts_with("policies/lib/") && path.ends_with(".rego"))
            || ids.iter().any(|id| file_of(id) == path);
        if !known {
            let message = format!("nothing names the file {}", visible(path));
            let problem = Problem::new("golive::checklist::manifest", message).at(source, 0..source.text.len().min(1), "extra file");
            problems.push(
                problem
                    .help("a control belongs into policies/manifest.json, data into policies/parameters.json; remove the file otherwise"),
            );
        }
    }
}

/// The checklist that bears the built-in id must have all of the built-in controls.
fn complete(id: &str, ids: &[&str], files: &Files, source: &Arc<Source>, problems: &mut Vec<Problem>) {
    if files.is_embedded {
        return;
    }
    let embedded = Files::embedded();
    let own = embedded.get(PATH).and_then(|s| serde_json::from_str::<Value>(&s.text).ok()).unwrap_or_default();
    if own["id"].as_str() != Some(id) {
        return;
    }
    let lacking: Vec<&str> =
        own["controls"].as_array().into_iter().flatten().filter_map(Value::as_str).filter(|c| !ids.contains(c)).collect();
    if !lacking.is_empty() {
        let message = format!("{} of the controls that `{id}` must have are missing: {}", lacking.len(), lacking.join(", "));
        let problem = Problem::new("golive::checklist::manifest", message).at(source, 0..1, "this manifest");
        problems.push(problem.help("a checklist with fewer controls needs an id of its own"));
    }
}
