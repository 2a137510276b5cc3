//! Above each control: what its fixtures come to.

use super::place::Encoding;
use super::project::View;
use crate::report::count;
use crate::workbench::test::{Ending, Request, Tested, run};
use lsp_types::{CodeLens, Command};

/// More fixtures than this are not named in one line.
const MOST: usize = 3;

/// The lens of a control at its `package`; none where the text has none.
pub fn lens(view: &View, control: &str, text: &str, encoding: Encoding) -> Option<CodeLens> {
    let start = package(text)?;
    let end = text.get(start..)?.find('\n').map_or(text.len(), |length| start + length);
    let title = title(view, control);
    // A command without a name is shown and does nothing.
    let command = Command { title, command: String::new(), arguments: None };
    Some(CodeLens { range: encoding.range(text, &(start..end)), command: Some(command), data: None })
}

/// Where the line of the package begins.
fn package(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("package ") {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn title(view: &View, control: &str) -> String {
    let Some((suite, checklist)) = &view.tried else {
        return match view.checklist {
            Some(_) => "no fixtures".to_owned(),
            None => "not judged: the checklist has problems".to_owned(),
        };
    };
    if checklist.control(control).is_none() {
        return "not judged: the manifest does not list it".to_owned();
    }
    let own = format!("{control}/");
    let report = run(&Request { checklist, suite, exam: None, control, wanted: &|name| name.starts_with(&own), coverage: false });
    words(&report.tests)
}

fn words(tests: &[Tested]) -> String {
    // That `pass` does not pass says most.
    let (pass, others): (Vec<&Tested>, Vec<&Tested>) = tests.iter().partition(|test| test.name == "pass");
    let failed: Vec<String> = pass.into_iter().chain(others).filter_map(missed).collect();
    if tests.is_empty() {
        return "no fixtures".to_owned();
    }
    if failed.is_empty() {
        return format!("{} as expected", count(tests.len(), "fixture"));
    }
    let mut out = format!("{} of {} as expected", tests.len() - failed.len(), count(tests.len(), "fixture"));
    for words in failed.iter().take(MOST) {
        out.push_str(&format!(" · {words}"));
    }
    if failed.len() > MOST {
        out.push_str(&format!(" · and {} more", failed.len() - MOST));
    }
    out
}

/// A fixture that is not as expected, in words.
fn missed(test: &Tested) -> Option<String> {
    let name = &test.name;
    match &test.ending {
        Ending::Missed(miss) if miss.expected == miss.actual => Some(format!("{name}: {} with other findings", miss.actual)),
        Ending::Missed(miss) => Some(format!("{name}: wanted {}, is {}", miss.expected, miss.actual)),
        Ending::Errored(words) => Some(format!("{name}: {words}")),
        Ending::Slipped(_) => Some(format!("{name}: failed")),
        Ending::Passed | Ending::Todo => None,
    }
}
