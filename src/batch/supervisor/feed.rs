//! The documents of the inputs, one after the other, and in chunks for the workers.

use super::super::lines::{self, Found};
use super::super::protocol;
use super::list::{Kind, List};
use super::open;
use crate::text::{Limits, Problem, visible};
use std::ffi::OsStr;
use std::io::{BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// Documents of one chunk, where that many are at hand.
const MOST_DOCUMENTS: usize = 64;

/// Bytes of lines in one chunk, but for the last of its lines.
const ENOUGH_BYTES: usize = 256 << 10;

/// The next document.
#[derive(Debug)]
pub enum Next {
    /// A file, by its path.
    File(Vec<u8>),
    /// A line, whose bytes were appended.
    Line(Arc<str>, u64),
    /// A document that cannot be read: its source and why.
    Unread(String, Problem),
}

/// The documents of a list of inputs.
pub struct Feed {
    list: List,
    at: usize,
    open: Option<Stream>,
}

struct Stream {
    name: Arc<str>,
    number: u64,
    from: BufReader<Box<dyn Read + Send>>,
}

impl Feed {
    /// From the first input on.
    pub fn new(list: List) -> Self {
        Self { list, at: 0, open: None }
    }

    /// The inputs.
    pub fn list(&self) -> &List {
        &self.list
    }

    /// The next document; the bytes of a line are appended to `out`.
    pub fn next(&mut self, out: &mut Vec<u8>) -> Option<Next> {
        loop {
            if let Some(stream) = &mut self.open {
                match stream.next(out) {
                    Some(next) => return Some(next),
                    None => self.open = None,
                }
            }
            let (path, kind) = self.list.get(self.at)?;
            self.at += 1;
            match kind {
                Kind::Document => return Some(Next::File(path)),
                Kind::Stdin => self.open = Some(Stream::new("-", Box::new(std::io::stdin()))),
                Kind::Lines => match open::regular(Path::new(OsStr::from_bytes(&path))) {
                    Ok(file) => self.open = Some(Stream::new(&String::from_utf8_lossy(&path), Box::new(file))),
                    Err(problem) => return Some(Next::Unread(String::from_utf8_lossy(&path).into_owned(), problem)),
                },
                Kind::Refused => {
                    let problem = self.list.problem(self.at - 1).cloned();
                    let problem = problem.unwrap_or_else(|| Problem::new("golive::bug", "refused without a reason"));
                    return Some(Next::Unread(String::from_utf8_lossy(&path).into_owned(), problem));
                }
            }
        }
    }

    /// Whether the next document may have to be waited for.
    fn may_wait(&self) -> bool {
        self.open.as_ref().is_some_and(|s| memchr::memchr(b'\n', s.from.buffer()).is_none())
    }
}

impl Stream {
    fn new(name: &str, from: Box<dyn Read + Send>) -> Self {
        Self { name: Arc::from(name), number: 0, from: BufReader::with_capacity(ENOUGH_BYTES, from) }
    }

    fn next(&mut self, out: &mut Vec<u8>) -> Option<Next> {
        let limit = Limits::default().bytes;
        let before = out.len();
        self.number += 1;
        let source = || format!("{}:{}", self.name, self.number);
        match lines::next(&mut self.from, out, limit) {
            Ok(Found::End) => None,
            Ok(Found::Line) => Some(Next::Line(Arc::clone(&self.name), self.number)),
            Ok(Found::TooLong) => {
                let message = format!("{} is too large: more than {limit} bytes", visible(&source()));
                Some(Next::Unread(source(), Problem::new("golive::text::size", message)))
            }
            Err(error) => {
                out.truncate(before);
                let message = format!("cannot read {}: {}", visible(&source()), visible(&error.to_string()));
                let source = source();
                // What cannot be read now cannot be read on from.
                self.from = BufReader::new(Box::new(std::io::empty()));
                Some(Next::Unread(source, Problem::new("golive::input::unreadable", message)))
            }
        }
    }
}

/// Some documents, as they are sent to a worker.
#[derive(Debug)]
pub struct Chunk {
    /// Its place in the order.
    pub seq: u64,
    /// The requests, one a line.
    pub bytes: Vec<u8>,
    /// Where each request begins.
    pub starts: Vec<usize>,
    /// Where the lines come from, and the number of the first; none for files.
    pub from: Option<(Arc<str>, u64)>,
}

impl Chunk {
    /// The request of one document, without its end.
    pub fn request(&self, index: usize) -> &[u8] {
        let end = self.starts.get(index + 1).map_or(self.bytes.len(), |next| *next);
        self.bytes.get(self.starts.get(index).copied().unwrap_or(end)..end.saturating_sub(1)).unwrap_or_default()
    }

    /// The source of one document.
    pub fn source(&self, index: usize) -> String {
        match (&self.from, protocol::request(self.request(index))) {
            (Some((name, first)), _) => format!("{name}:{}", first + index as u64),
            (None, Some(protocol::Request::File(path))) => String::from_utf8_lossy(&path).into_owned(),
            (None, _) => String::new(),
        }
    }

    /// What is sent before the request of one document, so that the worker knows where it comes from.
    pub fn heading(&self, index: usize) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some((name, first)) = &self.from {
            protocol::from(name, first + index as u64, &mut out);
        }
        out
    }
}

