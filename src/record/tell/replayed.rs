//! How a record came out when it was run again.

use crate::model::{Decision, Record};
use crate::record::replay::{Difference, Likeness};
use crate::report::page::{BAD, GOOD, HELD, Page, Part};
use crate::report::{Look, count, encode, headline};
use serde::Serialize;

/// A record and what came out of it.
pub struct Replayed<'r> {
    /// The record.
    pub record: &'r Record,
    /// The decision that came out.
    pub decision: &'r Decision,
    /// How it compares.
    pub outcome: &'r Likeness,
    /// Whether it was run under its own checklist.
    pub is_gate: bool,
}

#[derive(Serialize)]
struct Twin<'r> {
    format: &'static str,
    seq: u64,
    outcome: &'static str,
    is_gate: bool,
    recorded_gate: &'static str,
    gate: &'static str,
    checklist: &'r str,
    differences: Vec<DifferenceTwin<'r>>,
}

#[derive(Serialize)]
struct DifferenceTwin<'r> {
    place: &'r str,
    recorded: &'r str,
    replayed: &'r str,
}

impl DifferenceTwin<'_> {
    fn of(difference: &Difference) -> DifferenceTwin<'_> {
        DifferenceTwin { place: &difference.place, recorded: &difference.recorded, replayed: &difference.replayed }
    }
}

/// `golive.replay/1`, or words for people.
pub fn replayed(told: &Replayed<'_>, format: &str, look: &Look) -> String {
    if format == "json" { json(told) } else { human(told, look) }
}

fn differing(outcome: &Likeness) -> &[Difference] {
    match outcome {
        Likeness::Different(found) => found,
        _ => &[],
    }
}

fn word(outcome: &Likeness) -> &'static str {
    match outcome {
        Likeness::Identical => "identical",
        Likeness::Equal => "equal",
        Likeness::Different(_) => "different",
    }
}

fn json(told: &Replayed<'_>) -> String {
    encode::document(&Twin {
        format: "golive.replay/1",
        seq: told.record.seq,
        outcome: word(told.outcome),
        is_gate: told.is_gate,
        recorded_gate: told.record.gate.word(),
        gate: told.decision.gate.word(),
        checklist: &told.decision.checklist.digest,
        differences: differing(told.outcome).iter().map(DifferenceTwin::of).collect(),
    })
}

fn human(told: &Replayed<'_>, look: &Look) -> String {
    let mut page = Page::new(look);
    let (record, decision, outcome) = (told.record, told.decision, told.outcome);
    if !told.is_gate {
        let checklist = &decision.checklist;
        let words = format!("NOT A GATE: record {} as it would come out under another checklist", record.seq);
        page.put(0, 2, &[Part::words(words).styled(HELD)]);
        page.put(0, 2, &[Part::words(format!("Checklist: {}", checklist.origin)), Part::whole(checklist.digest.as_str())]);
    }
    let (words, style) = match outcome {
        Likeness::Identical => (format!("identical: record {} comes to the same decision, byte for byte", record.seq), GOOD),
        Likeness::Equal if told.is_gate => {
            let words = "equal: the same verdicts, findings and gate, in other bytes: the record was made by";
            (format!("{words} {} {} with {} {}", record.tool.name, record.tool.version, record.engine.name, record.engine.version), HELD)
        }
        Likeness::Equal => ("equal: the same verdicts, findings and gate".to_owned(), GOOD),
        Likeness::Different(found) => {
            (format!("different: record {} comes to something else in {}", record.seq, count(found.len(), "place")), BAD)
        }
    };
    page.put(0, 2, &[Part::words(words).styled(style)]);
    for Difference { place, recorded, replayed } in differing(outcome) {
        page.put(2, 4, &[Part::words(place.as_str())]);
        page.put(4, 6, &[Part::words(format!("the record  {recorded}"))]);
        page.put(4, 6, &[Part::words(format!("now         {replayed}"))]);
    }
    let when = if told.is_gate { "Decision of the record" } else { "It would be" };
    page.put(0, 2, &[Part::words(format!("{when}: {}", headline(decision)))]);
    page.finish()
}
