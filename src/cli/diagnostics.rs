//! Problems on stderr, with the place underlined and nothing in them that a terminal would act on.

use super::args::Colour;
use crate::text::{Problem, Severity, Source, is_plain, visible};
use anstream::ColorChoice;
use miette::{GraphicalReportHandler, GraphicalTheme};
use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

/// Longer lines are named by their place instead of being printed.
const LONGEST_LINE: usize = 200;

/// More problems than this help nobody.
const MOST: usize = 50;

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
    let mut sources = Sources::new();
    let shown: Vec<&Problem> = problems.iter().filter(|p| warnings || p.severity == Severity::Error).collect();
    for problem in shown.iter().take(MOST) {
        if handler.render_report(&mut out, &harmless(problem, &mut sources)).is_err() {
            out.push_str(&visible(&problem.message));
        }
        out.push('\n');
    }
    if shown.len() > MOST {
        out.push_str(&format!("golive: and {} problems more of this kind\n", shown.len() - MOST));
    }
    // Nothing is left to tell where stderr itself is gone.
    let _ = std::io::stderr().lock().write_all(out.as_bytes());
}

/// What is told instead of a text that holds a private key: whoever meant to give a path gave what lies there.
pub const SECRET: &str = "a private key stands where none belongs, and is not repeated here: give the path of its file, and make a new one if others have seen this";

/// Whether a text holds a private key, or the part of one that is always the same.
pub fn is_secret(text: &str) -> bool {
    text.contains("PRIVATE KEY") || text.contains("MC4CAQAwBQYDK2Vw")
}

/// One line on stderr.
pub fn plain(message: &str) {
    let message = if is_secret(message) { SECRET } else { message };
    let _ = writeln!(std::io::stderr().lock(), "golive: {message}");
}

/// Several lines on stderr, as they are: what is untrusted in them was made visible before.
pub fn block(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Sources without the characters that a terminal would act on, each made once.
type Sources = HashMap<*const Source, Arc<Source>>;

/// The problem with every character of its text that a terminal would act on replaced, byte for byte.
fn harmless(problem: &Problem, sources: &mut Sources) -> Problem {
    let mut out = problem.clone();
    let told = problem.labels.iter().flat_map(|(_, labels)| labels).map(|(_, label)| label.as_str());
    if told.chain([problem.message.as_str()]).chain(problem.help.as_deref()).any(is_secret) {
        return Problem::new(problem.code, SECRET);
    }
    if problem.labels.as_ref().is_some_and(|(source, _)| is_secret(&source.text) || is_secret(&source.name)) {
        out.labels = None;
        out.message = format!("{} ({SECRET})", visible(&problem.message));
        return out;
    }
    out.message = visible(&problem.message);
    out.help = problem.help.as_deref().map(visible);
    let Some((source, labels)) = &problem.labels else { return out };
    let first = labels.first().map_or(0, |(span, _)| span.start);
    if labels.iter().any(|(span, _)| line_length(&source.text, span.start) > LONGEST_LINE) {
        let before = &source.text[..first.min(source.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        out.message = format!("{} (at {}:{line}:{column})", out.message, visible(&source.name));
        out.labels = None;
        return out;
    }
    let clean = sources.entry(Arc::as_ptr(source)).or_insert_with(|| Arc::new(Source::new(visible(&source.name), cleaned(&source.text))));
    let labels = labels.iter().map(|(span, label)| (span.clone(), visible(label))).collect();
    out.labels = Some((Arc::clone(clean), labels));
    out
}

/// The text with as many bytes, so that spans still fit.
fn cleaned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => out.push(' '),
            c if is_plain(c) => out.push(c),
            c => out.extend(std::iter::repeat_n('?', c.len_utf8())),
        }
    }
    out
}

fn line_length(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    end - start
}
