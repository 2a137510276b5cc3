//! For machines: `golive.impact/1`.

use super::matrix::{Matrix, State, Witness};
use super::versions::{Version, Which};
use super::{Impact, Shift, words};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Text<'i> {
    format: &'static str,
    evaluated_at: String,
    clock: &'static str,
    documents: u64,
    changed: u64,
    opens: u64,
    refused: u64,
    no_decision: u64,
    base: Side<'i>,
    head: Side<'i>,
    files: Vec<File<'i>>,
    parameters: Vec<Parameter<'i>>,
    gates: Changes<'i>,
    controls: Vec<Control<'i>>,
    named: Vec<Named<'i>>,
}

#[derive(Serialize)]
struct Side<'i> {
    id: &'i str,
    title: &'i str,
    version: &'i str,
    origin: &'i str,
    digest: &'i str,
    controls: usize,
}

#[derive(Serialize)]
struct File<'i> {
    path: &'i str,
    change: &'static str,
}

#[derive(Serialize)]
struct Parameter<'i> {
    environment: Option<&'i str>,
    pointer: &'i str,
    base: &'i Value,
    head: &'i Value,
}

#[derive(Serialize)]
struct Control<'i> {
    id: &'i str,
    title: &'i str,
    only: Option<&'static str>,
    alone: BTreeMap<&'static str, u64>,
    verdicts: Changes<'i>,
    other_findings: u64,
}

#[derive(Serialize)]
struct Changes<'i> {
    unchanged: BTreeMap<&'static str, u64>,
    changed: Vec<Changed<'i>>,
}

#[derive(Serialize)]
struct Changed<'i> {
    from: &'static str,
    to: &'static str,
    opens: bool,
    documents: u64,
    witnesses: Vec<Seen<'i>>,
}

#[derive(Serialize)]
struct Seen<'i> {
    source: &'i str,
    bytes: usize,
    sha256: Option<&'i str>,
    environment: Option<&'i str>,
    release: Option<&'i str>,
    base: &'i [String],
    head: &'i [String],
}

#[derive(Serialize)]
struct Named<'i> {
    source: &'i str,
    code: &'i str,
    message: &'i str,
}

/// The whole text.
pub(super) fn render(impact: &Impact) -> String {
    let (tally, versions) = (&impact.tally, &impact.versions);
    let none = Shift::default();
    let parameters = versions.parameters.iter();
    let text = Text {
        format: "golive.impact/1",
        evaluated_at: impact.at.to_string(),
        clock: words::clock(impact),
        documents: tally.documents,
        changed: tally.changed,
        opens: tally.gates.openings(),
        refused: tally.refused,
        no_decision: tally.undecided,
        base: side(&versions.base),
        head: side(&versions.head),
        files: versions.files.iter().map(|(path, change)| File { path, change: change.word() }).collect(),
        parameters: parameters
            .map(|p| Parameter { environment: p.environment.as_deref(), pointer: &p.pointer, base: &p.base, head: &p.head })
            .collect(),
        gates: changes(&tally.gates),
        controls: versions
            .controls()
            .into_iter()
            .map(|(id, title, which)| control(id, title, which, tally.controls.get(id).unwrap_or(&none)))
            .collect(),
        named: tally.named.values().map(|n| Named { source: &n.source, code: &n.trouble.code, message: &n.trouble.message }).collect(),
    };
    crate::report::encode::document(&text)
}

fn side(version: &Version) -> Side<'_> {
    let about = &version.about;
    Side {
        id: &about.id,
        title: &about.title,
        version: &about.version,
        origin: &about.origin,
        digest: &about.digest,
        controls: about.controls,
    }
}

fn control<'i>(id: &'i str, title: &'i str, which: Option<Which>, shift: &'i Shift) -> Control<'i> {
    let alone = shift.alone.iter().map(|(word, documents)| (word.word(), *documents)).collect();
    Control { id, title, only: which.map(Which::word), alone, verdicts: changes(&shift.verdicts), other_findings: shift.findings }
}

fn changes<S: State>(matrix: &Matrix<S>) -> Changes<'_> {
    let changed = matrix.changed().into_iter().map(|change| Changed {
        from: change.from.word(),
        to: change.to.word(),
        opens: change.opens(),
        documents: change.cell.documents,
        witnesses: change.cell.witnesses.iter().map(seen).collect(),
    });
    Changes { unchanged: matrix.unchanged().map(|(state, documents)| (state.word(), documents)).collect(), changed: changed.collect() }
}

fn seen(witness: &Witness) -> Seen<'_> {
    Seen {
        source: &witness.source,
        bytes: witness.bytes,
        sha256: witness.sha256.as_deref(),
        environment: witness.environment.as_deref(),
        release: witness.release.as_deref(),
        base: &witness.base,
        head: &witness.head,
    }
}
