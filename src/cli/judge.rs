//! From facts to a decision: what `check` and `run` have in common.

use super::args::Common;
use super::exit::Exit;
use super::session::{Session, refuse};
use super::{diagnostics, input};
use crate::checklist::{Checklist, contract};
use crate::exceptions::{Exceptions, Scope, remediations, waivers};
use crate::facts::{self, Facts, Plan, combine};
use crate::gate::{self, At, Concluded};
use crate::model::{Decision, Gate};
use crate::text::{Document, Limits, Problem, read_by_name};
use std::path::PathBuf;

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
    /// Files of waivers.
    pub waivers: Vec<Document>,
    /// Files of remediations.
    pub remediations: Vec<Document>,
}

/// What waivers and remediations say: flags first, then the configuration.
pub fn exceptions(
    session: &Session<'_>,
    checklist: &Checklist,
    flags: (Option<&PathBuf>, Option<&PathBuf>),
) -> Result<Exceptions, Vec<Problem>> {
    stated(session, checklist, flags).map(|stated| stated.exceptions)
}

/// The same with what it was read from.
pub fn stated(session: &Session<'_>, checklist: &Checklist, flags: (Option<&PathBuf>, Option<&PathBuf>)) -> Result<Stated, Vec<Problem>> {
    let scope = Scope::of(checklist);
    let waived = documents(flags.0.or(session.config.waivers.as_ref()), "waivers")?;
    let mended = documents(flags.1.or(session.config.remediations.as_ref()), "remediations")?;
    let exceptions = Exceptions { waivers: waivers(&waived, &scope)?, remediations: remediations(&mended, &scope)? };
    Ok(Stated { exceptions, waivers: waived, remediations: mended })
}

/// The documents of one exceptions flag.
pub fn documents(path: Option<&PathBuf>, what: &str) -> Result<Vec<Document>, Vec<Problem>> {
    let limits = Limits { bytes: 4 << 20, keys: 20_000, ..Limits::default() };
    let read = |source| read_by_name(source, &limits).map_err(|p| vec![p]);
    input::exceptions(path, what)?.into_iter().map(read).collect()
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
