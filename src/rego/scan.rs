//! A look at a policy's raw text before the engine's parser sees it.
//!
//! The parser's time doubles with each level of brackets and it overflows the stack on long chains of minus signs, so
//! both are bounded here.

use crate::text::{Problem, Source};
use std::sync::Arc;

const MAX_NESTING: usize = 12;
const MAX_COLUMNS: usize = 1024;
const MAX_BYTES: usize = 256 << 10;

/// Refuses a text that the parser could not bear.
///
/// # Errors
/// The first place that goes beyond a bound.
pub(super) fn scan(source: &Arc<Source>) -> Result<(), Problem> {
    let code = "golive::rego::nesting";
    let text = &source.text;
    if text.len() > MAX_BYTES {
        return Err(Problem::new("golive::rego::size", format!("{} is larger than {MAX_BYTES} bytes", source.name)));
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.len() > MAX_COLUMNS {
            let problem = Problem::new(code, format!("a line is longer than {MAX_COLUMNS} columns"));
            return Err(problem.at(source, start..start + 1, "this line").help("break the line"));
        }
        start += line.len();
    }
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut minus) = (0, 0_usize, 0_usize);
    while at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b'#' => at += bytes[at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - at),
            b'"' => at = skip_string(bytes, at),
            b'`' => at += 1 + bytes[at + 1..].iter().position(|b| *b == b'`').unwrap_or(bytes.len() - at - 1),
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        minus = match byte {
            b'-' => minus + 1,
            b' ' | b'\t' | b'\n' | b'\r' => minus,
            _ => 0,
        };
        if depth > MAX_NESTING || minus > MAX_NESTING {
            let what = if minus > MAX_NESTING { "minus signs in a row" } else { "brackets" };
            let problem = Problem::new(code, format!("nested too deep: more than {MAX_NESTING} {what}"));
            return Err(problem.at(source, at..at + 1, "one too many").help("name a part of it in a rule of its own"));
        }
        at += 1;
    }
    Ok(())
}

/// The place of a string's closing quote, or of the line's end where it has none.
fn skip_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\n' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}
