//! From files to a checklist that is ready to judge, or to everything that is wrong with it.

use super::files::Files;
use super::manifest::{self, Manifest};
use super::metadata::{self, Metadata};
use super::parameters::{self, Parameters};
use super::reading::Reading;
use super::{checked, digest};
use crate::model::{self, ControlText};
use crate::rego::syntax::Module;
use crate::rego::{Engine, Limits, Parsed, Reads, parse};
use crate::schema::{Schema, did_you_mean};
use crate::text::{self, Document, Problem, Source, visible};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A checklist that passed every check.
pub struct Checklist {
    /// What a decision says of it.
    pub about: model::Checklist,
    /// Its controls in order.
    pub controls: Vec<Control>,
    /// The schema of each group of facts.
    pub groups: BTreeMap<String, Schema>,
    /// The parameters in force.
    pub parameters: Parameters,
    /// Its policies.
    pub engine: Engine,
    /// What one control may use.
    pub limits: Limits,
    pub(super) reading: Reading,
}

/// One control.
#[derive(Debug, Clone)]
pub struct Control {
    /// What METADATA says.
    pub text: ControlText,
}

/// Why a checklist was not loaded.
#[derive(Debug)]
pub enum LoadError {
    /// The checklist is refused.
    Checklist(Vec<Problem>),
    /// The given parameters are refused.
    Parameters(Vec<Problem>),
}

impl Checklist {
    /// A control by its id.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|c| c.text.id == id)
    }

    /// What a control's policy reads.
    pub fn reads(&self, control: &Control) -> &Reads {
        self.reading.of(&control.text.id, &self.groups, || self.engine.modules())
    }
}

/// Loads a checklist for one environment; `overlay` holds parameters that replace its defaults.
///
/// # Errors
/// All problems of the checklist, or all problems of the overlay.
pub fn load(files: &Files, overlay: Option<&Document>, environment: &str, limits: Limits) -> Result<Checklist, LoadError> {
    load_for(files, overlay, environment, limits, &|_| true)
}

/// Loads a checklist of which one file was changed since it passed every check: the checks of a control's policy are made for
/// those that the change could make a difference to, and for no other may the checklist be asked.
///
/// # Errors
/// As [`load`], as far as it was looked.
pub fn load_for(
    files: &Files,
    overlay: Option<&Document>,
    environment: &str,
    limits: Limits,
    concerned: &dyn Fn(&str) -> bool,
) -> Result<Checklist, LoadError> {
    let manifest = manifest::read(files).map_err(LoadError::Checklist)?;
    let digest = digest::digest(files);
    let Policies { parsed, controls, groups, reading, defaults } =
        policies(files, &manifest, &digest, concerned).map_err(LoadError::Checklist)?;
    let schema = &reading.parameters;
    let names: Vec<&str> = groups.keys().map(String::as_str).collect();
    // The defaults alone must hold: their faults are the checklist's, the overlay's are the user's.
    let alone = parameters::merge(schema, &names, &defaults, None, environment).map_err(LoadError::Checklist)?;
    let parameters = match overlay {
        Some(overlay) => parameters::merge(schema, &names, &defaults, Some(overlay), environment).map_err(LoadError::Parameters)?,
        None => alone,
    };
    let engine = Engine::new(parsed, &parameters.value, limits)
        .map_err(|e| LoadError::Checklist(vec![Problem::new("golive::checklist::engine", e.to_string())]))?;
    let about = model::Checklist {
        id: manifest.id,
        title: manifest.title,
        version: manifest.version,
        origin: files.origin.clone(),
        digest,
        controls: controls.len(),
        parameters: parameters.changes.clone(),
    };
    let controls = controls.into_iter().map(|text| Control { text }).collect();
    Ok(Checklist { about, controls, groups, parameters, engine, limits, reading })
}

struct Policies {
    parsed: Parsed,
    controls: Vec<ControlText>,
    groups: BTreeMap<String, Schema>,
    reading: Reading,
    defaults: Document,
}

/// A main thread's usual stack: the parser may go as deep on a thread of its own.
const STACK: usize = 8 << 20;

fn policies(files: &Files, manifest: &Manifest, digest: &str, concerned: &dyn Fn(&str) -> bool) -> Result<Policies, Vec<Problem>> {
    let known = checked::holds(files, digest);
    let mut missing = Vec::new();
    let sources = sources(files, manifest, &mut missing);
    let (parsed, read) = std::thread::scope(|scope| {
        // A third of a start is the engine's parser: it works while schemas and METADATA are read here.
        let parser = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || parse(sources.clone()));
        let read = read(files, manifest, known);
        let parsed = match parser {
            Ok(parser) => parser.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => parse(sources.clone()),
        };
        (parsed, read)
    });
    let Read { groups, parameters, defaults, metadata, mut problems } = read?;
    problems.extend(missing);
    let parsed = parsed.map_err(|p| problems.extend(p)).ok();
    let (Some(mut parsed), Some(parameters), Some(defaults)) = (parsed, parameters, defaults) else {
        return Err(problems);
    };
    let reading = Reading::new(&metadata, parameters)?;
    let complete = metadata.len() == manifest.controls.len();
    let controls = metadata.into_iter().map(|m| m.text).collect();
    if problems.is_empty() && known {
        return Ok(Policies { parsed, controls, groups, reading, defaults });
    }
    let modules = parsed.modules();
    packages(manifest, &modules, &mut problems);
    if complete {
        reading.check(&modules, &groups, concerned).unwrap_or_else(|p| problems.extend(p));
    }
    if problems.is_empty() { Ok(Policies { parsed, controls, groups, reading, defaults }) } else { Err(problems) }
}

