//! Runbooks on hand, and whether the deployment knows the commands and metrics that they name.
//!
//! No documented command is ever run: a line is held against the program's own help. Only lines that the settings repeat word for
//! word (`dry`) are run, because somebody said there that they are harmless.

use super::install::version;
use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::files::{Seen, shown};
use crate::collect::runbooks::git::History;
use crate::collect::runbooks::markdown::{self, Code, Kind};
use crate::collect::runbooks::shell::{self, Part};
use crate::collect::runbooks::usage::{Depth, Program, Tried, is_open};
use crate::collect::runbooks::{self, Files, Missing, Runbook};
use crate::collect::{Output, redact};
use crate::model::Trust;
use crate::text::visible;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "runbooks",
    about: "Markdown runbooks by topic, and whether the deployment knows the commands and metrics in them",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Where the Markdown files lie.
    folder: PathBuf,
    /// Which file, or files, serve each topic. Files that no topic names serve `other`.
    topics: BTreeMap<String, Files>,
    /// Files and folders in it that are no runbooks.
    #[serde(default)]
    ignored: Vec<PathBuf>,
    /// The deployed program: lines that begin with its name are tried.
    program: String,
    /// Arguments that make it print its version.
    #[serde(default = "version_flag")]
    version: Vec<String>,
    /// Where the program is started.
    directory: Option<PathBuf>,
    /// Options that a command needs in this deployment beyond what its help says: `daemon = ["--tls-cert"]`.
    #[serde(default)]
    required: BTreeMap<String, Vec<String>>,
    /// Lines that are harmless, and are run where a runbook has them word for word; they must end with 0.
    #[serde(default)]
    dry: Vec<String>,
    /// What the deployment's metrics endpoint printed.
    metrics: Option<PathBuf>,
    /// What names of the deployment's metrics begin with.
    metric_prefix: Option<String>,
}

fn version_flag() -> Vec<String> {
    vec!["--version".to_owned()]
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let mut out = vec![runbooks::need(&self.folder), Need::Program(self.program.clone())];
        out.extend(self.metrics.clone().map(Need::Path));
        out
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let (books, missing) = runbooks::read(at, &self.folder, &self.ignored, &self.topics)?;
        let mut program = Program::new(at, &self.program, self.directory.clone(), &self.required);
        let tried_on = deployed(&program.run(&self.version)?)?;
        let metrics = self.metrics(at)?;
        let history = History::open(at, &self.folder);
        let mut listed = Vec::new();
        let mut seen = Vec::new();
        for book in &books {
            let page = markdown::page(&book.text);
            let checks = self.checks(&page.code, &mut program, metrics.as_ref().map(|(names, _)| names));
            if checks.len() > MOST_CHECKS {
                return Err(Absent::new(format!("{} names more than {MOST_CHECKS} commands and metrics", book.path)));
            }
            seen.push(about(book, &page.title, &checks, &history));
            let results: Vec<Value> = checks.iter().map(|(name, tried)| json!({ "name": name, "result": word(tried) })).collect();
            listed.extend(book.topics.iter().map(|topic| {
                json!({
                    "topic": topic, "path": book.path, "sha256": book.seen.sha256, "size_bytes": book.seen.bytes.len(),
                    "checks": results, "checks_total": results.len(),
                })
            }));
        }
        let exhibit = json!({
            "folder": shown(&self.folder), "tried_on": tried_on, "runbooks": seen, "missing": gone(&missing),
            "runs": program.runs.iter().map(Output::exhibit).collect::<Vec<_>>(),
        });
        let source = self.source(&program, &tried_on, &missing);
        let value = json!({ "tried_on": tried_on, "runbooks_total": listed.len(), "runbooks": listed });
        let mut out = Collected::new(value, source).with(at.exhibit("runbooks.json", format!("{exhibit:#}\n")));
        // A recorded run is as old as it is, and so is the file of the metrics.
        let file = metrics.as_ref().and_then(|(_, seen)| seen.modified);
        out.collected_at = program.runs.iter().map(|run| run.started_at).chain(file).min();
        if let Some((_, seen)) = metrics {
            out.exhibits.push(at.exhibit("metrics.txt", seen.bytes));
        }
        out.exhibits.extend(books.into_iter().map(|book| at.exhibit(&book.inside.to_string_lossy(), book.seen.bytes)));
        Ok(out)
    }
}

