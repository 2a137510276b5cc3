//! The checklist on a terminal: what was judged, the rows, what is wrong with each, and last the decision.

use super::page::{BAD, GOOD, HELD, Page, Part, STRONG};
use super::{Format, Look, encode, words};
use crate::model::{CriterionState, Decision, ExceptionState, Finding, Gate, Outcome, Remediation, Row, Waiver};
use anstyle::Style;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, TableComponent, Width, presets};

/// Columns of the names before values.
const LABEL: usize = 12;
/// Where the text of a control begins.
const INDENT: usize = 4;
/// The two last columns of the table, with the space around them.
const MARK: u16 = 16;
const OUTCOME: u16 = 9;

/// For people at a terminal.
pub struct Human;

impl Format for Human {
    fn name(&self) -> &'static str {
        "human"
    }

    fn about(&self) -> &'static str {
        "the checklist as a table, with findings, exceptions and the decision"
    }

    fn render(&self, decision: &Decision, look: &Look) -> String {
        let mut page = Page::new(look);
        scope(&mut page, decision);
        page.blank();
        table(&mut page, decision);
        for (number, row) in (1..).zip(&decision.rows) {
            if !row.judgement.verdict.is_pass() || row.outcome != Outcome::Pass || !row.judgement.findings.is_empty() {
                page.blank();
                control(&mut page, number, row);
            }
        }
        idle_waivers(&mut page, decision);
        idle_remediations(&mut page, decision);
        page.blank();
        conclusion(&mut page, decision);
        page.finish()
    }
}

/// What was judged, when and by what. The first line says whether the time was given.
fn scope(page: &mut Page, decision: &Decision) {
    let at = format!("{} (clock: {})", decision.evaluated_at, words::clock(decision));
    entry(page, 0, "Evaluated", vec![Part::words(at)]);
    entry(page, 0, "Environment", vec![Part::words(&decision.environment)]);
    entry(page, 0, "Release", vec![Part::words(&decision.release)]);
    for (name, digest) in &decision.facts {
        entry(page, 0, "Facts", vec![Part::whole(name)]);
        page.put(INDENT, INDENT, &[Part::whole(digest)]);
    }
    let checklist = &decision.checklist;
    let about = format!("version {}, {}, {}", checklist.version, checklist.origin, words::count(checklist.controls, "control"));
    entry(page, 0, "Checklist", vec![Part::whole(&checklist.id), Part::words(about)]);
    page.put(INDENT, INDENT, &[Part::whole(&checklist.digest)]);
    if checklist.parameters.is_empty() {
        entry(page, 0, "Parameters", vec![Part::words("all as the checklist sets them")]);
    }
    for change in &checklist.parameters {
        entry(page, 0, "Parameter", vec![Part::whole(&change.pointer), Part::words(words::parameter(change))]);
    }
}

fn table(page: &mut Page, decision: &Decision) {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_style(TableComponent::HeaderLines, '-');
    table.set_style(TableComponent::MiddleHeaderIntersections, '-');
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(page.width()).unwrap_or(u16::MAX));
    table.set_header(["#", "Control", "Check", "Mark", "Outcome"]);
    for (number, row) in (1..).zip(&decision.rows) {
        table.add_row([
            number.to_string(),
            encode::terminal(&row.text.id),
            encode::terminal(&row.text.title),
            words::mark(row.judgement.verdict),
            words::outcome(row.outcome).to_owned(),
        ]);
    }
    let widest = table.column_max_content_widths().get(1).map_or(0, |width| usize::from(*width));
    let ids = u16::try_from((widest + 2).min(page.width() * 2 / 5)).unwrap_or(u16::MAX);
    for (index, width) in [(1, ids), (3, MARK), (4, OUTCOME)] {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    for (index, padding) in [(0, (0, 1)), (4, (1, 0))] {
        if let Some(column) = table.column_mut(index) {
            column.set_padding(padding);
        }
    }
    // The last two columns hold nothing but our own words, one byte per column: they are found from the line's end.
    let tail = usize::from(MARK + OUTCOME);
    let styles = [("PASS", GOOD), ("FAIL", BAD), ("WAIVED", HELD), ("BLOCKING", BAD)];
    for line in table.lines() {
        page.put_row(&line, line.len().saturating_sub(tail), &styles);
    }
}

/// A control that is not `pass`: why, what speaks for it, who mends it.
fn control(page: &mut Page, number: usize, row: &Row) {
    let (mark, outcome) = (words::mark(row.judgement.verdict), words::outcome(row.outcome));
    let title = [
        Part::label(&number.to_string(), INDENT - 1),
        Part::whole(&row.text.id).styled(STRONG),
        Part::whole(format!(" {mark}")).styled(style_of_mark(row)),
        Part::whole(format!(" {outcome}")).styled(style_of_outcome(row.outcome)),
    ];
    page.put(0, INDENT, &title);
    page.put(INDENT, INDENT, &[Part::words(&row.text.title)]);
    findings(page, &row.judgement.findings);
    criteria(page, row);
    evidence(page, row);
    if let Some(waiver) = &row.waiver {
        waived(page, waiver);
    }
    match &row.remediation {
        Some(remediation) => entry(page, INDENT, "Remediation", promise(remediation)),
        None if row.is_incomplete() => page.put(INDENT, INDENT + 2, &[Part::words(words::INCOMPLETE).styled(BAD)]),
        None => {}
    }
    entry(page, INDENT, "What to do", vec![Part::words(&row.text.remediation)]);
}

