//! `golive check`: facts in, decision out.

use super::args::{CheckArgs, Common};
use super::exit::Exit;
use super::judge::{At, conclude, exceptions, exit};
use super::session::{Session, clock, refuse, usage};
use super::{input, output};
use crate::checklist::contract;
use crate::facts::{self, Facts, Plan, combine};
use crate::text::{Limits, Problem};

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
    let flags = (args.exceptions.waivers.as_ref(), args.exceptions.remediations.as_ref());
    let exceptions = exceptions(&session, &checklist, flags).map_err(|p| refuse(common, &p, Exit::Input))?;
    let (now, given) = clock(args.at.as_deref())?;
    let decision = conclude(&checklist, &facts, &exceptions, At { now, given, recorded: false }, common)?;
    output::write(&targets, &decision, common.color)?;
    // The process ends here: taking the checklist apart first would only cost time.
    let _left = std::mem::ManuallyDrop::new(checklist);
    Ok(exit(&decision))
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
