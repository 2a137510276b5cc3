//! Keeps one worker at work, and finds the document that ends it.

use super::super::line::{Stamp, Trouble, TroubleKind};
use super::super::protocol::{self, Answer};
use super::super::setting::hex;
use super::desk::{Answered, Desk};
use super::feed::Chunk;
use super::isolate::{self, Isolation};
use super::open;
use super::process::{Failure, Heard, Launch, Worker};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Chunks that a worker has at a time: while it judges one the next lies in the pipe.
const AT_A_TIME: usize = 2;

/// What every keeper knows.
pub struct Plan<'a> {
    /// How a worker is started.
    pub launch: &'a Launch,
    /// What one document may take.
    pub time: Duration,
    /// What every line says.
    pub stamp: &'a Stamp,
}

/// A chunk at a worker.
struct Task {
    chunk: Chunk,
    heading: Vec<u8>,
    from: usize,
    sent: usize,
    answers: usize,
    answered: Answered,
}

impl Task {
    fn new(chunk: Chunk) -> Self {
        let heading = chunk.heading(0);
        Self { chunk, heading, from: 0, sent: 0, answers: 0, answered: Answered::default() }
    }

    fn is_done(&self) -> bool {
        self.answers == self.chunk.starts.len()
    }

    /// The document that is to be answered next is sent again, and all behind it.
    fn again(&mut self) {
        self.heading = self.chunk.heading(self.answers);
        self.from = self.chunk.starts.get(self.answers).copied().unwrap_or(self.chunk.bytes.len());
        self.sent = 0;
    }

    /// What is left to send.
    fn rest(&self) -> &[u8] {
        match self.heading.get(self.sent..) {
            Some(rest) if !rest.is_empty() => rest,
            _ => self.chunk.bytes.get(self.from + self.sent - self.heading.len()..).unwrap_or_default(),
        }
    }

    fn take(&mut self, marks: &[u8], text: &[u8]) {
        self.answered.text.extend_from_slice(text);
        self.answered.text.push(b'\n');
        self.answered.marks.extend_from_slice(marks);
        self.answered.marks.push(b'\n');
        self.answers += 1;
    }
}

/// What ended an exchange with the worker.
enum Event {
    /// A chunk is answered, or a breath has passed.
    Fine,
    /// The worker ended; it is not known at which document.
    Dead,
    /// The document that is to be answered next does not end, perhaps in this control.
    Hangs(Option<String>),
}

/// Keeps a worker at work until nothing is left.
pub fn keep(desk: &Desk, plan: &Plan<'_>) {
    let mut tasks: VecDeque<Task> = VecDeque::new();
    let mut worker: Option<Worker> = None;
    loop {
        while tasks.len() < AT_A_TIME {
            let next = if tasks.is_empty() { desk.take() } else { desk.try_take() };
            let Some(chunk) = next else { break };
            tasks.push_back(Task::new(chunk));
        }
        if tasks.is_empty() || desk.has_stopped() {
            return worker.map_or((), |worker| if desk.has_stopped() { drop(worker) } else { worker.dismiss() });
        }
        let at_work = match worker.take() {
            Some(worker) => Ok(worker),
            None => Worker::start(plan.launch, &[]),
        };
        let outcome = at_work.and_then(|mut at_work| {
            let event = work(&mut at_work, &mut tasks, desk, plan);
            match event {
                Event::Fine => worker = Some(at_work),
                Event::Dead => {
                    drop(at_work);
                    find(&mut tasks, desk, plan)?;
                }
                Event::Hangs(control) => {
                    drop(at_work);
                    alone(&mut tasks, plan, control)?;
                }
            }
            Ok(())
        });
        tasks.retain(|task| !task.is_done() || hand_in(desk, task));
        if let Err(failure) = outcome {
            return leave(desk, tasks, failure);
        }
    }
}

/// Hands in what was answered; always false, for `retain`.
fn hand_in(desk: &Desk, task: &Task) -> bool {
    let answered = Answered { text: task.answered.text.clone(), marks: task.answered.marks.clone() };
    desk.answer(task.chunk.seq, answered);
    false
}

