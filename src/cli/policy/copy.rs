//! `golive policy copy`: the built-in checklist as a folder to edit.

use super::new::write;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::usage;
use crate::text::visible;
use crate::workbench::start::built_in;
use clap::Args;
use std::path::PathBuf;

/// `golive policy copy`.
#[derive(Debug, Args)]
pub struct CopyArgs {
    /// Where it goes: a folder that is not there, or empty.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Writes policies, schemas and fixtures.
pub fn run(args: &CopyArgs) -> Result<Exit, Exit> {
    let shown = visible(&args.folder.to_string_lossy());
    let taken = match std::fs::read_dir(&args.folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    if taken {
        return Err(usage(&format!("{shown} is not an empty folder, and stays as it is")));
    }
    let texts = built_in();
    write(&args.folder, &texts)?;
    output::stdout(&format!("{shown}: {} files; `--checklist {shown}` uses them\n", texts.len()))?;
    Ok(Exit::Go)
}
