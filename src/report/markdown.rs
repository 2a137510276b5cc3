//! The checklist as a release record: its own columns, marks, evidence on every row, owners and dates.

use super::encode::{markdown as prose, markdown_link as link, markdown_token as token};
use super::reasons::reasons;
use super::sheet::Sheet;
use super::{Format, Look, words};
use crate::model::{Decision, Dossier, Finding, Outcome, Remediation, Row, Waiver};

/// For the release record.
pub struct Markdown;

impl Format for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "the checklist as a document for the release record"
    }

    fn render(&self, dossier: &Dossier<'_>, _look: &Look) -> String {
        let decision = dossier.decision;
        let mut page = Sheet::default();
        scope(&mut page, decision);
        conclusion(&mut page, decision);
        checklist(&mut page, decision);
        promises(&mut page, decision);
        details(&mut page, decision);
        waivers(&mut page, decision);
        idle_remediations(&mut page, decision);
        evidence(&mut page, decision);
        page.finish()
    }
}

/// What was judged. The first line says whether the time was given.
pub(super) fn scope(page: &mut Sheet, decision: &Decision) {
    let clock = words::clock(decision);
    let checklist = &decision.checklist;
    let (environment, release) = (&decision.environment, &decision.release);
    let title = prose(&checklist.title);
    page.heading(format!("# {title}: {}, release {} (clock: {clock})", prose(environment), prose(release)));
    page.line(format!("- Scope: one environment, {}", token(environment)));
    page.line(format!("- Release: {}", token(release)));
    page.line(format!("- Evaluated at: {} (clock: {clock})", decision.evaluated_at));
    for (name, digest) in &decision.facts {
        page.line(format!("- Facts: {}, {}", token(name), token(digest)));
    }
    page.line(format!(
        "- Checklist: {} version {}, {}, {}, {}",
        token(&checklist.id),
        token(&checklist.version),
        token(&checklist.origin),
        words::count(checklist.controls, "control"),
        token(&checklist.digest)
    ));
    if checklist.parameters.is_empty() {
        page.line("- Parameters: all as the checklist sets them");
    }
    for change in &checklist.parameters {
        let (value, default) = (token(&change.value.to_string()), token(&change.default.to_string()));
        page.line(format!("- Parameter: {} is {value}, default {default}", token(&change.pointer)));
    }
}

/// The decision, what blocks it, and what the record lacks.
pub(super) fn conclusion(page: &mut Sheet, decision: &Decision) {
    page.heading("## Decision");
    // Not encoded: it is our own, and `NO_GO` is what readers search for.
    page.line(format!("**{}**", words::headline(decision)));
    let names = words::blockers(decision);
    if !names.is_empty() {
        page.line("");
    }
    for name in names {
        let mut parts = Vec::new();
        if let Some(row) = words::row(decision, name) {
            parts.push(words::count(row.judgement.findings.len(), "finding"));
            parts.extend(row.remediation.as_ref().map(|r| format!("{}, due {}", prose(&r.owner), words::target(decision, r))));
            parts.extend(row.remediation.is_none().then(|| "no remediation".to_owned()));
        }
        parts.extend(words::reasons(decision, name).into_iter().map(prose));
        page.line(format!("- {}: {}", token(name), parts.join(", ")));
    }
    if let Some(names) = words::incomplete(decision) {
        let (count, rest) = words::records(names.len());
        let names: Vec<String> = names.into_iter().map(token).collect();
        let space = if names.is_empty() { "" } else { " " };
        page.line(format!("\n{count}{space}{} {rest}", names.join(", ")));
    }
}

pub(super) fn checklist(page: &mut Sheet, decision: &Decision) {
    page.heading("## Checklist");
    page.columns(&["#", "Area", "Check", "PASS criteria", "FAIL criteria", "Mark", "Outcome", "Evidence"]);
    for (number, row) in (1..).zip(&decision.rows) {
        let text = &row.text;
        page.cells(&[
            number.to_string(),
            prose(&text.area),
            format!("{}<br>{}", prose(&text.title), token(&text.id)),
            prose(&text.pass),
            prose(&text.fail),
            words::mark(row.judgement.verdict),
            words::outcome(row.outcome).to_owned(),
            links(row),
        ]);
    }
}

/// The evidence of a row: each group of facts with its links.
fn links(row: &Row) -> String {
    let mut lines = Vec::new();
    for origin in &row.origins {
        let links: Vec<String> = origin.evidence.iter().map(|evidence| link(&evidence.uri)).collect();
        let links = if links.is_empty() { "without evidence".to_owned() } else { links.join("<br>") };
        lines.push(format!("{}: {links}", token(&origin.group)));
    }
    if lines.is_empty() { "none".to_owned() } else { lines.join("<br>") }
}

/// "If any check is FAIL, record owner, remediation action, and target completion date before proceeding."
pub(super) fn promises(page: &mut Sheet, decision: &Decision) {
    let failed: Vec<&Row> = decision.rows.iter().filter(|row| row.judgement.verdict.mark() == "FAIL").collect();
    page.heading("## Owner, remediation action and target completion date of each FAIL");
    if failed.is_empty() {
        page.line("No check is FAIL.");
        return;
    }
    page.columns(&["Control", "Mark", "Outcome", "Owner", "Remediation action", "Target completion date", "Waiver"]);
    for row in failed {
        let promise = row.remediation.as_ref();
        let lacks = |field: Option<String>| field.unwrap_or_else(|| "missing".to_owned());
        page.cells(&[
            token(&row.text.id),
            words::mark(row.judgement.verdict),
            words::outcome(row.outcome).to_owned(),
            lacks(promise.map(|r| prose(&r.owner))),
            lacks(promise.map(|r| prose(&r.action))),
            lacks(promise.map(|r| words::target(decision, r))),
            row.waiver.as_ref().map_or_else(|| "none".to_owned(), |waiver| token(&waiver.id)),
        ]);
    }
}

