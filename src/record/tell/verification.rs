//! What was found of a chain.

use super::decided;
use crate::model::record::ClockMark;
use crate::model::{Instant, Record};
use crate::record::store::Chain;
use crate::record::verify::Findings;
use crate::report::page::{BAD, GOOD, Page, Part, STRONG};
use crate::report::{Look, count, encode};
use crate::text::Problem;
use serde::Serialize;
use std::collections::BTreeSet;

/// What was found of a chain, and what a deploy job was answered.
pub struct Verified<'v> {
    /// The chain.
    pub chain: &'v Chain,
    /// What was found.
    pub findings: &'v Findings,
    /// Whether signatures were asked for.
    pub asked: bool,
    /// The answer to a deploy job.
    pub answer: Option<Answer>,
}

/// The answer to a deploy job.
pub struct Answer {
    /// The environment that it asked about.
    pub environment: String,
    /// The release that it asked about.
    pub release: String,
    /// When.
    pub at: Instant,
    /// Whether that time was given.
    pub given: bool,
    /// Why it may not; none where it may.
    pub reasons: Vec<String>,
}

#[derive(Serialize)]
struct Twin<'v> {
    format: &'static str,
    verified: bool,
    signatures: &'static str,
    records: usize,
    signers: BTreeSet<&'v str>,
    newest: Option<Newest<'v>>,
    faults: Vec<Fault<'v>>,
    notes: Vec<Fault<'v>>,
    answer: Option<AnswerTwin<'v>>,
}

#[derive(Serialize)]
struct Newest<'v> {
    seq: u64,
    sha256: &'v str,
    environment: &'v str,
    release: &'v str,
    evaluated_at: Instant,
    clock: ClockMark,
    recorded: bool,
    checklist: &'v str,
    controls: u64,
    gate: &'static str,
    holds_until: Option<Instant>,
}

#[derive(Serialize)]
struct Fault<'v> {
    code: &'static str,
    message: &'v str,
}

#[derive(Serialize)]
struct AnswerTwin<'v> {
    environment: &'v str,
    release: &'v str,
    at: Instant,
    clock: ClockMark,
    go: bool,
    reasons: &'v [String],
}

impl Fault<'_> {
    fn of(problem: &Problem) -> Fault<'_> {
        Fault { code: problem.code, message: &problem.message }
    }
}

/// `golive.verification/1`, or words for people.
pub fn verification(verified: &Verified<'_>, format: &str, look: &Look) -> String {
    if format == "json" { json(verified) } else { human(verified, look) }
}

fn newest<'v>(verified: &Verified<'v>) -> Option<(&'v str, &'v Record)> {
    let kept = verified.chain.records.last()?;
    Some((&kept.digest, kept.record.as_ref().ok()?))
}

fn json(verified: &Verified<'_>) -> String {
    let findings = verified.findings;
    encode::document(&Twin {
        format: "golive.verification/1",
        verified: findings.faults.is_empty(),
        signatures: if verified.asked { "asked" } else { "not-asked" },
        records: verified.chain.records.len(),
        signers: findings.signers.iter().flatten().map(String::as_str).collect(),
        newest: newest(verified).map(|(sha256, record)| Newest {
            seq: record.seq,
            sha256,
            environment: &record.environment,
            release: &record.release,
            evaluated_at: record.evaluated_at,
            clock: record.clock,
            recorded: record.recorded,
            checklist: &record.inputs.checklist.digest,
            controls: controls(record),
            gate: record.gate.word(),
            holds_until: record.holds.as_ref().filter(|h| h.unproven.is_empty()).map(crate::model::record::Holds::end),
        }),
        faults: findings.faults.iter().map(Fault::of).collect(),
        notes: findings.notes.iter().map(Fault::of).collect(),
        answer: verified.answer.as_ref().map(|answer| AnswerTwin {
            environment: &answer.environment,
            release: &answer.release,
            at: answer.at,
            clock: if answer.given { ClockMark::Given } else { ClockMark::System },
            go: answer.reasons.is_empty(),
            reasons: &answer.reasons,
        }),
    })
}

