//! One worker process and the pipes to it.

use super::super::protocol::{self, Answer};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Room in a pipe, so that neither side waits for the other at each document.
const PIPE: usize = 1 << 20;

/// Loading a checklist may take this long.
const START: Duration = Duration::from_secs(60);

/// A worker that ends before it is ready is started so often.
const ATTEMPTS: u32 = 5;

/// No wait is longer, so that a stop is heard.
const BREATH: Duration = Duration::from_millis(100);

/// How a worker is started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The arguments.
    pub arguments: Vec<OsString>,
}

/// A worker process.
pub struct Worker {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    heard: Vec<u8>,
    read: usize,
    scanned: usize,
}

/// What became of a wait.
#[derive(Debug)]
pub enum Heard {
    /// A line of the worker's, without its end.
    Line(Vec<u8>),
    /// Something was written, or a breath has passed.
    Nothing,
    /// The worker has ended, in words.
    Dead(String),
}

/// Why a worker did not start.
#[derive(Debug)]
pub enum Failure {
    /// The system has no room for another process.
    Room(String),
    /// The worker ended before it was ready.
    Died(String),
    /// The worker itself says that it cannot work.
    Unable(String),
}

impl Worker {
    /// Starts a worker, and waits until it is ready. One that is killed meanwhile is started again.
    pub fn start(launch: &Launch, further: &[OsString]) -> Result<Self, Failure> {
        let mut attempts = 1;
        loop {
            match Self::attempt(launch, further) {
                Err(Failure::Died(_)) if attempts < ATTEMPTS => attempts += 1,
                outcome => return outcome,
            }
        }
    }

    fn attempt(launch: &Launch, further: &[OsString]) -> Result<Self, Failure> {
        let room = |e: &io::Error| Failure::Room(format!("no worker can be started: {e}"));
        let mut command = Command::new(program());
        command.arg0("golive").args(&launch.arguments).args(further);
        // Of its own group, so that a terminal's SIGINT reaches the supervisor alone.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn().map_err(|e| room(&e))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::Unable("a worker has no pipes".to_owned()));
        };
        let mut worker = Self { child, stdin: Some(stdin), stdout, heard: Vec::new(), read: 0, scanned: 0 };
        worker.prepare().map_err(|e| room(&e))?;
        let until = Instant::now() + START;
        while Instant::now() < until {
            match worker.hear(until) {
                Heard::Line(line) => match protocol::answer(&line) {
                    Answer::Ready => return Ok(worker),
                    Answer::Unable(words) => return Err(Failure::Unable(words)),
                    _ => return Err(Failure::Unable("a worker does not say that it is ready".to_owned())),
                },
                Heard::Dead(words) => return Err(Failure::Died(format!("{words} before it was ready"))),
                Heard::Nothing => {}
            }
        }
        Err(Failure::Unable("a worker does not become ready".to_owned()))
    }

    fn prepare(&mut self) -> io::Result<()> {
        if let Some(stdin) = &self.stdin {
            fcntl_setfl(stdin, fcntl_getfl(stdin)? | OFlags::NONBLOCK)?;
            // More room is quicker, and nothing depends on it.
            let _ = rustix::pipe::fcntl_setpipe_size(stdin, PIPE);
        }
        fcntl_setfl(&self.stdout, fcntl_getfl(&self.stdout)? | OFlags::NONBLOCK)?;
        let _ = rustix::pipe::fcntl_setpipe_size(&self.stdout, PIPE);
        Ok(())
    }

    /// The next line, for which nothing has to be written.
    pub fn hear(&mut self, until: Instant) -> Heard {
        self.exchange(&mut Vec::new().as_slice(), until)
    }

    /// Writes as much as the pipe takes of what is left to write, and gives the next line.
    pub fn exchange(&mut self, outgoing: &mut &[u8], until: Instant) -> Heard {
        if let Some(line) = self.line() {
            return Heard::Line(line);
        }
        let patience = until.saturating_duration_since(Instant::now()).min(BREATH);
        let (readable, writable) = self.poll(!outgoing.is_empty(), patience);
        if let (true, Some(stdin)) = (writable, &mut self.stdin) {
            match stdin.write(outgoing) {
                Ok(written) => *outgoing = outgoing.get(written..).unwrap_or_default(),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                // The pipe has no reader: that the worker has ended is heard on the other one.
                Err(_) => self.stdin = None,
            }
        }
        if !readable {
            return Heard::Nothing;
        }
        match self.fill() {
            Ok(0) => Heard::Dead(self.end()),
            Ok(_) => self.line().map_or(Heard::Nothing, Heard::Line),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Heard::Nothing,
            Err(_) => Heard::Dead(self.end()),
        }
    }

    fn poll(&self, write: bool, patience: Duration) -> (bool, bool) {
        let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(patience.subsec_nanos()) };
        let mut fds = vec![PollFd::from_borrowed_fd(self.stdout.as_fd(), PollFlags::IN)];
        if let (true, Some(stdin)) = (write, &self.stdin) {
            fds.push(PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::OUT));
        }
        if poll(&mut fds, Some(&timeout)).is_err() {
            return (false, false);
        }
        let ready = |at: usize| fds.get(at).is_some_and(|fd| !fd.revents().is_empty());
        (ready(0), ready(1))
    }

    fn fill(&mut self) -> io::Result<usize> {
        if self.read > 0 {
            self.heard.drain(..self.read);
            self.scanned -= self.read;
            self.read = 0;
        }
        let length = self.heard.len();
        self.heard.resize(length + PIPE / 4, 0);
        let got = self.stdout.read(&mut self.heard[length..]);
        self.heard.truncate(length + got.as_ref().map_or(0, |n| *n));
        got
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        match memchr::memchr(b'\n', &self.heard[self.scanned..]) {
            Some(at) => {
                let end = self.scanned + at;
                let line = self.heard[self.read..end].to_vec();
                self.read = end + 1;
                self.scanned = self.read;
                Some(line)
            }
            None => {
                self.scanned = self.heard.len();
                None
            }
        }
    }

    /// Whether lines are at hand that were not looked at.
    pub fn has_lines(&self) -> bool {
        memchr::memchr(b'\n', &self.heard[self.scanned..]).is_some()
    }

    /// Ends the worker, and says how it ended.
    pub fn end(&mut self) -> String {
        self.stdin = None;
        // A worker that has closed its output ends by itself; one that does not is helped.
        for _ in 0..20 {
            if let Ok(Some(status)) = self.child.try_wait() {
                return ended(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill();
        "the worker closed its output".to_owned()
    }

    /// Kills the worker.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Lets a worker go that has nothing to do.
    pub fn dismiss(mut self) {
        self.stdin = None;
        let _ = self.child.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// This very program, even where its file was replaced meanwhile.
fn program() -> PathBuf {
    let own = Path::new("/proc/self/exe");
    if own.exists() { own.to_owned() } else { std::env::current_exe().unwrap_or_else(|_| "golive".into()) }
}

fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("the worker ended with exit code {code}"),
        (None, Some(signal)) => format!("the worker was ended by {}", signal_words(signal)),
        (None, None) => "the worker ended".to_owned(),
    }
}

fn signal_words(signal: i32) -> String {
    match signal {
        4 => "SIGILL".to_owned(),
        6 => "SIGABRT (a crash, or the memory limit)".to_owned(),
        7 => "SIGBUS".to_owned(),
        9 => "SIGKILL".to_owned(),
        11 => "SIGSEGV".to_owned(),
        15 => "SIGTERM".to_owned(),
        other => format!("signal {other}"),
    }
}
