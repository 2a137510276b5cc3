//! What was compared, and what differs.

use golive::batch::{Ending, Judge};
use std::fmt;
use std::ops::Add;

/// How many differences are shown.
const SHOWN: usize = 10;

/// Counts of one comparison.
#[derive(Default)]
pub struct Tally {
    /// Documents that were looked at.
    pub documents: usize,
    /// A control on a document whose groups are all valid: the interpreter and the compiled path answered.
    pub evaluations: usize,
    /// Those of them that OPA answered, too.
    pub by_opa: usize,
    /// A control on such a document that the compiled path left to the interpreter.
    pub asked: usize,
    /// Evaluations with every criterion met.
    pub proven: usize,
    /// Evaluations with violations.
    pub violated: usize,
    /// Whole lines by both paths.
    pub lines: usize,
    /// Lines of which at least one control passes.
    pub with_a_pass: usize,
    different: usize,
    shown: Vec<String>,
}

impl Tally {
    /// Notes a difference.
    pub fn differs(&mut self, words: String) {
        self.different += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(words);
        }
    }

    /// Compares the line of a document by both paths; one that is left to the reference is not counted.
    pub fn line(&mut self, judge: &mut Judge, name: &str, text: &str) {
        if judge.quick_line("facts.json", text.as_bytes()).is_none() {
            return;
        }
        let line = judge.line("facts.json", text.as_bytes());
        self.lines += 1;
        self.with_a_pass += usize::from(line.marks.outcomes.contains('p'));
        if line.marks.ending == Ending::Differs {
            self.differs(format!("{name}: {}", line.text));
        }
    }

    /// The first differences in words.
    pub fn differences(&self) -> &[String] {
        &self.shown
    }

    /// Whether something was compared, and nothing differs.
    pub fn agreed(&self) -> bool {
        self.different == 0 && [self.evaluations, self.proven, self.violated, self.lines, self.with_a_pass].iter().all(|count| *count > 0)
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.shown.extend(other.shown);
        self.shown.truncate(SHOWN);
        Self {
            documents: self.documents + other.documents,
            evaluations: self.evaluations + other.evaluations,
            by_opa: self.by_opa + other.by_opa,
            asked: self.asked + other.asked,
            proven: self.proven + other.proven,
            violated: self.violated + other.violated,
            lines: self.lines + other.lines,
            with_a_pass: self.with_a_pass + other.with_a_pass,
            different: self.different + other.different,
            shown: self.shown,
        }
    }
}

// `.ci/run` reads these words.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} documents, {} evaluations of valid groups ({} with every criterion met, {} with violations), {} of them by OPA, {} left to the \
             interpreter; {} lines by both paths, {} with a pass; {} differences",
            self.documents,
            self.evaluations,
            self.proven,
            self.violated,
            self.by_opa,
            self.asked,
            self.lines,
            self.with_a_pass,
            self.different
        )
    }
}
