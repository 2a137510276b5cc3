//! What each control reads: known from the checks at load, or found later where these checks were made before.

use super::contracts::contract;
use super::metadata::Metadata;
use crate::rego::checks::{Context, ControlView, GateView, Index, Reads};
use crate::rego::syntax::Module;
use crate::rego::{check_modules, reads};
use crate::schema::{Kind, Schema, Shape};
use crate::text::Problem;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What the checks of policies need beside the policies and the schemas of groups.
pub(super) struct Reading {
    views: Vec<ControlView>,
    pub envelope: &'static Shape,
    pub parameters: Schema,
    found: OnceLock<BTreeMap<String, Reads>>,
}

impl Reading {
    /// `controls` are the METADATA of controls, each with the index of its module.
    pub fn new<'m>(controls: impl Iterator<Item = (usize, &'m Metadata)>, parameters: Schema) -> Result<Self, Vec<Problem>> {
        let bug = || vec![Problem::new("golive::bug", "the binary's envelope schema describes no envelope")];
        let envelope = envelope_shape(&contract("envelope")?.shape).ok_or_else(bug)?;
        let views = controls.map(|(index, m)| view(index, m)).collect();
        Ok(Self { views, envelope, parameters, found: OnceLock::new() })
    }

    /// Runs every check of the policies, for the controls that are concerned.
    pub fn check(
        &self,
        modules: &[Module],
        groups: &BTreeMap<String, Schema>,
        concerned: &dyn Fn(&str) -> bool,
    ) -> Result<(), Vec<Problem>> {
        let views: Vec<ControlView> = self.views.iter().filter(|view| concerned(&view.id)).cloned().collect();
        let found = check_modules(&Context { controls: &views, ..self.context(modules, groups) })?;
        self.found.get_or_init(|| found);
        Ok(())
    }

    /// What a control reads; `modules` gives the policies where it is not known yet.
    pub fn of(&self, control: &str, groups: &BTreeMap<String, Schema>, modules: impl FnOnce() -> Vec<Module>) -> &Reads {
        static NOTHING: Reads = Reads { paths: std::collections::BTreeSet::new(), paths_of: BTreeMap::new(), groups_of: BTreeMap::new() };
        self.all(groups, modules).get(control).unwrap_or(&NOTHING)
    }

    /// What every control reads, by its id, and the gate.
    pub fn all(&self, groups: &BTreeMap<String, Schema>, modules: impl FnOnce() -> Vec<Module>) -> &BTreeMap<String, Reads> {
        self.found.get_or_init(|| reads(&self.context(&modules(), groups)))
    }

    pub fn context<'a>(&'a self, modules: &'a [Module], groups: &'a BTreeMap<String, Schema>) -> Context<'a> {
        Context {
            modules,
            groups: groups.iter().map(|(name, schema)| (name.as_str(), &schema.shape)).collect(),
            envelope: self.envelope,
            parameters: &self.parameters.shape,
            controls: &self.views,
            gate: gate(modules),
            index: Index::new(modules),
        }
    }
}

/// The gate policy, where it is among the modules. Its schema is read where policies are looked at, not at each start.
fn gate(modules: &[Module]) -> Option<GateView<'static>> {
    let module = modules.iter().position(|module| module.package == ["golive", "gate"])?;
    contract("gate").ok().map(|schema| GateView { module, input: &schema.shape })
}

/// The shape of one group's envelope inside a facts document's schema.
fn envelope_shape(document: &Shape) -> Option<&Shape> {
    let Kind::Object(properties) = &document.kind else { return None };
    match &properties.get("facts")?.kind {
        Kind::Map(envelope) => Some(envelope),
        _ => None,
    }
}

fn view(module: usize, metadata: &Metadata) -> ControlView {
    ControlView {
        id: metadata.text.id.clone(),
        module,
        groups: metadata.groups.iter().map(|(g, _)| g.clone()).collect(),
        criteria: metadata.criteria.clone(),
        violations: metadata.violations.clone(),
    }
}
