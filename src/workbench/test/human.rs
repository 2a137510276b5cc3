//! Tests for people: what failed, and why; then one line for all.

use super::coverage::{Coverage, percent};
use super::{Ending, Miss, Report, Slip, Tested};
use crate::report::Look;
use crate::report::page::{BAD, GOOD, HELD, Page, Part};

/// The width of names before values.
const LABEL: usize = 9;

/// The report as text.
pub fn human(report: &Report, look: &Look) -> String {
    let mut page = Page::new(look);
    for test in &report.tests {
        show(test, &mut page);
    }
    for control in &report.untested {
        page.put(
            0,
            2,
            &[Part::words("UNTESTED").styled(HELD), Part::whole(control.clone()), Part::words("no fixture and no test is about it")],
        );
    }
    if let Some(coverage) = &report.coverage {
        show_coverage(coverage, &mut page);
    }
    let counts = ["passed", "failed", "error", "todo"].map(|word| format!("{} {word}", report.count(word)));
    let style = if report.is_good() { GOOD } else { BAD };
    let total = format!("{} {}:", report.tests.len(), if report.tests.len() == 1 { "test" } else { "tests" });
    page.put(0, 2, &[Part::words(total), Part::words(counts.join(", ")).styled(style)]);
    page.finish()
}

fn show(test: &Tested, page: &mut Page) {
    let title = |word: &str, style| [Part::words(word.to_owned()).styled(style), Part::whole(test.full_name())];
    match &test.ending {
        Ending::Passed => {}
        Ending::Todo => page.put(0, 2, &title("TODO", HELD)),
        Ending::Errored(words) => {
            page.put(0, 2, &title("ERROR", BAD));
            page.put(2, 4, &[Part::words(words.clone())]);
        }
        Ending::Missed(miss) => {
            page.put(0, 2, &title("FAILED", BAD));
            show_miss(miss, page);
        }
        Ending::Slipped(slip) => {
            page.put(0, 2, &title("FAILED", BAD));
            show_slip(slip, page);
        }
    }
}

fn line(page: &mut Page, name: &str, parts: impl IntoIterator<Item = Part>) {
    let label = [Part::label(name, LABEL)];
    page.put(2, 4, &label.into_iter().chain(parts).collect::<Vec<_>>());
}

fn show_miss(miss: &Miss, page: &mut Page) {
    line(page, "expected", [Part::words(miss.expected.clone())]);
    line(page, "actual", [Part::words(miss.actual.clone())]);
    for id in &miss.missing {
        line(page, "missing", [Part::whole(id.clone())]);
    }
    for (id, words) in &miss.surprising {
        // The criterion itself follows below, with its words.
        let words = if id.starts_with("unproven:") { Vec::new() } else { vec![Part::words(words.clone())] };
        let id = if words.is_empty() { id.clone() } else { format!("{id}:") };
        line(page, "surplus", std::iter::once(Part::whole(id)).chain(words));
    }
    for (id, expected, actual) in &miss.elsewhere {
        let list = |pointers: &[String]| if pointers.is_empty() { "nothing".to_owned() } else { pointers.join(", ") };
        let words = format!("points at {}, expected {}", list(actual), list(expected));
        line(page, "elsewhere", [Part::whole(id.clone()), Part::words(words)]);
    }
    for (state, id, words) in &miss.unmet {
        line(page, state.word(), [Part::whole(format!("{id}:")), Part::words(words.clone())]);
    }
    for (pointer, value) in &miss.facts {
        line(page, "fact", [Part::whole(pointer.clone()), Part::words("="), Part::words(clipped(&value.to_string()))]);
    }
    if miss.more > 0 {
        line(page, "", [Part::words(format!("and {} facts more", miss.more))]);
    }
}

/// A value as far as it helps a reader.
fn clipped(text: &str) -> String {
    const MOST: usize = 160;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn show_slip(slip: &Slip, page: &mut Page) {
    line(page, "at", [Part::whole(format!("{}:{}", slip.file, slip.line))]);
    if let Some(statement) = &slip.statement {
        line(page, "not true", [Part::words(statement.clone())]);
    }
    for (text, value) in &slip.sides {
        line(page, "where", [Part::words(text.clone()), Part::words("is"), Part::words(clipped(value))]);
    }
}

fn show_coverage(coverage: &Coverage, page: &mut Page) {
    for (name, file) in coverage.files.iter().filter(|(_, file)| !file.missed.is_empty()) {
        let lines: Vec<String> = file.missed.iter().map(u32::to_string).collect();
        page.put(0, 2, &[Part::words("NOT REACHED").styled(HELD), Part::whole(format!("{name}:")), Part::words(lines.join(", "))]);
    }
    for point in coverage.points.iter().filter(|point| !point.is_seen) {
        let name = format!("{} {}", point.control, point.name);
        page.put(0, 2, &[Part::words("NOT SEEN").styled(HELD), Part::words(name), Part::words(point.state)]);
    }
    for (name, (part, all)) in [("lines", coverage.lines()), ("criteria and violations", coverage.seen())] {
        page.put(0, 2, &[Part::words(format!("{name}: {part} of {all}, {:.1} %", percent((part, all))))]);
    }
}
