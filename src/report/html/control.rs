//! One control: the checklist's words, the verdict, why, what was proven by which rule, and where the facts came from.

use super::parts::disclosure;
use super::{Writer, annex_of, chip, colour, id_of_control, id_of_group, pair, pair_text, words};
use crate::model::decision::Origin;
use crate::model::dossier::{ControlAnnex, GroupAnnex};
use crate::model::time::say_duration;
use crate::model::{CriterionState, Decision, Dossier, Finding, Outcome, Remediation, Row, Waiver};

pub(super) fn control(html: &mut Writer, dossier: &Dossier<'_>, index: usize, row: &Row) {
    let id = id_of_control(&row.text.id);
    let heading = format!("{id}-heading");
    html.put("section", &[("class", "control"), ("id", &id), ("aria-labelledby", &heading)], |html| {
        html.leaf("h2", &[("id", &heading)], &format!("{}. {}", index + 1, row.text.title));
        html.put("p", &[("class", "marks")], |html| {
            let mark = if row.judgement.verdict.is_pass() { "good" } else { "bad" };
            chip(html, mark, &words::mark(row.judgement.verdict));
            if row.outcome != Outcome::Pass {
                chip(html, colour(row.outcome), words::outcome(row.outcome));
            }
            html.leaf("code", &[], &row.text.id);
            html.leaf("span", &[("class", "soft")], &format!(" {}", row.text.area));
        });
        html.put("dl", &[("class", "words")], |html| {
            for (name, text) in [("PASS criteria", &row.text.pass), ("FAIL criteria", &row.text.fail)] {
                html.put("div", &[], |html| pair_text(html, name, text));
            }
        });
        let annex = annex_of(dossier, index);
        findings(html, dossier, row);
        promises(html, dossier.decision, row);
        criteria(html, row, annex);
        origins(html, dossier.decision, row, annex);
        parameters(html, annex);
        html.put("p", &[], |html| html.leaf("a", &[("href", "#checklist")], "Back to the checklist"));
    });
}

fn findings(html: &mut Writer, dossier: &Dossier<'_>, row: &Row) {
    if row.judgement.findings.is_empty() {
        return;
    }
    html.leaf("h3", &[], "Findings");
    html.put("ul", &[("class", "plain items")], |html| {
        for finding in &row.judgement.findings {
            html.put("li", &[], |html| self::finding(html, dossier, finding, row.waiver.as_ref()));
        }
    });
}

fn finding(html: &mut Writer, dossier: &Dossier<'_>, finding: &Finding, waiver: Option<&Waiver>) {
    html.put("p", &[], |html| html.put("strong", &[], |html| html.leaf("code", &[], &finding.id)));
    html.leaf("p", &[], &finding.message);
    for pointer in &finding.pointers {
        html.put("p", &[("class", "soft")], |html| {
            html.text("at ");
            html.leaf("code", &[], pointer);
            if let Some(spot) = dossier.annex.and_then(|annex| annex.spots.get(pointer)) {
                html.text(&format!(", {} line {}", spot.document, spot.start.0));
            }
        });
    }
    if let Some(waiver) = waiver.filter(|waiver| waiver.findings.contains(&finding.id)) {
        html.put("p", &[], |html| chip(html, "warn", &format!("accepted by {}", waiver.id)));
    }
}

/// The waiver, the remediation, and the checklist's advice where the mark is FAIL.
fn promises(html: &mut Writer, decision: &Decision, row: &Row) {
    if let Some(waiver) = &row.waiver {
        html.leaf("h3", &[], "Waiver");
        html.put("dl", &[("class", "pairs")], |html| self::waiver(html, waiver));
    }
    if row.judgement.verdict.is_pass() && row.remediation.is_none() {
        return;
    }
    html.leaf("h3", &[], "Remediation");
    match &row.remediation {
        Some(remediation) => html.put("dl", &[("class", "pairs")], |html| self::remediation(html, decision, remediation)),
        None => html.put("p", &[("class", "bad")], |html| html.leaf("strong", &[], words::INCOMPLETE)),
    }
    html.leaf("p", &[("class", "soft")], &format!("The checklist's advice: {}", row.text.remediation));
}

/// What a waiver says.
pub(super) fn waiver(html: &mut Writer, waiver: &Waiver) {
    pair_text(html, "Id", &waiver.id);
    pair_text(html, "Valid", &format!("from {} until {}", waiver.created_at, waiver.ends_at()));
    pair(html, "Accepts", |html| {
        for (index, finding) in waiver.findings.iter().enumerate() {
            if index > 0 {
                html.text(", ");
            }
            html.leaf("code", &[], finding);
        }
    });
    pair_text(html, "Reason", &waiver.reason);
    pair(html, "Ticket", |html| html.link(&waiver.ticket));
    pair_text(html, "Requested by", &waiver.requested_by);
    pair_text(html, "Approved by", &waiver.approved_by);
}

/// Owner, action and date.
pub(super) fn remediation(html: &mut Writer, decision: &Decision, remediation: &Remediation) {
    pair_text(html, "Owner", &remediation.owner);
    pair_text(html, "Action", &remediation.action);
    pair_text(html, "Target date", &words::target(decision, remediation));
}

