//! The command line.

use clap::Parser;
use std::path::PathBuf;

/// Measures engines on a made-up fleet of facts documents.
#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each flag is a mode of its own")]
pub struct Args {
    /// How many documents.
    #[arg(long, default_value_t = 128)]
    pub documents: u64,
    /// How often every engine judges all of them.
    #[arg(long, default_value_t = 9)]
    pub rounds: usize,
    /// Another seed is another fleet.
    #[arg(long, default_value_t = 20_261_123)]
    pub seed: u64,
    /// Only these engines, by the names in the table.
    #[arg(long, value_delimiter = ',')]
    pub engines: Vec<String>,
    /// Measures whole processes with one and two workers, and memory on long streams, instead.
    #[arg(long)]
    pub workers: bool,
    /// Measures the stages of golive's fast path instead.
    #[arg(long)]
    pub stages: bool,
    /// Compares interpreter, compiled path and OPA on all fixtures and on so many mutants of the fleet instead.
    #[arg(long, value_name = "MUTANTS")]
    pub equal: Option<u64>,
    /// Tries the scripted edits of `fixtures/impact/` on so many documents of the fleet instead.
    #[arg(long, value_name = "DOCUMENTS")]
    pub impact: Option<u64>,
    /// Holds forecasts of so many documents of the fleet against a judge by hand instead.
    #[arg(long, value_name = "DOCUMENTS")]
    pub forecast: Option<u64>,
    /// With `--forecast`: the minutes from one time of the grid to the next.
    #[arg(long, default_value_t = 1, value_name = "MINUTES")]
    pub every: i64,
    /// Makes every single-letter typo of every path in the shipped policies instead.
    #[arg(long)]
    pub typos: bool,
    /// With `--workers`: the lengths of the streams for the memory.
    #[arg(long, value_delimiter = ',', default_values_t = [100_000, 1_000_000])]
    pub streams: Vec<u64>,
    /// What this program is started with for the memory of one engine.
    #[arg(long, hide = true)]
    pub memory_of: Option<String>,
    /// What this program is started with to judge a file of JSON lines by hand.
    #[arg(long, hide = true)]
    pub by_hand: Option<PathBuf>,
    /// With how many threads.
    #[arg(long, hide = true, default_value_t = 1)]
    pub threads: usize,
    /// What this program is started with to write a stream of documents.
    #[arg(long, hide = true)]
    pub emit: Option<u64>,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}
