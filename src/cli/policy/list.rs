//! `golive policy list`: the controls of a checklist.

use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::{Session, usage};
use crate::workbench::list::{FORMATS, render};
use clap::Args;

/// `golive policy list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Output format, and where to write it; may be repeated. Formats: human, json.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
}

/// Loads the checklist, and prints what METADATA says of each control.
pub fn run(args: &ListArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::named(&args.output, &FORMATS).map_err(|words| usage(&words))?;
    let session = Session::workbench(common)?;
    let environment = common.environment.as_ref().or(session.config.environment.as_ref());
    let checklist = session.checklist(environment.map_or("", String::as_str))?;
    output::texts(&targets, common.color, |format, look| render(&checklist, format, look))?;
    Ok(Exit::Go)
}
