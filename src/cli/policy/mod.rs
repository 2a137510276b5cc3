//! `golive policy`: the workbench, one file per command.

mod check;
mod copy;
mod docs;
mod impact;
mod list;
mod mutate;
mod new;
mod pack;
mod prove;
mod test;

pub use docs::collectors;

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
    /// Everything that is wrong with the checklist, with its place, and what is worth knowing of it.
    Check(check::CheckArgs),
    /// The built-in checklist as a folder to edit.
    Copy(copy::CopyArgs),
    /// The checklist as Markdown: per control criteria, Rego, findings, parameters, facts, and examples that are judged on the spot.
    Docs(docs::DocsArgs),
    /// What a change of policies or parameters does to an archive of facts: which verdicts and gates change.
    Impact(impact::ImpactArgs),
    /// The controls of the checklist.
    List(list::ListArgs),
    /// Changes the policies a little, and says which changes no test notices.
    Mutate(mutate::MutateArgs),
    /// Writes a new control: policy, schema, fixtures and tests from a template that already runs.
    New(new::NewArgs),
    /// Tries to break the four laws on the fixtures of every control.
    Prove(prove::ProveArgs),
    /// Runs the fixtures of the controls and the tests in Rego (`*_test.rego`).
    Test(test::TestArgs),
}

/// Runs the command.
pub fn run(args: &PolicyArgs, common: &Common) -> Exit {
    let outcome = match &args.command {
        PolicyCommand::Check(args) => check::run(args, common),
        PolicyCommand::Copy(args) => copy::run(args),
        PolicyCommand::Docs(args) => docs::run(args, common),
        PolicyCommand::Impact(args) => impact::run(args, common),
        PolicyCommand::List(args) => list::run(args, common),
        PolicyCommand::Mutate(args) => mutate::run(args, common),
        PolicyCommand::New(args) => new::run(args, common),
        PolicyCommand::Prove(args) => prove::run(args, common),
        PolicyCommand::Test(args) => test::run(args, common),
    };
    match outcome {
        Ok(exit) | Err(exit) => exit,
    }
}
