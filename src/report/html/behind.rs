//! Below the controls: exceptions that do nothing, the facts themselves, and what it takes to make the page again.

use super::control::{remediation, waiver};
use super::parts::{digests, disclosure};
use super::{Writer, chip, id_of_group, pair_text, section, to_control, words};
use crate::model::dossier::GroupAnnex;
use crate::model::{Decision, Dossier, ExceptionState};
use std::collections::BTreeMap;

/// A value whose JSON is longer than this many bytes is cut short: the facts document holds all of it.
const LONGEST: usize = 64 * 1024;

/// Id and heading of each section that there is.
pub(super) fn sections(dossier: &Dossier<'_>) -> Vec<(&'static str, &'static str)> {
    let decision = dossier.decision;
    let mut out = Vec::new();
    if !inert(decision).is_empty() {
        out.push(("waivers", "Waivers that are not active"));
    }
    if !decision.idle_remediations.is_empty() {
        out.push(("remediations", "Remediations that are not used"));
    }
    if !decision.checklist.parameters.is_empty() {
        out.push(("parameters", "Parameters that were changed"));
    }
    if dossier.annex.is_some() {
        out.push(("facts", "The facts"));
    }
    out.push(("again", "What was judged, and how to judge it again"));
    out
}

pub(super) fn behind(html: &mut Writer, dossier: &Dossier<'_>) {
    let decision = dossier.decision;
    for (id, heading) in sections(dossier) {
        section(html, id, heading, |html| match id {
            "waivers" => waivers(html, decision),
            "remediations" => remediations(html, decision),
            "parameters" => parameters(html, decision),
            "facts" => facts(html, dossier),
            _ => again(html, dossier),
        });
    }
}

fn inert(decision: &Decision) -> Vec<&(crate::model::Waiver, ExceptionState)> {
    decision.waivers.iter().filter(|(_, state)| *state != ExceptionState::Active).collect()
}

fn waivers(html: &mut Writer, decision: &Decision) {
    html.put("ul", &[("class", "plain items")], |html| {
        for (inert, state) in inert(decision) {
            html.put("li", &[], |html| {
                html.put("p", &[], |html| {
                    chip(html, "soft", state.word());
                    html.text(&format!("{} for ", inert.id));
                    match words::row(decision, inert.control()) {
                        Some(_) => html.leaf("a", &[("href", &to_control(inert.control()))], inert.control()),
                        None => html.leaf("code", &[], inert.control()),
                    }
                    html.text(&format!(": {}", words::why(decision, inert, state)));
                });
                for finding in words::uncovered(state) {
                    html.put("p", &[], |html| html.leaf("code", &[], finding));
                }
                html.put("dl", &[("class", "pairs")], |html| {
                    waiver(html, inert);
                    remediation(html, decision, &inert.remediation);
                });
            });
        }
    });
}

fn remediations(html: &mut Writer, decision: &Decision) {
    html.put("ul", &[("class", "plain items")], |html| {
        for (idle, why) in &decision.idle_remediations {
            html.put("li", &[], |html| {
                html.put("p", &[], |html| {
                    html.leaf("code", &[], &idle.control);
                    html.text(&format!(": {why}"));
                });
                html.put("dl", &[("class", "pairs")], |html| remediation(html, decision, idle));
            });
        }
    });
}

fn parameters(html: &mut Writer, decision: &Decision) {
    html.put("ul", &[("class", "plain items")], |html| {
        for change in &decision.checklist.parameters {
            html.put("li", &[], |html| {
                html.put("p", &[], |html| html.leaf("code", &[], &change.pointer));
                html.put("dl", &[("class", "pairs")], |html| {
                    pair_text(html, "In force", &change.value.to_string());
                    pair_text(html, "Default", &change.default.to_string());
                });
            });
        }
    });
}

/// Each group that some control reads, once.
fn facts(html: &mut Writer, dossier: &Dossier<'_>) {
    let annex = dossier.annex.into_iter().flat_map(|annex| &annex.controls);
    let groups: BTreeMap<&str, &GroupAnnex> = annex
        .flat_map(|control| &control.groups)
        .filter(|group| group.value.is_some())
        .map(|group| (group.group.as_str(), group))
        .collect();
    if groups.is_empty() {
        html.leaf("p", &[], "No group that a control reads was stated.");
    }
    for (name, group) in groups {
        html.put("div", &[("id", &id_of_group(name))], |html| {
            disclosure(html, name, |html| {
                let value = group.value.as_ref().and_then(|value| serde_json::to_string_pretty(value).ok()).unwrap_or_default();
                let kept = cut(&value);
                html.code(&[("class", "long")], kept);
                if kept.len() < value.len() {
                    let rest = value.len() - kept.len();
                    html.leaf("p", &[], &format!("{rest} bytes more stand in the facts document."));
                }
            });
        });
    }
}

/// The whole lines of a text that fit.
fn cut(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    let mut end = LONGEST;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].rfind('\n').map_or(&text[..end], |line| &text[..line])
}

fn again(html: &mut Writer, dossier: &Dossier<'_>) {
    let decision = dossier.decision;
    if let Some(annex) = dossier.annex {
        html.leaf("p", &[], "The same page is made again by:");
        html.code(&[], &annex.command);
    }
    html.put("dl", &[("class", "pairs")], |html| {
        super::pair(html, "Checklist", |html| html.leaf("code", &[("class", "hash")], &decision.checklist.digest));
        if let Some(record) = dossier.annex.and_then(|annex| annex.record.as_ref()) {
            super::pair(html, "Record", |html| html.leaf("code", &[("class", "hash")], &record.digest));
            for key in &record.keys {
                super::pair(html, "Signed by", |html| html.leaf("code", &[("class", "hash")], key));
            }
        }
    });
    match dossier.annex {
        Some(annex) => {
            let all = annex.digests.iter().map(|digest| (digest.kind, digest.name.as_str(), digest.sha256.as_str()));
            digests(html, "Digests of what was judged, and of what judged it", all);
        }
        None => html.put("ul", &[("class", "plain items")], |html| {
            for (name, sha256) in &decision.facts {
                html.put("li", &[], |html| {
                    html.leaf("p", &[], name);
                    html.put("p", &[], |html| html.leaf("code", &[("class", "hash")], sha256));
                });
            }
        }),
    }
}
