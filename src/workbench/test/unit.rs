//! Tests in Rego: what their rules came to.

use super::{Ending, Tested, full_name};
use crate::rego::{Broken, Exam, Mark, Test};
use crate::text::Source;

/// A test in Rego that is not `true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// The file.
    pub file: String,
    /// The line of the statement that does not hold, or of the rule.
    pub line: usize,
    /// That statement; none where it is not known.
    pub statement: Option<String>,
    /// What the statement compares: text and value of each side.
    pub sides: Vec<(String, String)>,
}

/// The package of a test as names show it.
pub(super) fn group(test: &Test) -> &str {
    let package = test.package.strip_prefix("golive.").unwrap_or(&test.package);
    package.strip_prefix("controls.").unwrap_or(package)
}

/// Runs the tests that are wanted.
pub(super) fn run(exam: &Exam, control: &str, wanted: &dyn Fn(&str) -> bool) -> Vec<Tested> {
    let mut out = Vec::new();
    for test in &exam.tests {
        let group = group(test);
        // A test with cases is run where its name or that of one of its cases is wanted.
        let is_wanted = |name: &str| wanted(&full_name(group, name));
        if !group.starts_with(control) || !(test.has_cases || is_wanted(&test.name)) {
            continue;
        }
        let tested = |name: String, ending| Tested { group: group.to_owned(), name, ending };
        if test.is_todo {
            out.push(tested(test.name.clone(), Ending::Todo));
            continue;
        }
        for (case, mark) in exam.run(test) {
            let name = case.map_or_else(|| test.name.clone(), |case| format!("{}[{case}]", test.name));
            if is_wanted(&name) {
                out.push(tested(name, ending(test, mark)));
            }
        }
    }
    out
}

fn ending(test: &Test, mark: Mark) -> Ending {
    match mark {
        Mark::Passed => Ending::Passed,
        Mark::Errored(words) => Ending::Errored(words),
        Mark::Failed(broken) => Ending::Slipped(Box::new(slip(test, broken.as_ref()))),
    }
}

fn slip(test: &Test, broken: Option<&Broken>) -> Slip {
    let source = &test.source;
    let span = broken.map_or(&test.span, |broken| &broken.span);
    let statement = broken.map(|broken| one_line(source.text.get(broken.span.clone()).unwrap_or_default()));
    let value = |value: Option<serde_json::Value>| value.map_or_else(|| "undefined".to_owned(), |value| value.to_string());
    let sides = broken.into_iter().flat_map(|broken| broken.sides.clone());
    Slip {
        file: source.name.clone(),
        line: line(source, span.start),
        statement,
        sides: sides.map(|(text, found)| (one_line(&text), value(found))).collect(),
    }
}

/// The line that a place stands in.
fn line(source: &Source, at: usize) -> usize {
    source.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
