//! The records of a chain, one line each.

use super::decided;
use crate::model::{Instant, Record};
use crate::record::store::{Chain, KeptRecord};
use crate::report::page::{BAD, GOOD, HELD, Page, Part};
use crate::report::{Look, count, encode};
use crate::text::visible;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde::Serialize;

#[derive(Serialize)]
struct Twin<'c> {
    format: &'static str,
    records: Vec<Line<'c>>,
    waivers: Vec<Exception>,
}

/// A waiver that held a control open, and the records in which it did.
#[derive(Serialize)]
struct Exception {
    id: String,
    control: String,
    approved_by: String,
    ends_at: String,
    first: u64,
    last: u64,
}

/// Every waiver that held a control open, in the order in which it first did; one that was changed stands there again.
fn exceptions(chain: &Chain) -> Vec<Exception> {
    let mut out: Vec<Exception> = Vec::new();
    let records = chain.records.iter().filter_map(|kept| kept.record.as_ref().ok());
    for (record, waiver) in records.flat_map(|record| controls(record).map(move |control| (record, &control["waiver"]))) {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        if waiver.is_null() {
            continue;
        }
        let time = |value: &serde_json::Value| value.as_str().and_then(Instant::parse);
        let ends = time(&waiver["expires_at"]).into_iter().chain(time(&waiver["remediation"]["target_date"])).min();
        let ends = ends.map(|ends| ends.to_string()).unwrap_or_default();
        let (id, control, approved_by) = (text(&waiver["id"]), text(&waiver["control"]), text(&waiver["approved_by"]));
        match out.iter_mut().find(|e| (&e.id, &e.control, &e.approved_by, &e.ends_at) == (&id, &control, &approved_by, &ends)) {
            Some(known) => known.last = record.seq,
            None => out.push(Exception { id, control, approved_by, ends_at: ends, first: record.seq, last: record.seq }),
        }
    }
    out
}

fn controls(record: &Record) -> impl Iterator<Item = &serde_json::Value> {
    record.decision["controls"].as_array().into_iter().flatten()
}

#[derive(Serialize)]
struct Line<'c> {
    seq: u64,
    sha256: &'c str,
    record: Option<Entry<'c>>,
    fault: Option<&'c str>,
}

#[derive(Serialize)]
struct Entry<'c> {
    environment: &'c str,
    release: &'c str,
    evaluated_at: Instant,
    clock: crate::model::record::ClockMark,
    recorded: bool,
    gate: &'static str,
    waived: u64,
    checklist: &'c str,
    holds_until: Option<Instant>,
    signatures: usize,
}

/// `golive.log/1`, or a table for people. Nothing is verified here.
pub fn log(chain: &Chain, format: &str, look: &Look) -> String {
    if format == "json" { json(chain) } else { human(chain, look) }
}

fn json(chain: &Chain) -> String {
    let line = |kept| match entry(kept) {
        Ok(record) => Line { seq: kept.seq, sha256: &kept.digest, record: Some(record), fault: None },
        Err(fault) => Line { seq: kept.seq, sha256: &kept.digest, record: None, fault: Some(fault) },
    };
    encode::document(&Twin { format: "golive.log/1", records: chain.records.iter().map(line).collect(), waivers: exceptions(chain) })
}

fn entry(kept: &KeptRecord) -> Result<Entry<'_>, &str> {
    let record = kept.record.as_ref().map_err(|problem| problem.message.as_str())?;
    Ok(Entry {
        environment: &record.environment,
        release: &record.release,
        evaluated_at: record.evaluated_at,
        clock: record.clock,
        recorded: record.recorded,
        gate: record.gate.word(),
        waived: record.decision["waived"].as_u64().unwrap_or_default(),
        checklist: &record.inputs.checklist.digest,
        holds_until: record.holds.as_ref().filter(|h| h.unproven.is_empty()).map(crate::model::record::Holds::end),
        signatures: signatures(kept),
    })
}

fn signatures(kept: &KeptRecord) -> usize {
    kept.envelope.as_ref().map_or(0, |envelope| envelope.signatures.len())
}

fn human(chain: &Chain, look: &Look) -> String {
    let mut page = Page::new(look);
    if let Some(record) = chain.records.iter().find_map(|kept| kept.record.as_ref().ok()) {
        page.put(0, 2, &[Part::words(format!("{} of the environment {}", count(chain.records.len(), "record"), record.environment))]);
        page.blank();
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(page.width()).unwrap_or(u16::MAX));
    table.set_header(["record", "evaluated", "release", "signed", "digest", "decision"]);
    for kept in &chain.records {
        table.add_row(match &kept.record {
            Ok(record) => cells(kept, record),
            Err(_) => [kept.seq.to_string(), String::new(), String::new(), String::new(), short(kept), "UNREADABLE".to_owned()],
        });
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        // Release and decision may wrap; a time or a digest in two lines cannot be copied.
        if index != 2 && index != 5 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for line in table.to_string().lines() {
        page.put_row(line, 0, &[("NO_GO", BAD), ("UNREADABLE", BAD), ("GO with", HELD), ("GO", GOOD)]);
    }
    let waivers = exceptions(chain);
    if !waivers.is_empty() {
        page.blank();
        page.heading("Waivers that held a control open");
    }
    for Exception { id, control, approved_by, ends_at, first, last } in waivers {
        let records = if first == last { format!("record {first}") } else { format!("records {first} to {last}") };
        page.put(2, 4, &[Part::words(format!("{id} for {control}, approved by {approved_by}, until {ends_at}: {records}"))]);
    }
    page.finish()
}

fn short(kept: &KeptRecord) -> String {
    kept.digest.chars().take(12).collect()
}

fn cells(kept: &KeptRecord, record: &Record) -> [String; 6] {
    let signed = match signatures(kept) {
        0 => "no".to_owned(),
        count => format!("{count} ×"),
    };
    let given = if record.recorded { " (RECORDED)" } else { "" };
    [kept.seq.to_string(), format!("{}{given}", record.evaluated_at), visible(&record.release), signed, short(kept), decided(record)]
}
