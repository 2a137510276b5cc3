//! The laws themselves.

use super::change::{Change, losses};
use super::random::Random;
use super::subject::{Subject, Tried};
use super::valid::{Leaf, Palette, leaves, structures};
use super::{Case, Effort, Tally};
use crate::checklist::Checklist;
use crate::model::{Instant, Verdict};
use std::fmt;

/// One of the four laws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// Nothing is gained by loss.
    Loss,
    /// Nothing is idle.
    Idle,
    /// Nothing lasts.
    Lasting,
    /// Nothing contradicts itself.
    Contradiction,
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loss => "L1 nothing is gained by loss",
            Self::Idle => "L2 nothing is idle",
            Self::Lasting => "L3 nothing lasts",
            Self::Contradiction => "L4 nothing contradicts itself",
        })
    }
}

/// A broken law and the change that breaks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub law: Law,
    /// The control.
    pub control: String,
    /// The fixture.
    pub case: String,
    /// The change, or what no change achieves.
    pub change: String,
}

/// Tries every law on one fixture.
pub(super) fn try_case(checklist: &Checklist, case: &Case, effort: Effort, stream: u64) -> Tally {
    let mut tally = Tally::default();
    let Some(control) = checklist.control(&case.control) else { return tally };
    let subject = Subject::new(checklist, control, case);
    let base = verdict(&subject.at(case.at, &mut tally));
    let mut trial = Trial { subject, case, base, tally: &mut tally };
    let passes = base.is_some_and(Verdict::is_pass);
    let palette = Palette::new(&case.facts, &checklist.parameters.value, case.at);
    let mut random = Random::new(effort.seed, stream);
    let lost = losses(&case.facts);
    trial.losses(passes, &lost);
    let (valid, twins) = trial.valid(passes, &palette);
    if passes {
        trial.lasting();
    }
    trial.pairs(passes, [&lost, &valid, &twins], effort.pairs, &mut random);
    tally
}

fn verdict(tried: &Tried) -> Option<Verdict> {
    tried.judgement.as_ref().map(|j| j.verdict)
}

struct Trial<'t, 'c> {
    subject: Subject<'c>,
    case: &'t Case,
    base: Option<Verdict>,
    tally: &'t mut Tally,
}

impl Trial<'_, '_> {
    fn broken(&mut self, law: Law, change: String) {
        let broken = Broken { law, control: self.case.control.clone(), case: self.case.name.clone(), change };
        self.tally.broken.push(broken);
    }

    /// L1 and L4 for one change or several; the answer is the verdict where the document was judged.
    fn attempt(&mut self, passes: bool, changes: &[&Change], is_loss: bool) -> Option<Tried> {
        let tried = self.subject.under(changes, self.tally)?;
        let words = || changes.iter().map(|c| c.words()).collect::<Vec<_>>().join("; then ");
        if is_loss && !passes && verdict(&tried).is_some_and(Verdict::is_pass) {
            self.broken(Law::Loss, words());
        }
        if tried.valid && verdict(&tried) == Some(Verdict::ERROR) {
            let why = tried
                .judgement
                .as_ref()
                .map(|j| j.findings.iter().filter(|f| f.id == "error").map(|f| f.message.clone()).collect::<Vec<_>>().join(", "));
            self.broken(Law::Contradiction, format!("{} ({})", words(), why.unwrap_or_default()));
        }
        Some(tried)
    }

    fn losses(&mut self, passes: bool, lost: &[Change]) {
        for change in lost {
            self.attempt(passes, &[change], true);
        }
    }

    /// L2 on each leaf, L4 on every valid change; the answer is all changes that were valid, and the twins to sample from.
    fn valid(&mut self, passes: bool, palette: &Palette) -> (Vec<Change>, Vec<Change>) {
        let mut out = Vec::new();
        let mut twins = Vec::new();
        let control = self.subject.control;
        let checklist = self.subject.checklist;
        for name in control.text.facts.keys() {
            let Some(schema) = checklist.groups.get(name) else { continue };
            let value = self.case.facts["facts"][name]["value"].clone();
            if !schema.accepts(&value) {
                continue;
            }
            for leaf in leaves(name, &schema.shape, &value, palette) {
                self.leaf(passes, leaf, &mut out);
            }
            let structures = structures(name, &schema.shape, &value, palette);
            twins.extend(structures.twins);
            for change in structures.single {
                let tried = self.attempt(passes, &[&change], false);
                if tried.is_some_and(|t| t.valid) {
                    out.push(change);
                }
            }
        }
        (out, twins)
    }

    fn leaf(&mut self, passes: bool, leaf: Leaf, out: &mut Vec<Change>) {
        let read = self.subject.checklist.reads(self.subject.control).paths.contains(&leaf.place);
        let (mut tried_any, mut lost) = (false, false);
        for change in leaf.others {
            let Some(tried) = self.attempt(passes, &[&change], false).filter(|t| t.valid) else { continue };
            tried_any = true;
            let now = verdict(&tried);
            lost |= !now.is_some_and(Verdict::is_pass);
            if leaf.informative && now != self.base {
                self.broken(Law::Idle, format!("{} changes the verdict, yet the leaf is informative", change.words()));
            }
            out.push(change);
        }
        // The fixture `pass` is the one without redundancy; others may hold what does not matter.
        if passes && self.case.name == "pass" && read && !leaf.informative && tried_any {
            self.tally.leaves += 1;
            if !lost {
                let pointer = crate::text::pointer_of(&leaf.path);
                self.broken(Law::Idle, format!("no other value of {pointer} loses the pass"));
            }
        }
    }

    /// L3: one millisecond after its `max_age` each group has lost the pass.
    fn lasting(&mut self) {
        for name in self.subject.control.text.facts.keys() {
            let collected = self.case.facts["facts"][name]["collected_at"].as_str().and_then(Instant::parse);
            let (Some(collected), Some(age)) = (collected, self.subject.checklist.parameters.max_age(name)) else { continue };
            let later = Instant { ms: collected.ms + age + 1 };
            if verdict(&self.subject.at(later, self.tally)).is_some_and(Verdict::is_pass) {
                self.broken(Law::Lasting, format!("judge at {later}, when `{name}` is older than its max_age"));
            }
        }
    }

    /// Sampled: two losses, two valid changes, an element twice with a difference.
    fn pairs(&mut self, passes: bool, [lost, valid, twins]: [&[Change]; 3], pairs: usize, random: &mut Random) {
        for _ in 0..pairs / 3 {
            if let (Some(a), Some(b)) = (random.pick(lost), random.pick(lost)) {
                self.attempt(passes, &[a, b], true);
            }
            if let (Some(a), Some(b)) = (random.pick(valid), random.pick(valid)) {
                self.attempt(passes, &[a, b], false);
            }
            if let Some(twin) = random.pick(twins) {
                self.attempt(passes, &[twin], false);
            }
        }
    }
}
