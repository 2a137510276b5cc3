//! `golive record log`: what was decided here, one line each.

use super::place::Place;
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::{refuse, usage};
use crate::record::tell::log;
use clap::Args;
use std::path::PathBuf;

/// `golive record log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// A folder of records.
    #[arg(value_name = "DIR")]
    pub records: PathBuf,
    /// Output format, and where to write it; may be repeated. Formats: human, json.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
}

const FORMATS: [&str; 2] = ["human", "json"];

/// Runs the command.
pub fn run(args: &LogArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::named(&args.output, &FORMATS).map_err(|message| usage(&message))?;
    let place = Place::read(&args.records, common)?;
    let chain = place.chain(common)?;
    output::texts(&targets, common.color, |format, look| log(&chain, format, look))?;
    // A record that cannot be read is in the list as such; what follows from it is for `verify` to say.
    let broken: Vec<_> = chain.records.iter().filter_map(|kept| kept.record.as_ref().err().cloned()).collect();
    if broken.is_empty() { Ok(Exit::Go) } else { Err(refuse(common, &broken, super::verify::exit(&broken))) }
}
