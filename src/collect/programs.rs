//! Programs: an argument list, never a shell, with limits of time and output.

use super::collector::Absent;
use super::context::{Clock, sha256};
use super::files::Root;
use super::redact;
use crate::model::Instant;
use crate::text::visible;
use serde_json::{Value, json};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

/// What to run.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Its working directory, as the settings give it.
    pub cwd: Option<PathBuf>,
    /// Its time limit.
    pub limit: Duration,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// What it did.
#[derive(Debug, Clone)]
pub struct Output {
    /// The arguments, secrets left out.
    pub argv: Vec<String>,
    /// The program's absolute path, links resolved.
    pub program: PathBuf,
    /// Digest of the program's file.
    pub sha256: String,
    /// How it ended.
    pub ended: Ended,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it complained of.
    pub stderr: Vec<u8>,
    /// When it was started.
    pub started_at: Instant,
    /// When it had ended.
    pub finished_at: Instant,
}

impl Output {
    /// stdout as text.
    ///
    /// # Errors
    /// It is not UTF-8.
    pub fn text(&self) -> Result<&str, Absent> {
        std::str::from_utf8(&self.stdout).map_err(|_| Absent::new(format!("`{}` printed what is not UTF-8", self.line())))
    }

    /// The exit code; none where a signal ended it.
    pub fn code(&self) -> Option<i32> {
        match self.ended {
            Ended::Code(code) => Some(code),
            Ended::Signal(_) => None,
        }
    }

    /// The command as one line for people.
    pub fn line(&self) -> String {
        redact::line(&self.argv)
    }

    /// All of it, for the evidence.
    pub fn exhibit(&self) -> Value {
        let (exit, signal) = match self.ended {
            Ended::Code(code) => (Some(code), None),
            Ended::Signal(signal) => (None, Some(signal)),
        };
        json!({
            "argv": redact::words(&self.argv), "program": self.program.to_string_lossy(), "program_sha256": self.sha256, "exit": exit, "signal": signal,
            "started_at": self.started_at.to_string(), "finished_at": self.finished_at.to_string(),
            "stdout": String::from_utf8_lossy(&self.stdout), "stderr": String::from_utf8_lossy(&self.stderr),
        })
    }
}

/// Who runs programs.
pub trait Programs: Send + Sync {
    /// Runs one.
    ///
    /// # Errors
    /// It is not there, cannot be started, prints too much, or does not end in time.
    fn run(&self, command: &Command, files: &Root, limit: Duration) -> Result<Output, Absent>;

    /// Where a program lies, for `--dry-run`.
    ///
    /// # Errors
    /// It is not there.
    fn find(&self, program: &str, files: &Root) -> Result<PathBuf, Absent>;
}

/// Starts them on this machine.
pub struct Live {
    /// Where names without a slash are looked for: absolute folders.
    pub path: Vec<PathBuf>,
    /// The environment that they get: nothing else of the caller's reaches them.
    pub environment: Vec<(String, String)>,
}

/// A program may print this much on each of its two streams.
const MOST_OUTPUT: u64 = 1 << 20;

/// A program is killed with all that it started.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

impl Programs for Live {
    fn find(&self, program: &str, files: &Root) -> Result<PathBuf, Absent> {
        let missing = || Absent::new(format!("there is no program `{}`", visible(program)));
        let found = if Path::new(program).is_absolute() {
            // The root is for what is read; a program is named by people, and its digest is in the evidence.
            PathBuf::from(program)
        } else if program.contains('/') {
            files.outside(Path::new(program))?
        } else {
            let found =
                self.path.iter().filter(|folder| !everybody_writes(folder)).map(|folder| folder.join(program)).find(|p| p.is_file());
            found.ok_or_else(|| missing().help("name its absolute path, or add its folder to PATH"))?
        };
        found.canonicalize().ok().filter(|p| p.is_file()).ok_or_else(missing)
    }

    fn run(&self, command: &Command, files: &Root, limit: Duration) -> Result<Output, Absent> {
        let name = command.argv.first().ok_or_else(|| Absent::new("a command without a program"))?;
        let program = self.find(name, files)?;
        let line = redact::line(&command.argv);
        let failed = |what: &str, e: &std::io::Error| Absent::new(format!("`{line}` {what}: {}", visible(&e.to_string())));
        let bytes = std::fs::read(&program).map_err(|e| failed("cannot be read", &e))?;
        let started = std::time::Instant::now();
        let started_at = Clock::System.now();
        let mut child = std::process::Command::new(&program);
        child.arg0(name).args(&command.argv[1..]).env_clear().envs(self.environment.iter().cloned());
        child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        if let Some(cwd) = &command.cwd {
            child.current_dir(files.outside(cwd)?);
        }
        let mut child = Group(child.spawn().map_err(|e| failed("cannot be started", &e))?);
        let (stdout, stderr) = (drain(child.0.stdout.take()), drain(child.0.stderr.take()));
        let status = loop {
            if let Some(status) = child.0.try_wait().map_err(|e| failed("cannot be waited for", &e))? {
                break status;
            }
            if started.elapsed() >= limit {
                return Err(Absent::new(format!("`{line}` did not end within {} s and was stopped", limit.as_secs_f32())));
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let take = |stream: std::sync::mpsc::Receiver<Vec<u8>>| {
            // A grandchild may hold the pipe open after the program itself has ended.
            let left = limit.saturating_sub(started.elapsed()).max(Duration::from_millis(100));
            let bytes = stream.recv_timeout(left).map_err(|_| Absent::new(format!("`{line}` left its output open")))?;
            if bytes.len() as u64 > MOST_OUTPUT {
                return Err(Absent::new(format!("`{line}` printed more than {MOST_OUTPUT} bytes")));
            }
            Ok(bytes)
        };
        let ended = status.code().map_or_else(|| Ended::Signal(status.signal().unwrap_or(0)), Ended::Code);
        let (stdout, stderr) = (take(stdout)?, take(stderr)?);
        let finished_at = Clock::System.now();
        Ok(Output { argv: redact::words(&command.argv), program, sha256: sha256(&bytes), ended, stdout, stderr, started_at, finished_at })
    }
}

fn drain(stream: Option<impl Read + Send + 'static>) -> std::sync::mpsc::Receiver<Vec<u8>> {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = (&mut stream).take(MOST_OUTPUT + 1).read_to_end(&mut bytes);
            // What comes after the limit is thrown away, so that the program can end.
            if bytes.len() as u64 > MOST_OUTPUT {
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
            }
        }
        let _ = send.send(bytes);
    });
    receive
}

/// Whether anybody could put a program of that name there.
fn everybody_writes(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & 0o002 != 0)
}

/// `PATH`, as folders; relative ones are left out.
pub fn search_path(path: &str) -> Vec<PathBuf> {
    std::env::split_paths(path).filter(|p| p.is_absolute()).collect()
}
