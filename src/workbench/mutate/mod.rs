//! Small changes of policies, one at a time: each must be refused at load, or a test must fail. What survives shows what no
//! test says.

mod change;
mod human;
mod json;
mod kill;
mod listed;
mod mutant;
mod witness;

pub use human::{counts, human};
pub use json::json;
pub use kill::{Fate, Ground};
pub use listed::{Entry, FILE, read};
pub use mutant::{Kind, Mutant};
pub use witness::{Witness, witnesses};

use crate::checklist::{Checklist, Files};
use crate::workbench::laid::onepass;
use crate::workbench::reach::leading;
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// What became of all mutants.
#[derive(Debug)]
pub struct Report {
    /// The checklist's id.
    pub checklist: String,
    /// The checklist's digest.
    pub digest: String,
    /// Each mutant in the order of files and places, with the package that it is in and what became of it.
    pub tried: Vec<Tried>,
    /// Entries of the list that are about no survivor.
    pub stale: Vec<Entry>,
}

/// A mutant that was tried.
#[derive(Debug)]
pub struct Tried {
    /// The control, or the package of shared functions: `lib.clock`.
    pub group: String,
    /// The change.
    pub mutant: Mutant,
    /// What became of it.
    pub fate: Fate,
    /// Why it may survive, where the list says so.
    pub reason: Option<String>,
    /// The controls that its file can make a difference to.
    pub controls: Vec<String>,
    /// Facts that tell it from the original, where they were looked for and found.
    pub witness: Option<Witness>,
}

impl Report {
    /// The survivors that nobody explained.
    pub fn survivors(&self) -> impl Iterator<Item = &Tried> {
        self.tried.iter().filter(|tried| tried.fate == Fate::Survived && tried.reason.is_none())
    }

    /// Whether something was changed, and nothing survived without a reason.
    pub fn is_good(&self) -> bool {
        !self.tried.is_empty() && self.survivors().next().is_none() && self.stale.is_empty()
    }
}

/// A mutant and what it concerns.
#[derive(Debug)]
pub struct Target {
    /// The control, or the package of shared functions.
    pub group: String,
    /// The controls that the file can make a difference to.
    pub controls: Vec<String>,
    /// The change.
    pub mutant: Mutant,
}

/// All mutants of a checklist's controls and shared functions that concern a control whose id begins with `control`; each is
/// for all controls that it concerns.
pub fn targets(checklist: &Checklist, files: &Files, control: &str) -> Vec<Target> {
    let modules = checklist.engine.modules();
    let leading = leading(checklist, &modules);
    let mut out = Vec::new();
    for (path, source) in files.under("policies/").filter(|(path, _)| path.ends_with(".rego") && !Files::is_test(path)) {
        let Some(module) = modules.iter().find(|module| module.source.name == source.name) else { continue };
        let controls = leading.get(&source.name).cloned().unwrap_or_default();
        let group = module.package.iter().skip(if module.package.get(1).is_some_and(|word| word == "controls") { 2 } else { 1 });
        let group = group.cloned().collect::<Vec<_>>().join(".");
        if controls.iter().any(|id| id.starts_with(control)) {
            let mutants = change::mutants(path, module).into_iter();
            out.extend(mutants.map(|mutant| Target { group: group.clone(), controls: controls.clone(), mutant }));
        }
    }
    out
}

/// Tries mutants, on as many threads as the machine has.
pub fn run(checklist: &Checklist, ground: &Ground<'_>, targets: Vec<Target>, listed: &[Entry]) -> Report {
    let fates = fates(checklist, ground, &targets);
    let mut used: BTreeSet<&Entry> = BTreeSet::new();
    let files: BTreeSet<String> = targets.iter().map(|target| target.mutant.file.clone()).collect();
    let tried: Vec<Tried> = targets
        .into_iter()
        .zip(fates)
        .map(|(Target { group, mutant, controls }, fate)| {
            let entry = listed.iter().find(|entry| fate == Fate::Survived && entry.is_about(&mutant));
            used.extend(entry);
            Tried { group, mutant, fate, reason: entry.map(|entry| entry.reason.clone()), controls, witness: None }
        })
        .collect();
    let stale =
        listed.iter().filter(|entry| !used.contains(entry) && (files.contains(&entry.file) || ground.files.get(&entry.file).is_none()));
    let about = &checklist.about;
    Report { checklist: about.id.clone(), digest: about.digest.clone(), stale: stale.cloned().collect(), tried }
}

/// What becomes of each mutant, in their order.
fn fates(checklist: &Checklist, ground: &Ground<'_>, targets: &[Target]) -> Vec<Fate> {
    let onepass = onepass(checklist);
    let next = Mutex::new(0_usize);
    let done = Mutex::new(BTreeMap::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(targets.len().max(1)) {
            scope.spawn(|| {
                let arena = Bump::new();
                let range = kill::Range::new(ground, checklist, onepass.as_ref(), &arena);
                while let Some(index) = claim(&next) {
                    let Some(target) = targets.get(index) else { return };
                    let fate = range.fate(&target.mutant, &target.controls);
                    if let Ok(mut done) = done.lock() {
                        done.insert(index, fate);
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    // A thread that died leaves its mutant unjudged, and nothing says that a test fails on it.
    (0..targets.len()).map(|index| done.remove(&index).unwrap_or(Fate::Survived)).collect()
}

fn claim(next: &Mutex<usize>) -> Option<usize> {
    let mut next = next.lock().ok()?;
    *next += 1;
    Some(*next - 1)
}
