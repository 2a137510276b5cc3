//! What changed between two records.

use super::decided;
use crate::record::diff::{Change, Changes, Side};
use crate::record::replay::Difference;
use crate::report::page::{Page, Part};
use crate::report::{Look, count, encode};
use serde::Serialize;

/// More lines of one kind than this help nobody; JSON has them all.
const MOST: usize = 40;

/// Characters of one value.
const LONGEST: usize = 200;

#[derive(Serialize)]
struct Twin<'d> {
    format: &'static str,
    before: RecordTwin<'d>,
    after: RecordTwin<'d>,
    verdicts: Vec<ChangeTwin<'d>>,
    waivers: Vec<ChangeTwin<'d>>,
    remediations: Vec<ChangeTwin<'d>>,
    policies: Vec<ChangeTwin<'d>>,
    parameters: Vec<ChangeTwin<'d>>,
    facts: Vec<ChangeTwin<'d>>,
}

#[derive(Serialize)]
struct RecordTwin<'d> {
    seq: u64,
    environment: &'d str,
    release: &'d str,
    evaluated_at: crate::model::Instant,
    gate: &'static str,
}

#[derive(Clone, Copy, Serialize)]
struct ChangeTwin<'d> {
    place: &'d str,
    before: Option<&'d str>,
    after: Option<&'d str>,
}

impl<'d> ChangeTwin<'d> {
    fn all(changes: &'d [Change]) -> Vec<Self> {
        changes.iter().map(|c| Self { place: &c.place, before: c.before.as_deref(), after: c.after.as_deref() }).collect()
    }

    fn verdicts(differences: &'d [Difference]) -> Vec<Self> {
        differences.iter().map(|d| Self { place: &d.place, before: Some(&d.recorded), after: Some(&d.replayed) }).collect()
    }
}

/// `golive.record-diff/1`, or words for people.
pub fn compared(before: &Side, after: &Side, changes: &Changes, format: &str, look: &Look) -> String {
    let twin = Twin {
        format: "golive.record-diff/1",
        before: record(before),
        after: record(after),
        verdicts: ChangeTwin::verdicts(&changes.verdicts),
        waivers: ChangeTwin::all(&changes.waivers),
        remediations: ChangeTwin::all(&changes.remediations),
        policies: ChangeTwin::all(&changes.policies),
        parameters: ChangeTwin::all(&changes.parameters),
        facts: ChangeTwin::all(&changes.facts),
    };
    if format == "json" { encode::document(&twin) } else { human(&twin, (before, after), look) }
}

fn record(side: &Side) -> RecordTwin<'_> {
    let record = &side.record;
    RecordTwin {
        seq: record.seq,
        environment: &record.environment,
        release: &record.release,
        evaluated_at: record.evaluated_at,
        gate: record.gate.word(),
    }
}

fn human(twin: &Twin<'_>, sides: (&Side, &Side), look: &Look) -> String {
    let mut page = Page::new(look);
    for (label, side) in [("From", sides.0), ("To", sides.1)] {
        let r = &side.record;
        let words = format!("record {}: {}, release {}, {}: {}", r.seq, r.environment, r.release, r.evaluated_at, decided(r));
        page.put(0, 6, &[Part::label(label, 5), Part::words(words)]);
    }
    let sections = [
        ("Verdicts", &twin.verdicts),
        ("Waivers", &twin.waivers),
        ("Remediations", &twin.remediations),
        ("Checklist", &twin.policies),
        ("Parameters", &twin.parameters),
        ("Facts", &twin.facts),
    ];
    for (name, changes) in sections {
        page.blank();
        let words = if changes.is_empty() { "nothing changed".to_owned() } else { count(changes.len(), "change") };
        page.heading(&format!("{name}: {words}"));
        for change in changes.iter().take(MOST) {
            page.put(2, 4, &[Part::whole(change.place)]);
            page.put(4, 6, &[Part::words(said("was", change.before))]);
            page.put(4, 6, &[Part::words(said("is ", change.after))]);
        }
        if changes.len() > MOST {
            page.put(2, 4, &[Part::words(format!("and {} more: -o json has them all", changes.len() - MOST))]);
        }
    }
    page.finish()
}

/// A value of a line or two; JSON has all of it.
fn said(when: &str, value: Option<&str>) -> String {
    let value = value.unwrap_or("(absent)");
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{when} {}…", &value[..end]),
        None => format!("{when} {value}"),
    }
}
