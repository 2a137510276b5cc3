//! `golive record diff`: what changed between two decisions.

use super::place::Place;
use super::replay::opened;
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::{refuse, usage};
use crate::record::diff::{Contents, Side, diff};
use crate::record::tell::compared;
use clap::Args;
use std::path::{Path, PathBuf};

/// `golive record diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier record: FOLDER@7, the file of a record, or a folder for its newest.
    #[arg(value_name = "A")]
    pub before: PathBuf,
    /// The later record.
    #[arg(value_name = "B")]
    pub after: PathBuf,
    /// Output format, and where to write it; may be repeated. Formats: human, json.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
}

const FORMATS: [&str; 2] = ["human", "json"];

/// Runs the command.
pub fn run(args: &DiffArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::named(&args.output, &FORMATS).map_err(|message| usage(&message))?;
    let (before, after) = (side(&args.before, common)?, side(&args.after, common)?);
    let found = diff(&before, &after);
    output::texts(&targets, common.color, |format, look| compared(&before, &after, &found, format, look))?;
    Ok(Exit::Go)
}

fn side(path: &Path, common: &Common) -> Result<Side, Exit> {
    let place = Place::read(path, common)?;
    let chain = place.chain(common)?;
    let (record, _) = opened(place.kept(&chain, common)?, common)?;
    let contents = Contents::read(record, &|digest| place.store.input(digest)).map_err(|p| refuse(common, &p, Exit::Record))?;
    Ok(Side { record: record.clone(), contents })
}
