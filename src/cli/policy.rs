//! `golive policy`: the workbench.

use super::args::{Common, PolicyArgs, PolicyCommand, ProveArgs};
use super::diagnostics;
use super::exit::Exit;
use super::fixtures;
use super::output;
use super::session::{Session, refuse};
use crate::text::visible;
use crate::workbench::check::interpreted;
use crate::workbench::prove::{Effort, Proof, prove};

/// Runs the command.
pub fn run(args: &PolicyArgs, common: &Common) -> Exit {
    let outcome = match &args.command {
        PolicyCommand::Check => run_check(common),
        PolicyCommand::Prove(args) => run_prove(args, common),
    };
    match outcome {
        Ok(exit) | Err(exit) => exit,
    }
}

/// Loads the checklist as every command does; without `--environment` with the parameters that most environments share.
fn run_check(common: &Common) -> Result<Exit, Exit> {
    let session = Session::open(common)?;
    let environment = common.environment.as_ref().or(session.config.environment.as_ref());
    let checklist = session.checklist(environment.map_or("", String::as_str))?;
    let warnings = interpreted(&checklist);
    diagnostics::print(&warnings, common.color, !common.quiet);
    let about = &checklist.about;
    let rest = match warnings.len() {
        0 => "all policies are compiled".to_owned(),
        n => format!("{n} of {} policies left to the interpreter", about.controls + 1),
    };
    let (id, version) = (visible(&about.id), visible(&about.version));
    output::stdout(&format!("{id}, version {version}: {} controls, digest {}; {rest}\n", about.controls, about.digest))?;
    Ok(Exit::Go)
}

fn run_prove(args: &ProveArgs, common: &Common) -> Result<Exit, Exit> {
    let session = Session::open(common)?;
    let found = fixtures::read(&args.fixtures, args.control.as_deref()).map_err(|p| refuse(common, &p, Exit::Input))?;
    let checklist = session.checklist_with(&found.plan.environment, found.overlay.as_ref())?;
    let effort = Effort { seed: args.seed, pairs: args.pairs };
    let proof = prove(&checklist, &found.cases, effort);
    output::stdout(&report(&proof, args.seed))?;
    Ok(if proof.broken.is_empty() { Exit::Go } else { Exit::NoGo })
}

fn report(proof: &Proof, seed: u64) -> String {
    let mut out = format!(
        "{} fixtures, {} distinct documents, {} of them schema-valid, {} leaves varied, seed {seed}\n",
        proof.cases, proof.documents, proof.valid, proof.leaves
    );
    for broken in &proof.broken {
        out.push_str(&format!(
            "broken: {} — {} / {}: {}\n",
            broken.law,
            visible(&broken.control),
            visible(&broken.case),
            visible(&broken.change)
        ));
    }
    out.push_str(&format!("{} broken laws\n", proof.broken.len()));
    out
}
