//! Waiver and remediation files: whatever is wrong with one at any time refuses it.

use crate::checklist::{Checklist, contract};
use crate::model::time::say_duration;
use crate::model::{ControlText, Fault, Instant, Remediation, Waiver};
use crate::schema::{Schema, did_you_mean};
use crate::text::{Document, Problem, folded, visible};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the static checks of exceptions need to know of the checklist.
#[derive(Debug)]
pub struct Scope<'a> {
    controls: BTreeMap<&'a str, &'a ControlText>,
    longest: i64,
}

impl<'a> Scope<'a> {
    /// The scope of a checklist.
    pub fn of(checklist: &'a Checklist) -> Self {
        let controls = checklist.controls.iter().map(|c| (c.text.id.as_str(), &c.text)).collect();
        Self { controls, longest: checklist.parameters.waiver_duration() }
    }
}

/// Reads waiver documents.
///
/// # Errors
/// Every static fault of every document: off its schema, a wildcard, an approver who is the requester, a life that is too
/// long or ends before it begins, an id twice, a control or finding that the checklist does not know.
pub fn waivers(documents: &[Document], scope: &Scope<'_>) -> Result<Vec<Waiver>, Vec<Problem>> {
    let mut out: Vec<Waiver> = Vec::new();
    let mut problems = Vec::new();
    for document in documents {
        let entries = entries(document, contract("waivers")?, "waivers", &mut problems);
        for (pointer, value) in entries {
            let Some(waiver) = waiver(value) else { continue };
            let check = Check { document, pointer: &pointer };
            check.scoped(value, &waiver.remediation, scope, &mut problems);
            check.written(value, &["id", "reason", "ticket", "requested_by", "approved_by"], &mut problems);
            check.written(&value["remediation"], &["owner", "action"], &mut problems);
            check.people(&waiver, &mut problems);
            check.life(&waiver, scope, &mut problems);
            check.findings(&waiver, scope, &mut problems);
            if out.iter().any(|w| w.id == waiver.id) {
                check.refuse("id", &format!("duplicate waiver id `{}`", visible(&waiver.id)), None, &mut problems);
            }
            out.push(waiver);
        }
    }
    out.sort_by(|a, b| a.id.cmp(&b.id));
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// Reads remediation documents.
///
/// # Errors
/// Every static fault: off its schema, a wildcard, an unknown control, two for one control, environment and release.
pub fn remediations(documents: &[Document], scope: &Scope<'_>) -> Result<Vec<Remediation>, Vec<Problem>> {
    let mut out: Vec<Remediation> = Vec::new();
    let mut problems = Vec::new();
    for document in documents {
        for (pointer, value) in entries(document, contract("remediations")?, "remediations", &mut problems) {
            let Some(remediation) = remediation(value, value) else { continue };
            let check = Check { document, pointer: &pointer };
            check.scoped(value, &remediation, scope, &mut problems);
            check.written(value, &["owner", "action"], &mut problems);
            let same = |r: &Remediation| {
                (&r.control, &r.environment, &r.release) == (&remediation.control, &remediation.environment, &remediation.release)
            };
            if out.iter().any(same) {
                let message = format!("duplicate remediation for `{}` in this environment and release", visible(&remediation.control));
                check.refuse("control", &message, None, &mut problems);
            }
            out.push(remediation);
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// The entries of one document that is valid, each with its pointer.
fn entries<'d>(document: &'d Document, schema: &Schema, list: &str, problems: &mut Vec<Problem>) -> Vec<(String, &'d Value)> {
    let found = schema.problems("golive::exceptions::schema", &document.value, document, "");
    if !found.is_empty() {
        problems.extend(found);
        return Vec::new();
    }
    let entries = document.value[list].as_array().into_iter().flatten().enumerate();
    entries.map(|(index, value)| (format!("/{list}/{index}"), value)).collect()
}

fn waiver(value: &Value) -> Option<Waiver> {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let findings = value["findings"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Some(Waiver {
        id: text("id")?,
        findings,
        reason: text("reason")?,
        ticket: text("ticket")?,
        requested_by: text("requested_by")?,
        approved_by: text("approved_by")?,
        created_at: Instant::parse(value["created_at"].as_str()?)?,
        expires_at: Instant::parse(value["expires_at"].as_str()?)?,
        remediation: remediation(value, &value["remediation"])?,
    })
}

fn remediation(scope: &Value, own: &Value) -> Option<Remediation> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Some(Remediation {
        control: text(&scope["control"])?,
        environment: text(&scope["environment"])?,
        release: text(&scope["release"])?,
        owner: text(&own["owner"])?,
        action: text(&own["action"])?,
        target_date: Instant::parse(own["target_date"].as_str()?)?,
    })
}

struct Check<'d> {
    document: &'d Document,
    pointer: &'d str,
}

impl Check<'_> {
    fn refuse(&self, field: &str, message: &str, help: Option<String>, problems: &mut Vec<Problem>) {
        let pointer = format!("{}/{field}", self.pointer);
        let problem = Problem::new("golive::exceptions::refused", format!("{pointer}: {message}")).at(
            &self.document.source,
            self.document.locate(&pointer).value,
            "here",
        );
        problems.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }

    fn scoped(&self, value: &Value, entry: &Remediation, scope: &Scope<'_>, problems: &mut Vec<Problem>) {
        for field in ["control", "environment", "release"] {
            let said = value[field].as_str().unwrap_or_default();
            if said.contains(['*', '?']) {
                let message = format!("wildcard `{}`: an exception is for one {field}", visible(said));
                self.refuse(field, &message, Some("write one waiver for each".to_owned()), problems);
            }
        }
        if !scope.controls.contains_key(entry.control.as_str()) && !entry.control.contains(['*', '?']) {
            let help = did_you_mean(&entry.control, scope.controls.keys().copied());
            self.refuse("control", &format!("the checklist has no control `{}`", visible(&entry.control)), help, problems);
        }
    }

    /// What shows nothing says nothing.
    fn written(&self, value: &Value, fields: &[&str], problems: &mut Vec<Problem>) {
        for field in fields {
            if folded(value[field].as_str().unwrap_or_default()).is_empty() {
                self.refuse(
                    field,
                    "it is blank: nothing is written there",
                    Some("a person or a reason that can be read is wanted".to_owned()),
                    problems,
                );
            }
        }
    }

    fn people(&self, waiver: &Waiver, problems: &mut Vec<Problem>) {
        if folded(&waiver.requested_by) == folded(&waiver.approved_by) {
            let message = format!("self-approval: `{}` also requested it", visible(&waiver.approved_by));
            self.refuse("approved_by", &message, Some("another person approves".to_owned()), problems);
        }
    }

    fn life(&self, waiver: &Waiver, scope: &Scope<'_>, problems: &mut Vec<Problem>) {
        let life = waiver.expires_at.ms - waiver.created_at.ms;
        if life <= 0 {
            self.refuse("expires_at", "the waiver ends before it begins", None, problems);
        } else if life > scope.longest {
            let message = format!("too long: the waiver lasts {}, allowed are {}", say_duration(life), say_duration(scope.longest));
            self.refuse("expires_at", &message, Some("an exception ends; ask for it again if it must go on".to_owned()), problems);
        }
    }

    fn findings(&self, waiver: &Waiver, scope: &Scope<'_>, problems: &mut Vec<Problem>) {
        let Some(control) = scope.controls.get(waiver.control()) else { return };
        for (index, finding) in waiver.findings.iter().enumerate() {
            if let Err((message, help)) = known_finding(finding, control) {
                self.refuse(&format!("findings/{index}"), &message, help, problems);
            }
        }
    }
}

/// Whether a control can have this finding.
fn known_finding(finding: &str, control: &ControlText) -> Result<(), (String, Option<String>)> {
    let shown = visible(finding);
    if finding.contains('*') {
        return Err((format!("wildcard `{shown}`: a waiver lists each finding"), None));
    }
    if finding == "error" {
        return Err(("`error` cannot be waived: policy or engine broke".to_owned(), None));
    }
    if let Some(criterion) = finding.strip_prefix("unproven:") {
        let known = control.criteria.iter().map(|(id, _)| id.as_str());
        return if known.clone().any(|id| id == criterion) {
            Ok(())
        } else {
            Err((format!("`{}` has no criterion for `{shown}`", control.id), did_you_mean(criterion, known)))
        };
    }
    if let Some(rest) = finding.strip_prefix("facts:") {
        let faults = [Fault::Missing, Fault::Invalid, Fault::Stale, Fault::Future, Fault::NoEvidence, Fault::Untrusted];
        let known = rest.split_once(':').is_some_and(|(g, f)| control.facts.contains_key(g) && faults.iter().any(|k| k.word() == f));
        let help = format!("the control reads: {}", control.facts.keys().cloned().collect::<Vec<_>>().join(", "));
        return if known { Ok(()) } else { Err((format!("`{}` can have no finding `{shown}`", control.id), Some(help))) };
    }
    let code = match finding.split_once('[') {
        Some((code, subject)) if subject.ends_with(']') && subject.len() > 1 => code,
        Some(_) => return Err((format!("`{shown}` is no finding: `code` or `code[subject]`"), None)),
        None => finding,
    };
    if control.violations.contains_key(code) {
        Ok(())
    } else {
        let help = did_you_mean(code, control.violations.keys().map(String::as_str));
        Err((format!("`{}` has no violation `{}`", control.id, visible(code)), help))
    }
}