/// What is wrong with each control that is not `pass`.
pub(super) fn details(page: &mut Sheet, decision: &Decision) {
    page.heading("## Findings");
    let mut silent = true;
    for (number, row) in (1..).zip(&decision.rows) {
        let judgement = &row.judgement;
        if judgement.verdict.is_pass() && judgement.findings.is_empty() && row.outcome == Outcome::Pass {
            continue;
        }
        let space = if std::mem::take(&mut silent) { "" } else { "\n" };
        let (mark, outcome) = (words::mark(judgement.verdict), words::outcome(row.outcome));
        page.line(format!("{space}### {number}. {}: {mark}, {outcome}\n", token(&row.text.id)));
        page.line(format!("{}\n", prose(&row.text.title)));
        for reason in reasons(judgement) {
            let mut indent = "";
            if let Some(criterion) = reason.criterion {
                page.line(format!("- {} is {}: {}", token(&criterion.id), criterion.state.word(), prose(&criterion.words)));
                indent = "  ";
            }
            for finding in reason.findings {
                self::finding(page, indent, finding, row.waiver.as_ref());
            }
        }
        if row.is_incomplete() {
            page.line(format!("- {}", words::INCOMPLETE));
        }
        page.line(format!("- Checklist's advice: {}", prose(&row.text.remediation)));
    }
    if silent {
        page.line("None.");
    }
}

fn finding(page: &mut Sheet, indent: &str, finding: &Finding, waiver: Option<&Waiver>) {
    page.line(format!("{indent}- {}: {}", token(&finding.id), prose(&finding.message)));
    for pointer in &finding.pointers {
        page.line(format!("{indent}  - at {}", token(pointer)));
    }
    if let Some(waiver) = waiver.filter(|waiver| waiver.findings.contains(&finding.id)) {
        page.line(format!("{indent}  - accepted by {}", token(&waiver.id)));
    }
}

pub(super) fn waivers(page: &mut Sheet, decision: &Decision) {
    page.heading("## Waivers");
    if decision.waivers.is_empty() {
        page.line("None.");
        return;
    }
    page.columns(&[
        "Waiver",
        "State",
        "Control",
        "Findings",
        "Reason",
        "Ticket",
        "Requested by",
        "Approved by",
        "From",
        "Expires",
        "Remediation",
    ]);
    for (waiver, state) in &decision.waivers {
        let mut standing = format!("{}: {}", state.word(), prose(&words::why(decision, waiver, state)));
        for finding in words::uncovered(state) {
            standing.push_str(&format!("<br>{}", token(finding)));
        }
        let findings: Vec<String> = waiver.findings.iter().map(|finding| token(finding)).collect();
        page.cells(&[
            token(&waiver.id),
            standing,
            token(waiver.control()),
            findings.join("<br>"),
            prose(&waiver.reason),
            link(&waiver.ticket),
            prose(&waiver.requested_by),
            prose(&waiver.approved_by),
            waiver.created_at.to_string(),
            waiver.ends_at().to_string(),
            promise(decision, &waiver.remediation).join("<br>"),
        ]);
    }
}

/// Owner, action and date, each with its name.
fn promise(decision: &Decision, remediation: &Remediation) -> [String; 3] {
    [
        format!("Owner: {}", prose(&remediation.owner)),
        format!("Action: {}", prose(&remediation.action)),
        format!("Target date: {}", words::target(decision, remediation)),
    ]
}

fn idle_remediations(page: &mut Sheet, decision: &Decision) {
    if decision.idle_remediations.is_empty() {
        return;
    }
    page.heading("## Remediations that are not used");
    for (remediation, why) in &decision.idle_remediations {
        page.line(format!("- {}: {}", token(&remediation.control), prose(why)));
        for part in promise(decision, remediation) {
            page.line(format!("  - {part}"));
        }
    }
}

/// Where the facts came from, each group once.
fn evidence(page: &mut Sheet, decision: &Decision) {
    page.heading("## Evidence");
    let origins = words::origins(decision);
    if origins.is_empty() {
        page.line("None.");
        return;
    }
    page.columns(&["Group", "Trust", "Collected at", "Collector", "Source", "Evidence"]);
    for origin in origins {
        let collector = format!("{} {}", origin.collector.name, origin.collector.version);
        let mut links: Vec<String> = Vec::new();
        for evidence in &origin.evidence {
            links.push(format!("{}<br>{}", link(&evidence.uri), token(&format!("sha256:{}", evidence.sha256))));
        }
        page.cells(&[
            token(&origin.group),
            origin.trust.word().to_owned(),
            origin.collected_at.to_string(),
            prose(&collector),
            token(&origin.source),
            if links.is_empty() { "none".to_owned() } else { links.join("<br>") },
        ]);
    }
}
