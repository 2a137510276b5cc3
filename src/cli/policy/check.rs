//! `golive policy check`: everything that is wrong with a checklist, and what is worth knowing of it.

use crate::checklist::{Checklist, LoadError};
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::session::{Session, usage};
use crate::cli::{diagnostics, fixtures, output};
use crate::report::{count, problems};
use crate::text::{Problem, visible};
use crate::workbench::check::{Findings, check};
use crate::workbench::suite::Suite;
use clap::Args;

/// The formats, of which the first is the default.
const FORMATS: [&str; 4] = ["human", "json", "sarif", "github"];

/// `golive policy check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Output format, and where to write it; may be repeated. Formats: human, json, sarif, github.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
    /// Exit code 1 where there is a warning.
    #[arg(long)]
    pub fail_on_warn: bool,
}

/// What was found.
struct Outcome {
    problems: Vec<Problem>,
    summary: String,
    exit: Exit,
}

/// Loads the checklist as every command does; without `--environment` with the parameters that most environments share.
pub fn run(args: &CheckArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::named(&args.output, &FORMATS).map_err(|words| usage(&words))?;
    let session = Session::workbench(common)?;
    let Outcome { problems, summary, exit } = look(&session, args.fail_on_warn)?;
    diagnostics::print(&problems, common.color, !common.quiet);
    output::texts(&targets, common.color, |format, _| match format {
        "json" => problems::json(&problems),
        "sarif" => problems::sarif(&problems),
        "github" => problems::github(&problems),
        _ => summary.clone(),
    })?;
    Ok(exit)
}

fn look(session: &Session<'_>, fail_on_warn: bool) -> Result<Outcome, Exit> {
    let environment = session.common.environment.as_ref().or(session.config.environment.as_ref());
    let overlay = session.overlay()?;
    let checklist = match session.load(environment.map_or("", String::as_str), overlay.as_ref())? {
        Ok(checklist) => checklist,
        Err(LoadError::Checklist(problems)) => return Ok(Outcome { problems, summary: String::new(), exit: Exit::Checklist }),
        Err(LoadError::Parameters(problems)) => return Ok(Outcome { problems, summary: String::new(), exit: Exit::Input }),
    };
    session.pinned(&checklist.about.digest)?;
    let (suite, mut problems) = suite(session)?;
    let tried = match &suite {
        Some(suite) => session.load(&suite.plan.environment, suite.overlay.as_ref())?.ok(),
        None => None,
    };
    let Findings { warnings, interpreted } = check(&checklist, suite.as_ref().zip(tried.as_ref()));
    problems.extend(warnings);
    let exit = if fail_on_warn && !problems.is_empty() { Exit::NoGo } else { Exit::Go };
    Ok(Outcome { summary: summary(&checklist, problems.len(), interpreted), problems, exit })
}

/// The fixtures, or a warning that there are none.
fn suite(session: &Session<'_>) -> Result<(Option<Suite>, Vec<Problem>), Exit> {
    let (suite, place) = fixtures::read_all(None, session)?;
    if !suite.cases.is_empty() {
        return Ok((Some(suite), Vec::new()));
    }
    let message = format!("there are no fixtures in {}: nothing shows what the controls do", visible(&place));
    let problem = Problem::new("golive::policy::untested", message).warning();
    Ok((None, vec![problem.help("`golive policy new` writes the first ones of a control")]))
}

fn summary(checklist: &Checklist, warnings: usize, interpreted: usize) -> String {
    let about = &checklist.about;
    let rest = match interpreted {
        0 => "all policies are compiled".to_owned(),
        n => format!("{n} of {} policies left to the interpreter", about.controls + 1),
    };
    let warnings = if warnings == 0 { String::new() } else { format!(" {};", count(warnings, "warning")) };
    let (id, version, controls) = (visible(&about.id), visible(&about.version), count(about.controls, "control"));
    format!("{id}, version {version}, {}: {controls}, digest {};{warnings} {rest}\n", visible(&about.origin), about.digest)
}
