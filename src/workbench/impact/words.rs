//! The words that formats for people share.

use super::matrix::{Change, Matrix, State, Witness};
use super::versions::{ParameterChange, Version, Which};
use super::{Impact, Shift};
use crate::report::count;

/// So many findings of a witness are shown on each side.
const REASONS: usize = 5;

/// What it comes to, in one line. It holds no untrusted text.
pub(super) fn headline(impact: &Impact) -> String {
    let removed = impact.versions.controls().iter().filter(|(.., only)| *only == Some(Which::Base)).count();
    match removed {
        0 => documents(impact),
        1 => format!("1 CONTROL REMOVED; {}", documents(impact)),
        removed => format!("{removed} CONTROLS REMOVED; {}", documents(impact)),
    }
}

/// What changes in documents.
fn documents(impact: &Impact) -> String {
    let tally = &impact.tally;
    let all = count_documents(tally.documents);
    if tally.changed == 0 {
        return format!("no verdict changes in {all}");
    }
    let opening = tally.gates.openings();
    let closing: u64 = tally.gates.changed().iter().filter(|c| c.from.lets_through()).map(|c| c.cell.documents).sum();
    let gate = match (opening, closing) {
        (0, 0) => "no gate changes".to_owned(),
        (0, closing) => format!("no gate opens, {} {}", gates(closing), verb(closing, "close")),
        (opening, 0) => format!("{} {}", gates(opening).to_uppercase(), verb(opening, "open").to_uppercase()),
        (opening, closing) => {
            format!(
                "{} {}, {} {}",
                gates(opening).to_uppercase(),
                verb(opening, "open").to_uppercase(),
                gates(closing),
                verb(closing, "close")
            )
        }
    };
    let opening: u64 = tally.controls.values().map(|shift| shift.verdicts.openings()).sum();
    let verdicts = match opening {
        0 => "no verdict becomes pass".to_owned(),
        1 => "1 verdict becomes pass".to_owned(),
        _ => format!("{opening} verdicts become pass"),
    };
    format!("{gate}; {verdicts}; something changes in {} of {all}", tally.changed)
}

/// `1 document`, `2 documents`.
pub(super) fn count_documents(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "document")
}

fn gates(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "gate")
}

fn verb(number: u64, word: &str) -> String {
    if number == 1 { format!("{word}s") } else { word.to_owned() }
}

/// Whether the time was given.
pub(super) fn clock(impact: &Impact) -> &'static str {
    if impact.clock_given { "given" } else { "system" }
}

/// `id version 1, 11 controls, embedded`; the digest is told beside it.
pub(super) fn version(version: &Version) -> String {
    let about = &version.about;
    format!("{} version {}, {}, {}", about.id, about.version, count(about.controls, "control"), about.origin)
}

/// `"PT26H" → "PT50H"`, and where.
pub(super) fn parameter(change: &ParameterChange) -> String {
    let place = change.environment.as_ref().map_or_else(String::new, |environment| format!(" (environment {environment})"));
    format!("{} → {}{place}", change.base, change.head)
}

/// What stayed, with its parts: `9,985: 3300 GO, 6685 NO_GO`.
pub(super) fn unchanged<S: State>(matrix: &Matrix<S>) -> String {
    let parts: Vec<(S, u64)> = matrix.unchanged().collect();
    let all: u64 = parts.iter().map(|(_, documents)| documents).sum();
    if all == 0 {
        return "0".to_owned();
    }
    let words: Vec<String> = parts.iter().map(|(state, documents)| format!("{documents} {}", state.word())).collect();
    format!("{all}: {}", words.join(", "))
}

/// What became of a control that only one version has.
pub(super) fn alone(which: Which, shift: &Shift) -> String {
    let counts: Vec<String> = shift.alone.iter().map(|(word, documents)| format!("{documents} {}", word.word())).collect();
    let counts = if counts.is_empty() { "no document was judged".to_owned() } else { counts.join(", ") };
    match which {
        Which::Base => format!("! REMOVED: nothing asks for it any more; it was {counts}"),
        Which::Head => format!("added: it is {counts}"),
    }
}

/// Whether anything is to be told of a control.
pub(super) fn is_quiet(which: Option<Which>, shift: Option<&Shift>) -> bool {
    which.is_none() && shift.is_none_or(|shift| shift.findings == 0 && shift.verdicts.changed().is_empty())
}

/// `file.jsonl:17`, its size and what it is about.
pub(super) fn about(witness: &Witness) -> String {
    let plan = match (&witness.environment, &witness.release) {
        (Some(environment), Some(release)) => format!(", {environment} {release}"),
        _ => String::new(),
    };
    format!("{} bytes{plan}", witness.bytes)
}

/// What stood against it before, and what stands against it now.
pub(super) fn reasons(witness: &Witness) -> Vec<(&'static str, String)> {
    let side = |name, all: &[String]| {
        let mut words = all.iter().take(REASONS).cloned().collect::<Vec<_>>().join(", ");
        if all.len() > REASONS {
            words.push_str(&format!(" and {} more", all.len() - REASONS));
        }
        (!all.is_empty()).then_some((name, words))
    };
    [side("base", &witness.base), side("head", &witness.head)].into_iter().flatten().collect()
}

/// The mark of a change that opens.
pub(super) fn mark<S: State>(change: &Change<'_, S>) -> Option<&'static str> {
    change.opens().then_some("OPENS")
}
