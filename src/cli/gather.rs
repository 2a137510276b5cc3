//! Collecting, as `collect` and `run` share it: what is configured, the run, and what is kept of it.

use super::args::Common;
use super::config::ConfigFile;
use super::exit::Exit;
use super::session::{Loaded, Session, clock, refuse, usage};
use super::{diagnostics, input, output};
use crate::checklist::contract;
use crate::collect::{
    self, Clock, Configured, Gathered, Keeping, Live, Need, Programs, Recording, Root, Secrets, Shared, is_secret_name, search_path,
};
use crate::facts::{self, Plan};
use crate::schema::Schema;
use crate::text::{Limits, Problem, Source, read_json, visible};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that a collection needs.
pub struct Collection {
    /// What is planned.
    pub plan: Plan,
    /// The checklist, whose groups are collected, and what it was loaded from.
    pub loaded: Loaded,
    /// The groups that are configured, by name.
    pub configured: Vec<Configured>,
    /// The time.
    pub clock: Clock,
    shared: Arc<Shared>,
    keeping: Option<Arc<Keeping>>,
}

impl Collection {
    /// Reads the configuration of all collectors.
    pub fn open(session: &Session<'_>, at: Option<&str>, keep_runs: bool) -> Result<Self, Exit> {
        let common = session.common;
        let Some(file) = &session.config.file else {
            let problem = Problem::new("golive::collect::none", "no golive.toml here or above: nothing says how to collect");
            return Err(refuse(common, &[problem.help("`golive init` writes one; -c names one elsewhere")], Exit::Input));
        };
        let plan = session.plan()?;
        let loaded = session.loaded(&plan.environment)?;
        let groups: Vec<&str> = loaded.checklist.groups.keys().map(String::as_str).collect();
        let configured = collect::configured(&file.source, &groups).map_err(|p| refuse(common, &p, Exit::Input))?;
        if configured.is_empty() {
            let message = format!("{} has no table [facts.GROUP]: nothing says how to collect", visible(&file.source.name));
            let problem = Problem::new("golive::collect::none", message);
            return Err(refuse(
                common,
                &[problem.help("`golive init` writes a template; `golive collect --list` shows the collectors")],
                Exit::Input,
            ));
        }
        let clock = match clock(at)? {
            (instant, true) => Clock::Given(instant),
            (_, false) => Clock::System,
        };
        let mut keeping = None;
        let programs: Arc<dyn Programs> = match clock {
            Clock::Given(_) => Arc::new(recording(session).map_err(|p| refuse(common, &[p], Exit::Input))?),
            Clock::System if keep_runs => {
                let programs = Arc::new(Keeping::new(live(session)));
                keeping = Some(Arc::clone(&programs));
                programs
            }
            Clock::System => Arc::new(live(session)),
        };
        let shared = Arc::new(Shared {
            plan: plan.clone(),
            host: host(session)?,
            clock,
            files: root(session, file).map_err(|p| refuse(common, &[p], Exit::Input))?,
            programs,
            evidence: session.config.collect.evidence.clone().unwrap_or_else(|| format!("{EVIDENCE}/")),
            contracts: contract,
            secrets: Secrets::default(),
        });
        // Before anything is collected: what one collector reads, no other may print.
        for secret in collect::secrets(&file.source) {
            let _ = shared.secrets.read(&secret, &shared.files);
        }
        for name in session.config.collect.pass.iter().filter(|name| is_secret_name(name)) {
            shared.secrets.know(&std::env::var(name).unwrap_or_default());
        }
        let collection = Self { plan, loaded, configured, clock, shared, keeping };
        collection.refuse_live(common)?;
        Ok(collection)
    }

    /// With a given time nothing live may be looked at: it is not as it was then.
    fn refuse_live(&self, common: &Common) -> Result<(), Exit> {
        if self.clock == Clock::System {
            return Ok(());
        }
        let is_live = |c: &&Configured| c.collector.needs().iter().any(|n| matches!(n, Need::Address(_) | Need::Machine));
        let live: Vec<&str> = self.configured.iter().filter(is_live).map(|c| c.group.as_str()).collect();
        if live.is_empty() {
            return Ok(());
        }
        let message = format!("--at cannot be used: {} would look at what is live now, not at what was so then", live.join(", "));
        let problem = Problem::new("golive::collect::live", message);
        Err(refuse(common, &[problem.help("leave --at out, or let these groups come from recorded files")], Exit::Usage))
    }

    /// Runs the collectors, and tells of each on stderr.
    pub fn run(&self, common: &Common) -> Vec<Gathered> {
        let fits = |group: &str, value: &Value| faults(&self.loaded.checklist.groups, group, value);
        collect::gather(&self.configured, &self.shared, &fits, |one| tell(one, common))
    }

    /// Where a program lies, or why it is not there.
    pub fn find(&self, program: &str) -> Result<PathBuf, collect::Absent> {
        self.shared.programs.find(program, &self.shared.files)
    }