/// All of a checklist but its policies, and what is wrong with it so far.
struct Read {
    groups: BTreeMap<String, Schema>,
    parameters: Option<Schema>,
    defaults: Option<Document>,
    metadata: Vec<Metadata>,
    problems: Vec<Problem>,
}

fn read(files: &Files, manifest: &Manifest, known: bool) -> Result<Read, Vec<Problem>> {
    let mut problems = Vec::new();
    let groups = groups(files, &mut problems);
    if !problems.is_empty() {
        // Policies cannot be held against schemas that are broken: every path would look unknown.
        return Err(problems);
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
    known_groups(&metadata, manifest, &groups, &mut problems);
    Ok(Read { groups, parameters, defaults, metadata, problems })
}

fn json(files: &Files, path: &str) -> Result<Document, Vec<Problem>> {
    let Some(source) = files.get(path) else {
        return Err(vec![Problem::new("golive::checklist::file", format!("the checklist has no {path}"))]);
    };
    text::read_json(Arc::clone(source), &text::Limits::default()).map_err(|p| vec![p])
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

fn groups(files: &Files, problems: &mut Vec<Problem>) -> BTreeMap<String, Schema> {
    let mut out = BTreeMap::new();
    for (path, _) in files.under("schemas/facts/") {
        let Some(name) = path.strip_prefix("schemas/facts/").and_then(|p| p.strip_suffix(".schema.json")) else { continue };
        match schema(files, path, false) {
            Ok(schema) => drop(out.insert(name.to_owned(), schema)),
            Err(found) => problems.extend(found),
        }
    }
    out
}

fn known_groups(metadata: &[Metadata], manifest: &Manifest, groups: &BTreeMap<String, Schema>, problems: &mut Vec<Problem>) {
    for found in metadata {
        let Some((_, source)) = manifest.controls.iter().find(|(id, _)| *id == found.text.id) else { continue };
        for (group, span) in found.groups.iter().filter(|(g, _)| !groups.contains_key(g)) {
            let problem = Problem::new("golive::checklist::group", format!("no schema describes the group `{}`", visible(group))).at(
                source,
                span.clone(),
                "unknown group",
            );
            problems.push(match did_you_mean(group, groups.keys().map(String::as_str)) {
                Some(help) => problem.help(help),
                None => problem.help(format!("write schemas/facts/{}.schema.json", visible(group))),
            });
        }
    }
}

/// Controls first, in the manifest's order, so that a control's index is its module's; then shared functions and the gate.
fn sources(files: &Files, manifest: &Manifest, problems: &mut Vec<Problem>) -> Vec<Arc<Source>> {
    let mut out: Vec<Arc<Source>> = manifest.controls.iter().map(|(_, s)| Arc::clone(s)).collect();
    let lib = files.under("policies/lib/").filter(|(p, _)| p.ends_with(".rego") && !Files::is_test(p));
    out.extend(lib.map(|(_, s)| Arc::clone(s)));
    match files.get("policies/gate.rego") {
        Some(gate) => out.push(Arc::clone(gate)),
        None => problems.push(Problem::new("golive::checklist::file", "the checklist has no policies/gate.rego")),
    }
    out
}

/// One package, one file, and the package that its place demands.
fn packages(manifest: &Manifest, modules: &[Module], problems: &mut Vec<Problem>) {
    let mut seen: BTreeSet<&[String]> = BTreeSet::new();
    let refuse = |index: usize, message: String, help: String| {
        let module = &modules[index];
        Problem::new("golive::policy::package", message).at(&module.source, module.package_span.clone(), "this package").help(help)
    };
    let last = modules.len().saturating_sub(1);
    for (index, module) in modules.iter().enumerate() {
        let wanted = match manifest.controls.get(index) {
            Some((id, _)) => format!("golive.controls.{id}"),
            None if index == last && module.source.name.ends_with("gate.rego") => "golive.gate".to_owned(),
            None => {
                let name = module.source.name.rsplit(['/', '\\']).next().unwrap_or_default();
                format!("golive.lib.{}", name.trim_end_matches(".rego"))
            }
        };
        let found = module.package.join(".");
        if found != wanted {
            problems.push(refuse(
                index,
                format!("the package `{}` stands where `{wanted}` should", visible(&found)),
                format!("did you mean `package {wanted}`?"),
            ));
        }
        if !seen.insert(&module.package) {
            problems.push(refuse(
                index,
                format!("two files share the package `{}`", visible(&found)),
                "one package is one file".to_owned(),
            ));
        }
    }
}
