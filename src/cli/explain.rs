//! `golive explain`: why a control stands as it does.

use super::args::Common;
use super::exit::Exit;
use super::judge::read_facts;
use super::session::{Session, clock, refuse, usage};
use super::{fixtures, input, output};
use crate::checklist::Checklist;
use crate::outlook::explain::{Explanation, Question, explain, human, json};
use crate::schema::did_you_mean;
use crate::text::visible;
use crate::workbench::suite::{Case, Suite};
use clap::Args;
use std::path::PathBuf;

/// `golive explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Facts documents, or folders of them (`*.json`); `-` is stdin.
    #[arg(required = true, value_name = "FACTS")]
    pub facts: Vec<PathBuf>,
    /// The control, such as `backups.scheduled`.
    #[arg(required = true, value_name = "CONTROL")]
    pub control: String,
    /// Output format, and where to write it; may be repeated. Formats: human, json.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
    /// Judge as of this time instead of now (RFC 3339, ending in Z); the output says so.
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
    /// Fixtures of controls, whose passing ones say what facts could say. Without it `fixtures/controls` beside the
    /// checklist's `policies/`; those of the built-in checklist are built in.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
}

/// The formats of an explanation.
const FORMATS: [&str; 2] = ["human", "json"];

/// Runs the command.
pub fn run(args: &ExplainArgs, common: &Common) -> Exit {
    match told(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn told(args: &ExplainArgs, common: &Common) -> Result<(), Exit> {
    let targets = output::named(&args.output, &FORMATS).map_err(|message| usage(&message))?;
    input::once(&args.facts).map_err(usage)?;
    let session = Session::open(common)?;
    let plan = session.plan()?;
    let checklist = session.checklist(&plan.environment)?;
    if checklist.control(&args.control).is_none() {
        return Err(unknown(&checklist, &args.control));
    }
    let facts = read_facts(&args.facts, &plan).map_err(|p| refuse(common, &p, Exit::Input))?;
    let (now, given) = clock(args.at.as_deref())?;
    let fixtures = cases(args, &session)?;
    let question = Question { control: &args.control, now, given, fixtures: &fixtures };
    let Some(explanation) = explain(&checklist, &facts, question) else { return Err(unknown(&checklist, &args.control)) };
    write(&targets, &explanation, common)?;
    // The process ends here: taking the checklist apart first would only cost time.
    let _left = std::mem::ManuallyDrop::new(checklist);
    Ok(())
}

fn unknown(checklist: &Checklist, control: &str) -> Exit {
    let known = checklist.controls.iter().map(|c| c.text.id.as_str());
    let help = did_you_mean(control, known).unwrap_or_default();
    usage(&format!("there is no control `{}`. {help}", visible(control)))
}

/// The control's fixtures. An edited checklist may have none: then only its schemas say what facts could say.
fn cases(args: &ExplainArgs, session: &Session<'_>) -> Result<Vec<Case>, Exit> {
    let beside = session.checklist_folder().map(|folder| input::root(&folder).join(crate::checklist::FIXTURES));
    if args.fixtures.is_none() && beside.is_some_and(|folder| !folder.is_dir()) {
        return Ok(Vec::new());
    }
    let (files, _) = fixtures::files(args.fixtures.as_deref(), session)?;
    let own = format!("{}/", args.control.replacen('.', "/", 1));
    let files = files.into_iter().filter(|(path, _)| path == "case.json" || path.starts_with(&own) || !path.contains('/')).collect();
    let suite = Suite::read(&files).map_err(|problems| refuse(session.common, &problems, Exit::Input))?;
    Ok(suite.cases)
}

fn write(targets: &[output::Named], explanation: &Explanation, common: &Common) -> Result<(), Exit> {
    output::texts(targets, common.color, |format, look| if format == "json" { json(explanation) } else { human(explanation, look) })
}
