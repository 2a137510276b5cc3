//! From the bytes of one document to its verdict line.

use super::line::{Head, Line, Stamp, Trouble, TroubleKind};
use super::memory::{Memory, Remembered};
use super::quick::{Bench, QuickCourt, decision};
use super::setting::{Setting, hex};
use crate::checklist::{Checklist, LoadError, contract, environments, load};
use crate::evaluate::evaluate_watched;
use crate::exceptions::{Exceptions, Scope, remediations, settle, waivers};
use crate::facts::onepass::Onepass;
use crate::facts::{self, FactsDocument, Plan, combine};
use crate::gate::{Entry, Question, ask};
use crate::model::{Instant, Standing};
use crate::rego;
use crate::text::{Limits, Problem, decode};
use bumpalo::Bump;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// More checklists than this are not kept at a time: environments with parameters of their own have one each.
const MOST_COURTS: usize = 16;

/// The environment of documents whose environment has no parameters of its own.
const COMMON: &str = "";

/// Why a batch cannot begin.
#[derive(Debug)]
pub enum Refusal {
    /// The checklist is refused.
    Checklist(Vec<Problem>),
    /// Parameters, waivers or remediations are refused.
    Input(Vec<Problem>),
}

/// Hears which control comes next, or `read`, `exceptions`, `gate`.
pub type Watch = Box<dyn FnMut(&str)>;

/// Judges one document after the other; made once.
pub struct Judge {
    setting: Setting,
    now: Instant,
    stamp: Stamp,
    own: BTreeSet<String>,
    courts: BTreeMap<String, Rc<Court>>,
    watch: Watch,
    broken: BTreeSet<String>,
    mode: Mode,
    /// None where the schemas of the groups are written in a way that is not read in one pass.
    onepass: Option<Rc<Onepass>>,
    arena: Bump,
    memory: Option<Box<dyn Memory>>,
}

/// Which paths a document takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The fast one; so many in ten thousand documents take the other, too, and must come to the same line.
    Quick {
        /// Documents in ten thousand.
        sample: u16,
    },
    /// The strict reader and the engine's interpreter alone.
    Reference,
}

impl Mode {
    /// The fast path with a sample of so many percent.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10,000")]
    pub fn quick(percent: f64) -> Self {
        Self::Quick { sample: (percent.clamp(0.0, 100.0) * 100.0).ceil() as u16 }
    }
}

/// A checklist with the parameters of an environment, and the exceptions as it reads them.
struct Court {
    checklist: Checklist,
    exceptions: Exceptions,
    quick: QuickCourt,
}

impl Judge {
    /// Loads the checklist with the parameters that most documents share.
    ///
    /// # Errors
    /// All that is wrong with checklist, parameters or exceptions.
    pub fn new(setting: Setting, now: Instant) -> Result<Self, Refusal> {
        let own = environments(&setting.files, setting.overlay.as_ref());
        let mut judge = Self {
            setting,
            now,
            stamp: Stamp { at: now.to_string(), checklist: String::new() },
            own,
            courts: BTreeMap::new(),
            watch: Box::new(|_| {}),
            broken: BTreeSet::new(),
            mode: Mode::Reference,
            onepass: None,
            arena: Bump::new(),
            memory: None,
        };
        let common = judge.court(COMMON)?;
        let envelope = contract("envelope").map_err(Refusal::Input)?;
        judge.onepass = Onepass::new(envelope, &common.checklist.groups).ok().map(Rc::new);
        judge.stamp.checklist.clone_from(&common.checklist.about.digest);
        Ok(judge)
    }

    /// Reads the exceptions as every environment with parameters of its own would.
    ///
    /// # Errors
    /// A waiver that the parameters of one of them do not allow.
    pub fn try_all(&mut self) -> Result<(), Refusal> {
        for environment in self.own.clone() {
            self.court(&environment)?;
        }
        Ok(())
    }

    /// Who hears what comes next.
    pub fn watch(&mut self, watch: Watch) {
        self.watch = watch;
    }

    /// Controls that are `error` without being asked: their policies ended the process that asked them.
    pub fn mark_broken(&mut self, controls: impl IntoIterator<Item = String>) {
        self.broken.extend(controls);
    }

    /// The checklist's digest.
    pub fn digest(&self) -> &str {
        &self.stamp.checklist
    }

    /// What every line says.
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// The ids of the checklist's controls, in order.
    pub fn controls(&self) -> Vec<String> {
        let common = self.courts.get(COMMON);
        common.into_iter().flat_map(|c| &c.checklist.controls).map(|c| c.text.id.clone()).collect()
    }

