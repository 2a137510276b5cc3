//! `golive waiver new`: a waiver that lists exactly what stands.

use crate::checklist::Checklist;
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::judge::{documents, read_facts};
use crate::cli::session::{Session, clock, refuse, usage};
use crate::cli::{diagnostics, input, output};
use crate::evaluate::evaluate;
use crate::exceptions::{Scope, draft, waivers};
use crate::facts::Plan;
use crate::model::time::parse_duration;
use crate::model::{Finding, Instant, Remediation, Verdict, Waiver};
use crate::report::count;
use crate::schema::did_you_mean;
use crate::text::{Document, Limits, Problem, Source, read_yaml, visible};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `golive waiver new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The control, such as `backups.scheduled`.
    #[arg(value_name = "CONTROL")]
    pub control: String,
    /// Facts documents, or folders of them (`*.json`); `-` is stdin. The findings that stand are listed.
    #[arg(long, num_args = 1.., value_name = "FACTS", required_unless_present = "finding", conflicts_with = "finding")]
    pub facts: Vec<PathBuf>,
    /// A finding to list, instead of those that stand; may be repeated.
    #[arg(long, value_name = "ID")]
    pub finding: Vec<String>,
    /// The waiver's id, unique among all waivers.
    #[arg(long, value_name = "ID")]
    pub id: String,
    /// Why the risk is accepted.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The formal request.
    #[arg(long, value_name = "TICKET")]
    pub ticket: String,
    /// Who asks.
    #[arg(long, value_name = "NAME")]
    pub requested_by: String,
    /// Who approves: never the one who asks.
    #[arg(long, value_name = "NAME")]
    pub approved_by: String,
    /// When it ends: P14D from now, or a time (RFC 3339, ending in Z).
    #[arg(long, value_name = "P14D|RFC3339")]
    pub expires: String,
    /// Who mends the control meanwhile.
    #[arg(long, value_name = "NAME")]
    pub owner: String,
    /// What will be done.
    #[arg(long, value_name = "TEXT")]
    pub action: String,
    /// Until when it is done: P10D from now, or a time. From then on the waiver does not hold any more.
    #[arg(long, value_name = "P10D|RFC3339")]
    pub target_date: String,
    /// Where it goes; a file that is there already stays. Without it to stdout.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Waivers that are there already, beside which it must stand: a file or a folder; without it those that golive.toml names.
    #[arg(long, env = "GOLIVE_WAIVERS", value_name = "PATH")]
    pub waivers: Option<PathBuf>,
    /// When it is written and begins, instead of now (RFC 3339, ending in Z).
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
}

/// Runs the command.
pub fn run(args: &NewArgs, common: &Common) -> Exit {
    match new(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn new(args: &NewArgs, common: &Common) -> Result<(), Exit> {
    input::once(&args.facts).map_err(usage)?;
    let session = Session::open(common)?;
    let plan = session.plan()?;
    let checklist = session.checklist(&plan.environment)?;
    if checklist.control(&args.control).is_none() {
        let help = did_you_mean(&args.control, checklist.controls.iter().map(|c| c.text.id.as_str())).unwrap_or_default();
        return Err(usage(&format!("there is no control `{}`. {help}", visible(&args.control))));
    }
    let (now, _) = clock(args.at.as_deref())?;
    let words = standing(args, &plan, &checklist, now, common)?;
    let waiver = waiver(args, plan, &words, now)?;
    let text = draft(&waiver, &words);
    let refused = |problems: &[Problem]| refuse(common, problems, Exit::Input);
    // What a reader would refuse is not written: it is read as every reader reads it, beside those that are there.
    let own = read_yaml(Arc::new(Source::new("the new waiver", text.as_str())), &Limits::default()).map_err(|p| refused(&[p]))?;
    // The place that golive.toml names may be empty still.
    let there = args.waivers.as_ref().or(session.config.waivers.as_ref().filter(|path| !is_empty(path)));
    let mut all: Vec<Document> = documents(there, "waivers").map_err(|p| refused(&p))?;
    all.push(own);
    waivers(&all, &Scope::of(&checklist)).map_err(|p| refused(&p))?;
    write(args, &waiver, &text, common)
}

/// Whether there are no waivers yet at a place: nothing, or a folder without a file that is read.
fn is_empty(path: &Path) -> bool {
    let Ok(mut entries) = std::fs::read_dir(path) else { return std::fs::symlink_metadata(path).is_err() };
    let is_read = |path: &Path| path.extension().and_then(|e| e.to_str()).is_some_and(|e| input::EXCEPTIONS.contains(&e));
    entries.all(|entry| entry.is_ok_and(|entry| !is_read(&entry.path())))
}

/// The findings of the control that stand now, or those that were named.
fn standing(args: &NewArgs, plan: &Plan, checklist: &Checklist, now: Instant, common: &Common) -> Result<Vec<Finding>, Exit> {
    if args.facts.is_empty() {
        let named = |id: &String| Finding { id: id.clone(), criterion: None, message: String::new(), pointers: Vec::new() };
        return Ok(args.finding.iter().map(named).collect());
    }
    let facts = read_facts(&args.facts, plan).map_err(|p| refuse(common, &p, Exit::Input))?;
    let evaluation = evaluate(checklist, &facts, now);
    diagnostics::print(&evaluation.problems, common.color, !common.quiet);
    let judgement = evaluation.judgements.into_iter().find(|judgement| judgement.control == args.control);
    let refused = |words: String| Err(refuse(common, &[Problem::new("golive::waiver::new", words)], Exit::Input));
    match judgement {
        Some(judgement) if judgement.verdict.is_pass() => refused(format!("{} passes: there is nothing to waive", args.control)),
        Some(judgement) if judgement.verdict == Verdict::ERROR => refused(format!("{} is error, which no waiver covers", args.control)),
        Some(judgement) => Ok(judgement.findings),
        None => refused(format!("{} was not judged", args.control)),
    }
}

fn waiver(args: &NewArgs, plan: Plan, words: &[Finding], now: Instant) -> Result<Waiver, Exit> {
    let mut findings: Vec<String> = words.iter().map(|finding| finding.id.clone()).collect();
    findings.dedup();
    let time = |flag: &str, text: &str| {
        let from_now = parse_duration(text).and_then(|ms| now.ms.checked_add(ms)).map(|ms| Instant { ms });
        from_now
            .or_else(|| Instant::parse(text))
            .ok_or_else(|| usage(&format!("--{flag} wants P14D or a time such as 2026-12-23T12:00:00Z, got `{}`", visible(text))))
    };
    let (expires_at, target_date) = (time("expires", &args.expires)?, time("target-date", &args.target_date)?);
    if target_date <= now {
        return Err(usage(&format!("--target-date {target_date}: the waiver would hold at no time")));
    }
    Ok(Waiver {
        id: args.id.clone(),
        findings,
        reason: args.reason.clone(),
        ticket: args.ticket.clone(),
        requested_by: args.requested_by.clone(),
        approved_by: args.approved_by.clone(),
        created_at: now,
        expires_at,
        remediation: Remediation {
            control: args.control.clone(),
            environment: plan.environment,
            release: plan.release,
            owner: args.owner.clone(),
            action: args.action.clone(),
            target_date,
        },
    })
}

fn write(args: &NewArgs, waiver: &Waiver, text: &str, common: &Common) -> Result<(), Exit> {
    let Some(path) = args.output.as_ref().filter(|path| path.as_os_str() != "-") else { return output::stdout(text) };
    let shown = visible(&path.to_string_lossy());
    if !path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
        return Err(usage(&format!("-o {shown}: the file is YAML, and its name ends in .yaml")));
    }
    // Waivers may lie in a folder, one file each: nothing that somebody approved is written over.
    if !output::new_file(path, text.as_bytes())? {
        return Err(usage(&format!("{shown} is there already, and stays as it is: -o names another file")));
    }
    if common.quiet {
        return Ok(());
    }
    let until = waiver.expires_at.min(waiver.remediation.target_date);
    let (id, findings) = (visible(&waiver.id), count(waiver.findings.len(), "finding"));
    output::stdout(&format!("{shown}: {id} accepts {findings} of {}, until {until}\n", waiver.control()))
}
