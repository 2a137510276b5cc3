//! `golive waiver check`: static faults, in every environment with parameters of its own.

use crate::checklist::environments;
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::judge::documents;
use crate::cli::output;
use crate::cli::session::{Session, refuse};
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
}

/// Runs the command.
pub fn run(args: &CheckArgs, common: &Common) -> Exit {
    match check(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn check(args: &CheckArgs, common: &Common) -> Result<(), Exit> {
    let session = Session::open(common)?;
    let Some(path) = args.path.as_ref().or(session.config.waivers.as_ref()) else {
        return Err(crate::cli::session::usage("which waivers? Name a file or a folder, or write `waivers` into golive.toml"));
    };
    let refused = |problems: &[Problem]| refuse(common, problems, Exit::Input);
    let documents = documents(Some(path), "waivers").map_err(|p| refused(&p))?;
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
