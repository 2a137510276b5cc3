//! Results of client/server compatibility tests: JSON lines of single runs, and `JUnit` XML.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::files::shown;
use crate::collect::formats::junit::{self, Case, Outcome};
use crate::model::{Instant, Trust};
use crate::text::{Limits, Source, read_json, visible};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "compatibility_tests",
    about: "results of client/server compatibility tests: JSON lines, JUnit XML",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The client's program, as the first word of each run names it: another program may hide arguments.
    program: String,
    /// Arguments that switch off the product's own compatibility check; empty where it has none.
    bypass: Vec<String>,
    /// The reports. All results of all of them count.
    reports: Vec<Wanted>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "format", rename_all = "lowercase", deny_unknown_fields)]
enum Wanted {
    /// One run in each line: [`Line`].
    Jsonl { path: PathBuf },
    /// `JUnit` XML, where the settings say what stands for what.
    Junit {
        path: PathBuf,
        client: Place,
        daemon: Place,
        step: Place,
        /// The command of the run, as a shell would read it.
        argv: Option<Place>,
    },
}

/// Where a `JUnit` report holds a word.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Place {
    /// A property of the test, or else of its suite.
    Property(String),
    /// What follows this prefix in the name of the suite.
    Suite(String),
    /// What follows this prefix in the name of the test.
    Name(String),
}

/// One run of one client.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    client: String,
    daemon: String,
    step: String,
    /// Null where nothing ended by itself.
    exit: Option<i64>,
    #[serde(default)]
    skipped: bool,
    argv: Option<Vec<String>>,
    output: Option<String>,
    started_at: Option<String>,
    finished_at: Option<String>,
    /// Where the line comes from, for people.
    #[serde(rename = "source")]
    _source: Option<String>,
}

impl Wanted {
    fn path(&self) -> &Path {
        match self {
            Self::Jsonl { path } | Self::Junit { path, .. } => path,
        }
    }
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        self.reports.iter().map(|r| Need::Path(r.path().to_owned())).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let (mut results, mut exhibits, mut said) = (Vec::new(), Vec::new(), Vec::new());
        for wanted in &self.reports {
            let (text, seen) = at.files().text(wanted.path())?;
            let name = shown(wanted.path());
            let read = match wanted {
                Wanted::Jsonl { .. } => self.lines(&name, &text)?,
                Wanted::Junit { .. } => self.cases(wanted, &name, &text)?,
            };
            if read.is_empty() {
                return Err(Absent::new(format!("{name} holds no result")));
            }
            results.extend(read);
            let file = wanted.path().file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            exhibits.push(at.exhibit(&file, seen.bytes));
            said.push(name);
        }
        if results.is_empty() {
            return Err(Absent::new("no report is configured").help("[[facts.compatibility_tests.reports]] names each one"));
        }
        let mut out = Collected::new(json!({ "results_total": results.len(), "results": results }), said.join("; "));
        out.exhibits = exhibits;
        Ok(out)
    }
}

impl Settings {
    fn lines(&self, name: &str, text: &str) -> Result<Vec<Value>, Absent> {
        let filled = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        filled.map(|(index, line)| self.line(&format!("{name}:{}", index + 1), line)).collect()
    }

    fn line(&self, place: &str, text: &str) -> Result<Value, Absent> {
        let failed = |reason: String| Absent::new(format!("{place}: {}", visible(&reason)));
        let value = read_json(Arc::new(Source::new(place, text)), &Limits::default()).map_err(|p| failed(p.message))?.value;
        let line: Line = serde_json::from_value(value).map_err(|e| failed(e.to_string()))?;
        let time = line.finished_at.as_deref().or(line.started_at.as_deref());
        let time = time.ok_or_else(|| {
            let reason = "nobody knows when this was tried: `finished_at` is missing";
            failed(reason.to_owned()).help("let what runs the clients write down when each run ended")
        })?;
        let tested_at = Instant::parse(time).ok_or_else(|| failed(format!("{time} is no time such as 2026-11-23T15:00:00Z")))?;
        let result = match (line.skipped, line.exit) {
            (true, _) => "skipped",
            (false, Some(0)) => "passed",
            (false, Some(_)) => "failed",
            (false, None) => "unknown",
        };
        let bypassed = self.bypassed(line.argv.as_deref(), line.output.as_deref().unwrap_or_default(), result);
        Ok(stated(&line.client, &line.daemon, &line.step, (result, bypassed, tested_at)))
    }

    fn cases(&self, wanted: &Wanted, name: &str, text: &str) -> Result<Vec<Value>, Absent> {
        let Wanted::Junit { client, daemon, step, argv, .. } = wanted else { return Ok(Vec::new()) };
        let failed = |reason: &str| Absent::new(format!("{name}: {}", visible(reason)));
        let mut out = Vec::new();
        for case in junit::read(text).map_err(|e| failed(&e))? {
            let word = |place: &Place, what: &str| {
                let help = "every test of the report needs one: [[facts.compatibility_tests.reports]] says where it stands";
                place.word(&case).ok_or_else(|| failed(&format!("the test `{}` has no {what}", case.name)).help(help))
            };
            let result = match case.result {
                Outcome::Passed => "passed",
                Outcome::Failed => "failed",
                Outcome::Skipped => "skipped",
                Outcome::Unknown => "unknown",
            };
            let tested_at =
                case.at.ok_or_else(|| failed(&format!("nobody knows when the test `{}` ran: it has no timestamp", case.name)))?;
            let argv = argv.as_ref().and_then(|place| shlex::split(&place.word(&case)?));
            let bypassed = self.bypassed(argv.as_deref(), &case.output, result);
            let (client, daemon, step) = (word(client, "client version")?, word(daemon, "daemon version")?, word(step, "step")?);
            out.push(stated(&client, &daemon, &step, (result, bypassed, tested_at)));
        }
        Ok(out)
    }

    /// A refused client advises to switch the check off: what a run that failed says of it is no sign that it was.
    fn bypassed(&self, argv: Option<&[String]>, output: &str, result: &str) -> &'static str {
        let named = |text: &str| self.bypass.iter().any(|flag| text.contains(flag.as_str()));
        let own = |words: &[String]| words.first().and_then(|p| p.rsplit('/').next()).is_some_and(|program| program == self.program);
        match argv {
            Some(words) if words.iter().any(|word| named(word)) => "yes",
            _ if result == "passed" && named(output) => "yes",
            Some(words) if own(words) => "no",
            _ => "unknown",
        }
    }
}

impl Place {
    fn word(&self, case: &Case) -> Option<String> {
        let word = match self {
            Self::Property(name) => case.properties.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()),
            Self::Suite(prefix) => case.suite.strip_prefix(prefix.as_str()),
            Self::Name(prefix) => case.name.strip_prefix(prefix.as_str()),
        };
        word.filter(|word| !word.is_empty()).map(str::to_owned)
    }
}

fn stated(client: &str, daemon: &str, step: &str, (result, bypassed, tested_at): (&str, &str, Instant)) -> Value {
    let bare = |version: &str| version.strip_prefix('v').unwrap_or(version).to_owned();
    json!({
        "client_version": bare(client), "daemon_version": bare(daemon), "step": step,
        "result": result, "check_bypassed": bypassed, "tested_at": tested_at.to_string(),
    })
}
