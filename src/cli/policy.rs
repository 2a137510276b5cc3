//! `golive policy`: the workbench.

use super::args::{Common, PolicyArgs, PolicyCommand, ProveArgs};
use super::exit::Exit;
use super::fixtures;
use super::output;
use super::session::{Session, refuse};
use crate::text::visible;
use crate::workbench::prove::{Effort, Proof, prove};

/// Runs the command.
pub fn run(args: &PolicyArgs, common: &Common) -> Exit {
    let outcome = match &args.command {
        PolicyCommand::Prove(args) => run_prove(args, common),
    };
    match outcome {
        Ok(exit) | Err(exit) => exit,
    }
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