fn human(verified: &Verified<'_>, look: &Look) -> String {
    let mut page = Page::new(look);
    let findings = verified.findings;
    let records = count(verified.chain.records.len(), "record");
    if let Some((digest, record)) = newest(verified) {
        let line = |page: &mut Page, label: &str, words: String| page.put(0, 13, &[Part::label(label, 12), Part::words(words)]);
        line(&mut page, "Records", format!("{records} of the environment {}", record.environment));
        line(&mut page, "Newest", format!("record {}: release {}, {}{}", record.seq, record.release, record.evaluated_at, clock(record)));
        page.put(13, 13, &[Part::whole(format!("sha256:{digest}"))]);
        line(&mut page, "Decision", decided(record));
        let checklist = &record.decision["checklist"];
        let text = |key: &str| checklist[key].as_str().unwrap_or_default().to_owned();
        line(&mut page, "Checklist", format!("{} version {}, {}", text("id"), text("version"), count(size(record), "control")));
        page.put(13, 13, &[Part::whole(record.inputs.checklist.digest.as_str())]);
        line(&mut page, "Holds until", held(record));
        let signers: BTreeSet<&str> = findings.signers.iter().flatten().map(String::as_str).collect();
        let names = signers.into_iter().collect::<Vec<_>>().join(", ");
        let signed = match (verified.asked, names.is_empty()) {
            (false, _) => "not asked for: anybody could have written these records".to_owned(),
            (true, true) => "none that counts".to_owned(),
            (true, false) => format!("by {names}"),
        };
        line(&mut page, "Signatures", signed);
        page.blank();
    }
    if !findings.faults.is_empty() {
        page.put(0, 2, &[Part::words(format!("NOT VERIFIED: {}", count(findings.faults.len(), "fault"))).styled(BAD)]);
        return page.finish();
    }
    let verified_words = format!("{records} complete and unchanged{}", if verified.asked { ", signed by trusted keys" } else { "" });
    page.put(0, 2, &[Part::words(verified_words).styled(STRONG)]);
    let given = if verified.answer.as_ref().is_some_and(|answer| answer.given) { " (clock: given)" } else { "" };
    match &verified.answer {
        Some(answer) if answer.reasons.is_empty() => {
            let words = format!("GO: release {} may go live in {} at {}{given}", answer.release, answer.environment, answer.at);
            page.put(0, 2, &[Part::words(words).styled(GOOD)]);
        }
        Some(answer) => {
            for reason in &answer.reasons {
                page.put(0, 2, &[Part::words(format!("- {reason}"))]);
            }
            let words = format!("NO: release {} may not go live in {} at {}{given}", answer.release, answer.environment, answer.at);
            page.put(0, 2, &[Part::words(words).styled(BAD)]);
        }
        None => page.put(0, 2, &[Part::words("This says nothing about going live: --environment and --release ask that")]),
    }
    page.finish()
}

/// How many controls it decided on.
fn controls(record: &Record) -> u64 {
    record.decision["checklist"]["controls"].as_u64().unwrap_or_default()
}

fn size(record: &Record) -> usize {
    usize::try_from(controls(record)).unwrap_or(usize::MAX)
}

/// What is unusual about its time.
fn clock(record: &Record) -> &'static str {
    match (record.recorded, record.clock) {
        (true, _) => " (RECORDED)",
        (false, ClockMark::Given) => " (clock: given)",
        (false, ClockMark::System) => "",
    }
}

fn held(record: &Record) -> String {
    match &record.holds {
        None => "not looked for".to_owned(),
        Some(holds) if !holds.unproven.is_empty() => format!("not proven, because of {}", holds.unproven.join(", ")),
        Some(holds) if holds.until.is_none() => format!("{} at least", holds.looked_until),
        Some(holds) => format!("{}: {}", holds.end(), holds.ended_by.join(", ")),
    }
}
