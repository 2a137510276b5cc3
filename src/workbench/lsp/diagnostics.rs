//! Problems as diagnostics, each in the file where it stands.

use super::place::{Encoding, parsed, uri_of};
use crate::text::{Problem, Severity, Source, Span};
use lsp_types::{Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Range};
use std::collections::BTreeMap;
use std::path::Path;

/// What the server is called where a diagnostic names its source.
const NAME: &str = "golive";

/// The file that stands for a whole checklist.
pub const MANIFEST: &str = "policies/manifest.json";

/// How places are told: what columns count, and the name that the editor has for a file that it has open.
pub struct Telling<'t> {
    /// What columns count.
    pub encoding: Encoding,
    /// The checklist's folder.
    pub folder: &'t Path,
    /// The editor's URI of an open file.
    pub open: &'t dyn Fn(&Path) -> Option<String>,
}

impl Telling<'_> {
    /// The URI of a source; none where it is no file of the checklist's folder, such as an embedded schema.
    fn uri(&self, source: &Source) -> Option<String> {
        let path = Path::new(&source.name);
        path.starts_with(self.folder).then(|| (self.open)(path).unwrap_or_else(|| uri_of(path)))
    }

    fn location(&self, source: &Source, span: &Span) -> Option<Location> {
        Some(Location { uri: parsed(&self.uri(source)?)?, range: self.encoding.range(&source.text, span) })
    }

    /// All problems by the URIs of their files; what has no place stands at the beginning of the manifest.
    pub fn diagnostics(&self, problems: &[Problem]) -> BTreeMap<String, Vec<Diagnostic>> {
        let mut out: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        for problem in problems {
            let (uri, diagnostic) = self.placed(problem).unwrap_or_else(|| self.unplaced(problem));
            let known = out.entry(uri).or_default();
            if !known.contains(&diagnostic) {
                known.push(diagnostic);
            }
        }
        out
    }

    fn placed(&self, problem: &Problem) -> Option<(String, Diagnostic)> {
        let (source, labels) = problem.labels.as_ref()?;
        let ((span, label), more) = labels.split_first()?;
        let also = more.iter().filter_map(|(span, label)| {
            Some(DiagnosticRelatedInformation { location: self.location(source, span)?, message: label.clone() })
        });
        let also: Vec<_> = also.collect();
        let range = self.encoding.range(&source.text, &wide(&source.text, span));
        let mut diagnostic = diagnostic(problem, range);
        // `here` says nothing that the underline does not say.
        if label != "here" && !label.is_empty() {
            diagnostic.message = format!("{} ({label})", problem.message);
        }
        with_help(&mut diagnostic, problem);
        diagnostic.related_information = (!also.is_empty()).then_some(also);
        Some((self.uri(source)?, diagnostic))
    }

    fn unplaced(&self, problem: &Problem) -> (String, Diagnostic) {
        let manifest = self.folder.join(MANIFEST);
        let uri = (self.open)(&manifest).unwrap_or_else(|| uri_of(&manifest));
        let mut diagnostic = diagnostic(problem, Range::default());
        if let Some((source, _)) = &problem.labels {
            diagnostic.message = format!("{}: {}", source.name, problem.message);
        }
        with_help(&mut diagnostic, problem);
        (uri, diagnostic)
    }
}

fn with_help(diagnostic: &mut Diagnostic, problem: &Problem) {
    if let Some(help) = &problem.help {
        diagnostic.message.push_str(&format!("\nhelp: {help}"));
    }
}

fn diagnostic(problem: &Problem, range: Range) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(match problem.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(problem.code.to_owned())),
        source: Some(NAME.to_owned()),
        message: problem.message.clone(),
        ..Diagnostic::default()
    }
}

/// The span, or the character behind it where it is empty: an editor cannot underline nothing.
fn wide(text: &str, span: &Span) -> Span {
    if span.is_empty() {
        let behind = text.get(span.start..).and_then(|rest| rest.chars().next()).filter(|c| *c != '\n');
        return span.start..span.start + behind.map_or(0, char::len_utf8);
    }
    span.clone()
}
