//! What is seen of a batch while it goes on.

use super::diagnostics;
use super::signals::Signals;
use crate::batch::supervisor::Watcher;
use crate::text::visible;
use serde::Deserialize;

/// More troubles than this are only counted.
const MOST: u64 = 50;

/// Progress, documents without a decision, and signals.
pub struct Watch<'a> {
    signals: &'a Signals,
    quiet: bool,
    troubles: u64,
}

impl<'a> Watch<'a> {
    /// For so many documents, where that is known.
    pub fn new(signals: &'a Signals, _total: Option<u64>, quiet: bool) -> Self {
        Self { signals, quiet, troubles: 0 }
    }

    /// Nothing more comes.
    pub fn close(&self) {
        if self.troubles > MOST && !self.quiet {
            diagnostics::plain(&format!("and {} documents more without a decision", self.troubles - MOST));
        }
    }
}

/// What a line says of its trouble.
#[derive(Deserialize)]
struct Told {
    source: String,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    kind: String,
    code: String,
    message: String,
}

impl Watcher for Watch<'_> {
    fn done(&mut self, _documents: u64) {}

    fn trouble(&mut self, line: &[u8]) {
        self.troubles += 1;
        if self.troubles > MOST || self.quiet {
            return;
        }
        if let Ok(Told { source, problem: Some(problem) }) = serde_json::from_slice(line) {
            let kind = if problem.kind == "refused" { "refused" } else { "no decision" };
            diagnostics::plain(&format!("{}: {kind}: {} ({})", visible(&source), visible(&problem.message), problem.code));
        }
    }

    fn must_stop(&self) -> bool {
        self.signals.any()
    }
}
