//! Above the controls: what blocks, what is waived and until when, how long the decision holds, and the checklist.

use super::parts::columns;
use super::{Writer, chip, colour, id_of_control, section, timeline, to_control, words};
use crate::model::{Decision, Dossier, Gate, Outcome, Row};

/// Id and heading of each section, and whether this decision has it.
pub(super) fn sections(dossier: &Dossier<'_>) -> [(&'static str, &'static str, bool); 5] {
    let decision = dossier.decision;
    let forecast = dossier.annex.is_some_and(|annex| annex.forecast.is_some());
    [
        ("blocking", "What blocks go-live", decision.gate == Gate::NoGo),
        ("record", "What the record lacks", words::incomplete(decision).is_some_and(|names| !names.is_empty())),
        ("waived", "What is waived, and until when", decision.waived() > 0),
        ("forecast", "How long this holds", forecast),
        ("checklist", "The checklist", true),
    ]
}

pub(super) fn summary(html: &mut Writer, dossier: &Dossier<'_>) {
    let decision = dossier.decision;
    for (id, heading, shown) in sections(dossier) {
        if !shown {
            continue;
        }
        section(html, id, heading, |html| match id {
            "blocking" => blocking(html, decision),
            "record" => lacks(html, decision),
            "waived" => waived(html, decision),
            "forecast" => timeline::timeline(html, dossier),
            _ => checklist(html, decision),
        });
    }
}

fn blocking(html: &mut Writer, decision: &Decision) {
    let names = words::blockers(decision);
    if names.is_empty() {
        html.leaf("p", &[], "The gate gave no reason.");
        return;
    }
    html.put("ul", &[("class", "plain items")], |html| {
        for name in names {
            html.put("li", &[], |html| {
                match words::row(decision, name) {
                    Some(row) => blocking_control(html, decision, row),
                    None => html.put("p", &[], |html| {
                        html.leaf("code", &[], name);
                        html.text(", a rule of the gate");
                    }),
                }
                for reason in words::reasons(decision, name) {
                    html.leaf("p", &[], reason);
                }
            });
        }
    });
}

fn blocking_control(html: &mut Writer, decision: &Decision, row: &Row) {
    html.put("p", &[], |html| {
        html.leaf("a", &[("href", &to_control(&row.text.id))], &row.text.title);
        html.text(" ");
        html.leaf("code", &[("class", "soft")], &row.text.id);
    });
    html.put("p", &[], |html| {
        let class = if row.judgement.verdict.is_pass() { "good" } else { "bad" };
        chip(html, class, &words::mark(row.judgement.verdict));
        html.text(&words::count(row.judgement.findings.len(), "finding"));
        match &row.remediation {
            Some(remediation) => html.text(&format!(", {}, due {}", remediation.owner, words::target(decision, remediation))),
            None if row.is_incomplete() => html.text(", no remediation"),
            None => {}
        }
    });
}

fn lacks(html: &mut Writer, decision: &Decision) {
    html.leaf("p", &[], "Record owner, remediation action and target completion date of each of these before proceeding:");
    html.put("ul", &[], |html| {
        for name in words::incomplete(decision).unwrap_or_default() {
            html.put("li", &[], |html| html.leaf("a", &[("href", &to_control(name))], name));
        }
    });
}

fn waived(html: &mut Writer, decision: &Decision) {
    html.put("ul", &[("class", "plain items")], |html| {
        for row in decision.rows.iter().filter(|row| row.outcome == Outcome::Waived) {
            html.put("li", &[], |html| {
                html.put("p", &[], |html| {
                    html.leaf("a", &[("href", &to_control(&row.text.id))], &row.text.title);
                    html.text(" ");
                    html.leaf("code", &[("class", "soft")], &row.text.id);
                });
                let Some(waiver) = &row.waiver else { return };
                html.put("p", &[], |html| {
                    chip(html, "warn", &format!("WAIVED until {}", waiver.ends_at()));
                    html.text(&format!("{}, approved by {}", waiver.id, waiver.approved_by));
                });
                html.leaf("p", &[], &waiver.reason);
            });
        }
    });
}

fn checklist(html: &mut Writer, decision: &Decision) {
    html.put("table", &[("class", "checks")], |html| {
        let caption = "Each row is one check of the checklist; its name leads to what is behind the mark.";
        html.leaf("caption", &[], caption);
        columns(html, &["#", "Check", "Mark", "Outcome"]);
        html.put("tbody", &[], |html| {
            for (number, row) in (1..).zip(&decision.rows) {
                html.put("tr", &[], |html| line(html, number, row));
            }
        });
    });
}

fn line(html: &mut Writer, number: usize, row: &Row) {
    html.leaf("td", &[("class", "number")], &number.to_string());
    html.put("th", &[("scope", "row")], |html| {
        let to = format!("#{}", id_of_control(&row.text.id));
        html.leaf("a", &[("href", &to)], &row.text.title);
        html.leaf("span", &[("class", "sub")], &format!("{}, {}", row.text.area, row.text.id));
    });
    let class = if row.judgement.verdict.is_pass() { "mark good" } else { "mark bad" };
    html.put("td", &[], |html| html.leaf("span", &[("class", class)], &words::mark(row.judgement.verdict)));
    let class = format!("mark {}", colour(row.outcome));
    html.put("td", &[], |html| {
        html.leaf("span", &[("class", &class)], words::outcome(row.outcome));
        if let (Outcome::Waived, Some(waiver)) = (row.outcome, &row.waiver) {
            html.leaf("span", &[("class", "sub")], &format!("until {}", waiver.ends_at()));
        }
    });
}
