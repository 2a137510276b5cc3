//! `golive batch`: many facts documents in, verdict lines out.

use super::args::{BatchArgs, Common, ExceptionArgs};
use super::batch_output::Targets;
use super::batch_watch::Watch;
use super::exit::Exit;
use super::judge::documents;
use super::session::{Session, clock, refuse, usage};
use super::signals::Signals;
use super::{approvals, diagnostics, input, output};
use crate::batch::supervisor::{self, CacheFolder, End, Feed, Job, Launch, List, Output, key, words};
use crate::batch::{Counts, Fingerprint, Judge, Refusal, Run, Setting, Stamp, State, Summary};
use crate::model::Instant;
use crate::text::{Problem, visible};
use std::ffi::{OsStr, OsString};
use std::io;
use std::time::Duration;

/// What the controls of a document may take together, and this more, is what a document may take.
const BESIDE_CONTROLS: Duration = Duration::from_secs(6);

/// Runs the command.
pub fn run(args: &BatchArgs, common: &Common) -> Exit {
    match batch(args, common) {
        Ok(exit) | Err(exit) => exit,
    }
}

/// Checklist, parameters, exceptions and plan as flags and configuration give them; signatures of waivers are of `now` or older.
pub fn setting(session: &Session<'_>, exceptions: &ExceptionArgs, now: Instant) -> Result<Setting, Exit> {
    let common = session.common;
    let refused = |problems: Vec<Problem>| refuse(common, &problems, Exit::Input);
    let remediations = exceptions.remediations.as_ref().or(session.config.remediations.as_ref());
    for (path, what) in [(exceptions.waivers.as_ref().or(session.config.waivers.as_ref()), "waivers"), (remediations, "remediations")] {
        if path.is_some_and(|p| p.as_os_str() == "-") {
            return Err(usage(&format!("{what} cannot come from stdin here: each worker reads them")));
        }
    }
    let named = |flag: &Option<String>, own: &Option<String>, what: &str| {
        let name = flag.clone().or_else(|| own.clone());
        if name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            return Err(usage(&format!("which {what} is planned? An empty name is none")));
        }
        Ok(name)
    };
    Ok(Setting {
        files: session.files()?,
        overlay: session.overlay()?,
        waivers: approvals::waivers(session, exceptions, now).map_err(refused)?.documents,
        remediations: documents(remediations, "remediations").map_err(refused)?,
        environment: named(&common.environment, &session.config.environment, "environment")?,
        release: named(&common.release, &session.config.release, "release")?,
    })
}

/// Tells what is refused, and gives the exit that it leads to.
pub fn refused(common: &Common, refusal: Refusal) -> Exit {
    match refusal {
        Refusal::Checklist(problems) => refuse(common, &problems, Exit::Checklist),
        Refusal::Input(problems) => refuse(common, &problems, Exit::Input),
    }
}

fn batch(args: &BatchArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = Targets::read(&args.output).map_err(|words| usage(&words))?;
    let stdin = args.paths.iter().filter(|p| p.as_os_str() == "-").count();
    if stdin > 1 || (stdin == 1 && input::stdin_is_terminal()) {
        return Err(usage("`-` reads facts from stdin, once, and not from a terminal"));
    }
    let signals = Signals::listen().map_err(|error| no_decision(&format!("signals cannot be heard: {error}")))?;
    targets.reach_stdout()?;
    let earlier = targets.earlier(args.restart)?;
    let session = Session::open(common)?;
    let (now, clock_given) = match (&earlier, args.at.as_deref()) {
        (Run::Begun(state) | Run::Complete(state), None) => (clock(Some(&state.fingerprint.at))?.0, state.clock_given),
        (_, at) => clock(at)?,
    };
    let setting = setting(&session, &args.exceptions, now)?;
    let mut judge = Judge::new(setting.clone(), now).map_err(|refusal| refused(common, refusal))?;
    judge.try_all().map_err(|refusal| refused(common, refusal))?;
    session.pinned(judge.digest())?;
    let mut written = targets.places();
    written.extend(args.summary.as_deref().map(output::place));
    let list = List::of(&args.paths, written);
    let fingerprint = setting.fingerprint(judge.digest(), now);
    let state = State::new(fingerprint.clone(), clock_given, list.inputs());
    let batch = Batch { args, common, targets, signals, stamp: judge.stamp().clone(), time: time(args, &judge), fingerprint };
    batch.tell(&format!("plan: {}; as of {now} (clock: {})", visible(&setting.plan_words()), if clock_given { "given" } else { "system" }));
    if list.skipped > 0 {
        let files = if list.skipped == 1 { "file was" } else { "files were" };
        batch.tell(&format!("{} {files} passed over: facts files end in .json, .jsonl or .ndjson", list.skipped));
    }
    let mut summary = Summary::new(judge.controls());
    drop(judge);
    batch.fill(&earlier, state, list, &mut summary)?;
    batch.targets.derive()?;
    batch.conclude(&summary, &setting.plan_words(), clock_given)
}

