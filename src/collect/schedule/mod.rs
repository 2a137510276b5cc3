//! Schedulers: how often they run a job, whether they will run it again, and what they know of its last run.

pub mod crontab;
pub mod runs;
pub mod systemd;

use crate::collect::collector::Exhibit;
use crate::model::Instant;

/// What was looked at on the way.
#[derive(Default)]
pub struct Seen {
    /// The evidence.
    pub exhibits: Vec<Exhibit>,
    /// When the first program was asked: what was recorded is no younger than that.
    pub since: Option<Instant>,
}

/// A schedule as the scheduler itself states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// What runs it, by the schema's word.
    pub kind: &'static str,
    /// Its name there.
    pub name: String,
    /// Whether it will run again without a person: `yes`, `no`, `unknown`.
    pub enabled: &'static str,
    /// Longest time between two runs that it allows, in milliseconds.
    pub interval_ms: i64,
}

/// The newest run that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When it was begun.
    pub started_at: Instant,
    /// When it ended.
    pub finished_at: Instant,
    /// `succeeded`, `failed`, `unknown`.
    pub result: &'static str,
    /// What it made, where its own record says so.
    pub artifact_id: Option<String>,
}

/// A length as the facts hold it: whole seconds, rounded up.
pub fn iso(ms: i64) -> String {
    match (ms + 999) / 1000 {
        s if s % 3600 == 0 => format!("PT{}H", s / 3600),
        s if s % 60 == 0 => format!("PT{}M", s / 60),
        s => format!("PT{s}S"),
    }
}
