//! The work of a worker: lines in, the same number of lines out, in the same order.

use super::super::judge::Judge;
use super::super::line::{Ending, Line};
use super::super::lines::{self, Found};
use super::super::protocol::{self, Request};
use super::open;
use crate::text::{Limits, Problem, visible};
use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, set_parent_process_death_signal, setrlimit};
use std::ffi::OsStr;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes that are read at a time.
const BUFFER: usize = 256 << 10;

/// Bytes of answers after which they are written.
const ENOUGH: usize = 64 << 10;

/// How often somebody looks whether answers lie about, or a control hangs.
const WATCH: Duration = Duration::from_millis(50);

/// How far beyond its limit a control may go before it is said to hang.
const GRACE: Duration = Duration::from_millis(500);

/// How far beyond its limit a control may go before a worker that nobody supervises gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a worker works.
#[derive(Debug, Clone)]
pub struct Order {
    /// Started by a supervisor: the protocol of letters instead of plain lines.
    pub supervised: bool,
    /// A line that is a JSON string is the path of a facts file.
    pub files: bool,
    /// Each stage is announced before it begins.
    pub announce: bool,
    /// What stands before the number of a line in its source.
    pub prefix: String,
}

/// Sets the limits of this process: its address space, no core files, and an end with its supervisor.
///
/// # Errors
/// The system's refusal.
pub fn limit(memory: u64, supervised: bool) -> io::Result<()> {
    setrlimit(Resource::As, Rlimit { current: Some(memory), maximum: Some(memory) })?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    if supervised {
        set_parent_process_death_signal(Some(Signal::KILL))?;
    }
    Ok(())
}

/// Says that the worker cannot work.
///
/// # Errors
/// What the output says.
pub fn unable(words: &str, output: &mut impl Write) -> io::Result<()> {
    let mut out = Vec::new();
    protocol::ready(Some(words), &mut out);
    output.write_all(&out).and_then(|()| output.flush())
}

/// Answers every line of the input.
///
/// # Errors
/// What input or output say.
pub fn work(mut judge: Judge, order: &Order, input: impl Read, output: impl Write + Send + 'static) -> io::Result<()> {
    let out = Arc::new(Out { state: Mutex::new(Pending { bytes: Vec::new(), error: None, to: Box::new(output) }) });
    let stage: Arc<Mutex<Stage>> = Arc::default();
    let (heard, to, announce) = (Arc::clone(&stage), Arc::clone(&out), order.announce);
    judge.watch(Box::new(move |next| {
        lock(&heard).enter(next);
        if announce {
            to.append(true, |bytes| protocol::announce(next, bytes));
        }
    }));
    let guard = Guard { out: Arc::clone(&out), stage: Arc::clone(&stage), limit: judge.limits().time, supervised: order.supervised };
    std::thread::Builder::new().name("guard".to_owned()).spawn(move || guard.watch())?;
    if order.supervised {
        out.append(true, |bytes| protocol::ready(None, bytes));
    }
    let mut from = BufReader::with_capacity(BUFFER, input);
    let mut desk = Desk { judge, order: order.clone(), name: order.prefix.clone(), number: 0, bytes: Vec::new() };
    let mut line = Vec::new();
    loop {
        line.clear();
        let found = lines::next(&mut from, &mut line, Limits::default().bytes + usize::from(order.supervised))?;
        let answer = match found {
            Found::End => break,
            Found::Line => desk.answer(&line)?,
            Found::TooLong => Some(desk.too_long()),
        };
        lock(&stage).leave();
        let differs = answer.as_ref().is_some_and(|line| line.marks.ending == Ending::Differs);
        let waits = memchr::memchr(b'\n', from.buffer()).is_none();
        if let Some(answer) = answer {
            out.append(waits, |bytes| {
                if order.supervised {
                    protocol::verdict(&answer, bytes);
                } else {
                    bytes.extend_from_slice(answer.text.as_bytes());
                    bytes.push(b'\n');
                }
            });
        }
        out.check()?;
        if differs && !order.supervised {
            out.append(true, |_| {});
            return Err(io::Error::other("the fast path and the reference differ: no line of this batch can be believed"));
        }
    }
    out.append(true, |_| {});
    out.check()
}

