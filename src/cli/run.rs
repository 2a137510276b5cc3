//! `golive run`: collect, judge, keep, print.

use super::again::check_line;
use super::args::{Common, RunArgs};
use super::exit::Exit;
use super::finish::Finish;
use super::gather::Collection;
use super::judge::{conclude, stated};
use super::keep::{Keeper, Sources};
use super::output;
use super::session::{Session, clock, refuse, usage};
use crate::checklist::contract;
use crate::collect::Clock;
use crate::facts::{self, combine};
use crate::gate::At;
use crate::text::{Limits, Source};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Runs the command.
pub fn run(args: &RunArgs, common: &Common) -> Exit {
    match collect_and_judge(args, common) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn collect_and_judge(args: &RunArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::targets(&args.output).map_err(|message| usage(&message))?;
    let session = Session::open(common)?;
    let collection = Collection::open(&session, args.at.as_deref(), false)?;
    // Before anything is collected: a waiver that cannot be read is no reason to run everything twice.
    let (begun, _) = clock(args.at.as_deref())?;
    let stated = stated(&session, &collection.loaded.checklist, &args.exceptions, begun).map_err(|p| refuse(common, &p, Exit::Input))?;
    let folder = folder(args, &session);
    let keeper = Keeper::open(folder.clone(), (&args.signing, &args.exceptions), &session)?;
    output::folder(&folder)?;
    let gathered = collection.run(common);
    let path = folder.join("facts.json");
    let text = collection.keep(&gathered, &folder, &path)?;
    let source = Arc::new(Source::new(path.to_string_lossy(), text));
    let envelope = contract("envelope").map_err(|p| refuse(common, &p, Exit::Bug))?;
    let document = facts::read(source, envelope, &Limits::default()).map_err(|p| refuse(common, &p, Exit::Input))?;
    let facts = combine(vec![document], &collection.plan).map_err(|p| refuse(common, &p, Exit::Input))?;
    // Read after the collection: what was collected a moment ago is not from the future.
    let (now, given) = clock(args.at.as_deref())?;
    let at = At { now, given, recorded: collection.clock != Clock::System };
    let decision = conclude(&collection.loaded.checklist, &facts, &stated.exceptions, at, common)?;
    let sources = Sources { facts: &facts, loaded: &collection.loaded, stated: &stated };
    let finish = Finish { targets: &targets, keeper: Some(&keeper), sources };
    finish.finish(&decision, || check_line(&session, &collection.plan, now, &[path], &args.exceptions), common)
}

fn folder(args: &RunArgs, session: &Session<'_>) -> PathBuf {
    let beside = || session.config.file.as_ref().map_or(Path::new("."), |f| &f.folder).join("record");
    args.record.clone().or_else(|| session.config.record.clone()).unwrap_or_else(beside)
}
