//! Problems on stderr, with the place underlined and nothing in them that a terminal would act on.

use super::args::Colour;
use crate::text::{Problem, Severity, Source, visible};
use anstream::ColorChoice;
use miette::{GraphicalReportHandler, GraphicalTheme};
use std::io::Write;
use std::sync::Arc;

/// Longer lines are named by their place instead of being printed.
const LONGEST_LINE: usize = 200;

/// Whether a stream gets colour.
pub fn colour(choice: Colour, auto: impl FnOnce() -> ColorChoice) -> bool {
    match choice {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => auto() != ColorChoice::Never,
    }
}

/// Prints problems; warnings only where they are wanted.
pub fn print(problems: &[Problem], choice: Colour, warnings: bool) {
    let colour = colour(choice, || anstream::AutoStream::choice(&std::io::stderr()));
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(super::output::width()).with_links(false);
    let mut out = String::new();
    for problem in problems.iter().filter(|p| warnings || p.severity == Severity::Error) {
        if handler.render_report(&mut out, &harmless(problem)).is_err() {
            out.push_str(&problem.message);
        }
        out.push('\n');
    }
    // Nothing is left to tell where stderr itself is gone.
    let _ = std::io::stderr().lock().write_all(out.as_bytes());
}

/// One line on stderr.
pub fn plain(message: &str) {
    let _ = writeln!(std::io::stderr().lock(), "golive: {message}");
}

/// The problem with every character of its text that a terminal would act on replaced, byte for byte.
fn harmless(problem: &Problem) -> Problem {
    let mut out = problem.clone();
    out.message = visible(&problem.message);
    out.help = problem.help.as_deref().map(visible);
    let Some((source, labels)) = &problem.labels else { return out };
    let first = labels.first().map_or(0, |(span, _)| span.start);
    let long = labels.iter().any(|(span, _)| line_length(&source.text, span.start) > LONGEST_LINE);
    if long {
        let before = &source.text[..first.min(source.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        out.message = format!("{} (at {}:{line}:{column})", out.message, visible(&source.name));
        out.labels = None;
        return out;
    }
    let text: String = source
        .text
        .chars()
        .flat_map(|c| {
            let keep = c == '\n' || c == '\t' || c == '\r' || visible(c.encode_utf8(&mut [0; 4])).chars().eq([c]);
            let count = if keep { 1 } else { c.len_utf8() };
            std::iter::repeat_n(if keep { c } else { '?' }, count)
        })
        .map(|c| if c == '\r' { ' ' } else { c })
        .collect();
    let labels = labels.iter().map(|(span, label)| (span.clone(), visible(label))).collect();
    out.labels = Some((Arc::new(Source::new(visible(&source.name), text)), labels));
    out
}

fn line_length(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    end - start
}