const MOST_CHECKS: usize = 1000;

/// A name and what came of it.
type Check = (String, Tried);

impl Settings {
    /// The names of the deployment's metrics.
    fn metrics(&self, at: &Context) -> Result<Option<(BTreeSet<String>, Seen)>, Absent> {
        match (&self.metrics, &self.metric_prefix) {
            (Some(path), Some(_)) => {
                let (text, seen) = at.files().text(path)?;
                let names = metric_names(&text);
                if names.is_empty() {
                    return Err(Absent::new(format!("{} holds no metrics", shown(path))));
                }
                Ok(Some((names, seen)))
            }
            (Some(_), None) => Err(Absent::new("`metrics` is given without `metric_prefix`: no name would be looked for")),
            (None, _) => Ok(None),
        }
    }

    fn source(&self, program: &Program<'_>, tried_on: &str, missing: &Missing) -> String {
        let gone: Vec<String> = missing.iter().map(|(topic, file)| format!("{} for {topic}", shown(file))).collect();
        let gone = if gone.is_empty() { String::new() } else { format!("; not there: {}", gone.join(", ")) };
        let ignored: Vec<String> = self.ignored.iter().map(|path| shown(path)).collect();
        let ignored = if ignored.is_empty() { String::new() } else { format!("; ignored: {}", ignored.join(", ")) };
        format!("{}, held against the help of {} {}{ignored}{gone}", shown(&self.folder), program.name(), visible(tried_on))
    }

    /// Everything in a runbook's code that can be tried, each once.
    fn checks(&self, code: &[Code], program: &mut Program<'_>, metrics: Option<&BTreeSet<String>>) -> Vec<Check> {
        let mut out: Vec<Check> = Vec::new();
        let mut add = |check: Check| {
            if !out.contains(&check) {
                out.push(check);
            }
        };
        for code in code {
            let (text, depth) = match code.kind {
                Kind::Shell => (code.text.clone(), Some(Depth::Whole)),
                Kind::Session => (shell::session(&code.text), Some(Depth::Whole)),
                Kind::Inline => (code.text.clone(), Some(Depth::Mention)),
                Kind::Block => (String::new(), None),
            };
            if depth.is_none() {
                // Of what language it is, or whether only an output, is not known: a call in it was not tried.
                let untried = || Tried::NotRun("it stands in code that is not read as shell".to_owned());
                shell::calls(&code.text, program.name()).into_iter().map(|line| (call_in(line), untried())).for_each(&mut add);
            }
            if let Some(depth) = depth {
                shell::split(&text).into_iter().filter_map(|part| self.command(part, depth, program)).for_each(&mut add);
            }
            if let Some(prefix) = &self.metric_prefix {
                markdown::names(&code.text, prefix).into_iter().map(|(name, family)| metric(name, family, metrics)).for_each(&mut add);
            }
        }
        out
    }

