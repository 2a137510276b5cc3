//! The run of a batch.

use super::super::judge::refused;
use super::super::line::{Ending, Marks, Stamp};
use super::super::summary::Summary;
use super::desk::{Answered, Desk, Turn};
use super::feed::{Cutter, Feed, Portion};
use super::keeper::{self, Plan};
use super::output::Output;
use super::process::Launch;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the writer looks up.
const BREATH: Duration = Duration::from_millis(100);

/// How often written lines are made durable.
const SYNC: Duration = Duration::from_secs(5);

/// Everything that a run needs.
pub struct Job {
    /// What every line says.
    pub stamp: Stamp,
    /// How a worker is started.
    pub launch: Launch,
    /// How many workers there are.
    pub workers: usize,
    /// What one document may take.
    pub time: Duration,
    /// Where the lines go.
    pub output: Output,
    /// What was counted so far.
    pub summary: Summary,
}

/// Hears how a run goes on.
pub trait Watcher {
    /// So many documents are done.
    fn done(&mut self, documents: u64);
    /// A document has no decision: its line.
    fn trouble(&mut self, line: &[u8]);
    /// Whether the run must stop now.
    fn must_stop(&self) -> bool;
}

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// Every document has its line.
    Done,
    /// It was told to stop.
    Stopped,
    /// The lines could not be written.
    Write(io::Error),
    /// No worker could go on, in words.
    Failed(String),
}

/// Judges what the feed gives, and writes the lines in its order.
pub fn run(job: &mut Job, feed: Feed, watcher: &mut dyn Watcher) -> End {
    let desk = Arc::new(Desk::new(job.workers));
    let cutter = Cutter::new(feed, job.workers);
    let reader = spawn("reader", {
        let (desk, stamp) = (Arc::clone(&desk), job.stamp.clone());
        move || read(cutter, &desk, &stamp)
    });
    if let Err(error) = reader {
        return End::Failed(format!("no thread can be started: {error}"));
    }
    let mut keepers = Vec::new();
    for _ in 0..job.workers {
        let (shared, stamp, launch, time) = (Arc::clone(&desk), job.stamp.clone(), job.launch.clone(), job.time);
        let keeper = spawn("keeper", move || {
            keeper::keep(&shared, &Plan { launch: &launch, time, stamp: &stamp });
        });
        match keeper {
            Ok(keeper) => keepers.push(keeper),
            Err(error) if !desk.leave(format!("no thread can be started: {error}")) => break,
            Err(_) => {}
        }
    }
    let end = write(job, &desk, watcher);
    // Whoever is told to stop kills its worker; at the end nobody is, so that workers write what they keep for the next run.
    if matches!(end, End::Done) {
        for keeper in keepers {
            drop(keeper.join());
        }
    } else {
        desk.stop();
    }
    end
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work)
}

/// Reads the inputs to their end.
fn read(mut cutter: Cutter, desk: &Desk, stamp: &Stamp) {
    let mut portions = 0;
    while let Some(portion) = cutter.next() {
        portions += 1;
        let goes_on = match portion {
            Portion::Chunk(chunk) => desk.put(chunk),
            Portion::Unread(seq, source, problem) => {
                let line = stamp.refused(&source, None, &refused(&problem, 0));
                let mut answered = Answered { text: line.text.into_bytes(), marks: Vec::new() };
                answered.text.push(b'\n');
                line.marks.write(&mut answered.marks);
                answered.marks.push(b'\n');
                desk.answer_in_turn(seq, answered)
            }
        };
        if !goes_on {
            return;
        }
    }
    desk.end(portions);
}

/// Writes answers in their turn.
fn write(job: &mut Job, desk: &Desk, watcher: &mut dyn Watcher) -> End {
    let mut synced = Instant::now();
    loop {
        let turn = desk.turn(BREATH);
        if let Turn::Answers(answers) = &turn {
            for answered in answers {
                if let Err(words) = count(answered, &mut job.summary, watcher) {
                    return End::Failed(words);
                }
            }
            let bytes: Vec<u8> = answers.iter().map(|a| a.text.as_slice()).collect::<Vec<_>>().concat();
            if let Err(error) = job.output.write(&bytes) {
                return End::Write(error);
            }
            watcher.done(job.summary.counts().documents());
        }
        if watcher.must_stop() {
            return job.output.sync().map_or_else(End::Write, |()| End::Stopped);
        }
        match turn {
            Turn::Answers(_) | Turn::Nothing => {}
            Turn::End => {
                return job.output.finish(job.summary.counts().documents()).map_or_else(End::Write, |()| End::Done);
            }
            Turn::Failed(words) => return End::Failed(words),
        }
        if synced.elapsed() > SYNC {
            synced = Instant::now();
            if let Err(error) = job.output.sync() {
                return End::Write(error);
            }
        }
    }
}

/// Counts lines by their marks; in words what makes the batch stop, before one of them is written.
fn count(answered: &Answered, summary: &mut Summary, watcher: &mut dyn Watcher) -> Result<(), String> {
    let broken = || "a worker's answer is not whole".to_owned();
    let mut rest = answered.text.as_slice();
    for marks in answered.marks.split_inclusive(|b| *b == b'\n') {
        let Some(end) = memchr::memchr(b'\n', rest) else { return Err(broken()) };
        let (line, behind) = rest.split_at(end + 1);
        rest = behind;
        let Some(marks) = Marks::read(marks.strip_suffix(b"\n").unwrap_or(marks)) else { return Err(broken()) };
        if marks.ending == Ending::Differs {
            return Err(format!("no line of this batch can be believed: {}", String::from_utf8_lossy(line).trim_end()));
        }
        summary.add(&marks);
        if matches!(marks.ending, Ending::Refused | Ending::NoDecision) {
            watcher.trouble(line);
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(broken()) }
}