fn findings(page: &mut Page, findings: &[Finding]) {
    for finding in findings {
        let parts = [Part::whole(format!("- {}:", finding.id)), Part::words(&finding.message)];
        page.put(INDENT, INDENT + 2, &parts);
        for pointer in &finding.pointers {
            page.put(INDENT + 4, INDENT + 4, &[Part::words("at"), Part::whole(pointer)]);
        }
    }
}

fn criteria(page: &mut Page, row: &Row) {
    let mut first = true;
    for criterion in row.judgement.criteria.iter().filter(|c| c.state != CriterionState::Met) {
        if std::mem::take(&mut first) {
            page.put(INDENT, INDENT, &[Part::words("Criteria that are not met").styled(STRONG)]);
        }
        let id = format!("- {} ({}):", criterion.id, words::criterion(criterion.state));
        page.put(INDENT, INDENT + 2, &[Part::whole(id), Part::words(&criterion.words)]);
    }
}

fn evidence(page: &mut Page, row: &Row) {
    if row.origins.is_empty() {
        return;
    }
    page.put(INDENT, INDENT, &[Part::words("Evidence").styled(STRONG)]);
    for origin in &row.origins {
        let collector = &origin.collector;
        let how = format!("{} at {} by {} {},", origin.trust.word(), origin.collected_at, collector.name, collector.version);
        let parts = [Part::whole(format!("- {}:", origin.group)), Part::words(how), Part::words(&origin.source)];
        page.put(INDENT, INDENT + 2, &parts);
        for evidence in &origin.evidence {
            page.put(INDENT + 4, INDENT + 4, &[Part::whole(&evidence.uri)]);
            page.put(INDENT + 4, INDENT + 4, &[Part::whole(format!("sha256:{}", evidence.sha256))]);
        }
        if origin.evidence.is_empty() {
            page.put(INDENT + 4, INDENT + 4, &[Part::words("none")]);
        }
    }
}

fn waived(page: &mut Page, waiver: &Waiver) {
    let approval = format!("approved by {}, expires {}, ticket {}:", waiver.approved_by, waiver.expires_at, waiver.ticket);
    let parts = vec![Part::whole(format!("{},", waiver.id)), Part::words(approval), Part::words(&waiver.reason)];
    entry(page, INDENT, "Waiver", parts);
}

/// Owner, action and date.
fn promise(remediation: &Remediation) -> Vec<Part> {
    let text = format!("{}: {}, until {}", remediation.owner, remediation.action, remediation.target_date);
    vec![Part::words(text)]
}

fn idle_waivers(page: &mut Page, decision: &Decision) {
    let mut first = true;
    for (waiver, state) in decision.waivers.iter().filter(|(_, state)| *state != ExceptionState::Active) {
        if std::mem::take(&mut first) {
            page.blank();
            page.heading("Waivers that are not active");
        }
        let mut parts = vec![
            Part::whole(format!("- {}", waiver.id)),
            Part::words("for"),
            Part::whole(format!("{}:", waiver.control())),
            Part::words(format!("{}, {}", words::exception(state), words::why(waiver, state))),
        ];
        parts.extend(words::uncovered(state).iter().map(Part::whole));
        page.put(2, 4, &parts);
    }
}

fn idle_remediations(page: &mut Page, decision: &Decision) {
    let mut first = true;
    for (remediation, why) in &decision.idle_remediations {
        if std::mem::take(&mut first) {
            page.blank();
            page.heading("Remediations that are not used");
        }
        let mut parts = vec![Part::whole(format!("- {}:", remediation.control)), Part::words(format!("{why};"))];
        parts.extend(promise(remediation));
        page.put(2, 4, &parts);
    }
}

/// What blocks, and in the last line the decision.
fn conclusion(page: &mut Page, decision: &Decision) {
    if !decision.blocking.is_empty() {
        page.heading("Blocking");
        for blocking in &decision.blocking {
            page.put(2, 4, &[Part::whole(format!("- {}:", blocking.by)), Part::words(&blocking.message)]);
        }
        page.blank();
    }
    let style = match decision.gate {
        Gate::Go if decision.waived() > 0 => HELD,
        Gate::Go => GOOD,
        Gate::NoGo => BAD,
    };
    let names = words::blockers(decision);
    let mut parts = vec![Part::words(words::headline(decision)).styled(style)];
    for (index, name) in names.iter().enumerate() {
        let open = if index == 0 { "(" } else { "" };
        let close = if index + 1 == names.len() { ")" } else { "," };
        parts.push(Part::whole(format!("{open}{name}{close}")));
    }
    page.put(0, 2, &parts);
}

/// A named value.
fn entry(page: &mut Page, indent: usize, name: &str, value: Vec<Part>) {
    let mut parts = vec![Part::label(name, LABEL)];
    parts.extend(value);
    page.put(indent, indent + LABEL + 1, &parts);
}

fn style_of_mark(row: &Row) -> Style {
    if row.judgement.verdict.is_pass() { GOOD } else { BAD }
}

fn style_of_outcome(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Pass => GOOD,
        Outcome::Waived => HELD,
        Outcome::Blocking => BAD,
    }
}
