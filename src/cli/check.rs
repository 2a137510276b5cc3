//! `golive check`: facts in, decision out.

use super::annex::check_line;
use super::args::{CheckArgs, Common};
use super::exit::Exit;
use super::judge::{At, conclude, exceptions, exit, read_facts};
use super::session::{Session, clock, refuse, usage};
use super::{input, output};
use crate::model::Dossier;

/// Runs the command.
pub fn run(args: &CheckArgs, common: &Common) -> Exit {
    match check(args, common) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn check(args: &CheckArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::targets(&args.output).map_err(|message| usage(&message))?;
    input::once(&args.facts).map_err(usage)?;
    let session = Session::open(common)?;
    let plan = session.plan()?;
    let (checklist, basis) = session.checklist_and_basis(&plan.environment)?;
    let facts = read_facts(&args.facts, &plan).map_err(|p| refuse(common, &p, Exit::Input))?;
    let flags = (args.exceptions.waivers.as_ref(), args.exceptions.remediations.as_ref());
    let exceptions = exceptions(&session, &checklist, flags).map_err(|p| refuse(common, &p, Exit::Input))?;
    let (now, given) = clock(args.at.as_deref())?;
    let decision = conclude(&checklist, &facts, &exceptions, At { now, given, recorded: false }, common)?;
    let annex = basis.annex(&targets, (&checklist, &facts, &decision), || check_line(&session, &plan, now, &args.facts, flags));
    output::write(&targets, &Dossier { decision: &decision, annex: annex.as_ref() }, common.color)?;
    // The process ends here: taking the checklist apart first would only cost time.
    let _left = std::mem::ManuallyDrop::new(checklist);
    Ok(exit(&decision))
}
