//! One document by both versions.

use super::tally::{Answer, Comparison, Name, Tally};
use super::versions::Which;
use crate::batch::{Ending, Judge, Line, Mode, Refusal, Setting};
use crate::model::Instant;
use crate::text::Problem;

/// Percent of the documents that go through both paths, as in a batch.
const SAMPLE: f64 = 1.0;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry<'a> {
    /// What is in force.
    pub base: &'a Setting,
    /// What is proposed.
    pub head: &'a Setting,
    /// The clock of both.
    pub now: Instant,
    /// How many judge at a time.
    pub threads: usize,
    /// Everything by the reference alone.
    pub reference: bool,
}

/// One document.
#[derive(Debug)]
pub struct Input {
    /// Its place in the order of the inputs.
    pub place: u64,
    /// Where it stands.
    pub source: String,
    /// Why its bytes could not be read.
    pub problem: Option<Problem>,
}

/// Why nothing can be said.
#[derive(Debug)]
pub enum Stop {
    /// A version is refused.
    Refused(Which, Refusal),
    /// The fast path and the reference differ on a document.
    Differs(String),
    /// Something that judged has died.
    Died(String),
}

/// Both versions, ready to judge.
pub struct Pair {
    base: Judge,
    head: Judge,
    reference: bool,
}

impl Pair {
    /// Loads both.
    ///
    /// # Errors
    /// One of them is refused.
    pub fn new(inquiry: &Inquiry<'_>) -> Result<Self, Stop> {
        let judge = |which, setting: &Setting| {
            let mut judge = Judge::new(setting.clone(), inquiry.now).map_err(|refusal| Stop::Refused(which, refusal))?;
            if !inquiry.reference {
                judge.take(Mode::quick(SAMPLE));
            }
            Ok(judge)
        };
        Ok(Self { base: judge(Which::Base, inquiry.base)?, head: judge(Which::Head, inquiry.head)?, reference: inquiry.reference })
    }

    /// Judges one document twice, and counts what differs.
    ///
    /// # Errors
    /// The fast path and the reference differ on it.
    pub fn document(&mut self, input: &Input, bytes: &[u8], tally: &mut Tally) -> Result<Comparison, Stop> {
        let source = &input.source;
        let line = |judge: &mut Judge| match &input.problem {
            Some(problem) => judge.unread(source, problem),
            None => judge.line(source, bytes),
        };
        let (base, head) = (line(&mut self.base), line(&mut self.head));
        for line in [&base, &head] {
            if line.marks.ending == Ending::Differs {
                return Err(Stop::Differs(line.text.clone()));
            }
        }
        let answer = |line| Answer::read(line).map_err(|error| Stop::Died(format!("a verdict line cannot be read: {error}")));
        let name = Name { place: input.place, source, bytes: bytes.len() };
        let comparison = Comparison { endings: (base.marks.ending, head.marks.ending), base: answer(&base)?, head: answer(&head)? };
        if tally.add(name, &comparison) && !self.reference && input.problem.is_none() {
            confirm(&mut self.base, source, bytes, &base)?;
            confirm(&mut self.head, source, bytes, &head)?;
        }
        Ok(comparison)
    }
}

/// What the report says of a document by name is what the reference says.
fn confirm(judge: &mut Judge, source: &str, bytes: &[u8], line: &Line) -> Result<(), Stop> {
    let reference = judge.reference_line(source, bytes);
    if reference == *line {
        return Ok(());
    }
    Err(Stop::Differs(format!("the fast path and the reference differ: {} and {}", line.text, reference.text)))
}
