//! Where chunks wait for workers, and answers for their turn.

use super::feed::Chunk;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes of requests that wait for a worker.
const MOST_WAITING: usize = 32 << 20;

/// Bytes of answers that wait for an earlier one.
const MOST_ANSWERED: usize = 64 << 20;

/// The verdict lines of one chunk.
#[derive(Debug, Default)]
pub struct Answered {
    /// The lines.
    pub text: Vec<u8>,
    /// Their marks, one a line.
    pub marks: Vec<u8>,
}

/// What the writer finds.
#[derive(Debug)]
pub enum Turn {
    /// Answers whose turn has come.
    Answers(Vec<Answered>),
    /// Nothing yet.
    Nothing,
    /// Everything was answered and taken.
    End,
    /// No worker can go on, in words.
    Failed(String),
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Chunk>,
    waiting_bytes: usize,
    answered: BTreeMap<u64, Answered>,
    answered_bytes: usize,
    next: u64,
    end: Option<u64>,
    stopped: bool,
    keepers: usize,
    failed: Option<String>,
}

/// Where chunks wait for workers, and answers for their turn.
#[derive(Debug)]
pub struct Desk {
    state: Mutex<State>,
    change: Condvar,
    most_chunks: usize,
}

impl Desk {
    /// A desk for so many keepers of workers.
    pub fn new(keepers: usize) -> Self {
        let state = State { keepers, ..State::default() };
        Self { state: Mutex::new(state), change: Condvar::new(), most_chunks: keepers * 2 + 2 }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.change.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands in a chunk, when there is room. False where the batch has stopped.
    pub fn put(&self, chunk: Chunk) -> bool {
        let mut state = self.state();
        let full = |s: &State| !s.waiting.is_empty() && (s.waiting.len() >= self.most_chunks || s.waiting_bytes >= MOST_WAITING);
        while full(&state) && !state.stopped {
            state = self.wait(state);
        }
        state.waiting_bytes += chunk.bytes.len();
        state.waiting.push_back(chunk);
        self.change.notify_all();
        !state.stopped
    }

    /// Gives back a chunk that a worker could not take.
    pub fn give_back(&self, chunk: Chunk) {
        let mut state = self.state();
        state.waiting_bytes += chunk.bytes.len();
        let at = state.waiting.partition_point(|c| c.seq < chunk.seq);
        state.waiting.insert(at, chunk);
        self.change.notify_all();
    }

    /// Nothing more comes after so many portions.
    pub fn end(&self, portions: u64) {
        self.state().end = Some(portions);
        self.change.notify_all();
    }

    /// The next chunk for a worker that has nothing to do; none at the end.
    pub fn take(&self) -> Option<Chunk> {
        let mut state = self.state();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(chunk) = state.take() {
                self.change.notify_all();
                return Some(chunk);
            }
            if state.end.is_some_and(|end| state.next + state.answered.len() as u64 >= end) {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// The next chunk for a worker that has something to do already.
    pub fn try_take(&self) -> Option<Chunk> {
        let mut state = self.state();
        let chunk = if state.stopped { None } else { state.take() };
        if chunk.is_some() {
            self.change.notify_all();
        }
        chunk
    }

    /// Hands in answers.
    pub fn answer(&self, seq: u64, answered: Answered) {
        let mut state = self.state();
        state.answered_bytes += answered.text.len();
        state.answered.insert(seq, answered);
        self.change.notify_all();
    }

    /// Hands in an answer that no worker made, when there is room.
    pub fn answer_in_turn(&self, seq: u64, answered: Answered) -> bool {
        let mut state = self.state();
        while state.answered_bytes >= MOST_ANSWERED && state.next != seq && !state.stopped {
            state = self.wait(state);
        }
        drop(state);
        self.answer(seq, answered);
        !self.has_stopped()
    }

    /// The answers whose turn has come, after a short wait at most.
    pub fn turn(&self, patience: Duration) -> Turn {
        let mut state = self.state();
        if state.is_idle() {
            state = self.change.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
        let mut out = Vec::new();
        while let Some(answered) = {
            let next = state.next;
            state.answered.remove(&next)
        } {
            state.answered_bytes -= answered.text.len();
            state.next += 1;
            out.push(answered);
        }
        if !out.is_empty() {
            self.change.notify_all();
            return Turn::Answers(out);
        }
        match &state.failed {
            Some(words) => Turn::Failed(words.clone()),
            None if state.end == Some(state.next) => Turn::End,
            None => Turn::Nothing,
        }
    }

    /// No keeper takes anything any more.
    pub fn stop(&self) {
        self.state().stopped = true;
        self.change.notify_all();
    }

    /// Whether the batch has stopped.
    pub fn has_stopped(&self) -> bool {
        self.state().stopped
    }

    /// A keeper cannot go on. True where others can.
    pub fn leave(&self, words: String) -> bool {
        let mut state = self.state();
        state.keepers -= 1;
        if state.keepers == 0 {
            state.failed = Some(words);
        }
        self.change.notify_all();
        state.keepers > 0
    }

    /// No worker can go on.
    pub fn fail(&self, words: String) {
        let mut state = self.state();
        state.failed.get_or_insert(words);
        state.stopped = true;
        self.change.notify_all();
    }
}

impl State {
    fn take(&mut self) -> Option<Chunk> {
        let first = self.waiting.front()?;
        // The chunk whose turn is next is taken whatever else waits.
        if self.answered_bytes >= MOST_ANSWERED && first.seq != self.next {
            return None;
        }
        let chunk = self.waiting.pop_front()?;
        self.waiting_bytes -= chunk.bytes.len();
        Some(chunk)
    }

    fn is_idle(&self) -> bool {
        self.failed.is_none() && self.end != Some(self.next) && !self.answered.contains_key(&self.next)
    }
}
