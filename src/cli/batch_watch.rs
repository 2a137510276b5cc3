//! What is seen of a batch while it goes on.

use super::diagnostics;
use super::signals::Signals;
use crate::batch::supervisor::Watcher;
use crate::text::visible;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Deserialize;
use std::io::IsTerminal;

/// More troubles than this are only counted.
const MOST: u64 = 50;

/// Progress, documents without a decision, and signals.
pub struct Watch<'a> {
    signals: &'a Signals,
    quiet: bool,
    troubles: u64,
    bar: ProgressBar,
}

impl<'a> Watch<'a> {
    /// For so many documents, where that is known, of which some are done.
    pub fn new(signals: &'a Signals, total: Option<u64>, done: u64, quiet: bool) -> Self {
        let terminal = !quiet && std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(total, target);
        let template = match total {
            Some(_) => "{bar:30} {human_pos} of {human_len} documents, {per_sec:0}, {eta} left",
            None => "{spinner} {human_pos} documents, {per_sec:0}, {elapsed}",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("=> "));
        bar.set_position(done);
        bar.reset_eta();
        Self { signals, quiet, troubles: 0, bar }
    }

    /// Nothing more comes.
    pub fn close(&self) {
        self.bar.finish_and_clear();
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
    fn done(&mut self, documents: u64) {
        self.bar.set_position(documents);
    }

    fn trouble(&mut self, line: &[u8]) {
        self.troubles += 1;
        if self.troubles > MOST || self.quiet {
            return;
        }
        if let Ok(Told { source, problem: Some(problem) }) = serde_json::from_slice(line) {
            let kind = if problem.kind == "refused" { "refused" } else { "no decision" };
            let words = format!("{}: {kind}: {} ({})", visible(&source), visible(&problem.message), problem.code);
            self.bar.suspend(|| diagnostics::plain(&words));
        }
    }

    fn must_stop(&self) -> bool {
        self.signals.any()
    }
}
