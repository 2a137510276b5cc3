//! A decision kept as a record: inputs first, then the record, then the head, all on the disk before a word is printed.

use super::args::{Common, ExceptionArgs, SigningArgs};
use super::exit::Exit;
use super::holds;
use super::judge::Stated;
use super::keys;
use super::session::{Loaded, Session, refuse};
use super::{diagnostics, input, output};
use crate::exceptions::Exceptions;
use crate::facts::Facts;
use crate::model::dossier::RecordMark;
use crate::model::record::{ChecklistFile, ChecklistInput, ClockMark, EngineMark, Holds, Input, Inputs, LimitsMark, RECORD_FORMAT, Tool};
use crate::model::{Decision, Dossier, Forecast, Instant, Record};
use crate::outlook::annex::Ground;
use crate::record::dsse::Envelope;
use crate::record::keys::SigningKey;
use crate::record::{Role, Store, StoreError, Trust, statement};
use crate::rego::{ALLOWED, ENGINE};
use crate::report::{Look, by_name, twin};
use crate::text::{Document, Problem, Source, sha256, visible};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Where decisions are kept, and who signs them.
pub struct Keeper {
    store: Store,
    key: Option<SigningKey>,
}

/// What a decision was made of.
pub struct Sources<'s> {
    /// The facts.
    pub facts: &'s Facts,
    /// The checklist.
    pub loaded: &'s Loaded,
    /// Waivers and remediations.
    pub stated: &'s Stated,
}

impl<'s> Sources<'s> {
    /// The same for whoever looks behind the decision.
    pub fn ground(&self, decision: &'s Decision) -> Ground<'s> {
        let Loaded { checklist, files, overlay } = self.loaded;
        let stated = self.stated;
        Ground {
            checklist,
            files,
            overlay: overlay.as_ref(),
            facts: self.facts,
            waivers: &stated.waived.documents,
            remediations: &stated.remediations,
            decision,
        }
    }

    /// Waivers and remediations.
    pub fn exceptions(&self) -> &'s Exceptions {
        &self.stated.exceptions
    }
}

impl Keeper {
    /// The folder of the records.
    pub fn folder(&self) -> &Path {
        self.store.folder()
    }

    /// Reads the key before anything is judged: a decision that cannot be signed is not worth waiting for.
    pub fn open(folder: PathBuf, given: (&SigningArgs, &ExceptionArgs), session: &Session<'_>) -> Result<Self, Exit> {
        let config = &session.config.signing;
        let key = given.0.signing_key.as_ref().or(config.key.as_ref()).map(|path| keys::read(path)).transpose()?;
        if let (Some(key), Some(path)) = (&key, given.1.trust.as_ref().or(config.trust.as_ref())) {
            counts(key, path, session.common)?;
        }
        Ok(Self { store: Store::at(folder), key })
    }

    /// Keeps a decision, and beside the records the decision alone (`decision.json`). Both are on the disk when it returns.
    pub fn keep(
        &self,
        sources: &Sources<'_>,
        decision: &Decision,
        forecast: Option<&Forecast>,
        common: &Common,
    ) -> Result<RecordMark, Exit> {
        let mark = self.append(sources, decision, forecast.map(holds::held), common).map_err(|error| told(error, common))?;
        if !common.quiet {
            let signed = mark.keys.first().map_or_else(|| "unsigned".to_owned(), |key| format!("signed by {key}"));
            let folder = visible(&self.store.folder().to_string_lossy());
            diagnostics::plain(&format!("record {} is kept in {folder}: {}, {signed}", mark.seq, mark.digest));
        }
        Ok(mark)
    }

    fn append(&self, sources: &Sources<'_>, decision: &Decision, holds: Option<Holds>, common: &Common) -> Result<RecordMark, StoreError> {
        let mut writer = self.store.writer()?;
        let inputs = inputs(sources, decision);
        writer.keep(&texts(sources).map(str::as_bytes).collect::<Vec<_>>())?;
        let last = writer.last();
        if let Some(last) = last.filter(|last| last.evaluated_at > decision.evaluated_at) {
            let message = format!(
                "the clock went back: record {} was decided at {}, this one at {}",
                last.seq, last.evaluated_at, decision.evaluated_at
            );
            diagnostics::print(&[Problem::new("golive::record::clock", message).warning()], common.color, !common.quiet);
        }
        let record = Record {
            format: RECORD_FORMAT.to_owned(),
            seq: last.map_or(1, |last| last.seq + 1),
            prev: last.map(|last| last.digest.clone()),
            environment: decision.environment.clone(),
            release: decision.release.clone(),
            evaluated_at: decision.evaluated_at,
            clock: if decision.clock_given { ClockMark::Given } else { ClockMark::System },
            recorded: decision.recorded,
            gate: decision.gate,
            holds,
            tool: tool(),
            engine: engine(),
            limits: LimitsMark { control_ms: i64::try_from(sources.loaded.checklist.limits.time.as_millis()).unwrap_or(i64::MAX) },
            inputs,
            decision: twin(decision),
        };
        let seal = |envelope: &mut Envelope| {
            if let Some(key) = &self.key {
                envelope.sign(key);
            }
        };
        let (seq, digest) = writer.append(&decision.environment, decision.evaluated_at, &statement::write(&record), &seal)?;
        // Still under the lock: of two writers the later one's decision stands there.
        self.summary(decision)?;
        let keys = self.key.iter().map(|key| key.public().id().to_owned()).collect();
        Ok(RecordMark { seq, digest: format!("sha256:{digest}"), keys })
    }

