//! A new control from a template that already runs: policy, schema, fixtures, tests, and its place in the checklist.

mod insert;
mod template;

use super::suite::FixtureFiles;
use crate::checklist::{FIXTURES, Files, Parameters};
use crate::model::Instant;
use crate::text::{Limits, Problem, Source, read_json, visible};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Texts by their paths below the checklist's folder.
pub type Texts = BTreeMap<String, String>;

/// What is there already.
#[derive(Debug)]
pub struct Ground<'a> {
    /// `policies/` and `schemas/`.
    pub files: &'a BTreeMap<String, Arc<Source>>,
    /// The fixtures, by their paths below `fixtures/controls/`.
    pub fixtures: &'a FixtureFiles,
    /// The name of the checklist's folder.
    pub folder: &'a str,
}

/// The files to write for a new control `AREA.NAME`: those that are new, and those that it has to be entered into.
///
/// # Errors
/// The name is none, the control or one of its files is there already, or a file that it has to be entered into cannot be read.
pub fn control(id: &str, ground: &Ground<'_>) -> Result<Texts, Vec<Problem>> {
    let words = template::Words::of(id).ok_or_else(|| {
        let message = format!("`{}` is no name of a control", visible(id));
        vec![Problem::new("golive::policy::new", message).help("AREA.NAME: small letters, digits and `_`, such as `clocks.synchronised`")]
    })?;
    let mut out = Texts::new();
    entries(&words, ground, &mut out)?;
    let (at, environment, release) = setting(ground, &mut out)?;
    let words = words.with(at, &environment, &release);
    for (path, text) in words.files() {
        let there = ground.files.contains_key(&path) || path.strip_prefix(FIXTURES).is_some_and(|p| ground.fixtures.contains_key(p));
        if there {
            let message = format!("{} is there already", visible(&path));
            return Err(vec![Problem::new("golive::policy::new", message).help("nothing was written; give the control another name")]);
        }
        out.insert(path, text);
    }
    Ok(out)
}

/// The built-in checklist as a folder to edit.
pub fn built_in() -> Texts {
    let files = Files::embedded();
    let own = files.under("policies/").chain(files.under("schemas/facts/")).chain(files.under("schemas/parameters.schema.json"));
    let mut out: Texts = own.map(|(path, source)| (path.to_owned(), source.text.clone())).collect();
    out.extend(Files::embedded_fixtures().into_iter().map(|(path, source)| (format!("{FIXTURES}{path}"), source.text.clone())));
    out
}

/// Enters the control into the manifest and its group into the parameters; a checklist that is not there is begun.
fn entries(words: &template::Words, ground: &Ground<'_>, out: &mut Texts) -> Result<(), Vec<Problem>> {
    let embedded = Files::embedded();
    let carried = |path: &str| embedded.get(path).map(|source| source.text.clone()).unwrap_or_default();
    let (manifest, parameters) = ("policies/manifest.json", "policies/parameters.json");
    match ground.files.get(manifest) {
        Some(source) => {
            let text = insert::element(source, "/controls", &Value::String(words.id()))?;
            out.insert(manifest.to_owned(), text);
        }
        None => {
            let begun = json!({"id": checklist_id(ground.folder), "title": "Checklist", "version": "1", "controls": [words.id()]});
            out.insert(manifest.to_owned(), format!("{begun:#}\n"));
            if !ground.files.contains_key("policies/gate.rego") {
                out.insert("policies/gate.rego".to_owned(), carried("policies/gate.rego"));
            }
        }
    }
    match ground.files.get(parameters) {
        Some(source) => {
            let text = insert::member(source, "/max_age", &words.group(), &Value::String("PT24H".to_owned()))?;
            out.insert(parameters.to_owned(), text);
        }
        None => {
            let mut own = hosts(&read(&carried(parameters))?);
            own["max_age"] = json!({words.group(): "PT24H"});
            out.insert(parameters.to_owned(), format!("{own:#}\n"));
        }
    }
    let brings_schemas = ground.files.keys().any(|path| path.starts_with("schemas/"));
    if !brings_schemas && ground.files.contains_key(manifest) {
        // Until now the embedded schemas stood in; a folder that brings one must bring all.
        let all = embedded.under("schemas/facts/").chain(embedded.under("schemas/parameters.schema.json"));
        out.extend(all.map(|(path, source)| (path.to_owned(), source.text.clone())));
    } else if !ground.files.contains_key("schemas/parameters.schema.json") {
        let mut schema = read(&carried("schemas/parameters.schema.json"))?;
        schema["properties"] = hosts(&schema["properties"]);
        schema["required"] = json!(Parameters::HOST);
        out.insert("schemas/parameters.schema.json".to_owned(), format!("{schema:#}\n"));
    }
    Ok(())
}

/// Those members that golive itself reads.
fn hosts(object: &Value) -> Value {
    Parameters::HOST.iter().map(|name| ((*name).to_owned(), object[*name].clone())).collect()
}

/// When and for what the fixtures are judged; the file that says so is begun where it is not there.
fn setting(ground: &Ground<'_>, out: &mut Texts) -> Result<(Instant, String, String), Vec<Problem>> {
    let setting = match ground.fixtures.get("case.json") {
        Some(source) => read_json(Arc::clone(source), &Limits::default()).map_err(|p| vec![p])?.value,
        None => {
            let begun = json!({"at": "2026-01-01T12:00:00Z", "environment": "prod", "release": "1.0.0"});
            out.insert(format!("{FIXTURES}case.json"), format!("{begun}\n"));
            begun
        }
    };
    let word = |key: &str| setting[key].as_str().map(str::to_owned);
    match (word("at").as_deref().and_then(Instant::parse), word("environment"), word("release")) {
        (Some(at), Some(environment), Some(release)) => Ok((at, environment, release)),
        _ => {
            let message = format!("{FIXTURES}case.json: `at`, `environment` and `release` are wanted");
            Err(vec![Problem::new("golive::policy::new", message)])
        }
    }
}

fn read(text: &str) -> Result<Value, Vec<Problem>> {
    read_json(Arc::new(Source::new("embedded", text)), &Limits::default()).map(|d| d.value).map_err(|p| vec![p])
}

/// An id for a checklist from the name of its folder.
fn checklist_id(folder: &str) -> String {
    let plain: String = folder.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let id = plain.trim_matches('-');
    if id.is_empty() { "checklist".to_owned() } else { id.chars().take(64).collect() }
}
