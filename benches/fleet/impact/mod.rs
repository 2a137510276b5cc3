//! Fifty scripted edits of policies and parameters, `fixtures/impact/*.json`, and whether what `golive policy impact` counts on a
//! fleet is exactly their known effect.
//!
//! What an edit does is known without golive: an edit of parameters by the judge written by hand under the other limits, one of
//! policies by what it does to the rows of that judge ([`effect`]).

mod edit;
mod effect;

use crate::fleet::{ENVIRONMENTS, Fleet, NOW};
use crate::native::{self, Limits};
use edit::Edit;
use effect::Said;
use golive::batch::Ending;
use golive::checklist::{Files, load};
use golive::model::Instant;
use golive::text::Document;
use golive::workbench::impact::{Comparison, Input, Inquiry, Pair, State, Tally};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many edits are tried at a time.
const THREADS: usize = 2;

/// So many differences are told.
const SHOWN: usize = 10;

/// What a document is about, changes included: a control, or `gate`; before and afterwards.
type Changed = BTreeSet<(String, &'static str, &'static str)>;

/// Documents by what they are about, unchanged ones included.
type Counts = BTreeMap<(String, &'static str, &'static str), u64>;

/// What came of all edits.
#[derive(Default)]
pub struct Report {
    edits: usize,
    documents: usize,
    /// Of verdicts and gates together.
    changes: u64,
    /// Edits that change nothing at all.
    idle: Vec<String>,
    differences: Vec<String>,
}

impl Report {
    /// Fails where one change is missing, made up or miscounted, or where the edits show too little.
    ///
    /// # Panics
    /// Then.
    pub fn hold(&self, most_idle: usize) {
        let shown = self.differences.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
        assert!(self.differences.is_empty(), "{} differences\n{shown}", self.differences.len());
        assert_eq!(self.edits, 50, "fixtures/impact holds fifty edits");
        assert!(self.idle.len() <= most_idle, "edits that change nothing: {:?}", self.idle);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { edits, documents, changes, idle, differences } = self;
        let idle = format!("{} ({})", idle.len(), idle.join(", "));
        write!(
            f,
            "impact: {edits} edits, {documents} documents, {changes} changes, edits that change nothing: {idle}, {} differences",
            differences.len()
        )
    }
}

/// The fleet under the parameters that it is made for.
struct Ground {
    now: Instant,
    documents: Vec<String>,
    limits: BTreeMap<&'static str, Limits>,
    /// What each document is judged to be, by hand.
    verdicts: Vec<Vec<(&'static str, &'static str)>>,
}

/// Tries every edit on so many documents.
pub fn try_all(seed: u64, documents: u64) -> Report {
    let ground = Ground::new(seed, documents);
    let edits = edit::all();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut out = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(edit) = edits.get(index) else { return out };
            out.push((index, ground.try_one(edit)));
        }
    };
    let mut trials: Vec<(usize, Trial)> = std::thread::scope(|scope| {
        let threads = [(); THREADS].map(|()| scope.spawn(work));
        threads.into_iter().flat_map(|thread| thread.join().expect("no thread died")).collect()
    });
    trials.sort_by_key(|(index, _)| *index);
    let mut report = Report { edits: edits.len(), documents: ground.documents.len(), ..Report::default() };
    for ((_, trial), edit) in trials.into_iter().zip(&edits) {
        report.changes += trial.changes;
        report.idle.extend((trial.changes == 0).then(|| edit.name.clone()));
        report.differences.extend(trial.differences.into_iter().map(|words| format!("{}: {words}", edit.name)));
    }
    report
}

/// What came of one edit.
#[derive(Default)]
struct Trial {
    changes: u64,
    differences: Vec<String>,
}

impl Ground {
    fn new(seed: u64, documents: u64) -> Self {
        let fleet = Fleet::new(seed);
        let mut documents: Vec<String> = (0..documents).map(|index| fleet.document(index)).collect();
        // The smallest first: those that are named, and judged by the reference for it, are soon found.
        documents.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        let now = Instant::parse(NOW).expect("the fleet's clock");
        let limits = limits(&edit::document(&Fleet::parameters()));
        let verdicts =
            documents.iter().map(|text| rows(text, &limits, now).into_iter().map(|said| (said.control, said.verdict())).collect());
        let verdicts = verdicts.collect();
        Self { now, documents, limits, verdicts }
    }

