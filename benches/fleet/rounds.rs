//! Interleaved rounds.

use crate::engines::{Engine, Entry, Prepared};
use std::time::{Duration, Instant};

/// One engine with its documents and its times.
pub struct Run<'g> {
    /// Which engine.
    pub entry: &'static Entry,
    /// The engine.
    pub engine: Box<dyn Engine + 'g>,
    /// The documents as it takes them.
    pub prepared: Vec<Prepared>,
    /// Time for all documents, one for each round, sorted.
    pub times: Vec<Duration>,
    /// How many documents it judges as the first engine does; none where it judges nothing.
    pub agreed: Option<usize>,
}

impl<'g> Run<'g> {
    /// Hands the documents over.
    pub fn new(entry: &'static Entry, engine: Box<dyn Engine + 'g>, documents: &[String]) -> Self {
        let prepared = documents.iter().map(|document| engine.prepare(document)).collect();
        Self { entry, engine, prepared, times: Vec::new(), agreed: None }
    }

    fn round(&mut self) -> Duration {
        let start = Instant::now();
        for prepared in &self.prepared {
            self.engine.judge(prepared);
        }
        start.elapsed()
    }

    /// Microseconds for one document, in the middle round.
    pub fn median(&self) -> f64 {
        self.micros(self.times.len() / 2)
    }

    /// Microseconds for one document, in the best round.
    pub fn best(&self) -> f64 {
        self.micros(0)
    }

    fn micros(&self, at: usize) -> f64 {
        let count = u32::try_from(self.prepared.len()).expect("a few documents");
        self.times[at].as_secs_f64() * 1e6 / f64::from(count.max(1))
    }
}

/// Every engine in turn, as often as asked for; who begins changes from round to round.
pub fn measure(runs: &mut [Run<'_>], rounds: usize) {
    for round in 0..rounds.max(1) {
        for at in 0..runs.len() {
            let turn = (round + at) % runs.len();
            let time = runs[turn].round();
            runs[turn].times.push(time);
        }
    }
    for run in runs {
        run.times.sort();
    }
}
