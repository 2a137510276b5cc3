//! `golive waiver check`: static faults, in every environment with parameters of its own.

use crate::checklist::environments;
use crate::cli::approvals;
use crate::cli::args::{Common, ExceptionArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::{Session, clock, refuse};
use crate::exceptions::{Scope, waivers};
use crate::report::count;
use crate::text::Problem;
use clap::Args;
use std::path::PathBuf;

/// `golive waiver check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Waivers: a file, or a folder of files (JSON or YAML); without it those that golive.toml names.
    #[arg(env = "GOLIVE_WAIVERS", value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Trusted keys (JSON or YAML), against which signatures beside a file are held.
    #[arg(long, env = "GOLIVE_TRUST", value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// As of this time instead of now (RFC 3339, ending in Z): signatures are not of the future.
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
}

/// Runs the command.
pub fn run(args: &CheckArgs, common: &Common) -> Exit {
    match check(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn check(args: &CheckArgs, common: &Common) -> Result<(), Exit> {
    let mut session = Session::open(common)?;
    // A draft is checked before it is signed; a signature that is there must hold.
    session.config.signing.waivers = None;
    let Some(path) = args.path.as_ref().or(session.config.waivers.as_ref()) else {
        return Err(crate::cli::session::usage("which waivers? Name a file or a folder, or write `waivers` into golive.toml"));
    };
    let refused = |problems: &[Problem]| refuse(common, problems, Exit::Input);
    let given = ExceptionArgs { waivers: Some(path.clone()), remediations: None, trust: args.trust.clone() };
    let (now, _) = clock(args.at.as_deref())?;
    let documents = approvals::waivers(&session, &given, now).map_err(|p| refused(&p))?.documents;
    let overlay = session.overlay()?;
    let mut wanted = environments(&session.files()?, overlay.as_ref());
    wanted.insert(common.environment.clone().or_else(|| session.config.environment.clone()).unwrap_or_default());
    let mut problems: Vec<Problem> = Vec::new();
    let mut found = 0;
    // A waiver may be short enough for one environment, and too long for another: a file is refused in any of them.
    for environment in wanted {
        let checklist = session.checklist_with(&environment, overlay.as_ref())?;
        match waivers(&documents, &Scope::of(&checklist)) {
            Ok(waivers) => found = waivers.len(),
            Err(faults) => {
                let file = |problem: &Problem| problem.labels.as_ref().map(|(source, _)| source.name.clone());
                let same = |a: &Problem, b: &Problem| a.message == b.message && file(a) == file(b);
                let new = |fault: &Problem| !problems.iter().any(|known| same(known, fault));
                problems = faults.into_iter().filter(new).chain(problems.clone()).collect();
            }
        }
    }
    if problems.is_empty() { output::stdout(&format!("{}, no fault\n", count(found, "waiver"))) } else { Err(refused(&problems)) }
}
