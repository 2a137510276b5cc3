//! What a reader sees first: the decision in words, what it is about, and by which clock.

use super::{Writer, words};
use crate::model::{Decision, Dossier, Gate};

pub(super) fn top(html: &mut Writer, dossier: &Dossier<'_>) {
    let decision = dossier.decision;
    html.leaf("p", &[("class", "kind")], &decision.checklist.title);
    let headline = words::headline(decision);
    let word = decision.gate.word();
    html.put("h1", &[], |html| {
        html.leaf("span", &[("class", "word")], word);
        let why = headline.strip_prefix(word).unwrap_or_default().trim_start_matches([':', ' ']);
        if !why.is_empty() {
            html.text(" ");
            html.leaf("span", &[("class", "why")], why);
        }
    });
    html.leaf("p", &[("class", "lead")], &in_words(decision));
    if decision.recorded || decision.clock_given {
        html.put("p", &[("class", "notice")], |html| {
            html.leaf("strong", &[], if decision.recorded { "RECORDED" } else { "The clock was given" });
            html.text(if decision.recorded {
                ": the facts come from recordings, and the time of the evaluation was given. Nothing live was looked at."
            } else {
                ": this decision is as of the time below, whenever it was made."
            });
        });
    }
    html.put("dl", &[("class", "facts-of")], |html| about(html, dossier));
}

/// The decision as a sentence.
fn in_words(decision: &Decision) -> String {
    let all = decision.rows.len();
    let passed = decision.rows.iter().filter(|row| row.judgement.verdict.is_pass()).count();
    let marks = format!("{passed} of {} PASS", words::count(all, "check"));
    match (decision.gate, decision.waived()) {
        (Gate::Go, 0) => format!("Go-live is allowed. {marks}."),
        (Gate::Go, waived) => format!("Go-live is allowed. {marks}; {} is formally waived, with an end.", words::count(waived, "FAIL")),
        (Gate::NoGo, _) => format!("Go-live is not allowed until what blocks it is mended or formally waived. {marks}."),
    }
}

fn about(html: &mut Writer, dossier: &Dossier<'_>) {
    let decision = dossier.decision;
    let checklist = &decision.checklist;
    entry(html, "Environment", &decision.environment, None);
    entry(html, "Release", &decision.release, None);
    let clock = format!("clock: {}", words::clock(decision));
    entry(html, "Evaluated at", &decision.evaluated_at.to_string(), Some(&clock));
    let controls = format!("version {}, {}, {}", checklist.version, checklist.origin, words::count(checklist.controls, "control"));
    entry(html, "Checklist", &checklist.id, Some(&controls));
    let changed = match checklist.parameters.len() {
        0 => "all as the checklist sets them".to_owned(),
        count => format!("{} changed", words::count(count, "parameter")),
    };
    entry(html, "Parameters", &changed, None);
    if let Some(ends) = dossier.annex.and_then(|annex| annex.forecast.as_ref()).and_then(|forecast| forecast.ends()) {
        entry(html, &format!("{} holds until", decision.gate.word()), &ends.at.to_string(), Some("with no new facts"));
    }
    if let Some(record) = dossier.annex.and_then(|annex| annex.record.as_ref()) {
        entry(html, "Record", &format!("number {}", record.seq), Some(&record.digest));
    }
}

fn entry(html: &mut Writer, name: &str, value: &str, more: Option<&str>) {
    html.put("div", &[], |html| {
        html.leaf("dt", &[], name);
        html.put("dd", &[], |html| {
            html.text(value);
            if let Some(more) = more {
                html.text(" ");
                html.leaf("small", &[], more);
            }
        });
    });
}
