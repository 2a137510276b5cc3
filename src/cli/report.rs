//! `golive report`: a record rendered again.

use super::args::Common;
use super::exit::Exit;
use super::output;
use super::record::{Place, opened};
use super::session::{refuse, usage};
use crate::model::Dossier;
use crate::record::replay::{Difference, Likeness, Replay, replay};
use crate::text::{Problem, visible};
use clap::Args;
use std::path::PathBuf;

/// `golive report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A folder of records for its newest, FOLDER@7, or the file of a record.
    #[arg(value_name = "RECORD")]
    pub record: PathBuf,
    /// Output format, and where to write it; may be repeated. Formats: those of `golive check`.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
}

/// Runs the command. What is shown is decided again from what the record keeps, and is the record's decision or is not shown.
pub fn run(args: &ReportArgs, common: &Common) -> Exit {
    match report(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn report(args: &ReportArgs, common: &Common) -> Result<(), Exit> {
    let targets = output::targets(&args.output).map_err(|message| usage(&message))?;
    let place = Place::read(&args.record, common)?;
    let chain = place.chain(common)?;
    let (record, payload) = opened(place.kept(&chain, common)?, common)?;
    let inputs = |digest: &str| place.store.input(digest);
    let Replay { decision, outcome, .. } = replay(record, payload, &inputs).map_err(|p| refuse(common, &p, Exit::Record))?;
    if let Likeness::Different(found) = &outcome {
        return Err(refuse(common, &[differs(found)], Exit::Record));
    }
    output::write(&targets, &Dossier::of(&decision), common.color)
}

fn differs(found: &[Difference]) -> Problem {
    let places: Vec<&str> = found.iter().map(|d| d.place.as_str()).collect();
    let message = format!("the record does not come out the same: {}", visible(&places.join(", ")));
    Problem::new("golive::record::replay", message).help("`golive record replay` shows what differs; nothing is reported of such a record")
}
