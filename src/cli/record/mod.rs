//! `golive record`: the auditor's side, one file per command.

mod again;
mod diff;
mod keygen;
mod log;
mod place;
mod replay;
mod sign;
mod signers;
mod summary;
mod verify;

pub use again::{Again, again, differs, ground};
pub use place::Place;
pub use signers::SignersArgs;
pub use verify::held;

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
    /// What changed between two records: facts, policies, parameters, verdicts, exceptions.
    Diff(diff::DiffArgs),
    /// Makes a key to sign with, and prints the file of trusted keys in which it counts.
    Keygen(keygen::KeygenArgs),
    /// The records of a folder, one line each.
    Log(log::LogArgs),
    /// Decides again from what a record keeps, and compares byte for byte.
    Replay(replay::ReplayArgs),
    /// Adds a signature to a record, where more than one person must stand behind a decision.
    Sign(sign::SignArgs),
    /// Whether the records of a folder are complete, unchanged and signed; with --environment and --release also whether the
    /// newest lets that release go live now.
    Verify(verify::VerifyArgs),
}

/// Runs the command.
pub fn run(args: &RecordArgs, common: &Common) -> Exit {
    let outcome = match &args.command {
        RecordCommand::Diff(args) => diff::run(args, common),
        RecordCommand::Keygen(args) => keygen::run(args),
        RecordCommand::Log(args) => log::run(args, common),
        RecordCommand::Replay(args) => replay::run(args, common),
        RecordCommand::Sign(args) => sign::run(args, common),
        RecordCommand::Verify(args) => verify::run(args, common),
    };
    match outcome {
        Ok(exit) | Err(exit) => exit,
    }
}
