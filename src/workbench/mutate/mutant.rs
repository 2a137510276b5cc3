//! One small change of a policy: where it is, what it says before and after, and what a test would have to say about it.

use crate::checklist::Files;
use crate::text::{Source, Span};
use std::sync::Arc;

/// A policy with one small change.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// The file in the checklist, such as `policies/lib/clock.rego`.
    pub file: String,
    /// The file's text before.
    pub source: Arc<Source>,
    /// The rule, such as `met["ran-in-window"]`, or `followed#2` for the second definition of a name.
    pub rule: String,
    /// What kind of change it is.
    pub kind: Kind,
    /// What a test would have to say to tell the two apart.
    pub wanted: String,
    pub(super) span: Span,
    pub(super) text: String,
}

/// The kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A comparison or an operator is another one.
    Operator,
    /// A number, a string or a boolean is another one.
    Constant,
    /// A condition is gone.
    Dropped,
    /// A `not` is added or gone.
    Negation,
    /// `some` stands for `every`, or the other way round.
    Quantifier,
    /// A definition of a rule is gone.
    Deleted,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Constant => "constant",
            Self::Dropped => "dropped",
            Self::Negation => "negation",
            Self::Quantifier => "quantifier",
            Self::Deleted => "deleted",
        }
    }
}

impl Mutant {
    /// The whole file after the change.
    pub fn mutated(&self) -> String {
        let text = &self.source.text;
        let (before, after) = (text.get(..self.span.start), text.get(self.span.end..));
        format!("{}{}{}", before.unwrap_or_default(), self.text, after.unwrap_or_default())
    }

    /// The checklist's files after the change.
    pub fn apply(&self, files: &Files) -> Files {
        files.with_text(&self.file, self.mutated())
    }

    /// The line that the change begins in, counted from 1.
    pub fn line(&self) -> usize {
        self.source.text.bytes().take(self.span.start).filter(|byte| *byte == b'\n').count() + 1
    }

    /// The lines that the change touches, before and after, each on one line.
    pub fn lines(&self) -> (String, String) {
        let text = &self.source.text;
        let start = text.get(..self.span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        // A span that ends with its line break ends in that line.
        let from = self.span.end.saturating_sub(1).max(self.span.start);
        let end = text.get(from..).and_then(|after| after.find('\n')).map_or(text.len(), |at| from + at);
        let part = |range: Span| text.get(range).unwrap_or_default();
        let after = format!("{}{}{}", part(start..self.span.start), self.text, part(self.span.end.min(end)..end));
        (one_line(part(start..end)), one_line(&after))
    }
}

/// Text on one line, its blanks joined.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
