//! `golive waiver list`: how each waiver stands.

use crate::checklist::Checklist;
use crate::cli::args::{Common, ExceptionArgs};
use crate::cli::exit::Exit;
use crate::cli::forecast::length;
use crate::cli::judge::{conclude, exceptions, read_facts};
use crate::cli::session::{Session, clock, refuse, usage};
use crate::cli::{input, output};
use crate::exceptions::{Exceptions, Judged, dated, judged};
use crate::facts::{Facts, Plan};
use crate::gate::At;
use crate::model::{Decision, Millis};
use crate::outlook::exceptions::WaiverList;
use crate::text::Problem;
use clap::Args;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// `golive waiver list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Waivers: a file, or a folder of files (JSON or YAML); without it those that golive.toml names.
    #[arg(long, env = "GOLIVE_WAIVERS", value_name = "PATH")]
    pub waivers: Option<PathBuf>,
    /// The keys that count, where waivers are signed; without it `[signing] trust` of golive.toml.
    #[arg(long, env = "GOLIVE_TRUST", value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// Facts documents, or folders of them (`*.json`); `-` is stdin. Without them only dates are looked at.
    #[arg(long, num_args = 1.., value_name = "FACTS")]
    pub facts: Vec<PathBuf>,
    /// An active waiver that ends within this time is expiring: P14D, or 14d.
    #[arg(long, default_value = "P14D", value_name = "P14D", value_parser = length)]
    pub expiring: Millis,
    /// Output format, and where to write it; may be repeated. Formats: human, json.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
    /// As of this time instead of now (RFC 3339, ending in Z); the output says so.
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
}

/// Runs the command.
pub fn run(args: &ListArgs, common: &Common) -> Exit {
    match list(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn list(args: &ListArgs, common: &Common) -> Result<(), Exit> {
    let targets = output::named(&args.output, &["human", "json"]).map_err(|message| usage(&message))?;
    input::once(&args.facts).map_err(usage)?;
    let session = Session::open(common)?;
    if args.waivers.is_none() && session.config.waivers.is_none() {
        return Err(usage("which waivers? Give --waivers, or write `waivers` into golive.toml"));
    }
    let plan = plan(&session, !args.facts.is_empty())?;
    let checklist = session.checklist(plan.as_ref().map_or("", |plan| &plan.environment))?;
    let (now, clock_given) = clock(args.at.as_deref())?;
    let files = ExceptionArgs { waivers: args.waivers.clone(), remediations: None, trust: args.trust.clone() };
    let given = exceptions(&session, &checklist, &files, now).map_err(|p| refuse(common, &p, Exit::Input))?;
    let at = At { now, given: clock_given, recorded: false };
    let found = judged_by(&args.facts, plan.as_ref(), &checklist, (&given, at), common)?;
    let statuses = match &found {
        Some((facts, decision)) => {
            let findings = findings(decision);
            judged(&decision.waivers, Judged { checklist: &checklist, facts, findings: &findings }, now, args.expiring)
        }
        None => dated(&given.waivers, plan.as_ref(), now),
    };
    let decision = found.as_ref().map(|(_, decision)| decision);
    let mut waivers = statuses;
    waivers.sort_by(|a, b| (a.state, &a.waiver.id).cmp(&(b.state, &b.waiver.id)));
    let list = WaiverList { waivers: &waivers, decision, plan: plan.as_ref(), now, given: clock_given };
    output::texts(&targets, common.color, |format, look| if format == "json" { list.json() } else { list.human(look) })
}

/// What is planned: wanted with facts, and taken where it is known without.
pub fn plan(session: &Session<'_>, wanted: bool) -> Result<Option<Plan>, Exit> {
    let known = |flag: &Option<String>, file: &Option<String>| flag.is_some() || file.is_some();
    let (common, config) = (session.common, &session.config);
    let both = known(&common.environment, &config.environment) && known(&common.release, &config.release);
    if wanted || both { session.plan().map(Some) } else { Ok(None) }
}

/// The decision on some facts; none without facts.
pub fn judged_by(
    facts: &[PathBuf],
    plan: Option<&Plan>,
    checklist: &Checklist,
    (exceptions, at): (&Exceptions, At),
    common: &Common,
) -> Result<Option<(Facts, Decision)>, Exit> {
    let Some(plan) = plan.filter(|_| !facts.is_empty()) else { return Ok(None) };
    let facts = read_facts(facts, plan).map_err(|p: Vec<Problem>| refuse(common, &p, Exit::Input))?;
    let decision = conclude(checklist, &facts, exceptions, at, common)?;
    Ok(Some((facts, decision)))
}

fn findings(decision: &Decision) -> BTreeMap<String, BTreeSet<String>> {
    let ids = |row: &crate::model::Row| row.judgement.findings.iter().map(|finding| finding.id.clone()).collect();
    decision.rows.iter().map(|row| (row.text.id.clone(), ids(row))).collect()
}
