//! Programs that ran once: what they printed then is given back, and nothing is started.

use super::collector::Absent;
use super::files::Root;
use super::programs::{Command, Ended, Output, Programs};
use super::redact;
use crate::model::Instant;
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

/// Recorded runs, in the order in which they were made.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Recording {
    runs: Vec<Run>,
}

/// One run: the form of [`Output::exhibit`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    argv: Vec<String>,
    program: PathBuf,
    program_sha256: String,
    exit: Option<i32>,
    signal: Option<i32>,
    started_at: String,
    finished_at: String,
    stdout: String,
    stderr: String,
}

impl Run {
    /// All that came of it, but for the time that it took.
    fn came_of(&self) -> (&PathBuf, &str, Option<i32>, Option<i32>, &str, &str) {
        (&self.program, &self.program_sha256, self.exit, self.signal, &self.stdout, &self.stderr)
    }
}

impl Recording {
    /// Reads a JSON array of runs.
    ///
    /// # Errors
    /// What does not fit.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }
}

impl Programs for Recording {
    fn find(&self, program: &str, _: &Root) -> Result<PathBuf, Absent> {
        let run = self.runs.iter().find(|r| r.argv.first().is_some_and(|first| first == program));
        run.map(|r| r.program.clone()).ok_or_else(|| Absent::new(format!("no run of `{program}` was recorded")))
    }

    fn run(&self, command: &Command, _: &Root, _: Duration) -> Result<Output, Absent> {
        let argv = redact::words(&command.argv);
        let line = redact::line(&command.argv);
        let mut runs = self.runs.iter().filter(|r| r.argv == argv);
        let run = runs.next().ok_or_else(|| Absent::new(format!("no run of `{line}` was recorded")))?;
        // Collectors run side by side: which of two runs came first for whom, nobody can say.
        if runs.any(|other| other.came_of() != run.came_of()) {
            return Err(Absent::new(format!("the recording holds two different runs of `{line}`")));
        }
        let time = |text: &str| Instant::parse(text).ok_or_else(|| Absent::new(format!("the recording of `{line}` has no good time")));
        let ended = match (run.exit, run.signal) {
            (Some(code), None) => Ended::Code(code),
            (None, Some(signal)) => Ended::Signal(signal),
            _ => return Err(Absent::new(format!("the recording of `{line}` must have either `exit` or `signal`"))),
        };
        Ok(Output {
            argv,
            program: run.program.clone(),
            sha256: run.program_sha256.clone(),
            ended,
            stdout: run.stdout.clone().into_bytes(),
            stderr: run.stderr.clone().into_bytes(),
            started_at: time(&run.started_at)?,
            finished_at: time(&run.finished_at)?,
        })
    }
}

/// Starts programs, and keeps what they did, for a later [`Recording`].
pub struct Keeping {
    live: super::programs::Live,
    kept: Mutex<Vec<Value>>,
}

impl Keeping {
    /// Around live programs.
    pub fn new(live: super::programs::Live) -> Self {
        Self { live, kept: Mutex::default() }
    }

    /// All runs so far, in the order in which they ended, as the text of a recording.
    pub fn text(&self) -> String {
        let kept = self.kept.lock().map(|k| k.clone()).unwrap_or_default();
        format!("{:#}\n", Value::Array(kept))
    }
}

impl Programs for Keeping {
    fn find(&self, program: &str, files: &Root) -> Result<PathBuf, Absent> {
        self.live.find(program, files)
    }

    fn run(&self, command: &Command, files: &Root, limit: Duration) -> Result<Output, Absent> {
        let output = self.live.run(command, files, limit)?;
        if let Ok(mut kept) = self.kept.lock() {
            kept.push(output.exhibit());
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::host::tests::context;
    use serde_json::json;

    #[test]
    fn runs_of_the_same_words_must_agree() {
        let folder = tempfile::tempdir().unwrap();
        let at = context(folder.path(), None);
        let run = |exit: i32, stdout: &str, minute: u32| {
            let time = format!("2026-11-23T15:{minute:02}:00Z");
            json!({ "argv": ["claw", "list"], "program": "/usr/bin/claw", "program_sha256": "0".repeat(64), "exit": exit, "signal": null,
                "started_at": time, "finished_at": time, "stdout": stdout, "stderr": "" })
        };
        let reason = |runs: &[Value]| {
            let recording = Recording::read(&Value::from(runs).to_string()).unwrap();
            let command = Command { argv: vec!["claw".to_owned(), "list".to_owned()], cwd: None, limit: Duration::from_secs(1) };
            recording.run(&command, at.files(), Duration::from_secs(1)).err().map(|e| e.reason)
        };
        let differ = Some("the recording holds two different runs of `claw list`".to_owned());
        assert_eq!(reason(&[run(0, "a", 1), run(0, "a", 2)]), None);
        assert_eq!(reason(&[run(0, "a", 1), run(1, "a", 2)]), differ);
        assert_eq!(reason(&[run(0, "a", 1), run(0, "b", 2)]), differ);
    }
}
