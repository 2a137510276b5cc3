//! `golive remediation list`: who mends what, and until when.

use super::args::{Common, ExceptionArgs};
use super::exit::Exit;
use super::forecast::length;
use super::judge::exceptions;
use super::record::{Place, SignersArgs, held};
use super::session::{Session, clock, refuse, usage};
use super::waiver::{judged_by, plan};
use super::{input, output};
use crate::exceptions::{History, remediation_statuses};
use crate::gate::At;
use crate::model::Millis;
use crate::outlook::exceptions::RemediationList;
use crate::record::history::history;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

/// `golive remediation`.
#[derive(Debug, Args)]
pub struct RemediationArgs {
    /// What to do with remediations.
    #[command(subcommand)]
    pub command: RemediationCommand,
}

/// The commands of `golive remediation`.
#[derive(Debug, Subcommand)]
pub enum RemediationCommand {
    /// Each remediation, those of waivers among them: owner, action, target date, and whether it is due.
    List(ListArgs),
}

/// `golive remediation list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Waivers and remediations.
    #[command(flatten)]
    pub exceptions: ExceptionArgs,
    /// Facts documents, or folders of them (`*.json`); `-` is stdin. With them each control's verdict is shown.
    #[arg(long, num_args = 1.., value_name = "FACTS")]
    pub facts: Vec<PathBuf>,
    /// A folder of records: a remediation is closed where a later record of it shows that its control passes. The records must verify,
    /// with the trusted keys where some are named.
    #[arg(long, value_name = "DIR")]
    pub records: Option<PathBuf>,
    /// A target date within this time is due soon: P14D, or 14d.
    #[arg(long, default_value = "P14D", value_name = "P14D", value_parser = length)]
    pub due_soon: Millis,
    /// Output format, and where to write it; may be repeated. Formats: human, json.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
    /// As of this time instead of now (RFC 3339, ending in Z); the output says so.
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
}

/// Runs the command.
pub fn run(args: &RemediationArgs, common: &Common) -> Exit {
    let RemediationCommand::List(args) = &args.command;
    match list(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn list(args: &ListArgs, common: &Common) -> Result<(), Exit> {
    let targets = output::named(&args.output, &["human", "json"]).map_err(|message| usage(&message))?;
    input::once(&args.facts).map_err(usage)?;
    let session = Session::open(common)?;
    let named = [&args.exceptions.waivers, &args.exceptions.remediations, &session.config.waivers, &session.config.remediations];
    if named.iter().all(|path| path.is_none()) {
        return Err(usage("which remediations? Give --remediations or --waivers, or write them into golive.toml"));
    }
    let plan = plan(&session, !args.facts.is_empty())?;
    let checklist = session.checklist(plan.as_ref().map_or("", |plan| &plan.environment))?;
    let (now, clock_given) = clock(args.at.as_deref())?;
    let given = exceptions(&session, &checklist, &args.exceptions, now).map_err(|p| refuse(common, &p, Exit::Input))?;
    let at = At { now, given: clock_given, recorded: false };
    let history = args.records.as_ref().map_or_else(|| Ok(History::new()), |folder| recorded(folder, args, &session))?;
    let found = judged_by(&args.facts, plan.as_ref(), &checklist, (&given, at), common)?;
    let remediations = remediation_statuses((&given.waivers, &given.remediations), &history, now, args.due_soon);
    let decision = found.as_ref().map(|(_, decision)| decision);
    let list = RemediationList { remediations: &remediations, decision, plan: plan.as_ref(), now, given: clock_given };
    output::texts(&targets, common.color, |format, look| if format == "json" { list.json() } else { list.human(look) })
}

/// What the records of a folder say of each control, where the folder verifies.
fn recorded(folder: &Path, args: &ListArgs, session: &Session<'_>) -> Result<History, Exit> {
    let common = session.common;
    let trust = args.exceptions.trust.clone().or_else(|| session.config.signing.trust.clone());
    let keys = SignersArgs { unsigned: trust.is_none(), trust }.read(session)?;
    let place = Place::read(folder, common)?;
    let chain = place.chain(common)?;
    let faults = held(&place.store, &chain, &keys, session).faults;
    if faults.is_empty() { Ok(history(&chain)) } else { Err(refuse(common, &faults, Exit::Record)) }
}
