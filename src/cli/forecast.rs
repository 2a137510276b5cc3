//! `golive forecast`: until when a decision holds, and what ends it.

use super::args::{Common, ExceptionArgs};
use super::exit::Exit;
use super::judge::{exceptions, read_facts};
use super::session::{Session, clock, refuse, usage};
use super::{input, output};
use crate::model::Millis;
use crate::model::time::parse_duration;
use crate::outlook::forecast::{Required, Told, forecast, human, json};
use crate::text::{Problem, visible};
use clap::Args;
use std::path::PathBuf;

/// `golive forecast`.
#[derive(Debug, Args)]
pub struct ForecastArgs {
    /// Facts documents, or folders of them (`*.json`); `-` is stdin.
    #[arg(required = true, value_name = "FACTS")]
    pub facts: Vec<PathBuf>,
    /// Output format, and where to write it; may be repeated. Formats: human, json.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
    /// Begin at this time instead of now (RFC 3339, ending in Z); the first line says so.
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
    /// How far to look ahead: P120D, or 120d.
    #[arg(long, default_value = "P120D", value_name = "P120D", value_parser = length)]
    pub horizon: Millis,
    /// Exit code 1 where the gate is not GO, or is not proven to stay so for this long: P14D, or 14d.
    #[arg(long, value_name = "P14D", value_parser = length)]
    pub require: Option<Millis>,
    /// Waivers and remediations.
    #[command(flatten)]
    pub exceptions: ExceptionArgs,
}

/// The formats of a forecast.
const FORMATS: [&str; 2] = ["human", "json"];

/// Nobody looks further ahead.
const LONGEST: Millis = 3660 * 86_400_000;

/// Runs the command.
pub fn run(args: &ForecastArgs, common: &Common) -> Exit {
    match told(args, common) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn told(args: &ForecastArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::named(&args.output, &FORMATS).map_err(|message| usage(&message))?;
    input::once(&args.facts).map_err(usage)?;
    let session = Session::open(common)?;
    let plan = session.plan()?;
    let checklist = session.checklist(&plan.environment)?;
    let facts = read_facts(&args.facts, &plan).map_err(|p| refuse(common, &p, Exit::Input))?;
    let (now, given) = clock(args.at.as_deref())?;
    let exceptions = exceptions(&session, &checklist, &args.exceptions, now).map_err(|p| refuse(common, &p, Exit::Input))?;
    // What is required is looked at.
    let horizon = args.horizon.max(args.require.unwrap_or(0));
    let found = forecast(&checklist, &facts, &exceptions, now, horizon).map_err(|fault| {
        let problem = Problem::new("golive::forecast", fault.to_string());
        refuse(common, &[problem], Exit::NoDecision)
    })?;
    let required = args.require.map(|length| Required::of(&found, length));
    let told = Told {
        forecast: &found,
        facts: &facts,
        checklist: &checklist.about,
        waivers: &exceptions.waivers,
        given,
        required: required.as_ref(),
    };
    output::texts(&targets, common.color, |format, look| if format == "json" { json(&told) } else { human(&told, look) })?;
    // The process ends here: taking the checklist apart first would only cost time.
    let _left = std::mem::ManuallyDrop::new(checklist);
    Ok(if required.is_none_or(|required| required.met) { Exit::Go } else { Exit::NoGo })
}

/// Reads `P14D`, or `14d`, `36h`.
pub fn length(text: &str) -> Result<Millis, String> {
    let short = || format!("P{}D", text.strip_suffix(['d', 'D']).unwrap_or_default());
    let hours = || format!("PT{}H", text.strip_suffix(['h', 'H']).unwrap_or_default());
    let found = parse_duration(text).or_else(|| parse_duration(&short())).or_else(|| parse_duration(&hours()));
    match found {
        Some(ms) if (1..=LONGEST).contains(&ms) => Ok(ms),
        _ => Err(format!(
            "a length of time such as P14D, 14d or PT12H is wanted, at most {} days, got `{}`",
            LONGEST / 86_400_000,
            visible(text)
        )),
    }
}
