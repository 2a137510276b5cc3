//! All that a checklist is made of, held against everything that can be known of it without facts.
//!
//! Every problem is found in one run: what depends on a part that is broken is not looked at, all the rest is.

use super::files::Files;
use super::manifest::{self, Manifest};
use super::parameters::{self, Parameters};
use super::parts::{Parts, parts};
use super::reading::Reading;
use crate::model::ControlText;
use crate::rego::syntax::Module;
use crate::rego::{Parsed, parse};
use crate::schema::Schema;
use crate::text::{Document, Problem, Source, visible};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A checklist's parts, each of which passed every check.
pub(super) struct Policies {
    pub manifest: Manifest,
    pub parsed: Parsed,
    pub controls: Vec<ControlText>,
    pub groups: BTreeMap<String, Schema>,
    pub reading: Reading,
    pub defaults: Document,
    /// The defaults in force for the environment.
    pub alone: Parameters,
}

/// A main thread's usual stack: the parser may go as deep on a thread of its own.
const STACK: usize = 8 << 20;

/// Reads and checks all of a checklist; policies that are `known` have passed their checks before, and those of controls that
/// are not `concerned` are not made.
///
/// # Errors
/// All problems.
pub(super) fn policies(files: &Files, environment: &str, known: bool, concerned: &dyn Fn(&str) -> bool) -> Result<Policies, Vec<Problem>> {
    let mut problems = Vec::new();
    let manifest = manifest::read(files, &mut problems);
    let sources = sources(files, &manifest, &mut problems);
    let (parsed, parts) = std::thread::scope(|scope| {
        // A third of a start is the engine's parser: it works while schemas and METADATA are read here.
        let parser = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || parse(sources.clone()));
        let parts = parts(files, &manifest, known);
        let parsed = match parser {
            Ok(parser) => parser.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => parse(sources.clone()),
        };
        (parsed, parts)
    });
    let (mut parsed, unparsed) = parsed;
    let Parts { groups, broken, parameters, defaults, metadata, problems: found } = parts;
    problems.extend(found);
    let shared = |source: &Arc<Source>| !manifest.controls.iter().any(|(_, own)| Arc::ptr_eq(own, source)) && !is_gate(source);
    // Without a shared module every use of it would look like a slip.
    let looks = !unparsed.iter().any(|(source, _)| shared(source));
    problems.extend(unparsed.into_iter().map(|(_, problem)| problem));
    // The defaults alone must hold: their faults are the checklist's, an overlay's are the user's.
    let names: Vec<&str> = groups.keys().map(String::as_str).chain(broken.iter().map(String::as_str)).collect();
    let alone = parameters.as_ref().zip(defaults.as_ref());
    let alone = alone
        .and_then(|(schema, defaults)| parameters::merge(schema, &names, defaults, None, environment).map_err(|p| problems.extend(p)).ok());
    let Some((parameters, defaults)) = parameters.zip(defaults) else { return Err(problems) };
    let skip = problems.is_empty() && known;
    let modules = if skip { Vec::new() } else { parsed.modules() };
    let place = |id: &str| {
        let (_, source) = manifest.controls.iter().find(|(own, _)| own == id)?;
        if skip {
            return manifest.controls.iter().position(|(own, _)| own == id);
        }
        modules.iter().position(|module| Arc::ptr_eq(&module.source, source))
    };
    let sound = metadata.iter().filter(|m| m.groups.iter().all(|(group, _)| groups.contains_key(group)));
    let reading = Reading::new(sound.filter_map(|m| Some((place(&m.text.id)?, m))), parameters)?;
    if !skip {
        packages(&manifest, &modules, &mut problems);
        if looks {
            reading.check(&modules, &groups, concerned).unwrap_or_else(|p| problems.extend(p));
        }
    }
    let controls = metadata.into_iter().map(|m| m.text).collect();
    match alone {
        Some(alone) if problems.is_empty() => Ok(Policies { manifest, parsed, controls, groups, reading, defaults, alone }),
        _ => Err(problems),
    }
}

const GATE: &str = "policies/gate.rego";

fn is_gate(source: &Source) -> bool {
    source.name.replace('\\', "/").ends_with(GATE)
}

/// Controls first, in the manifest's order, so that a control's index is its module's; then shared functions and the gate.
fn sources(files: &Files, manifest: &Manifest, problems: &mut Vec<Problem>) -> Vec<Arc<Source>> {
    let mut out: Vec<Arc<Source>> = manifest.controls.iter().map(|(_, s)| Arc::clone(s)).collect();
    let lib = files.under("policies/lib/").filter(|(p, _)| p.ends_with(".rego") && !Files::is_test(p));
    out.extend(lib.map(|(_, s)| Arc::clone(s)));
    match files.get(GATE) {
        Some(gate) => out.push(Arc::clone(gate)),
        None => problems.push(Problem::new("golive::checklist::file", format!("the checklist has no {GATE}"))),
    }
    out
}

/// One package, one file, and the package that its place demands.
fn packages(manifest: &Manifest, modules: &[Module], problems: &mut Vec<Problem>) {
    let mut seen: BTreeSet<&[String]> = BTreeSet::new();
    let refuse = |module: &Module, message: String, help: String| {
        Problem::new("golive::policy::package", message).at(&module.source, module.package_span.clone(), "this package").help(help)
    };
    for module in modules {
        let wanted = match manifest.controls.iter().find(|(_, source)| Arc::ptr_eq(source, &module.source)) {
            Some((id, _)) => format!("golive.controls.{id}"),
            None if is_gate(&module.source) => "golive.gate".to_owned(),
            None => {
                let name = module.source.name.rsplit(['/', '\\']).next().unwrap_or_default();
                format!("golive.lib.{}", name.trim_end_matches(".rego"))
            }
        };
        let found = module.package.join(".");
        if found != wanted {
            problems.push(refuse(
                module,
                format!("the package `{}` stands where `{wanted}` should", visible(&found)),
                format!("did you mean `package {wanted}`?"),
            ));
        }
        if !seen.insert(&module.package) {
            problems.push(refuse(
                module,
                format!("two files share the package `{}`", visible(&found)),
                "one package is one file".to_owned(),
            ));
        }
    }
}