fn criteria(html: &mut Writer, row: &Row, annex: Option<&ControlAnnex>) {
    html.leaf("h3", &[], "Criteria");
    html.put("ol", &[("class", "items")], |html| {
        for criterion in &row.judgement.criteria {
            html.put("li", &[], |html| {
                html.put("p", &[], |html| {
                    let class = match criterion.state {
                        CriterionState::Met => "good",
                        CriterionState::Open => "warn",
                        CriterionState::Denied | CriterionState::Contradicted => "bad",
                    };
                    chip(html, class, criterion.state.word());
                    html.text(&criterion.words);
                    html.text(" ");
                    html.leaf("code", &[("class", "soft")], &criterion.id);
                });
                if let Some(annex) = annex {
                    rules(html, row, annex, &criterion.id);
                }
            });
        }
    });
    let shared = annex.filter(|annex| !annex.shared.is_empty());
    if let Some(annex) = shared {
        disclosure(html, "Rego that these have in common", |html| html.code(&[], &annex.shared));
    }
    if let Some(annex) = annex {
        html.put("p", &[("class", "soft")], |html| {
            html.text("The whole policy: ");
            html.leaf("code", &[], &annex.policy);
        });
    }
}

/// The Rego that proves a criterion, and the Rego that denies it.
fn rules(html: &mut Writer, row: &Row, annex: &ControlAnnex, criterion: &str) {
    let Some((_, proof)) = annex.criteria.iter().find(|(id, _)| id == criterion) else { return };
    let denies = |code: &String| row.text.violations.get(code).is_some_and(|violation| violation.denies == criterion);
    let denials: Vec<&str> = annex.violations.iter().filter(|(code, _)| denies(code)).map(|(_, rego)| rego.as_str()).collect();
    disclosure(html, &format!("Rego of {criterion}"), |html| {
        html.leaf("p", &[], "Proven by:");
        html.code(&[], proof);
        if denials.is_empty() {
            html.leaf("p", &[], "Nothing denies it: where it is not proven the control is unknown.");
        } else {
            html.leaf("p", &[], "Denied by:");
            html.code(&[], &denials.join("\n\n"));
        }
    });
}

fn origins(html: &mut Writer, decision: &Decision, row: &Row, annex: Option<&ControlAnnex>) {
    html.leaf("h3", &[], "Facts and evidence");
    if row.origins.is_empty() {
        html.leaf("p", &[], "No group of facts that this control reads is there.");
    }
    html.put("ul", &[("class", "plain items")], |html| {
        for origin in &row.origins {
            let group = annex.and_then(|annex| annex.groups.iter().find(|group| group.group == origin.group));
            html.put("li", &[], |html| self::origin(html, decision, origin, group));
        }
        let absent = annex.into_iter().flat_map(|annex| &annex.groups);
        for group in absent.filter(|group| !row.origins.iter().any(|origin| origin.group == group.group)) {
            html.put("li", &[], |html| {
                html.put("p", &[], |html| {
                    html.leaf("code", &[], &group.group);
                    html.text(" ");
                    chip(html, "bad", if group.value.is_some() { "not usable" } else { "missing" });
                });
            });
        }
    });
}

fn origin(html: &mut Writer, decision: &Decision, origin: &Origin, group: Option<&GroupAnnex>) {
    html.put("p", &[], |html| {
        let name = |html: &mut Writer| html.leaf("code", &[], &origin.group);
        html.put("strong", &[], |html| {
            if group.is_some_and(|group| group.value.is_some()) {
                html.put("a", &[("href", &format!("#{}", id_of_group(&origin.group)))], name);
            } else {
                name(html);
            }
        });
        html.text(" ");
        chip(html, "soft", origin.trust.word());
    });
    html.put("dl", &[("class", "pairs")], |html| {
        let age = say_duration(decision.evaluated_at.ms - origin.collected_at.ms);
        let limit = group.and_then(|group| group.max_age).map(|most| format!(", may be {}", say_duration(most)));
        pair_text(html, "Collected at", &origin.collected_at.to_string());
        pair_text(html, "Age", &format!("{age}{}", limit.unwrap_or_default()));
        pair_text(html, "Collector", &format!("{} {}", origin.collector.name, origin.collector.version));
        pair_text(html, "Source", &origin.source);
        pair(html, "Evidence", |html| {
            if origin.evidence.is_empty() {
                html.text("none");
            }
            for evidence in &origin.evidence {
                html.put("p", &[], |html| {
                    html.link(&evidence.uri);
                    html.text(" ");
                    html.leaf("code", &[("class", "hash")], &format!("sha256:{}", evidence.sha256));
                });
            }
        });
    });
}

fn parameters(html: &mut Writer, annex: Option<&ControlAnnex>) {
    let Some(annex) = annex.filter(|annex| !annex.parameters.is_empty()) else { return };
    html.leaf("h3", &[], "Parameters that it reads");
    html.put("dl", &[("class", "pairs wide")], |html| {
        for (name, value) in &annex.parameters {
            html.put("dt", &[], |html| html.leaf("code", &[], name));
            html.put("dd", &[], |html| html.leaf("code", &[], &value.to_string()));
        }
    });
}
