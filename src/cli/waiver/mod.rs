//! `golive waiver`: exceptions that people ask for, one file per command.

mod check;
mod list;
mod new;
mod sign;

use super::args::Common;
use super::exit::Exit;
use clap::{Args, Subcommand};

pub use list::{judged_by, plan};

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
    /// Writes a waiver that lists exactly the findings that stand, for somebody else to approve.
    New(Box<new::NewArgs>),
    /// Everything that refuses a file of waivers, whatever the facts and the time.
    Check(check::CheckArgs),
    /// Signs a file of waivers: the approver's word that these bytes are what was approved.
    Sign(sign::SignArgs),
    /// Each waiver and how it stands: active, expiring, lapsed, expired and the others.
    List(list::ListArgs),
}

/// Runs the command.
pub fn run(args: &WaiverArgs, common: &Common) -> Exit {
    match &args.command {
        WaiverCommand::New(args) => new::run(args, common),
        WaiverCommand::Check(args) => check::run(args, common),
        WaiverCommand::Sign(args) => match sign::run(args, common) {
            Ok(exit) | Err(exit) => exit,
        },
        WaiverCommand::List(args) => list::run(args, common),
    }
}