/// What comes next in the order.
#[derive(Debug)]
pub enum Portion {
    /// For a worker.
    Chunk(Chunk),
    /// A document that cannot be read: its place, its source and why.
    Unread(u64, String, Problem),
}

/// Cuts a feed into chunks.
pub struct Cutter {
    feed: Feed,
    size: usize,
    seq: u64,
    held: Option<(Next, Vec<u8>)>,
}

impl Cutter {
    /// Chunks for so many workers.
    pub fn new(feed: Feed, workers: usize) -> Self {
        // Few documents are spread over all workers.
        let size = feed.list().count() / (workers * 8).max(1);
        let size = if feed.list().documents().is_some() { size.clamp(1, MOST_DOCUMENTS) } else { MOST_DOCUMENTS };
        Self { feed, size, seq: 0, held: None }
    }

    /// The next portion; none at the end of the inputs.
    pub fn next(&mut self) -> Option<Portion> {
        let mut chunk = Chunk { seq: self.seq, bytes: Vec::new(), starts: Vec::new(), from: None };
        loop {
            let start = chunk.bytes.len();
            let next = match self.held.take() {
                Some((next, line)) => {
                    chunk.bytes.push(protocol::LINE);
                    chunk.bytes.extend_from_slice(&line);
                    next
                }
                None => {
                    chunk.bytes.push(protocol::LINE);
                    let Some(next) = self.feed.next(&mut chunk.bytes) else {
                        chunk.bytes.truncate(start);
                        break;
                    };
                    next
                }
            };
            if let Some(next) = chunk.add(next, start) {
                let line = chunk.bytes.split_off(start);
                if let (true, Next::Unread(source, problem)) = (chunk.starts.is_empty(), &next) {
                    self.seq += 1;
                    return Some(Portion::Unread(chunk.seq, source.clone(), problem.clone()));
                }
                self.held = Some((next, line[1..].to_vec()));
                break;
            }
            let full = chunk.starts.len() >= self.size || chunk.bytes.len() >= ENOUGH_BYTES;
            if full || self.feed.may_wait() {
                break;
            }
        }
        if chunk.starts.is_empty() {
            return None;
        }
        self.seq += 1;
        Some(Portion::Chunk(chunk))
    }
}

impl Chunk {
    /// Takes a document whose line begins at `start`, or gives it back where it belongs into another chunk.
    fn add(&mut self, next: Next, start: usize) -> Option<Next> {
        match next {
            Next::File(path) if self.from.is_none() => {
                self.bytes.truncate(start);
                protocol::file(&path, &mut self.bytes);
            }
            Next::Line(name, number) if self.continues(&name, number) => {
                self.from.get_or_insert((name, number));
                self.bytes.push(b'\n');
            }
            other => return Some(other),
        }
        self.starts.push(start);
        None
    }

    fn continues(&self, name: &Arc<str>, number: u64) -> bool {
        match &self.from {
            Some((own, first)) => own == name && first + self.starts.len() as u64 == number,
            None => self.starts.is_empty(),
        }
    }
}
