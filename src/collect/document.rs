//! Documents that people and jobs write for collectors: read strictly, and held against their schema.

use super::collector::Absent;
use super::context::Context;
use super::files::{Seen, shown};
use crate::schema::Schema;
use crate::text::{Document, Limits, Problem, Source, read_by_name};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

/// Finds a schema of the host by its name, such as `install-record`.
pub type Contracts = fn(&str) -> Result<&'static Schema, Vec<Problem>>;

/// Reads a JSON or YAML document and holds it against the schema `name`. Its value, and the file as it was read.
///
/// # Errors
/// It cannot be read, is no such document, or departs from the schema: file, line and fault.
pub fn read(at: &Context, path: &Path, name: &str) -> Result<(Value, Seen), Absent> {
    let (text, seen) = at.files().text(path)?;
    let document = parse(at, &shown(path), text, name)?;
    Ok((document.value, seen))
}

/// The same for a text that was read already.
///
/// # Errors
/// As [`read`].
pub fn parse(at: &Context, file: &str, text: String, name: &str) -> Result<Document, Absent> {
    let source = Arc::new(Source::new(file, text));
    let document = read_by_name(source, &Limits::default()).map_err(|p| absent(&p, file, name))?;
    let schema = (at.shared.contracts)(name).map_err(|p| first(&p, file, name))?;
    let problems = schema.problems("golive::collect::document", &document.value, &document, "");
    if problems.is_empty() { Ok(document) } else { Err(first(&problems, file, name)) }
}

fn first(problems: &[Problem], file: &str, name: &str) -> Absent {
    let Some(problem) = problems.first() else { return Absent::new(format!("{file} cannot be read")) };
    let mut out = absent(problem, file, name);
    if problems.len() > 1 {
        out.reason.push_str(&format!(" (and {} faults more)", problems.len() - 1));
    }
    out
}

fn absent(problem: &Problem, file: &str, name: &str) -> Absent {
    let place = problem.labels.as_ref().and_then(|(source, labels)| {
        let (span, _) = labels.first()?;
        Some(source.text.get(..span.start)?.matches('\n').count() + 1)
    });
    let place = place.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
    let help = problem.help.clone().unwrap_or_else(|| format!("`golive schema {name}` prints what is wanted"));
    Absent::new(format!("{place}: {}", problem.message)).help(help)
}