    fn try_one(&self, edit: &Edit) -> Trial {
        let (base, head) = (edit::base(), edit.head());
        let inquiry = Inquiry { base: &base, head: &head, now: self.now, threads: 1, reference: false };
        let mut pair = Pair::new(&inquiry).unwrap_or_else(|e| panic!("{}: {e:?}", edit.name));
        let other = edit.overlay.is_some().then(|| limits(head.overlay.as_ref().expect("an overlay")));
        let limits = other.as_ref().unwrap_or(&self.limits);
        let (mut tally, mut trial) = (Tally::default(), Trial::default());
        let mut counts = Counts::new();
        for ((place, text), before) in (0_u64..).zip(&self.documents).zip(&self.verdicts) {
            let input = Input { place, source: format!("document {place}"), problem: None };
            let comparison = pair.document(&input, text.as_bytes(), &mut tally);
            let comparison = comparison.unwrap_or_else(|e| panic!("{}: {}: {e:?}", edit.name, input.source));
            let after = edit.verdicts(text, rows(text, limits, self.now), |text| rows(text, limits, self.now));
            let wanted = wanted(before, &after, edit.closes(text));
            let got = found(&comparison);
            let changed = |all: &Changed| all.iter().filter(|(_, from, to)| from != to).cloned().collect::<Changed>();
            let (missing, made_up) = (changed(&wanted), changed(&got));
            if missing != made_up {
                trial.differences.push(format!("{}: wanted {missing:?}, got {made_up:?}", input.source));
            }
            trial.changes += missing.len() as u64;
            for cell in wanted {
                *counts.entry(cell).or_default() += 1;
            }
        }
        let counted = counted(&tally);
        if counted != counts {
            let other = |a: &Counts, b: &Counts| {
                a.iter().filter(|(cell, documents)| b.get(*cell) != Some(*documents)).map(|(c, n)| (c.clone(), *n)).collect::<Counts>()
            };
            trial.differences.push(format!("counts: wanted {:?}, got {:?}", other(&counts, &counted), other(&counted, &counts)));
        }
        trial
    }
}

/// The limits of each environment, typed.
fn limits(overlay: &Document) -> BTreeMap<&'static str, Limits> {
    let of = |environment: &&'static str| {
        let checklist = load(&Files::embedded(), Some(overlay), environment, golive::rego::Limits::default());
        let checklist = checklist.unwrap_or_else(|e| panic!("{e:?}"));
        (*environment, Limits::of(&checklist.parameters.value))
    };
    ENVIRONMENTS.iter().map(of).collect()
}

/// The rows of a document, by hand.
fn rows(text: &str, limits: &BTreeMap<&'static str, Limits>, now: Instant) -> Vec<Said> {
    let judge = |facts: &native::Facts<'_>| {
        let rows = native::judge(facts, &limits[facts.environment()], now.ms);
        rows.iter().map(|(row, _)| Said::of(row)).collect::<Vec<_>>()
    };
    native::read(text, judge).unwrap_or_else(|e| panic!("refused by hand: {e}"))
}

fn wanted(before: &[(&str, &'static str)], after: &[(&str, &'static str)], is_closed: bool) -> Changed {
    let all_pass = |verdicts: &[(&str, &str)]| verdicts.iter().all(|(_, verdict)| *verdict == "pass");
    let gate = |go: bool| if go { "GO" } else { "NO_GO" };
    let each = before.iter().zip(after).map(|((id, from), (_, to))| ((*id).to_owned(), *from, *to));
    let gate = ("gate".to_owned(), gate(all_pass(before)), gate(all_pass(after) && !is_closed));
    each.chain([gate]).collect()
}

fn found(comparison: &Comparison) -> Changed {
    let (from, to): (Ending, Ending) = comparison.endings();
    let verdicts = comparison.verdicts().map(|(id, from, to)| (id.to_owned(), from.word(), to.word()));
    verdicts.chain([("gate".to_owned(), from.word(), to.word())]).collect()
}

/// What the report counts, in the same form.
fn counted(tally: &Tally) -> Counts {
    let mut out = Counts::new();
    let gates = tally.gates.changed().into_iter().map(|c| (c.from.word(), c.to.word(), c.cell.documents));
    let stayed = tally.gates.unchanged().map(|(state, documents)| (state.word(), state.word(), documents));
    for (from, to, documents) in gates.chain(stayed) {
        out.insert(("gate".to_owned(), from, to), documents);
    }
    for (id, shift) in &tally.controls {
        let changed = shift.verdicts.changed().into_iter().map(|c| (c.from.word(), c.to.word(), c.cell.documents));
        let stayed = shift.verdicts.unchanged().map(|(state, documents)| (state.word(), state.word(), documents));
        for (from, to, documents) in changed.chain(stayed) {
            out.insert((id.clone(), from, to), documents);
        }
    }
    out
}
