//! The checklist as a release record: its own columns, marks, evidence on every row, owners and dates.

use super::encode::{markdown as prose, markdown_link as link, markdown_token as token};
use super::{Format, Look, words};
use crate::model::decision::Origin;
use crate::model::{CriterionState, Decision, Outcome, Remediation, Row};
use std::fmt::Display;

/// For the release record.
pub struct Markdown;

impl Format for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "the checklist as a document for the release record"
    }

    fn render(&self, decision: &Decision, _look: &Look) -> String {
        let mut page = Page::default();
        scope(&mut page, decision);
        conclusion(&mut page, decision);
        checklist(&mut page, decision);
        promises(&mut page, decision);
        details(&mut page, decision);
        waivers(&mut page, decision);
        idle_remediations(&mut page, decision);
        evidence(&mut page, decision);
        page.text
    }
}

/// Markdown that grows line by line. What goes in is encoded already.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: impl Display) {
        self.text.push_str(&format!("{line}\n"));
    }

    fn heading(&mut self, heading: impl Display) {
        let space = if self.text.is_empty() { "" } else { "\n" };
        self.text.push_str(&format!("{space}{heading}\n\n"));
    }

    fn columns(&mut self, names: &[&str]) {
        self.cells(names);
        self.cells(&vec!["---"; names.len()]);
    }

    fn cells(&mut self, cells: &[impl AsRef<str>]) {
        for cell in cells {
            self.text.push_str(&format!("| {} ", cell.as_ref()));
        }
        self.text.push_str("|\n");
    }
}

/// What was judged. The first line says whether the time was given.
fn scope(page: &mut Page, decision: &Decision) {
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
        page.line(format!("- Parameter: {} {}", token(&change.pointer), prose(&words::parameter(change))));
    }
}

fn conclusion(page: &mut Page, decision: &Decision) {
    page.heading("## Decision");
    let names: Vec<String> = words::blockers(decision).into_iter().map(token).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    // Our own words, but for the underscore of NO_GO.
    page.line(format!("**{}**{names}", prose(&words::headline(decision))));
    if !decision.blocking.is_empty() {
        page.line("");
    }
    for blocking in &decision.blocking {
        page.line(format!("- {}: {}", token(&blocking.by), prose(&blocking.message)));
    }
}

fn checklist(page: &mut Page, decision: &Decision) {
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

/// The evidence of a row, each link once.
fn links(row: &Row) -> String {
    let mut links: Vec<String> = Vec::new();
    for evidence in row.origins.iter().flat_map(|origin| &origin.evidence) {
        let link = link(&evidence.uri);
        if !links.contains(&link) {
            links.push(link);
        }
    }
    if links.is_empty() { "none".to_owned() } else { links.join("<br>") }
}

/// "If any check is FAIL, record owner, remediation action, and target completion date before proceeding."
fn promises(page: &mut Page, decision: &Decision) {
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
            lacks(promise.map(|r| r.target_date.to_string())),
            row.waiver.as_ref().map_or_else(|| "none".to_owned(), |waiver| token(&waiver.id)),
        ]);
    }
}

/// What is wrong with each control that is not `pass`.
fn details(page: &mut Page, decision: &Decision) {
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
        for finding in &judgement.findings {
            page.line(format!("- {}: {}", token(&finding.id), prose(&finding.message)));
            for pointer in &finding.pointers {
                page.line(format!("  - at {}", token(pointer)));
            }
        }
        for criterion in judgement.criteria.iter().filter(|c| c.state != CriterionState::Met) {
            let state = words::criterion(criterion.state);
            page.line(format!("- criterion {} is {state}: {}", token(&criterion.id), prose(&criterion.words)));
        }
        if row.is_incomplete() {
            page.line(format!("- {}", words::INCOMPLETE));
        }
        page.line(format!("- what to do: {}", prose(&row.text.remediation)));
    }
    if silent {
        page.line("None.");
    }
}

fn waivers(page: &mut Page, decision: &Decision) {
    page.heading("## Waivers");
    if decision.waivers.is_empty() {
        page.line("None.");
        return;
    }
    page.columns(&[
        "Waiver", "State", "Control", "Findings", "Reason", "Ticket", "Requested by", "Approved by", "From", "Expires",
        "Remediation",
    ]);
    for (waiver, state) in &decision.waivers {
        let mut standing = format!("{}: {}", words::exception(state), prose(&words::why(waiver, state)));
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
            prose(&waiver.ticket),
            prose(&waiver.requested_by),
            prose(&waiver.approved_by),
            waiver.created_at.to_string(),
            waiver.expires_at.to_string(),
            promise(&waiver.remediation),
        ]);
    }
}

/// Owner, action and date in one line.
fn promise(remediation: &Remediation) -> String {
    let date = remediation.target_date;
    format!("{}: {}, until {date}", prose(&remediation.owner), prose(&remediation.action))
}

fn idle_remediations(page: &mut Page, decision: &Decision) {
    if decision.idle_remediations.is_empty() {
        return;
    }
    page.heading("## Remediations that are not used");
    for (remediation, why) in &decision.idle_remediations {
        page.line(format!("- {}: {}; {}", token(&remediation.control), prose(why), promise(remediation)));
    }
}

/// Where the facts came from, each group once.
fn evidence(page: &mut Page, decision: &Decision) {
    page.heading("## Evidence");
    let mut origins: Vec<&Origin> = Vec::new();
    for origin in decision.rows.iter().flat_map(|row| &row.origins) {
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
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
