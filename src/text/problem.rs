//! One problem of one text, ready to be printed with the place underlined.

use super::source::{Source, Span};
use miette::{Diagnostic, LabeledSpan, SourceCode};
use std::fmt;
use std::sync::Arc;

/// How much a problem weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Refuses the text, or makes a group of facts unusable.
    Error,
    /// Worth knowing; nothing hangs on it.
    Warning,
}

/// A text and places in it, each with a short label.
pub type Labels = (Arc<Source>, Vec<(Span, String)>);

/// A problem with a stable code, words for people, and the place where it stands.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Stable, such as `golive::json::duplicate_key`.
    pub code: &'static str,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// How much it weighs.
    pub severity: Severity,
    /// The text and the places in it, each with a short label.
    pub labels: Option<Labels>,
}

impl Problem {
    /// An error without a place.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, severity: Severity::Error, labels: None }
    }

    /// The same, pointing at a place.
    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Span, label: impl Into<String>) -> Self {
        let end = source.text.len();
        let start = floor_boundary(&source.text, span.start.min(end));
        let stop = floor_boundary(&source.text, span.end.clamp(start, end));
        let entry = (start..stop, label.into());
        match &mut self.labels {
            Some((_, labels)) => labels.push(entry),
            None => self.labels = Some((Arc::clone(source), vec![entry])),
        }
        self
    }

    /// The same, with a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.labels.as_ref().map(|(source, _)| source.as_ref() as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, labels) = self.labels.as_ref()?;
        Some(Box::new(
            labels.iter().map(|(span, label)| LabeledSpan::new((!label.is_empty()).then(|| label.clone()), span.start, span.len().max(1))),
        ))
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let inner = self.text.read_span(span, before, after)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line(),
            inner.column(),
            inner.line_count(),
        )))
    }
}
