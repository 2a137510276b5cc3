//! `golive policy prove`: the four laws.

use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::fixtures::{self, FixtureArgs};
use crate::cli::output;
use crate::cli::session::Session;
use crate::text::visible;
use crate::workbench::prove::{Effort, Proof, prove};
use clap::Args;

/// `golive policy prove`.
#[derive(Debug, Args)]
pub struct ProveArgs {
    /// Which fixtures.
    #[command(flatten)]
    pub fixtures: FixtureArgs,
    /// Seed of the sampled pairs of changes.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Sampled pairs of changes for each fixture.
    #[arg(long, default_value_t = 300, value_name = "N")]
    pub pairs: usize,
}

/// Tries the laws; a broken one is exit code 1.
pub fn run(args: &ProveArgs, common: &Common) -> Result<Exit, Exit> {
    let session = Session::workbench(common)?;
    let suite = fixtures::read(&args.fixtures, &session)?;
    let checklist = session.checklist_with(&suite.plan.environment, suite.overlay.as_ref())?;
    let effort = Effort { seed: args.seed, pairs: args.pairs };
    let proof = prove(&checklist, &suite.cases, effort);
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
