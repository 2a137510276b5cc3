//! `golive policy docs --pack`: the review pack.

use super::docs::{DocsArgs, collectors};
use crate::checklist::{Checklist, Files};
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::fixtures;
use crate::cli::output;
use crate::cli::session::{Session, refuse};
use crate::report::count;
use crate::text::visible;
use crate::workbench::docs::{Material, Trials, pack};
use crate::workbench::mutate::{self, FILE, Ground};
use crate::workbench::suite::Suite;
use crate::workbench::test::{Report, Request, run as run_tests};
use std::path::Path;

const NOT_WANTED: &str = "--no-mutation was given";
const BROKEN: &str = "a test fails already, and would notice nothing";

/// Runs the tests, tries small changes of the policies, and writes the page; a failed test, or a change that no test notices and
/// nobody explained, is exit code 1.
pub fn run(args: &DocsArgs, path: &Path, common: &Common) -> Result<Exit, Exit> {
    let session = Session::workbench(common)?;
    let suite = fixtures::read(&args.fixtures, &session)?;
    let files = session.files()?;
    let control = args.fixtures.control.as_deref().unwrap_or_default();
    let tests = tests(&session, &files, &suite, control)?;
    let checklist = session.checklist_of(&files, &suite.plan.environment, suite.overlay.as_ref())?;
    let mutants = match (args.no_mutation, tests.is_good()) {
        (true, _) => Err(NOT_WANTED),
        (_, false) => Err(BROKEN),
        _ => Ok(mutants(args, &session, (&checklist, &files), control)?),
    };
    let collectors = collectors();
    let material = Material { checklist: &checklist, files: &files, suite: &suite, collectors: &collectors };
    let trials = Trials { tests: &tests, mutants: mutants.as_ref().map_err(|reason| *reason) };
    output::file_with_folder(path, pack(&material, trials, control).as_bytes())?;
    let shown = checklist.controls.iter().filter(|c| c.text.id.starts_with(control)).count();
    output::stdout(&format!("{}: {}\n", visible(&path.to_string_lossy()), count(shown, "control")))?;
    Ok(if tests.is_good() && mutants.as_ref().map_or(true, mutate::Report::is_good) { Exit::Go } else { Exit::NoGo })
}

/// The tests, and what they reach; that is watched in a checklist of its own.
fn tests(session: &Session<'_>, files: &Files, suite: &Suite, control: &str) -> Result<Report, Exit> {
    let mut checklist = session.checklist_of(files, &suite.plan.environment, suite.overlay.as_ref())?;
    let mut exam = checklist.exam(files).map_err(|problems| refuse(session.common, &problems, Exit::Checklist))?;
    checklist.engine.watch_lines();
    exam.iter_mut().for_each(crate::rego::Exam::watch_lines);
    Ok(run_tests(&Request { checklist: &checklist, suite, exam: exam.as_ref(), control, wanted: &|_| true, coverage: true }))
}

/// What becomes of small changes: every fixture counts, whichever control it is about.
fn mutants(
    args: &DocsArgs,
    session: &Session<'_>,
    (checklist, files): (&Checklist, &Files),
    control: &str,
) -> Result<mutate::Report, Exit> {
    let named = args.fixtures.fixtures.as_deref();
    let (fixtures, _) = fixtures::files(named, session)?;
    let (suite, _) = fixtures::read_all(named, session)?;
    let listed = fixtures.get(FILE).cloned().map(mutate::read).transpose();
    let listed = listed.map_err(|problems| refuse(session.common, &problems, Exit::Input))?.unwrap_or_default();
    let exam = checklist.exam(files).map_err(|problems| refuse(session.common, &problems, Exit::Checklist))?;
    let ground = Ground { files, suite: &suite, has_exam: exam.is_some() };
    Ok(mutate::run(checklist, &ground, mutate::targets(checklist, files, control), &listed))
}
