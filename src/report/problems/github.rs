//! Workflow commands of GitHub: each problem becomes an annotation of its line.

use super::{file, first};
use crate::report::encode::{github_property as property, github_text};
use crate::text::{Problem, Severity};

/// One command a line.
pub fn github(problems: &[Problem]) -> String {
    problems.iter().map(command).collect()
}

fn command(problem: &Problem) -> String {
    let level = if problem.severity == Severity::Error { "error" } else { "warning" };
    let place = first(problem).map(|(source, region)| {
        let (start, end) = (region.start, region.end);
        let columns = if start.line == end.line { format!(",col={},endColumn={}", start.column, end.column) } else { String::new() };
        format!("file={},line={},endLine={}{columns},", property(file(source)), start.line, end.line)
    });
    let text = match &problem.help {
        Some(help) => format!("{}\n{help}", problem.message),
        None => problem.message.clone(),
    };
    format!("::{level} {}title={}::{}\n", place.unwrap_or_default(), property(problem.code), github_text(&text))
}
