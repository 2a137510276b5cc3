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
    encode::document(&Twin { format: "golive.log/1", records: chain.records.iter().map(line).collect() })
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
