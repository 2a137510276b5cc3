//! `golive waiver`: exceptions under control, one file per command.

mod sign;

use super::args::Common;
use super::exit::Exit;
use clap::{Args, Subcommand};

/// `golive waiver`.
#[derive(Debug, Args)]
pub struct WaiverArgs {
    /// What to do with waivers.
    #[command(subcommand)]
    pub command: WaiverCommand,
}

/// The commands of `golive waiver`.
#[derive(Debug, Subcommand)]
pub enum WaiverCommand {
    /// Signs a file of waivers: the approver's word that these bytes are what was approved.
    Sign(sign::SignArgs),
}

/// Runs the command.
pub fn run(args: &WaiverArgs, common: &Common) -> Exit {
    let outcome = match &args.command {
        WaiverCommand::Sign(args) => sign::run(args, common),
    };
    match outcome {
        Ok(exit) | Err(exit) => exit,
    }
}
