//! `golive policy impact`: what a change of policies or parameters does to an archive of facts.

use crate::batch::supervisor::{Feed, List, Next, document};
use crate::batch::{Judge, Refusal, Setting};
use crate::cli::args::{Common, ExceptionArgs};
use crate::cli::batch::setting;
use crate::cli::exit::Exit;
use crate::cli::session::{Session, clock, refuse, usage};
use crate::cli::{diagnostics, input, output};
use crate::model::Instant;
use crate::report::count;
use crate::text::{self, read_by_name};
use crate::workbench::impact::{Change, FORMATS, Impact, Input, Inquiry, Stop, Tally, Versions, Which, measure};
use clap::Args;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// `golive policy impact`.
#[derive(Debug, Args)]
pub struct ImpactArgs {
    /// Facts documents, as `golive batch` takes them: files, folders, patterns, JSON lines; `-` is JSON lines on stdin.
    #[arg(required = true, value_name = "FACTS")]
    pub facts: Vec<PathBuf>,
    /// The checklist that is in force: a folder, as for `--checklist`. Without it the one of every other command.
    #[arg(long, value_name = "DIR")]
    pub base: Option<PathBuf>,
    /// The checklist that is proposed, in the same way.
    #[arg(long, value_name = "DIR")]
    pub head: Option<PathBuf>,
    /// Parameters of the base (JSON or YAML), instead of `--parameters`.
    #[arg(long, value_name = "FILE")]
    pub base_parameters: Option<PathBuf>,
    /// Parameters of the head, in the same way.
    #[arg(long, value_name = "FILE")]
    pub head_parameters: Option<PathBuf>,
    /// Exit code 1 where a gate opens that was closed.
    #[arg(long)]
    pub deny_opening: bool,
    /// Output format, and where to write it; may be repeated. Formats: human, json, markdown.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
    /// Judge as of this time instead of now (RFC 3339, ending in Z); the output says so.
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
    /// Waivers and remediations.
    #[command(flatten)]
    pub exceptions: ExceptionArgs,
    /// Everything by the interpreter, many times slower: without it, it judges a sample and every document that is named.
    #[arg(long)]
    pub reference: bool,
    /// How many judge at a time; by default as many as there are processors.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// Judges every document by both versions.
pub fn run(args: &ImpactArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::named(&args.output, &FORMATS).map_err(|words| usage(&words))?;
    let stdin = args.facts.iter().filter(|p| p.as_os_str() == "-").count();
    if stdin > 1 || (stdin == 1 && input::stdin_is_terminal()) {
        return Err(usage("`-` reads facts from stdin, once, and not from a terminal"));
    }
    if [&args.base, &args.head, &args.base_parameters, &args.head_parameters].iter().all(|side| side.is_none()) {
        return Err(usage("what is compared? Give --base or --head (checklists), --base-parameters or --head-parameters"));
    }
    let session = Session::workbench(common)?;
    let (now, clock_given) = clock(args.at.as_deref())?;
    let shared = setting(&session, &args.exceptions, now)?;
    let base = side(&session, &shared, args.base.as_deref(), args.base_parameters.as_deref())?;
    let head = side(&session, &shared, args.head.as_deref(), args.head_parameters.as_deref())?;
    let versions = Versions::of(&base, &head).map_err(|(which, refusal)| refused(common, which, refusal))?;
    for (which, setting, own) in [(Which::Base, &base, &args.base), (Which::Head, &head, &args.head)] {
        let digest = ready(setting, now).map_err(|refusal| refused(common, which, refusal))?;
        // The pinned digest is that of the configured checklist, not of another that is named here.
        if own.is_none() {
            session.pinned(&digest)?;
        }
    }
    let threads = args.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let inquiry = Inquiry { base: &base, head: &head, now, threads, reference: args.reference };
    let written = targets.iter().filter_map(|t| t.path.as_deref()).map(output::place).collect();
    let tally = all(&inquiry, &args.facts, written).map_err(|stop| stopped(common, stop))?;
    let impact = Impact { versions, tally, at: now, clock_given };
    output::texts(&targets, common.color, |format, look| impact.render(format, look))?;
    tell(&impact, args.deny_opening);
    Ok(exit(&impact, args.deny_opening))
}

/// One version: what both share, with a checklist and parameters of its own.
fn side(session: &Session<'_>, shared: &Setting, checklist: Option<&Path>, parameters: Option<&Path>) -> Result<Setting, Exit> {
    let common = session.common;
    let mut setting = shared.clone();
    if let Some(folder) = checklist {
        setting.files = input::checklist(folder).map_err(|p| refuse(common, &p, Exit::Checklist))?;
    }
    if let Some(path) = parameters {
        let read = input::read_text(path).and_then(|source| read_by_name(source, &text::Limits::default()));
        setting.overlay = Some(read.map_err(|p| refuse(common, &[p], Exit::Input))?);
    }
    Ok(setting)
}

/// The digest of a version that can judge, with the exceptions as every environment would read them.
fn ready(setting: &Setting, now: Instant) -> Result<String, Refusal> {
    let mut judge = Judge::new(setting.clone(), now)?;
    judge.try_all()?;
    Ok(judge.digest().to_owned())
}

/// Has both versions judge all documents: they are taken one after the other, and files are read side by side.
fn all(inquiry: &Inquiry<'_>, paths: &[PathBuf], written: BTreeSet<PathBuf>) -> Result<Tally, Stop> {
    let feed = Mutex::new((0_u64, Feed::new(List::of(paths, written))));
    measure(inquiry, &|bytes| {
        let (place, next) = {
            let mut feed = feed.lock().unwrap_or_else(PoisonError::into_inner);
            let next = feed.1.next(bytes)?;
            feed.0 += 1;
            (feed.0, next)
        };
        let (source, problem) = match next {
            Next::Line(name, number) => (format!("{name}:{number}"), None),
            Next::Unread(source, problem) => (source, Some(problem)),
            Next::File(path) => {
                let problem = document(Path::new(OsStr::from_bytes(&path)), bytes).err();
                (String::from_utf8_lossy(&path).into_owned(), problem)
            }
        };
        Some(Input { place, source, problem })
    })
}

fn refused(common: &Common, which: Which, refusal: Refusal) -> Exit {
    diagnostics::plain(&format!("the {} is refused", which.word()));
    crate::cli::batch::refused(common, refusal)
}

fn stopped(common: &Common, stop: Stop) -> Exit {
    match stop {
        Stop::Refused(which, refusal) => refused(common, which, refusal),
        Stop::Differs(words) | Stop::Died(words) => {
            diagnostics::plain(&text::visible(&words));
            Exit::NoDecision
        }
    }
}

/// Why the exit code is not 0, on stderr: the result may have gone into a file.
fn tell(impact: &Impact, deny_opening: bool) {
    let tally = &impact.tally;
    if tally.documents == 0 {
        diagnostics::plain("no facts documents: nothing was judged");
    }
    for (number, what) in [(tally.undecided, "without a decision"), (tally.refused, "refused")] {
        if number > 0 {
            diagnostics::plain(&format!("{what}: {number} of {} documents", tally.documents));
        }
    }
    for named in tally.named.values() {
        let words = [&named.source, &named.trouble.code, &named.trouble.message].map(|words| text::visible(words));
        diagnostics::plain(&words.join(": "));
    }
    if tally.stale > 0 {
        let words =
            "in {} of {} facts are too old at the time of the evaluation, and no gate can open there: `--at` names the time that is meant";
        diagnostics::plain(&words.replacen("{}", &tally.stale.to_string(), 1).replacen("{}", &format!("{} documents", tally.documents), 1));
    }
    if deny_opening {
        for change in tally.gates.changed().into_iter().filter(Change::opens) {
            let sources: Vec<String> = change.cell.witnesses.iter().map(|w| text::visible(&w.source)).collect();
            let documents = count(usize::try_from(change.cell.documents).unwrap_or(usize::MAX), "document");
            diagnostics::plain(&format!("{} in {documents}, the smallest: {}", change.words(), sources.join(", ")));
        }
    }
}

/// As for a batch: a missing decision, then a refused document, then what was asked for.
fn exit(impact: &Impact, deny_opening: bool) -> Exit {
    let tally = &impact.tally;
    match () {
        () if tally.undecided > 0 => Exit::NoDecision,
        () if tally.refused > 0 || tally.documents == 0 => Exit::Input,
        () if deny_opening && tally.gates.openings() > 0 => Exit::NoGo,
        // Where every document is too old nothing was asked.
        () if deny_opening && tally.stale == tally.documents => Exit::Input,
        () => Exit::Go,
    }
}
