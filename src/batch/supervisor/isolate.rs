//! One document in a worker of its own.

use super::super::protocol::{self, Answer};
use super::feed::Chunk;
use super::keeper::Plan;
use super::process::{Failure, Heard, Worker};
use std::ffi::OsString;
use std::time::{Duration, Instant};

/// What came of a document that ended its worker.
pub enum Isolation {
    /// Marks and text of its line.
    Answer(Vec<u8>, Vec<u8>),
    /// No line, in words.
    Nothing(String),
}

/// Controls of one document that may each end a worker, before the document itself is given up.
const MOST_BROKEN: usize = 1000;

/// Marks and text of the line of one document; nothing where the worker ends or does not answer in time.
pub fn one(worker: &mut Worker, chunk: &Chunk, index: usize, time: Duration) -> Option<(Vec<u8>, Vec<u8>)> {
    match exchange(worker, chunk, index, time) {
        End::Answer(marks, text) => Some((marks, text)),
        End::Stage(..) => None,
    }
}

/// How a document's time in a worker ended.
enum End {
    Answer(Vec<u8>, Vec<u8>),
    /// What was announced last, and what happened.
    Stage(Option<String>, String),
}

fn exchange(worker: &mut Worker, chunk: &Chunk, index: usize, time: Duration) -> End {
    let request = [chunk.heading(index).as_slice(), chunk.request(index), b"\n"].concat();
    let mut rest = request.as_slice();
    let until = Instant::now() + time;
    let mut stage = None;
    loop {
        match worker.exchange(&mut rest, until) {
            Heard::Line(line) => match protocol::answer(&line) {
                Answer::Verdict(marks, text) => return End::Answer(marks.to_vec(), text.to_vec()),
                Answer::Next(next) => stage = Some(next),
                Answer::Hangs(control) => return End::Stage(Some(control), "the worker did not end in time".to_owned()),
                _ => return End::Stage(None, "the worker gave no answer".to_owned()),
            },
            Heard::Dead(words) => return End::Stage(stage, words),
            Heard::Nothing if Instant::now() >= until => {
                return End::Stage(stage, format!("the worker gave no answer in {} s", time.as_secs()));
            }
            Heard::Nothing => {}
        }
    }
}

/// Judges one document while the worker says which control comes next. A control that ends the worker is `error`, and the
/// others are judged.
pub fn judge(plan: &Plan<'_>, chunk: &Chunk, index: usize, control: Option<String>) -> Result<Isolation, Failure> {
    let mut broken: Vec<String> = control.into_iter().collect();
    loop {
        let mut further = vec![OsString::from("--announce")];
        further.extend(broken.iter().flat_map(|control| [OsString::from("--broken"), control.into()]));
        let mut worker = Worker::start(plan.launch, &further)?;
        match exchange(&mut worker, chunk, index, plan.time) {
            End::Answer(marks, text) => return Ok(Isolation::Answer(marks, text)),
            End::Stage(Some(stage), _) if is_control(&stage) && !broken.contains(&stage) && broken.len() < MOST_BROKEN => {
                broken.push(stage);
            }
            End::Stage(stage, words) => {
                let at = stage.map_or(String::new(), |stage| format!(" at the stage `{stage}`"));
                return Ok(Isolation::Nothing(format!("{words}{at}")));
            }
        }
    }
}

/// A control's id has its area before a point; the other stages have none.
fn is_control(stage: &str) -> bool {
    stage.contains('.')
}
