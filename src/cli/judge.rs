//! From facts to a decision: what `check` and `run` have in common.

use super::approvals::{self, Waived};
use super::args::{Common, ExceptionArgs};
use super::exit::Exit;
use super::session::{Session, refuse};
use super::{diagnostics, input};
use crate::checklist::{Checklist, contract};
use crate::exceptions::{Exceptions, Scope, remediations, waivers};
use crate::facts::{self, Facts, Plan, combine};
use crate::gate::{self, At, Concluded};
use crate::model::{Decision, Gate, Instant};
use crate::text::{Document, Limits, Problem, Source, read_by_name};
use std::path::PathBuf;
use std::sync::Arc;

/// Reads facts documents, and joins them for a plan.
pub fn read_facts(paths: &[PathBuf], plan: &Plan) -> Result<Facts, Vec<Problem>> {
    let schema = contract("envelope")?;
    let mut documents = Vec::new();
    let mut problems = Vec::new();
    for source in input::facts(paths)? {
        match facts::read(source, schema, &Limits::default()) {
            Ok(document) => documents.push(document),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { combine(documents, plan) } else { Err(problems) }
}

/// Waivers and remediations, and what they were read from.
pub struct Stated {
    /// What they say.
    pub exceptions: Exceptions,
    /// Files of waivers, and their signatures.
    pub waived: Waived,
    /// Files of remediations.
    pub remediations: Vec<Document>,
}

/// Reads waivers and remediations: flags first, then the configuration. Signatures of waivers are of `now` or older.
pub fn stated(session: &Session<'_>, checklist: &Checklist, given: &ExceptionArgs, now: Instant) -> Result<Stated, Vec<Problem>> {
    let scope = Scope::of(checklist);
    let waived = approvals::waivers(session, given, now)?;
    let mended = documents(given.remediations.as_ref().or(session.config.remediations.as_ref()), "remediations")?;
    let exceptions = Exceptions { waivers: waivers(&waived.documents, &scope)?, remediations: remediations(&mended, &scope)? };
    Ok(Stated { exceptions, waived, remediations: mended })
}

/// What they say alone.
pub fn exceptions(session: &Session<'_>, checklist: &Checklist, given: &ExceptionArgs, now: Instant) -> Result<Exceptions, Vec<Problem>> {
    stated(session, checklist, given, now).map(|stated| stated.exceptions)
}

/// The documents of one exceptions flag.
pub fn documents(path: Option<&PathBuf>, what: &str) -> Result<Vec<Document>, Vec<Problem>> {
    input::exceptions(path, what)?.into_iter().map(|(_, source)| document(source)).collect()
}

/// One document of exceptions.
pub fn document(source: Arc<Source>) -> Result<Document, Vec<Problem>> {
    let limits = Limits { bytes: 4 << 20, keys: 20_000, ..Limits::default() };
    read_by_name(source, &limits).map_err(|p| vec![p])
}

/// From facts to a decision; what is wrong with groups of facts is told on stderr.
pub fn conclude(checklist: &Checklist, facts: &Facts, exceptions: &Exceptions, at: At, common: &Common) -> Result<Decision, Exit> {
    let Concluded { decision, problems } = gate::conclude(checklist, facts, exceptions, at);
    diagnostics::print(&problems, common.color, !common.quiet);
    decision.map_err(|error| refuse(common, &[Problem::new("golive::gate", error.to_string())], Exit::NoDecision))
}

/// The exit code of a decision.
pub fn exit(decision: &Decision) -> Exit {
    if decision.gate == Gate::Go { Exit::Go } else { Exit::NoGo }
}