/// Turns lines into answers.
struct Desk {
    judge: Judge,
    order: Order,
    name: String,
    number: u64,
    bytes: Vec<u8>,
}

impl Desk {
    fn answer(&mut self, line: &[u8]) -> io::Result<Option<Line>> {
        if !self.order.supervised {
            self.number += 1;
            return Ok(Some(self.plain(line)));
        }
        match protocol::request(line) {
            Some(Request::File(path)) => Ok(Some(self.file(&path))),
            Some(Request::Line(line)) => {
                let source = self.source();
                self.number += 1;
                Ok(Some(self.judge.line(&source, line)))
            }
            Some(Request::From(name, number)) => {
                (self.name, self.number) = (name, number);
                Ok(None)
            }
            None => Err(io::Error::new(io::ErrorKind::InvalidData, "the supervisor sent nonsense")),
        }
    }

    /// A line of somebody who is no supervisor.
    fn plain(&mut self, line: &[u8]) -> Line {
        if line.trim_ascii_start().first() != Some(&b'"') {
            return self.judge.line(&self.source(), line);
        }
        match serde_json::from_slice::<String>(line) {
            Ok(path) if self.order.files => self.file(path.as_bytes()),
            Ok(_) => {
                let problem = Problem::new("golive::batch::path", "a line that is a path is accepted with --files alone");
                self.judge.unread(&self.source(), &problem)
            }
            Err(_) => self.judge.line(&self.source(), line),
        }
    }

    fn file(&mut self, path: &[u8]) -> Line {
        let path = Path::new(OsStr::from_bytes(path));
        let source = path.to_string_lossy();
        match open::document(path, &mut self.bytes) {
            Ok(()) => self.judge.line(&source, &self.bytes),
            Err(problem) => self.judge.unread(&source, &problem),
        }
    }

    fn too_long(&mut self) -> Line {
        self.number += 1;
        let source = self.source();
        let message = format!("{} is too large: more than {} bytes", visible(&source), Limits::default().bytes);
        self.judge.unread(&source, &Problem::new("golive::text::size", message))
    }

    fn source(&self) -> String {
        format!("{}:{}", self.name, self.number)
    }
}

/// Answers on their way out.
struct Out {
    state: Mutex<Pending>,
}

struct Pending {
    bytes: Vec<u8>,
    error: Option<io::Error>,
    to: Box<dyn Write + Send>,
}

impl Out {
    fn append(&self, flush: bool, write: impl FnOnce(&mut Vec<u8>)) {
        let mut state = lock(&self.state);
        write(&mut state.bytes);
        if flush || state.bytes.len() >= ENOUGH {
            state.flush();
        }
    }

    fn check(&self) -> io::Result<()> {
        lock(&self.state).error.take().map_or(Ok(()), Err)
    }
}

impl Pending {
    fn flush(&mut self) {
        if self.error.is_none() && !self.bytes.is_empty() {
            self.error = self.to.write_all(&self.bytes).and_then(|()| self.to.flush()).err();
        }
        self.bytes.clear();
    }
}

/// What is being done since when.
#[derive(Default)]
struct Stage {
    name: String,
    since: Option<Instant>,
}

impl Stage {
    fn enter(&mut self, name: &str) {
        self.name.clear();
        self.name.push_str(name);
        self.since = Some(Instant::now());
    }

    fn leave(&mut self) {
        self.since = None;
    }
}

/// Writes answers that lie about, and says which control hangs.
struct Guard {
    out: Arc<Out>,
    stage: Arc<Mutex<Stage>>,
    limit: Duration,
    supervised: bool,
}

impl Guard {
    fn watch(&self) {
        let mut told = None;
        loop {
            std::thread::sleep(WATCH);
            let (name, since) = {
                let stage = lock(&self.stage);
                (stage.name.clone(), stage.since)
            };
            self.out.append(true, |_| {});
            // Only a control has a limit of its own, and its name a point.
            let Some(since) = since.filter(|_| name.contains('.')) else { continue };
            if self.supervised && since.elapsed() > self.limit + GRACE && told != Some(since) {
                told = Some(since);
                self.out.append(true, |bytes| protocol::hangs(&name, bytes));
            }
            if !self.supervised && since.elapsed() > self.limit + PATIENCE {
                let _ = kill_process(getpid(), Signal::ABORT);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
