//! What a change of policies or parameters does to an archive of facts documents.
//!
//! Both versions judge every document, by the path of a batch: compiled policies, the interpreter where they are not sure, and
//! a sample through both. What is counted is read from the verdict lines. A document that the report names has been judged by
//! the reference as well, on both sides.

mod human;
mod json;
mod markdown;
mod matrix;
mod pair;
mod tally;
mod versions;
mod words;

pub use matrix::{Cell, Change, Matrix, State, Witness, Word};
pub use pair::{Input, Inquiry, Pair, Stop};
pub use tally::{Comparison, Shift, Tally, Trouble, Undecided};
pub use versions::{FileChange, ParameterChange, Version, Versions, Which};

use crate::model::Instant;
use crate::report::Look;
use std::sync::atomic::{AtomicBool, Ordering};

/// The stack of a thread that judges: the engine may go as deep as on a main thread.
const STACK: usize = 8 << 20;

/// The names of the formats; the first is the default.
pub const FORMATS: [&str; 3] = ["human", "json", "markdown"];

/// What changed, and of what.
#[derive(Debug, Clone)]
pub struct Impact {
    /// The two versions.
    pub versions: Versions,
    /// What changed.
    pub tally: Tally,
    /// The clock of both.
    pub at: Instant,
    /// Whether it was given.
    pub clock_given: bool,
}

impl Impact {
    /// The whole text in a format of [`FORMATS`].
    pub fn render(&self, format: &str, look: &Look) -> String {
        match format {
            "json" => json::render(self),
            "markdown" => markdown::render(self),
            _ => human::render(self, look),
        }
    }
}

/// Has both versions judge every document that `next` gives, until it gives none.
///
/// # Errors
/// A version is refused, or a fast path and the reference differ.
pub fn measure(inquiry: &Inquiry<'_>, next: &(dyn Fn(&mut Vec<u8>) -> Option<Input> + Sync)) -> Result<Tally, Stop> {
    let stop = AtomicBool::new(false);
    let mut all = Tally::default();
    std::thread::scope(|scope| {
        let spawn = |_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || work(inquiry, next, &stop));
        let threads: Vec<_> = (0..inquiry.threads.max(1)).map(spawn).collect();
        // Every thread is waited for, whatever became of the others.
        let ends: Vec<Result<Tally, Stop>> = threads
            .into_iter()
            .map(|thread| match thread.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(end)) => end,
                Ok(Err(_)) => Err(Stop::Died("a thread that judged has died".to_owned())),
                Err(error) => Err(Stop::Died(format!("no thread could be started: {error}"))),
            })
            .collect();
        for end in ends {
            all.merge(end?);
        }
        Ok(all)
    })
}

fn work(inquiry: &Inquiry<'_>, next: &(dyn Fn(&mut Vec<u8>) -> Option<Input> + Sync), stop: &AtomicBool) -> Result<Tally, Stop> {
    let judged = || {
        let mut pair = Pair::new(inquiry)?;
        let (mut tally, mut bytes) = (Tally::default(), Vec::new());
        while !stop.load(Ordering::Relaxed) {
            bytes.clear();
            let Some(input) = next(&mut bytes) else { break };
            pair.document(&input, &bytes, &mut tally)?;
        }
        Ok(tally)
    };
    judged().inspect_err(|_| stop.store(true, Ordering::Relaxed))
}