/// Gives back what others can do. Where nobody is left the batch fails.
fn leave(desk: &Desk, tasks: VecDeque<Task>, failure: Failure) {
    for task in tasks {
        desk.give_back(task.chunk);
    }
    match failure {
        Failure::Room(words) => drop(desk.leave(words)),
        Failure::Died(words) | Failure::Unable(words) => desk.fail(words),
    }
}

/// Sends and hears until a chunk is answered or something is wrong.
fn work(worker: &mut Worker, tasks: &mut VecDeque<Task>, desk: &Desk, plan: &Plan<'_>) -> Event {
    let mut until = Instant::now() + plan.time;
    loop {
        let unsent = tasks.iter().position(|t| !t.rest().is_empty());
        let mut rest = unsent.and_then(|at| tasks.get(at)).map(Task::rest).unwrap_or_default();
        let before = rest.len();
        let heard = worker.exchange(&mut rest, until);
        let sent = before - rest.len();
        if let Some(task) = unsent.and_then(|at| tasks.get_mut(at)) {
            task.sent += sent;
        }
        match heard {
            Heard::Line(line) => match protocol::answer(&line) {
                Answer::Verdict(marks, text) => {
                    let Some(task) = tasks.iter_mut().find(|t| !t.is_done()) else { return Event::Dead };
                    task.take(marks, text);
                    until = Instant::now() + plan.time;
                    if task.is_done() && !worker.has_lines() {
                        return Event::Fine;
                    }
                }
                Answer::Hangs(control) => return Event::Hangs(Some(control)),
                _ => return Event::Dead,
            },
            Heard::Dead(_) => return Event::Dead,
            Heard::Nothing if desk.has_stopped() => return Event::Fine,
            Heard::Nothing if Instant::now() >= until => return Event::Hangs(None),
            Heard::Nothing => {}
        }
    }
}

/// Sends what is not answered one document at a time, until the one is found that ends its worker.
fn find(tasks: &mut VecDeque<Task>, desk: &Desk, plan: &Plan<'_>) -> Result<(), Failure> {
    let mut worker = Worker::start(plan.launch, &[])?;
    while let Some(task) = tasks.iter_mut().find(|t| !t.is_done()) {
        if desk.has_stopped() {
            return Ok(());
        }
        match isolate::one(&mut worker, &task.chunk, task.answers, plan.time) {
            Some((marks, text)) => task.take(&marks, &text),
            None => {
                drop(worker);
                return alone(tasks, plan, None);
            }
        }
    }
    Ok(())
}

/// Judges the first document that is not answered apart from all others, control by control.
fn alone(tasks: &mut VecDeque<Task>, plan: &Plan<'_>, control: Option<String>) -> Result<(), Failure> {
    if let Some(task) = tasks.iter_mut().find(|t| !t.is_done()) {
        match isolate::judge(plan, &task.chunk, task.answers, control)? {
            Isolation::Answer(marks, text) => task.take(&marks, &text),
            Isolation::Nothing(words) => {
                let trouble = Trouble { kind: TroubleKind::NoDecision, code: "golive::batch::worker".to_owned(), message: words };
                let sha256 = bytes(&task.chunk, task.answers).map(|bytes| hex(&Sha256::digest(bytes)));
                let line = plan.stamp.refused(&task.chunk.source(task.answers), sha256.as_deref(), &trouble);
                let mut marks = Vec::new();
                line.marks.write(&mut marks);
                task.take(&marks, line.text.as_bytes());
            }
        }
    }
    tasks.iter_mut().filter(|t| !t.is_done()).for_each(Task::again);
    Ok(())
}

/// The bytes of one document, where they can be had.
fn bytes(chunk: &Chunk, index: usize) -> Option<Vec<u8>> {
    match protocol::request(chunk.request(index))? {
        protocol::Request::Line(line) => Some(line.to_vec()),
        protocol::Request::File(path) => {
            let mut out = Vec::new();
            open::document(Path::new(OsStr::from_bytes(&path)), &mut out).ok().map(|()| out)
        }
        protocol::Request::From(..) => None,
    }
}