    /// What one control may use.
    pub fn limits(&self) -> rego::Limits {
        self.courts.get(COMMON).map_or_else(rego::Limits::default, |c| c.checklist.limits)
    }

    /// Which paths documents take; without it the reference alone.
    pub fn take(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// Remembers what it judges, and what was judged before.
    pub fn remember(&mut self, memory: Box<dyn Memory>) {
        self.memory = Some(memory);
    }

    /// The verdict line of one document.
    pub fn line(&mut self, source: &str, bytes: &[u8]) -> Line {
        let digest = Sha256::digest(bytes);
        let sha256 = hex(&digest);
        let Mode::Quick { sample } = self.mode else { return self.reference(source, bytes, &sha256) };
        let Some(quick) = self.remembered(source, &sha256, &digest.into()).or_else(|| self.quick(source, bytes, &sha256, &digest.into()))
        else {
            return self.reference(source, bytes, &sha256);
        };
        if is_sampled(&digest, sample) {
            let reference = self.reference(source, bytes, &sha256);
            if reference != quick {
                return self.stamp.differs(source, &sha256, &quick, &reference);
            }
        }
        quick
    }

    /// The line of a document by the fast path alone; none where the reference would be asked.
    pub fn quick_line(&mut self, source: &str, bytes: &[u8]) -> Option<Line> {
        let digest = Sha256::digest(bytes);
        self.quick(source, bytes, &hex(&digest), &digest.into())
    }

    /// The line of a document by the reference alone.
    pub fn reference_line(&mut self, source: &str, bytes: &[u8]) -> Line {
        self.reference(source, bytes, &hex(&Sha256::digest(bytes)))
    }

    /// The line of a document that was judged before, where it still holds.
    fn remembered(&mut self, source: &str, sha256: &str, digest: &[u8; 32]) -> Option<Line> {
        let memory = self.memory.as_mut()?;
        let remembered = memory.recall(digest)?;
        let line = remembered.line(source, sha256, (&self.stamp.at, &self.stamp.checklist), self.now)?;
        memory.keep(digest, &remembered);
        Some(line)
    }

    /// The line of a document by the fast path; none where it is for the reference to say.
    fn quick(&mut self, source: &str, bytes: &[u8], sha256: &str, digest: &[u8; 32]) -> Option<Line> {
        let onepass = self.onepass.clone()?;
        let mut arena = std::mem::take(&mut self.arena);
        let line = onepass.read(bytes, &arena).and_then(|facts| {
            let planned = |plan: &Option<String>, stated: &str| plan.as_ref().is_none_or(|plan| plan == stated);
            if !planned(&self.setting.environment, facts.environment) || !planned(&self.setting.release, facts.release) {
                return None;
            }
            let court = self.court(facts.environment).ok()?;
            let Stamp { at, checklist } = &self.stamp;
            let (environment, release) = (Some(facts.environment), Some(facts.release));
            let head = Head { source, sha256: Some(sha256), environment, release, at, checklist };
            let bench = Bench { checklist: &court.checklist, exceptions: &court.exceptions, now: self.now };
            let (line, window) = court.quick.line(&bench, &head, &facts, &arena);
            if let Some(memory) = &mut self.memory
                && let Some(remembered) = window.and_then(|window| Remembered::of(&line, &head, window))
            {
                memory.keep(digest, &remembered);
            }
            Some(line)
        });
        arena.reset();
        self.arena = arena;
        line
    }

    /// The line of a document that was not read.
    pub fn unread(&self, source: &str, problem: &Problem) -> Line {
        self.stamp.refused(source, None, &refused(problem, 0))
    }

    /// The line of a document, by the strict reader and the engine's interpreter.
    fn reference(&mut self, source: &str, bytes: &[u8], sha256: &str) -> Line {
        (self.watch)("read");
        let document = match read(source, bytes) {
            Ok(document) => document,
            Err(problems) => return self.stamp.refused(source, Some(sha256), &first(&problems)),
        };
        let text = |key: &str| document.document.value[key].as_str().unwrap_or_default().to_owned();
        let (environment, release) = (text("environment"), text("release"));
        let Stamp { at, checklist } = self.stamp.clone();
        let head =
            Head { source, sha256: Some(sha256), environment: Some(&environment), release: Some(&release), at: &at, checklist: &checklist };
        let plan = Plan {
            environment: self.setting.environment.clone().unwrap_or_else(|| environment.clone()),
            release: self.setting.release.clone().unwrap_or_else(|| release.clone()),
        };
        let facts = match combine(vec![document], &plan) {
            Ok(facts) => facts,
            Err(problems) => return Line::refused(&head, &first(&problems)),
        };
        let court = match self.court(&environment) {
            Ok(court) => court,
            Err(Refusal::Checklist(problems) | Refusal::Input(problems)) => return Line::refused(&head, &first(&problems)),
        };
        let Court { checklist, exceptions, .. } = &*court;
        let (watch, broken) = (&mut self.watch, &self.broken);
        let evaluation = evaluate_watched(checklist, &facts, self.now, &mut |control| {
            let asked = !broken.contains(control);
            if asked {
                watch(control);
            }
            asked
        });
        (self.watch)("exceptions");
        let settled = settle(checklist, &facts, evaluation.judgements, exceptions, self.now);
        (self.watch)("gate");
        let standings: Vec<Standing> = settled.rows.iter().map(|row| Standing::of(&row.judgement)).collect();
        let entries: Vec<Entry<'_>> = settled.rows.iter().zip(&standings).map(|(row, standing)| Entry::of(row, standing)).collect();
        let question = Question { checklist, environment: &environment, release: &release, now_ms: self.now.ms };
        Line::judged(&head, &entries, decision(ask(&question, &entries), &entries))
    }

    /// The checklist for an environment. Those that have the same parameters share one.
    fn court(&mut self, environment: &str) -> Result<Rc<Court>, Refusal> {
        let key = if self.own.contains(environment) || self.is_near_an_own(environment) { environment } else { COMMON };
        if let Some(court) = self.courts.get(key) {
            return Ok(Rc::clone(court));
        }
        let court = Rc::new(self.open(key)?);
        let same = self.courts.values().find(|c| c.checklist.parameters.value == court.checklist.parameters.value);
        let court = same.map_or(court, Rc::clone);
        if self.courts.len() >= MOST_COURTS {
            self.courts.retain(|key, _| key == COMMON);
        }
        self.courts.insert(key.to_owned(), Rc::clone(&court));
        Ok(court)
    }

    /// Whether the parameters would refuse this environment, because they name it in another spelling.
    fn is_near_an_own(&self, environment: &str) -> bool {
        let plain = |name: &str| name.trim().to_lowercase();
        self.own.iter().any(|own| plain(own) == plain(environment))
    }

    fn open(&self, environment: &str) -> Result<Court, Refusal> {
        let Setting { files, overlay, .. } = &self.setting;
        let checklist = load(files, overlay.as_ref(), environment, rego::Limits::default()).map_err(|error| match error {
            LoadError::Checklist(problems) => Refusal::Checklist(problems),
            LoadError::Parameters(problems) => Refusal::Input(problems),
        })?;
        let scope = Scope::of(&checklist);
        let waivers = waivers(&self.setting.waivers, &scope).map_err(Refusal::Input)?;
        let remediations = remediations(&self.setting.remediations, &scope).map_err(Refusal::Input)?;
        let exceptions = Exceptions { waivers, remediations };
        let quick = QuickCourt::new(&checklist, &exceptions, checklist.limits);
        Ok(Court { checklist, exceptions, quick })
    }
}

/// Whether a document is one of so many in ten thousand: its own bytes say so, whoever judges it.
fn is_sampled(digest: &[u8], sample: u16) -> bool {
    let number = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    number % 10_000 < u32::from(sample)
}

fn read(source: &str, bytes: &[u8]) -> Result<FactsDocument, Vec<Problem>> {
    let limits = Limits::default();
    let text = decode(source, bytes.to_vec(), &limits).map_err(|p| vec![p])?;
    facts::read(text, contract("envelope")?, &limits)
}

fn first(problems: &[Problem]) -> Trouble {
    match problems.first() {
        Some(problem) => refused(problem, problems.len() - 1),
        None => refused(&Problem::new("golive::bug", "refused without a reason"), 0),
    }
}

/// A problem as a line tells it, with its place.
pub(super) fn refused(problem: &Problem, more: usize) -> Trouble {
    let mut message = problem.message.clone();
    if let Some((source, labels)) = &problem.labels {
        let start = labels.first().map_or(0, |(span, _)| span.start.min(source.text.len()));
        let before = &source.text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        message.push_str(&format!(" (at {line}:{column})"));
    }
    if more > 0 {
        message.push_str(&format!(" (and {more} more)"));
    }
    Trouble { kind: TroubleKind::Refused, code: problem.code.to_owned(), message }
}
