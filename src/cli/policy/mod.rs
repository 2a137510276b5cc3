//! `golive policy`: the workbench, one file per command.

mod check;
mod mutate;
mod prove;
mod test;

use super::args::Common;
use super::exit::Exit;
use clap::{Args, Subcommand};

/// `golive policy`.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// What to do with policies.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// The commands of `golive policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Loads the checklist with every check, and says which policies a batch leaves to the interpreter.
    Check,
    /// Changes the policies a little, and says which changes no test notices.
    Mutate(mutate::MutateArgs),
    /// Tries to break the four laws on the fixtures of every control.
    Prove(prove::ProveArgs),
    /// Runs the fixtures of the controls and the tests in Rego (`*_test.rego`).
    Test(test::TestArgs),
}

/// Runs the command.
pub fn run(args: &PolicyArgs, common: &Common) -> Exit {
    let outcome = match &args.command {
        PolicyCommand::Check => check::run(common),
        PolicyCommand::Mutate(args) => mutate::run(args, common),
        PolicyCommand::Prove(args) => prove::run(args, common),
        PolicyCommand::Test(args) => test::run(args, common),
    };
    match outcome {
        Ok(exit) | Err(exit) => exit,
    }
}
