//! What stands behind a decision, for formats that show it: the Rego of each criterion, groups of facts with their ages, the
//! parameters in force, where findings stand in the facts, and the digests of all that was judged.
//!
//! Nothing here judges; the decision is given, and stays as it is.

mod spots;

use crate::checklist::{Checklist, Control, Files};
use crate::facts::Facts;
use crate::model::dossier::{ControlAnnex, GroupAnnex, InputDigest};
use crate::model::{Annex, Decision, Row};
use crate::rego::syntax::Module;
use crate::text::{Document, Source};
use crate::workbench::docs::{Rules, parameters_of};
use serde_json::Value;

/// What a decision was made of.
#[derive(Clone, Copy)]
pub struct Ground<'g> {
    /// The checklist that judged.
    pub checklist: &'g Checklist,
    /// Its files.
    pub files: &'g Files,
    /// The parameters that were laid over its defaults.
    pub overlay: Option<&'g Document>,
    /// The facts that were judged.
    pub facts: &'g Facts,
    /// Files of waivers.
    pub waivers: &'g [Document],
    /// Files of remediations.
    pub remediations: &'g [Document],
    /// What came of it.
    pub decision: &'g Decision,
}

/// The annex of a decision; `command` is the command line that makes the same page again. Forecast and record are the caller's to fill in.
pub fn annex(ground: Ground<'_>, command: String) -> Annex {
    let modules = ground.checklist.engine.modules();
    let of = |row: &Row| {
        // A control's index is its module's.
        let index = ground.checklist.controls.iter().position(|control| control.text.id == row.text.id)?;
        Some(control(ground, ground.checklist.controls.get(index)?, modules.get(index)?))
    };
    Annex {
        controls: ground.decision.rows.iter().filter_map(of).collect(),
        spots: spots::spots(ground.facts, ground.decision),
        digests: digests(ground),
        forecast: None,
        record: None,
        command,
    }
}

fn control(ground: Ground<'_>, control: &Control, module: &Module) -> ControlAnnex {
    let rules = Rules::of(module);
    let text = &control.text;
    ControlAnnex {
        criteria: text.criteria.iter().map(|(id, _)| (id.clone(), rules.proving(id))).collect(),
        violations: text.violations.keys().map(|code| (code.clone(), rules.stating(code))).collect(),
        shared: rules.shared.join("\n\n"),
        policy: module.source.name.clone(),
        groups: text.facts.keys().map(|name| group(ground, name)).collect(),
        parameters: parameters(ground, control),
    }
}

fn group(ground: Ground<'_>, name: &str) -> GroupAnnex {
    let stated = ground.facts.groups.get(name).map(|stated| &stated.group);
    GroupAnnex {
        group: name.to_owned(),
        value: stated.map(|group| group.value.clone()),
        collected_at: stated.map(|group| group.collected_at),
        age: stated.map(|group| ground.decision.evaluated_at.ms - group.collected_at.ms),
        max_age: ground.checklist.parameters.max_age(name),
    }
}

/// Each parameter that a control reads, as it is in force.
fn parameters(ground: Ground<'_>, control: &Control) -> Vec<(String, Value)> {
    let value = |path: &[String]| path.iter().try_fold(&ground.checklist.parameters.value, |at, part| at.get(part)).cloned();
    let named = parameters_of(ground.checklist, ground.files, control);
    named.into_iter().map(|path| (path.join("."), value(&path).unwrap_or_default())).collect()
}

/// Facts, policies, schemas, parameters, each with its digest.
fn digests(ground: Ground<'_>) -> Vec<InputDigest> {
    let mut out: Vec<InputDigest> = Vec::new();
    let facts = ground.decision.facts.iter();
    out.extend(facts.map(|(name, digest)| InputDigest { kind: "facts", name: name.clone(), sha256: digest.clone() }));
    let (schemas, policies): (Vec<_>, Vec<_>) = ground.files.judging().partition(|(path, _)| path.starts_with("schemas/"));
    let (parameters, policies): (Vec<_>, Vec<_>) = policies.into_iter().partition(|(path, _)| path.ends_with("/parameters.json"));
    out.extend(ground.waivers.iter().map(|d| digest("waivers", &d.source.name, &d.source)));
    out.extend(ground.remediations.iter().map(|d| digest("remediations", &d.source.name, &d.source)));
    out.extend(ground.overlay.map(|overlay| digest("parameters", &overlay.source.name, &overlay.source)));
    out.extend(parameters.into_iter().map(|(path, source)| digest("parameters", path, source)));
    out.extend(policies.into_iter().map(|(path, source)| digest("policy", path, source)));
    out.extend(schemas.into_iter().map(|(path, source)| digest("schema", path, source)));
    out
}

fn digest(kind: &'static str, name: &str, source: &Source) -> InputDigest {
    InputDigest { kind, name: name.to_owned(), sha256: source.digest() }
}
