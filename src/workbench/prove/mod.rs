//! The four laws, tried on every fixture of every control.
//!
//! L1, nothing is gained by loss. L2, nothing is idle. L3, nothing lasts. L4, nothing contradicts itself. Single changes
//! are complete, pairs are sampled by a seed. What a change does is found by judging the changed facts, never by reasoning.

pub(super) mod change;
mod laws;
mod random;
mod subject;
pub(super) mod valid;

pub use laws::{Broken, Law};

use crate::checklist::Checklist;
use crate::workbench::suite::Case;
use std::collections::HashSet;
use std::sync::Mutex;

/// What to try.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Seed of everything that is sampled.
    pub seed: u64,
    /// Pairs of changes for each fixture: of losses, of schema-valid changes, and twins in a list.
    pub pairs: usize,
}

/// What was tried and what broke.
#[derive(Debug, Default)]
pub struct Proof {
    /// Fixtures.
    pub cases: usize,
    /// Distinct documents that were judged.
    pub documents: usize,
    /// Those of them in which every group was valid for its schema.
    pub valid: usize,
    /// Leaves of passing fixtures that L2 looked at.
    pub leaves: usize,
    /// Each broken law.
    pub broken: Vec<Broken>,
}

/// What one fixture gave.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Hashes of the documents, each with whether it was schema-valid.
    documents: HashSet<(u64, bool)>,
    leaves: usize,
    broken: Vec<Broken>,
}

/// Tries the laws on all cases, on as many threads as the machine has.
pub fn prove(checklist: &Checklist, cases: &[Case], effort: Effort) -> Proof {
    let next = Mutex::new(0_usize);
    let tallies = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(cases.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let index = match next.lock() {
                        Ok(mut next) => {
                            *next += 1;
                            *next - 1
                        }
                        Err(_) => return,
                    };
                    let Some(case) = cases.get(index) else { return };
                    let tally = laws::try_case(checklist, case, effort, index as u64);
                    if let Ok(mut tallies) = tallies.lock() {
                        tallies.push((index, tally));
                    }
                }
            });
        }
    });
    let mut tallies = tallies.into_inner().unwrap_or_default();
    tallies.sort_by_key(|(index, _)| *index);
    let mut proof = Proof { cases: tallies.len(), ..Proof::default() };
    let mut seen: HashSet<(u64, bool)> = HashSet::new();
    for (_, tally) in tallies {
        seen.extend(tally.documents);
        proof.leaves += tally.leaves;
        proof.broken.extend(tally.broken);
    }
    proof.documents = seen.len();
    proof.valid = seen.iter().filter(|(_, valid)| *valid).count();
    proof
}
