//! For a terminal.

use super::matrix::{Change, Matrix, State};
use super::versions::{Version, Which};
use super::{Impact, Shift, words};
use crate::report::Look;
use crate::report::page::{BAD, GOOD, HELD, Page, Part, STRONG};

const LABEL: usize = 12;

/// The whole text.
pub(super) fn render(impact: &Impact, look: &Look) -> String {
    let mut page = Page::new(look);
    head(&mut page, impact);
    gates(&mut page, impact);
    controls(&mut page, impact);
    undecided(&mut page, impact);
    page.blank();
    let opens = impact.tally.gates.openings() > 0;
    page.put(0, 0, &[Part::words(words::headline(impact)).styled(if opens { BAD } else { GOOD })]);
    page.finish()
}

fn head(page: &mut Page, impact: &Impact) {
    let clock = words::clock(impact);
    field(page, "Evaluated", vec![Part::words(format!("{} (clock: {clock})", impact.at))]);
    field(page, "Documents", vec![Part::words(impact.tally.documents.to_string())]);
    version(page, "Base", &impact.versions.base);
    version(page, "Head", &impact.versions.head);
    for (index, (path, change)) in impact.versions.files.iter().enumerate() {
        field(page, if index == 0 { "Files" } else { "" }, vec![Part::whole(path), Part::words(change.word())]);
    }
    for (index, change) in impact.versions.parameters.iter().enumerate() {
        let label = if index == 0 { "Parameters" } else { "" };
        field(page, label, vec![Part::whole(&change.pointer), Part::words(words::parameter(change))]);
    }
    if impact.versions.files.is_empty() && impact.versions.parameters.is_empty() {
        field(page, "Differences", vec![Part::words("none: both versions are the same")]);
    }
}

fn version(page: &mut Page, label: &str, version: &Version) {
    field(page, label, vec![Part::words(words::version(version)), Part::whole(&version.about.digest)]);
}

fn field(page: &mut Page, label: &str, value: Vec<Part>) {
    let mut parts = vec![Part::label(label, LABEL)];
    parts.extend(value);
    // A line that goes on with no label of its own begins where the others have their value.
    if label.is_empty() {
        parts.remove(0);
        return page.put(LABEL + 1, LABEL + 1, &parts);
    }
    page.put(0, LABEL + 1, &parts);
}

fn gates(page: &mut Page, impact: &Impact) {
    page.blank();
    page.heading("Gates");
    matrix(page, &impact.tally.gates, "blocks");
}

fn controls(page: &mut Page, impact: &Impact) {
    let mut quiet = Vec::new();
    for (id, title, which) in impact.versions.controls() {
        let shift = impact.tally.controls.get(id);
        if words::is_quiet(which, shift) {
            quiet.push(id);
            continue;
        }
        page.blank();
        page.put(0, 2, &[Part::whole(id).styled(STRONG), Part::words(title)]);
        control(page, which, shift.unwrap_or(&Shift::default()));
    }
    if !quiet.is_empty() {
        page.blank();
        page.put(0, 2, &[Part::words("Unchanged:").styled(STRONG), Part::words(quiet.join(", "))]);
    }
}

fn control(page: &mut Page, which: Option<Which>, shift: &Shift) {
    if let Some(which) = which {
        let style = if which == Which::Base { BAD } else { HELD };
        return page.put(2, 4, &[Part::words(words::alone(which, shift)).styled(style)]);
    }
    matrix(page, &shift.verdicts, "findings");
    if shift.findings > 0 {
        let words = format!("the same verdict with other findings: {} (waivers list findings)", words::count_documents(shift.findings));
        page.put(2, 4, &[Part::words(words)]);
    }
}

fn matrix<S: State>(page: &mut Page, matrix: &Matrix<S>, against: &str) {
    for change in matrix.changed() {
        let style = if change.opens() { BAD } else { HELD };
        let mark = if change.opens() { "!" } else { " " };
        let row = format!("{mark} {:<22}{:>9}", change.words(), change.cell.documents);
        let mark = words::mark(&change).map(|words| Part::words(words).styled(style));
        page.put(0, 4, &std::iter::once(Part::whole(row).styled(style)).chain(mark).collect::<Vec<_>>());
        witnesses(page, &change, against);
    }
    page.put(2, 4, &[Part::words("unchanged"), Part::words(words::unchanged(matrix))]);
}

fn witnesses<S: State>(page: &mut Page, change: &Change<'_, S>, against: &str) {
    for witness in &change.cell.witnesses {
        page.put(6, 8, &[Part::whole(&witness.source), Part::words(format!("({})", words::about(witness)))]);
        for (side, reasons) in words::reasons(witness) {
            page.put(8, 10, &[Part::words(format!("{side} {against}: {reasons}"))]);
        }
    }
}

fn undecided(page: &mut Page, impact: &Impact) {
    let tally = &impact.tally;
    for (number, what) in [(tally.refused, "refused"), (tally.undecided, "without a decision")] {
        if number > 0 {
            page.blank();
            let words = format!("{} {what} by at least one version", words::count_documents(number));
            page.put(0, 2, &[Part::words(words).styled(HELD)]);
        }
    }
    for named in tally.named.values() {
        page.put(2, 4, &[Part::whole(&named.source), Part::whole(&named.trouble.code), Part::words(&named.trouble.message)]);
    }
}