/// What the controls of a document may take, and some; or what was asked for.
fn time(args: &BatchArgs, judge: &Judge) -> Duration {
    let controls = u32::try_from(judge.controls().len()).unwrap_or(u32::MAX - 1);
    args.time.map_or_else(|| judge.limits().time.saturating_mul(controls + 1) + BESIDE_CONTROLS, Duration::from_secs)
}

fn not_written(words: &str) -> Exit {
    diagnostics::plain(words);
    Exit::Write
}

fn no_decision(words: &str) -> Exit {
    diagnostics::plain(words);
    Exit::NoDecision
}

/// A batch that can begin.
struct Batch<'a> {
    args: &'a BatchArgs,
    common: &'a Common,
    targets: Targets,
    signals: Signals,
    stamp: Stamp,
    time: Duration,
    fingerprint: Fingerprint,
}

impl Batch<'_> {
    /// Words on stderr, where they are wanted.
    fn tell(&self, words: &str) {
        if !self.common.quiet {
            diagnostics::plain(words);
        }
    }

    /// Sees to it that every document has its line, going on where an earlier run ended.
    fn fill(&self, earlier: &Run, state: State, list: List, summary: &mut Summary) -> Result<(), Exit> {
        let total = list.documents();
        let mut feed = Feed::new(list);
        if let Run::Complete(then) = earlier {
            let lines = self.targets.finished(then, &state, &self.fingerprint, &mut feed, summary)?;
            self.tell(&format!("{} is complete: {lines} documents as of {}; --restart judges anew", self.targets.name(), self.stamp.at));
            // Facts grow old: what was GO then is no answer now. Who wants that time asks for it.
            return if self.args.at.is_some() { Ok(()) } else { Err(Exit::Input) };
        }
        let (output, done) = self.targets.open(earlier, state, &self.fingerprint, &mut feed, summary)?;
        if done > 0 {
            self.tell(&format!("going on behind {done} documents that are done, as of {}", self.stamp.at));
        }
        let cache = self.cache()?;
        let mut job = Job {
            stamp: self.stamp.clone(),
            launch: self.launch(cache.as_ref()),
            workers: self.args.workers.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from),
            time: self.time,
            output,
            summary: summary.clone(),
        };
        let mut watch = Watch::new(&self.signals, total, done, self.common.quiet);
        let end = supervisor::run(&mut job, feed, &mut watch);
        watch.close();
        *summary = job.summary;
        self.ended(end, &job.output, summary, total)?;
        // What an interrupted run judged is in its own generation: it stays until a whole run has seen every document.
        match cache.filter(|_| done == 0) {
            Some(cache) => cache.complete().map_err(|error| not_written(&words(&cache.folder, &error))),
            None => Ok(()),
        }
    }

    /// Where verdicts are kept between runs, for exactly what is asked here.
    fn cache(&self) -> Result<Option<CacheFolder>, Exit> {
        let Some(root) = &self.args.cache else { return Ok(None) };
        let asked = Fingerprint { at: String::new(), ..self.fingerprint.clone() };
        let opened = key(&asked.digest()).and_then(|key| CacheFolder::open(root, &key));
        opened.map(Some).map_err(|error| not_written(&words(root, &error)))
    }

    fn ended(&self, end: End, output: &Output, summary: &Summary, total: Option<u64>) -> Result<(), Exit> {
        let done = summary.counts().documents();
        let of = total.map_or_else(|| "documents are done".to_owned(), |total| format!("of {total} documents are done"));
        let again = if output.is_durable() { "the same command goes on" } else { "with -o jsonl=PATH the same command would go on" };
        match end {
            End::Done => Ok(()),
            End::Stopped => {
                diagnostics::plain(&format!("stopped: {done} {of}; {again}"));
                Err(if self.signals.interrupted() { Exit::Interrupted } else { Exit::Terminated })
            }
            End::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Exit::Pipe),
            End::Write(error) => {
                diagnostics::plain(&format!("{}; {again}", words(&output.path(), &error)));
                Err(Exit::Write)
            }
            End::Failed(words) => Err(no_decision(&format!("{words}; {done} {of}; {again}"))),
        }
    }

    /// The arguments of each worker: the same flags, read by the same code.
    fn launch(&self, cache: Option<&CacheFolder>) -> Launch {
        let mut arguments: Vec<OsString> = vec!["worker".into()];
        let mut flag = |name: &str, value: Option<&OsStr>| {
            if let Some(value) = value {
                // In one word, because a value may begin with a hyphen.
                let mut word = OsString::from(format!("--{name}="));
                word.push(value);
                arguments.push(word);
            }
        };
        let (args, common) = (self.args, self.common);
        flag("config", common.config.as_ref().map(|p| p.as_os_str()));
        flag("checklist", common.checklist.as_ref().map(|p| p.as_os_str()));
        flag("parameters", common.parameters.as_ref().map(|p| p.as_os_str()));
        flag("environment", common.environment.as_ref().map(OsStr::new));
        flag("release", common.release.as_ref().map(OsStr::new));
        flag("waivers", args.exceptions.waivers.as_ref().map(|p| p.as_os_str()));
        flag("remediations", args.exceptions.remediations.as_ref().map(|p| p.as_os_str()));
        flag("trust", args.exceptions.trust.as_ref().map(|p| p.as_os_str()));
        flag("sample", Some(OsStr::new(&args.work.sample.to_string())));
        flag("memory", Some(OsStr::new(&args.work.memory.to_string())));
        flag("at", Some(OsStr::new(&self.stamp.at)));
        flag("cache", cache.map(|c| c.folder.as_os_str()));
        flag("generation", cache.map(|c| c.generation.to_string()).as_ref().map(OsStr::new));
        flag("supervised", Some(OsStr::new(&self.fingerprint.digest())));
        if args.work.reference {
            arguments.push("--reference".into());
        }
        Launch { arguments }
    }

    /// The summary, and the exit code that is the worst of all documents.
    fn conclude(&self, summary: &Summary, plan: &str, clock_given: bool) -> Result<Exit, Exit> {
        if let Some(path) = &self.args.summary {
            output::file(path, summary.json(&self.stamp.at, clock_given, plan, &self.stamp.checklist).as_bytes())?;
        }
        if !self.common.quiet {
            diagnostics::block(&summary.text());
        }
        let Counts { no_go, refused, no_decision, .. } = summary.counts();
        Ok(match () {
            () if self.args.exit_zero => Exit::Go,
            () if no_decision > 0 => Exit::NoDecision,
            () if refused > 0 => Exit::Input,
            () if no_go > 0 => Exit::NoGo,
            () if summary.counts().documents() == 0 => no_documents(),
            () => Exit::Go,
        })
    }
}

fn no_documents() -> Exit {
    diagnostics::plain("no facts documents: nothing was judged");
    Exit::Input
}
