//! `golive policy test`: fixtures and tests in Rego.

use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::fixtures::{self, FixtureArgs};
use crate::cli::output;
use crate::cli::session::{Session, refuse, usage};
use crate::text::{Problem, visible};
use crate::workbench::test::{Report, Request, human, json, junit, lcov, run as run_tests};
use clap::Args;
use regex::Regex;

/// The formats, in the order of the help; the first is the default.
const FORMATS: [&str; 4] = ["human", "json", "junit", "lcov"];

/// `golive policy test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Which fixtures.
    #[command(flatten)]
    pub fixtures: FixtureArgs,
    /// Only tests whose name matches: `<control>/<case>`, or `<package>.<test>`.
    #[arg(long, value_name = "REGEX")]
    pub run: Option<String>,
    /// Says which lines of the policies, states of criteria and violations no test comes to.
    #[arg(long)]
    pub coverage: bool,
    /// Exit code 1 where less than so many percent of lines, or of states and violations, are reached.
    #[arg(long, value_name = "PERCENT", value_parser = crate::cli::args::percent)]
    pub threshold: Option<f64>,
    /// The result: `human`, `json`, `junit` or `lcov`, with `=PATH` into a file. May be given several times.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
}

/// Runs the tests; a failed one is exit code 1, and so is none at all.
pub fn run(args: &TestArgs, common: &Common) -> Result<Exit, Exit> {
    let places = output::places(&args.output, &FORMATS).map_err(|words| usage(&words))?;
    let pattern = args.run.as_deref().map(Regex::new).transpose();
    let pattern = pattern.map_err(|error| usage(&format!("--run is no regular expression: {}", visible(&error.to_string()))))?;
    let watched = args.coverage || args.threshold.is_some() || places.iter().any(|(format, _)| FORMATS.get(*format) == Some(&"lcov"));
    let report = once(args, common, pattern.as_ref(), watched)?;
    output::write_texts(&places, common.color, |format, look| match format {
        0 => human(&report, look),
        1 => json(&report),
        2 => junit(&report),
        _ => lcov(&report),
    })?;
    if report.tests.is_empty() {
        let problem = Problem::new("golive::tests::none", "no tests found: nothing was shown to hold");
        let help = "a control's tests are fixtures/controls/<area>/<name>/<case>/ and policies/controls/<area>/<name>_test.rego";
        return Err(refuse(common, &[problem.help(help)], Exit::NoGo));
    }
    if let (Some(wanted), Some(coverage)) = (args.threshold, &report.coverage)
        && coverage.percent() < wanted
    {
        let message = format!("{:.1} % is reached, {wanted} % is wanted", coverage.percent());
        return Err(refuse(common, &[Problem::new("golive::tests::coverage", message)], Exit::NoGo));
    }
    Ok(if report.is_good() { Exit::Go } else { Exit::NoGo })
}

/// Reads everything and runs what is wanted.
fn once(args: &TestArgs, common: &Common, pattern: Option<&Regex>, coverage: bool) -> Result<Report, Exit> {
    let session = Session::open(common)?;
    let (suite, _) = fixtures::read_all(&args.fixtures, &session)?;
    let files = session.files()?;
    let mut checklist = session.checklist_of(&files, &suite.plan.environment, suite.overlay.as_ref())?;
    let mut exam = checklist.exam(&files).map_err(|problems| refuse(common, &problems, Exit::Checklist))?;
    if coverage {
        checklist.engine.watch_lines();
        exam.iter_mut().for_each(crate::rego::Exam::watch_lines);
    }
    let wanted = |name: &str| pattern.is_none_or(|pattern| pattern.is_match(name));
    let control = args.fixtures.control.as_deref().unwrap_or_default();
    Ok(run_tests(&Request { checklist: &checklist, suite: &suite, exam: exam.as_ref(), control, wanted: &wanted, coverage }))
}
