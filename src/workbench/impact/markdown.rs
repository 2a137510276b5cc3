//! For the comment of a review.

use super::matrix::{Matrix, State};
use super::versions::Version;
use super::{Impact, words};
use crate::report::encode::{markdown as prose, markdown_token as token};
use crate::report::sheet::Sheet;

/// The whole text.
pub(super) fn render(impact: &Impact) -> String {
    let mut sheet = Sheet::default();
    // Not encoded: it is our own, and `NO_GO` is what readers search for.
    sheet.heading(format!("# Impact: {}", words::headline(impact)));
    head(&mut sheet, impact);
    sheet.heading("## Gates");
    matrix(&mut sheet, &impact.tally.gates, "closed by");
    controls(&mut sheet, impact);
    undecided(&mut sheet, impact);
    sheet.finish()
}

fn head(sheet: &mut Sheet, impact: &Impact) {
    sheet.line(format!("- Documents: {}, evaluated at {} (clock: {})", impact.tally.documents, impact.at, words::clock(impact)));
    version(sheet, "Base", &impact.versions.base);
    version(sheet, "Head", &impact.versions.head);
    for (path, change) in &impact.versions.files {
        sheet.line(format!("- File {}: {}", change.word(), token(path)));
    }
    for change in &impact.versions.parameters {
        sheet.line(format!("- Parameter {}: {}", token(&change.pointer), token(&words::parameter(change))));
    }
    if impact.versions.files.is_empty() && impact.versions.parameters.is_empty() {
        sheet.line("- Both versions are the same");
    }
}

fn version(sheet: &mut Sheet, name: &str, version: &Version) {
    sheet.line(format!("- {name}: {}, {}", prose(&words::version(version)), token(&version.about.digest)));
}

fn matrix<S: State>(sheet: &mut Sheet, matrix: &Matrix<S>, against: &str) {
    let changed = matrix.changed();
    sheet.columns(&["base → head", "documents", ""]);
    for change in &changed {
        let (words, mark) = if change.opens() {
            (format!("**{}**", change.words().replace('_', "\\_")), "⚠ **OPENS**")
        } else {
            (change.words().replace('_', "\\_"), "")
        };
        sheet.cells(&[words, change.cell.documents.to_string(), mark.to_owned()]);
    }
    sheet.cells(&["unchanged", &words::unchanged(matrix).replace('_', "\\_"), ""]);
    if changed.iter().all(|change| change.cell.witnesses.is_empty()) {
        return;
    }
    sheet.line("");
    for change in &changed {
        for witness in &change.cell.witnesses {
            let about = prose(&words::about(witness));
            sheet.line(format!("- {}: {} ({about})", change.words().replace('_', "\\_"), token(&witness.source)));
            for (side, reasons) in words::reasons(witness) {
                sheet.line(format!("  - {side} {against} {}", token(&reasons)));
            }
        }
    }
}

fn controls(sheet: &mut Sheet, impact: &Impact) {
    let mut quiet = Vec::new();
    for (id, title, which) in impact.versions.controls() {
        let shift = impact.tally.controls.get(id);
        if words::is_quiet(which, shift) {
            quiet.push(token(id));
            continue;
        }
        sheet.heading(format!("## {} {}", token(id), prose(title)));
        let shift = shift.cloned().unwrap_or_default();
        if let Some(which) = which {
            sheet.line(format!("**{}**", words::alone(which, &shift)));
            continue;
        }
        matrix(sheet, &shift.verdicts, "findings");
        if shift.findings > 0 {
            let documents = words::count_documents(shift.findings);
            sheet.line(format!("\nThe same verdict with other findings: {documents} (waivers list findings)."));
        }
    }
    if !quiet.is_empty() {
        sheet.heading("## Unchanged controls");
        sheet.line(quiet.join(", "));
    }
}

fn undecided(sheet: &mut Sheet, impact: &Impact) {
    let tally = &impact.tally;
    if tally.refused + tally.undecided == 0 {
        return;
    }
    sheet.heading("## Without a decision");
    sheet.line(format!("By at least one version: {} refused, {} without a decision.\n", tally.refused, tally.undecided));
    for named in tally.named.values() {
        sheet.line(format!("- {}: {} {}", token(&named.source), token(&named.trouble.code), prose(&named.trouble.message)));
    }
}
