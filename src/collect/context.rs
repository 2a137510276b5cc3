//! What the frame hands to a collector: plan, clock, files, programs, evidence.

use super::collector::{Absent, Exhibit};
use super::document::Contracts;
use super::files::Root;
use super::programs::{Command, Output, Programs};
use super::redact::Secrets;
use crate::facts::Plan;
use crate::model::{Evidence, Instant};
pub use crate::text::sha256;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time: the machine's, or a given one that stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's.
    System,
    /// Given with `--at`.
    Given(Instant),
}

impl Clock {
    /// Reads it.
    pub fn now(self) -> Instant {
        match self {
            Self::Given(instant) => instant,
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Instant { ms: i64::try_from(since.as_millis()).unwrap_or(i64::MAX) }
            }
        }
    }
}

/// What all collectors of one run share.
pub struct Shared {
    /// The planned environment and release.
    pub plan: Plan,
    /// How ids name this machine.
    pub host: String,
    /// The time.
    pub clock: Clock,
    /// Files.
    pub files: Root,
    /// Programs: started, or recorded.
    pub programs: Arc<dyn Programs>,
    /// What evidence links begin with, such as `evidence/` or `https://ci.example.org/evidence/`.
    pub evidence: String,
    /// The schemas of documents that people and jobs write.
    pub contracts: Contracts,
    /// Secrets that collectors read: no output may hold one.
    pub secrets: Secrets,
}

/// What one collector sees of the run.
#[derive(Clone)]
pub struct Context {
    /// The group that it states.
    pub group: String,
    /// The time limit for the whole of it.
    pub deadline: std::time::Instant,
    /// What it shares with the others.
    pub shared: Arc<Shared>,
    /// When the oldest program that it heard of was started: a recorded run is as old as it is.
    pub heard: Arc<Mutex<Option<Instant>>>,
}

impl Context {
    /// The planned environment and release.
    pub fn plan(&self) -> &Plan {
        &self.shared.plan
    }

    /// How ids name this machine: `<host>:<port>`, `<host> pid <n>`.
    pub fn host(&self) -> &str {
        &self.shared.host
    }

    /// Files below the root.
    pub fn files(&self) -> &Root {
        &self.shared.files
    }

    /// The time, which stands still where it was given.
    pub fn now(&self) -> Instant {
        self.shared.clock.now()
    }

    /// What is left of the collector's time, at most `most`.
    pub fn left(&self, most: Duration) -> Duration {
        self.deadline.saturating_duration_since(std::time::Instant::now()).min(most)
    }

    /// Runs a program within the collector's time, without a shell.
    ///
    /// # Errors
    /// It could not be found or started, or it did not end in time. An exit code other than 0 is no error here.
    pub fn run(&self, command: &Command) -> Result<Output, Absent> {
        let output = self.shared.programs.run(command, &self.shared.files, self.left(command.limit))?;
        let mut heard = self.heard.lock().map_err(|_| Absent::new("a thread of the collector died"))?;
        *heard = Some(heard.map_or(output.started_at, |oldest| oldest.min(output.started_at)));
        drop(heard);
        Ok(output)
    }

    /// A secret from a file or a variable, trimmed of its line's end. From then on the frame keeps it out of all that is written.
    ///
    /// # Errors
    /// It cannot be read, or it is empty. The message never holds it.
    pub fn secret(&self, from: &super::redact::SecretSource) -> Result<String, Absent> {
        self.shared.secrets.read(from, &self.shared.files)
    }

    /// Evidence to be kept beside the facts. `name` is for people, such as `backup-verify-1795443989491.json`.
    pub fn exhibit(&self, name: &str, bytes: impl Into<Vec<u8>>) -> Exhibit {
        let bytes = bytes.into();
        let sha256 = sha256(&bytes);
        let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect();
        let kept = format!("{}/{}-{}", self.group, &sha256[..12], plain);
        Exhibit { evidence: Evidence { uri: format!("{}{kept}", self.shared.evidence), sha256 }, kept: Some((kept, bytes)) }
    }
}
