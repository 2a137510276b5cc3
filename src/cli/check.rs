//! `golive check`: facts in, decision out.

use super::again::check_line;
use super::args::{CheckArgs, Common};
use super::exit::Exit;
use super::finish::Finish;
use super::judge::{conclude, read_facts, stated};
use super::keep::{Keeper, Sources};
use super::session::{Session, clock, refuse, usage};
use super::{input, output};
use crate::gate::At;

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
    let keeper = args.record.clone().map(|folder| Keeper::open(folder, (&args.signing, &args.exceptions), &session)).transpose()?;
    let loaded = session.loaded(&plan.environment)?;
    let facts = read_facts(&args.facts, &plan).map_err(|p| refuse(common, &p, Exit::Input))?;
    let (now, given) = clock(args.at.as_deref())?;
    let stated = stated(&session, &loaded.checklist, &args.exceptions, now).map_err(|p| refuse(common, &p, Exit::Input))?;
    let decision = conclude(&loaded.checklist, &facts, &stated.exceptions, At { now, given, recorded: false }, common)?;
    let sources = Sources { facts: &facts, loaded: &loaded, stated: &stated };
    let finish = Finish { targets: &targets, keeper: keeper.as_ref(), sources };
    let exit = finish.finish(&decision, || check_line(&session, &plan, now, &args.facts, &args.exceptions), common)?;
    // The process ends here: taking the checklist apart first would only cost time.
    let _left = std::mem::ManuallyDrop::new(loaded);
    Ok(exit)
}
