//! `golive policy mutate`: what the tests of a checklist do not say.

use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::fixtures::{self, FixtureArgs};
use crate::cli::output;
use crate::cli::session::{Session, refuse, usage};
use crate::text::Problem;
use crate::workbench::mutate::{FILE, Ground, Report, Witness, human, json, read, run as run_mutants, targets, witnesses};
use crate::workbench::suite::Suite;
use crate::workbench::test::{Request, run as run_tests};
use clap::Args;
use std::path::{Path, PathBuf};

/// The formats, in the order of the help; the first is the default.
const FORMATS: [&str; 2] = ["human", "json"];

/// `golive policy mutate`.
#[derive(Debug, Args)]
pub struct MutateArgs {
    /// Which fixtures; `survivors.json` beside them lists what may survive, each with its reason.
    #[command(flatten)]
    pub fixtures: FixtureArgs,
    /// Only every so manieth mutant, for a quick look; the list of survivors is not held against what was left out.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub every: u64,
    /// Looks for facts that tell each survivor from the original, and shows them; it takes a while.
    #[arg(long)]
    pub witness: bool,
    /// Writes these facts as fixtures below this folder, `<area>/<name>/mutant_<n>/`, with what the policy now says of them: to be
    /// read before they are kept.
    #[arg(long, value_name = "DIR")]
    pub suggest: Option<PathBuf>,
    /// The result: `human` or `json`, with `=PATH` into a file. May be given several times.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
}

/// Tries the mutants; a survivor that nobody explained is exit code 1.
pub fn run(args: &MutateArgs, common: &Common) -> Result<Exit, Exit> {
    let places = output::named(&args.output, &FORMATS).map_err(|words| usage(&words))?;
    let session = Session::workbench(common)?;
    let refuse = |problem: Problem| refuse(common, &[problem], Exit::NoGo);
    let all = |problems: &[Problem], exit| crate::cli::session::refuse(common, problems, exit);
    let (fixtures, _) = fixtures::files(args.fixtures.fixtures.as_deref(), &session)?;
    let (suite, _) = fixtures::read_all(args.fixtures.fixtures.as_deref(), &session)?;
    let listed = fixtures.get(FILE).cloned().map(read).transpose().map_err(|problems| all(&problems, Exit::Input))?.unwrap_or_default();
    let files = session.files()?;
    let checklist = session.checklist_of(&files, &suite.plan.environment, suite.overlay.as_ref())?;
    let exam = checklist.exam(&files).map_err(|problems| all(&problems, Exit::Checklist))?;
    let control = args.fixtures.control.as_deref().unwrap_or_default();
    let tests =
        run_tests(&Request { checklist: &checklist, suite: &suite, exam: exam.as_ref(), control, wanted: &|_| true, coverage: false });
    if !tests.is_good() {
        let failed = tests.count("failed") + tests.count("error");
        let message = format!("nothing was changed yet, and {failed} of {} tests fail", tests.tests.len());
        return Err(refuse(Problem::new("golive::mutate::tests", message).help("`golive policy test` says which, and why")));
    }
    let step = usize::try_from(args.every).unwrap_or(usize::MAX);
    let targets: Vec<_> = targets(&checklist, &files, control).into_iter().step_by(step).collect();
    let ground = Ground { files: &files, suite: &suite, has_exam: exam.is_some() };
    let mut report = run_mutants(&checklist, &ground, targets, &listed);
    if step > 1 {
        report.stale.clear();
    }
    if args.witness || args.suggest.is_some() {
        witnesses(&checklist, &ground, &mut report);
    }
    if let Some(folder) = &args.suggest {
        suggest(folder, &suite, &report)?;
    }
    output::texts(&places, common.color, |format, look| if format == "json" { json(&report) } else { human(&report, look) })?;
    Ok(if report.is_good() { Exit::Go } else { Exit::NoGo })
}

/// Writes each witness once, however many mutants it tells from the original.
fn suggest(folder: &Path, suite: &Suite, report: &Report) -> Result<(), Exit> {
    let mut written: Vec<&Witness> = Vec::new();
    for witness in report.tried.iter().filter_map(|tried| tried.witness.as_ref()) {
        let base = suite.of(&witness.control).find(|case| case.name == "pass");
        let (Some(base), false) = (base, written.iter().any(|other| other.control == witness.control && other.facts == witness.facts))
        else {
            continue;
        };
        written.push(witness);
        let place = folder.join(witness.control.replacen('.', "/", 1)).join(format!("mutant_{}", written.len()));
        let patch = serde_json::to_value(json_patch::diff(&base.facts, &witness.facts)).unwrap_or_default();
        let steps: Vec<String> = patch.as_array().into_iter().flatten().map(|step| format!("  {step}")).collect();
        output::file_with_folder(&place.join("patch.json"), format!("[\n{}\n]\n", steps.join(",\n")).as_bytes())?;
        let standing = &witness.standing;
        let findings: Vec<String> = standing.findings.iter().map(|id| serde_json::Value::from(id.as_str()).to_string()).collect();
        let expected = format!("{{\"verdict\": \"{}\", \"findings\": [{}]}}\n", standing.verdict, findings.join(", "));
        output::file_with_folder(&place.join("expected.json"), expected.as_bytes())?;
    }
    Ok(())
}
