//! `golive record`: the auditor's side, one file per command.

mod keygen;

use super::args::Common;
use super::exit::Exit;
use clap::{Args, Subcommand};

/// `golive record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// What to do with records.
    #[command(subcommand)]
    pub command: RecordCommand,
}

/// The commands of `golive record`.
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    /// Makes a key to sign with, and prints the file of trusted keys in which it counts.
    Keygen(keygen::KeygenArgs),
}

/// Runs the command.
pub fn run(args: &RecordArgs, _common: &Common) -> Exit {
    let outcome = match &args.command {
        RecordCommand::Keygen(args) => keygen::run(args),
    };
    match outcome {
        Ok(exit) | Err(exit) => exit,
    }
}