    /// The newest decision alone, for whoever wants no envelope.
    fn summary(&self, decision: &Decision) -> Result<(), StoreError> {
        let Some(json) = by_name("json") else { return Ok(()) };
        let text = json.render(&Dossier::of(decision), &Look::default());
        let path = self.store.folder().join("decision.json");
        let io = |error| StoreError::Io { what: format!("write {}", visible(&path.to_string_lossy())), error };
        output::write_file(&path, text.as_bytes()).map_err(io)
    }
}

/// A key that does not count signs nothing: the records would not verify.
fn counts(key: &SigningKey, trust: &Path, common: &Common) -> Result<(), Exit> {
    let source = input::read_text(trust).map_err(|p| refuse(common, &[p], Exit::Input))?;
    let keys = Trust::read(source).map_err(|p| refuse(common, &p, Exit::Input))?.keys;
    let id = key.public().id();
    if keys.iter().any(|known| known.key.id() == id && known.roles.contains(&Role::Decision)) {
        return Ok(());
    }
    let message = format!("could not sign: the key {id} is none that may sign decisions, says {}", visible(&trust.to_string_lossy()));
    Err(refuse(common, &[Problem::new("golive::record::keep", message)], Exit::Write))
}

/// What a failed record is told as, and the exit that it leads to: the decision is not printed.
pub fn told(error: StoreError, common: &Common) -> Exit {
    let problem = |message: String| Problem::new("golive::record::keep", message);
    match error {
        StoreError::Io { what, error } => {
            refuse(common, &[problem(format!("could not {what}: {error}; no decision is given without its record"))], Exit::Write)
        }
        StoreError::Busy => refuse(common, &[problem("another golive has been writing records for a minute".to_owned())], Exit::Write),
        StoreError::Touched(fault) => {
            let help = "nothing was written; `golive record verify` says all that is wrong, and a new folder begins a new chain";
            refuse(common, &[fault.help(help)], Exit::Record)
        }
        StoreError::Environment(chain) => {
            let message = format!("the records in this folder are of the environment `{}`", visible(&chain));
            refuse(
                common,
                &[problem(message).help("one folder keeps the records of one environment: name another with --record")],
                Exit::Input,
            )
        }
    }
}

fn inputs(sources: &Sources<'_>, decision: &Decision) -> Inputs {
    let Loaded { files, overlay, .. } = sources.loaded;
    let judging = files.judging();
    Inputs {
        facts: sources.facts.documents.iter().map(|f| input(&f.document, false)).collect(),
        checklist: ChecklistInput {
            origin: files.origin.clone(),
            embedded: files.is_embedded,
            digest: decision.checklist.digest.clone(),
            files: judging.map(|(path, source)| ChecklistFile { path: path.to_owned(), sha256: sha256(source.text.as_bytes()) }).collect(),
        },
        parameters: overlay.as_ref().map(|document| input(document, true)),
        waivers: sources.stated.waived.documents.iter().map(|document| input(document, true)).collect(),
        remediations: sources.stated.remediations.iter().map(|document| input(document, true)).collect(),
        signatures: signatures(sources.stated).map(|source| stated(source, false)).collect(),
    }
}

/// The signatures of waivers, and the file of the keys that they were held against.
fn signatures(stated: &Stated) -> impl Iterator<Item = &Source> {
    stated.waived.signatures.iter().chain(&stated.waived.trust).map(AsRef::as_ref)
}

fn input(document: &Document, dated: bool) -> Input {
    stated(&document.source, dated)
}

fn stated(source: &Source, dated: bool) -> Input {
    let modified_at = if dated { modified(&source.name) } else { None };
    Input { name: source.name.clone(), sha256: sha256(source.text.as_bytes()), modified_at }
}

/// When a file was last changed.
fn modified(name: &str) -> Option<Instant> {
    let since = std::fs::metadata(name).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Instant { ms: i64::try_from(since.as_millis()).ok()? })
}

/// The texts of all inputs.
fn texts<'s>(sources: &'s Sources<'_>) -> impl Iterator<Item = &'s str> {
    let Loaded { files, overlay, .. } = sources.loaded;
    let stated = sources.stated.waived.documents.iter().chain(&sources.stated.remediations).chain(overlay);
    let facts = sources.facts.documents.iter().map(|f| &f.document);
    let documents = facts.chain(stated).map(|document| document.source.text.as_str());
    let signed = signatures(sources.stated).map(|source| source.text.as_str());
    documents.chain(signed).chain(files.judging().map(|(_, source)| source.text.as_str()))
}

fn tool() -> Tool {
    let own = std::env::current_exe().and_then(std::fs::read).ok();
    Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), sha256: own.map(|bytes| sha256(&bytes)) }
}

fn engine() -> EngineMark {
    let mut names = ALLOWED.to_vec();
    names.sort_unstable();
    EngineMark { name: ENGINE.0.to_owned(), version: ENGINE.1.to_owned(), builtins: sha256(names.join("\n").as_bytes()) }
}