    /// The files that collectors may look into.
    pub fn files(&self) -> &Root {
        &self.shared.files
    }

    /// Writes the evidence below `folder`, what became of each group (`collection.json`), then the facts document, each whole or not at all. The document's text is returned.
    pub fn keep(&self, gathered: &[Gathered], folder: &Path, path: &Path) -> Result<String, Exit> {
        let groups: Vec<(&str, &collect::Group)> =
            gathered.iter().filter_map(|g| Some((g.group.as_str(), g.outcome.as_ref().ok()?))).collect();
        for (name, bytes) in groups.iter().flat_map(|(_, group)| &group.kept) {
            let place = folder.join(EVIDENCE).join(name);
            output::file_with_folder(&place, bytes)?;
        }
        let told: BTreeMap<&str, Value> = gathered.iter().map(|one| (one.group.as_str(), outcome(one))).collect();
        output::file_with_folder(&folder.join("collection.json"), format!("{:#}\n", serde_json::json!(told)).as_bytes())?;
        let text = facts::write(&self.plan, groups.iter().map(|(name, group)| (*name, &group.envelope)));
        output::file_with_folder(path, text.as_bytes())?;
        Ok(text)
    }

    /// What programs printed in this run, where that was to be kept and holds no secret.
    pub fn runs(&self) -> Result<Option<String>, Exit> {
        let text = self.keeping.as_ref().map(|k| k.text());
        if text.as_ref().is_some_and(|text| self.shared.secrets.leak(text.as_bytes())) {
            diagnostics::plain("a program printed a secret: its runs are not kept");
            return Err(Exit::Input);
        }
        Ok(text)
    }
}

const EVIDENCE: &str = "evidence";

/// What became of a group, for whoever asks later why it is absent.
fn outcome(one: &Gathered) -> Value {
    match &one.outcome {
        Ok(_) => serde_json::json!({ "collector": one.collector, "outcome": "collected" }),
        Err(absent) => serde_json::json!({ "collector": one.collector, "outcome": "absent", "reason": absent.reason, "help": absent.help }),
    }
}

/// What is wrong with a value, in words.
fn faults(groups: &BTreeMap<String, Schema>, group: &str, value: &Value) -> Vec<String> {
    let Some(schema) = groups.get(group) else { return vec!["the checklist has no such group".to_owned()] };
    let source = Arc::new(Source::new(group, value.to_string()));
    match read_json(source, &Limits::default()) {
        Ok(document) => {
            let problems = schema.problems("golive::collect::fits", &document.value, &document, "");
            problems.into_iter().map(|p| p.message).collect()
        }
        Err(problem) => vec![problem.message],
    }
}

fn tell(one: &Gathered, common: &Common) {
    let took = one.took.as_secs_f32();
    match &one.outcome {
        Ok(_) if common.quiet => {}
        Ok(_) => diagnostics::plain(&format!("{} collected ({took:.1} s)", one.group)),
        Err(absent) => {
            let message = format!("`{}` is absent: {}", one.group, absent.reason);
            let mut problem = Problem::new("golive::collect::absent", message);
            problem.help.clone_from(&absent.help);
            diagnostics::print(&[problem], common.color, true);
        }
    }
}

fn root(session: &Session<'_>, file: &ConfigFile) -> Result<Root, Problem> {
    let root = session.config.collect.root.as_deref().unwrap_or(&file.folder);
    let absolute = root.canonicalize().map_err(|e| input::cannot(root, &e))?;
    if !file.folder.starts_with(&absolute) {
        let message = format!("[collect] root is {}, but golive.toml lies in {}, outside of it", absolute.display(), file.folder.display());
        return Err(Problem::new("golive::collect::root", visible(&message)).help("the root must hold golive.toml"));
    }
    Root::open(&absolute, &file.folder).map_err(|e| input::cannot(root, &e))
}

fn host(session: &Session<'_>) -> Result<String, Exit> {
    let found = match &session.config.collect.host {
        Some(host) => host.clone(),
        None => std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default(),
    };
    let host = found.trim().to_owned();
    if host.is_empty() { Err(usage("this machine has no name: give it one with [collect] host in golive.toml")) } else { Ok(host) }
}

fn recording(session: &Session<'_>) -> Result<Recording, Problem> {
    let Some(path) = &session.config.collect.recorded else { return Ok(Recording::default()) };
    let source = input::read_text(path)?;
    Recording::read(&source.text).map_err(|e| Problem::new("golive::collect::recorded", visible(&format!("{}: {e}", source.name))))
}

/// Programs get a clean environment: what the caller's holds, tokens among it, stays with the caller.
fn live(session: &Session<'_>) -> Live {
    let path = std::env::var("PATH").unwrap_or_default();
    let passed = ["PATH", "HOME"].into_iter().chain(session.config.collect.pass.iter().map(String::as_str));
    let mut environment: Vec<(String, String)> = passed.filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?))).collect();
    environment.extend([("LC_ALL", "C.UTF-8"), ("TZ", "UTC")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    Live { path: search_path(&path), environment }
}
