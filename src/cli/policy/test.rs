//! `golive policy test`: fixtures and tests in Rego.

use crate::checklist::FIXTURES;
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::fixtures::{self, FixtureArgs};
use crate::cli::input;
use crate::cli::output;
use crate::cli::session::{Session, refuse, usage};
use crate::cli::watch::{Watched, control_of};
use crate::text::{Problem, visible};
use crate::workbench::test::{Report, Request, human, json, junit, lcov, run as run_tests};
use clap::Args;
use regex::Regex;
use std::path::PathBuf;

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
    /// Runs them again whenever a policy, a schema or a fixture is saved: all, or those of the control that changed.
    #[arg(long)]
    pub watch: bool,
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

/// What the flags come to.
struct Plan {
    targets: Vec<output::Named>,
    pattern: Option<Regex>,
    coverage: bool,
}

/// Runs the tests; a failed one is exit code 1, and so is none at all.
pub fn run(args: &TestArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::named(&args.output, &FORMATS).map_err(|words| usage(&words))?;
    let pattern = args.run.as_deref().map(Regex::new).transpose();
    let pattern = pattern.map_err(|error| usage(&format!("--run is no regular expression: {}", visible(&error.to_string()))))?;
    let coverage = args.coverage || args.threshold.is_some() || targets.iter().any(|target| target.format == "lcov");
    let plan = Plan { targets, pattern, coverage };
    let control = args.fixtures.control.as_deref().unwrap_or_default();
    if !args.watch {
        return once(args, common, &plan, control);
    }
    let folders = folders(args, common)?;
    let mut watched = Watched::new(folders);
    let mut wanted = control.to_owned();
    loop {
        // What is wrong now may be right after the next change; only a result that nobody reads ends this.
        if let Err(exit @ (Exit::Pipe | Exit::Write)) = once(args, common, &plan, &wanted) {
            return Err(exit);
        }
        let changed = watched.wait();
        let mut about = changed.iter().map(|path| control_of(path));
        let first = about.next().flatten().filter(|first| first.starts_with(control));
        wanted = first.filter(|first| about.all(|other| other.as_ref() == Some(first))).unwrap_or_else(|| control.to_owned());
        let which = if wanted.is_empty() { "all controls" } else { &wanted };
        output::stdout(&format!("\nchanged, testing {}\n", visible(which)))?;
    }
}

/// What there is to watch: the built-in checklist does not change.
fn folders(args: &TestArgs, common: &Common) -> Result<Vec<PathBuf>, Exit> {
    let Some(folder) = Session::workbench(common)?.checklist_folder() else {
        return Err(usage("the built-in checklist does not change: --watch wants --checklist DIR"));
    };
    let root = input::root(&folder);
    let fixtures = args.fixtures.fixtures.clone().unwrap_or_else(|| root.join(FIXTURES.trim_end_matches('/')));
    let policies = if root == folder { folder.join("policies") } else { folder };
    Ok(vec![policies, root.join("schemas"), fixtures])
}

/// Runs the tests once.
fn once(args: &TestArgs, common: &Common, plan: &Plan, control: &str) -> Result<Exit, Exit> {
    let report = report(args, common, plan, control)?;
    output::texts(&plan.targets, common.color, |format, look| match format {
        "json" => json(&report),
        "junit" => junit(&report),
        "lcov" => lcov(&report),
        _ => human(&report, look),
    })?;
    if let Some(problem) = nothing_shown(args, &report) {
        return Err(refuse(common, &[problem], Exit::NoGo));
    }
    if let (Some(wanted), Some(coverage)) = (args.threshold, &report.coverage)
        && coverage.percent() < wanted
    {
        let message = format!("{:.1} % is reached, {wanted} % is wanted", coverage.percent());
        return Err(refuse(common, &[Problem::new("golive::tests::coverage", message)], Exit::NoGo));
    }
    Ok(if report.is_good() { Exit::Go } else { Exit::NoGo })
}

/// Why a report of which nothing failed shows nothing.
fn nothing_shown(args: &TestArgs, report: &Report) -> Option<Problem> {
    let code = "golive::tests::none";
    if report.tests.is_empty() {
        let help = "a control's tests are fixtures/controls/<area>/<name>/<case>/ and policies/controls/<area>/<name>_test.rego";
        return Some(match &args.run {
            Some(pattern) => Problem::new(code, format!("no test matches `{}`: nothing was shown to hold", visible(pattern))),
            None => Problem::new(code, "no tests found: nothing was shown to hold").help(help),
        });
    }
    let put_off = report.count("todo") == report.tests.len();
    put_off.then(|| Problem::new(code, "every test is put off (`todo_test_`): nothing was shown to hold"))
}

/// Reads everything and runs what is wanted.
fn report(args: &TestArgs, common: &Common, plan: &Plan, control: &str) -> Result<Report, Exit> {
    let Plan { pattern, coverage, .. } = plan;
    let session = Session::workbench(common)?;
    let (suite, _) = fixtures::read_all(args.fixtures.fixtures.as_deref(), &session)?;
    let files = session.files()?;
    let mut checklist = session.checklist_of(&files, &suite.plan.environment, suite.overlay.as_ref())?;
    let mut exam = checklist.exam(&files).map_err(|problems| refuse(common, &problems, Exit::Checklist))?;
    if *coverage {
        checklist.engine.watch_lines();
        exam.iter_mut().for_each(crate::rego::Exam::watch_lines);
    }
    let wanted = |name: &str| pattern.as_ref().is_none_or(|pattern| pattern.is_match(name));
    Ok(run_tests(&Request { checklist: &checklist, suite: &suite, exam: exam.as_ref(), control, wanted: &wanted, coverage: *coverage }))
}