    /// A command of the program; none where it is another's.
    fn command(&self, part: Part, depth: Depth, program: &mut Program<'_>) -> Option<Check> {
        let words = match part {
            Part::Command(words) => words,
            Part::Broken(line) => {
                let names = depth == Depth::Whole
                    && line.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').any(|w| w == program.name());
                return names.then(|| (short(&visible(&line)), Tried::NotRun("it cannot be read as a shell command".to_owned())));
            }
        };
        let words = shell::program(&words);
        let (first, rest) = words.split_first()?;
        if depth == Depth::Whole && shell::wraps(words, program.name()) {
            return Some((call_in(&words.join(" ")), Tried::NotRun("it is called through something else".to_owned())));
        }
        if first.rsplit('/').next() != Some(program.name()) || (depth == Depth::Mention && rest.first().is_none_or(|word| is_open(word))) {
            return None;
        }
        let mut tried = program.tries(rest, depth);
        let is_dry = |line: &&String| shlex::split(line).is_some_and(|dry| dry.get(1..) == Some(rest));
        if tried == Tried::Matched && depth == Depth::Whole && self.dry.iter().any(|line| is_dry(&line)) {
            tried = match program.run(rest) {
                Ok(output) if output.code() == Some(0) => Tried::Matched,
                Ok(output) => Tried::Failed(format!("it ended with {:?}", output.ended)),
                Err(absent) => Tried::NotRun(absent.reason),
            };
        }
        let named: Vec<String> = std::iter::once(program.name().to_owned()).chain(rest.iter().cloned()).collect();
        Some((short(&redact::line(&named)), tried))
    }
}

/// A line of code that is not shell, without secrets.
fn call_in(line: &str) -> String {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    short(&visible(&redact::line(&words)))
}

/// What the deployed program says of its version.
fn deployed(output: &Output) -> Result<String, Absent> {
    if output.code() != Some(0) {
        return Err(Absent::new(format!("`{}` ended with {:?}", output.line(), output.ended)));
    }
    version(output.text()?).ok_or_else(|| Absent::new(format!("`{}` prints no version", output.line())))
}

fn metric(name: &str, family: bool, metrics: Option<&BTreeSet<String>>) -> Check {
    let Some(known) = metrics else { return (short(name), Tried::NotRun("no metrics were given to look it up in".to_owned())) };
    let there = if family { known.iter().any(|k| k.starts_with(name)) } else { known.contains(name) };
    let shown = short(&format!("{name}{}", if family { "*" } else { "" }));
    (shown, if there { Tried::Matched } else { Tried::Failed("the deployment has no such metric".to_owned()) })
}

/// Names of series, and of the families that comments describe.
fn metric_names(text: &str) -> BTreeSet<String> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut out = BTreeSet::new();
    for line in text.lines() {
        let line = line.strip_prefix("# TYPE ").unwrap_or(line).trim_start();
        let name = &line[..line.find(|c| !part(c)).unwrap_or(line.len())];
        if !name.is_empty() {
            out.insert(name.to_owned());
        }
    }
    out
}

fn about(book: &Runbook, title: &str, checks: &[Check], history: &Result<History<'_>, Absent>) -> Value {
    let change = match history {
        Ok(history) => history.last(&book.inside),
        Err(absent) => Err(absent.clone()),
    };
    let change = match change {
        Ok(Some(change)) => json!({ "state": "committed", "commit": change.commit, "at": change.at.to_string() }),
        Ok(None) => json!({ "state": "uncommitted" }),
        Err(absent) => json!({ "state": "unknown", "why": absent.reason }),
    };
    let front = match markdown::front_matter(&book.path, &book.text) {
        Ok(document) => document.map(|d| d.value),
        Err(problem) => Some(json!({ "fault": problem.message })),
    };
    let checks = checks.iter().map(|(name, tried)| match tried {
        Tried::Matched => json!({ "name": name, "result": "matched" }),
        Tried::Failed(why) | Tried::NotRun(why) => json!({ "name": name, "result": word(tried), "why": visible(why) }),
    });
    json!({
        "path": book.path, "topics": book.topics, "title": visible(title), "sha256": book.seen.sha256, "front_matter": front,
        "last_change": change, "checks": checks.collect::<Vec<_>>(),
    })
}

fn gone(missing: &Missing) -> Vec<Value> {
    missing.iter().map(|(topic, file)| json!({ "topic": topic, "path": shown(file) })).collect()
}

fn word(tried: &Tried) -> &'static str {
    match tried {
        Tried::Matched => "matched",
        Tried::Failed(_) => "failed",
        Tried::NotRun(_) => "not_run",
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= 512 { text.to_owned() } else { text.chars().take(511).chain(['…']).collect() }
}
