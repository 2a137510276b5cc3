//! `golive check`: facts in, decision out.

use super::args::{CheckArgs, Common};
use super::exit::Exit;
use super::session::{Session, clock, refuse, usage};
use super::{diagnostics, input, output};
use crate::checklist::{Checklist, contract};
use crate::evaluate::evaluate;
use crate::exceptions::{Exceptions, Scope, remediations, settle, waivers};
use crate::facts::{self, Facts, Plan, combine};
use crate::gate::decide;
use crate::model::{Decision, Gate, Instant};
use crate::text::{Document, Limits, Problem, read_by_name};
use std::path::PathBuf;

/// Runs the command.
pub fn run(args: &CheckArgs, common: &Common) -> Exit {
    match check(args, common) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn check(args: &CheckArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::targets(&args.output).map_err(|message| usage(&message))?;
    let stdin = args.facts.iter().filter(|p| p.as_os_str() == "-").count();
    if stdin > 1 || (stdin == 1 && input::stdin_is_terminal()) {
        return Err(usage("`-` reads facts from stdin, once, and not from a terminal"));
    }
    let session = Session::open(common)?;
    let plan = session.plan()?;
    let checklist = session.checklist(&plan.environment)?;
    let facts = read_facts(args, &plan).map_err(|p| refuse(common, &p, Exit::Input))?;
    let exceptions = read_exceptions(args, &session, &checklist).map_err(|p| refuse(common, &p, Exit::Input))?;
    let (now, clock_given) = clock(args.at.as_deref())?;
    let decision = conclude(&checklist, &facts, &exceptions, now, clock_given, common)?;
    output::write(&targets, &decision, common.color)?;
    // The process ends here: taking the checklist apart first would only cost time.
    let _left = std::mem::ManuallyDrop::new(checklist);
    Ok(if decision.gate == Gate::Go { Exit::Go } else { Exit::NoGo })
}

fn read_facts(args: &CheckArgs, plan: &Plan) -> Result<Facts, Vec<Problem>> {
    let schema = contract("envelope")?;
    let mut documents = Vec::new();
    let mut problems = Vec::new();
    for source in input::facts(&args.facts)? {
        match facts::read(source, schema, &Limits::default()) {
            Ok(document) => documents.push(document),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { combine(documents, plan) } else { Err(problems) }
}

fn read_exceptions(args: &CheckArgs, session: &Session<'_>, checklist: &Checklist) -> Result<Exceptions, Vec<Problem>> {
    let scope = Scope::of(checklist);
    let waived = documents(args.waivers.as_ref().or(session.config.waivers.as_ref()), "waivers")?;
    let mended = documents(args.remediations.as_ref().or(session.config.remediations.as_ref()), "remediations")?;
    Ok(Exceptions { waivers: waivers(&waived, &scope)?, remediations: remediations(&mended, &scope)? })
}

fn documents(path: Option<&PathBuf>, what: &str) -> Result<Vec<Document>, Vec<Problem>> {
    let limits = Limits { bytes: 4 << 20, keys: 20_000, ..Limits::default() };
    let read = |source| read_by_name(source, &limits).map_err(|p| vec![p]);
    input::exceptions(path, what)?.into_iter().map(read).collect()
}

/// From facts to a decision; what is wrong with groups of facts is told on stderr.
fn conclude(
    checklist: &Checklist,
    facts: &Facts,
    exceptions: &Exceptions,
    now: Instant,
    clock_given: bool,
    common: &Common,
) -> Result<Decision, Exit> {
    let evaluation = evaluate(checklist, facts, now);
    diagnostics::print(&evaluation.problems, common.color, !common.quiet);
    let settled = settle(checklist, facts, evaluation.judgements, exceptions, now);
    let plan = &facts.plan;
    let (gate, blocking) = decide(checklist, &plan.environment, &plan.release, now.ms, &settled.rows).map_err(|error| {
        let problem = Problem::new("golive::gate", error.to_string());
        refuse(common, &[problem], Exit::NoDecision)
    })?;
    let name = |f: &facts::FactsDocument| (f.document.source.name.clone(), f.digest.clone());
    Ok(Decision {
        environment: plan.environment.clone(),
        release: plan.release.clone(),
        evaluated_at: now,
        clock_given,
        checklist: checklist.about.clone(),
        facts: facts.documents.iter().map(name).collect(),
        gate,
        blocking,
        rows: settled.rows,
        waivers: settled.waivers,
        idle_remediations: settled.idle_remediations,
    })
}
