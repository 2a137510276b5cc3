//! The checklist on a terminal: what was judged, the rows, what is wrong with each, and last the decision.

use super::page::{BAD, GOOD, HELD, Page, Part, STRONG};
use super::reasons::reasons;
use super::{Format, Look, encode, words};
use crate::model::control::ParameterChange;
use crate::model::{Decision, Dossier, ExceptionState, Finding, Gate, Outcome, Remediation, Row, Waiver};
use anstyle::Style;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, TableComponent, Width, presets};
use serde_json::Value;

/// Columns of the names before values.
const LABEL: usize = 12;
/// Where the text of a control begins, and what belongs to one of its items.
const INDENT: usize = 4;
const ITEM: usize = INDENT + 2;
/// The two last columns of the table, the first of them with the space behind it.
const MARK: u16 = 15;
const OUTCOME: u16 = 8;

/// For people at a terminal.
pub struct Human;

impl Format for Human {
    fn name(&self) -> &'static str {
        "human"
    }

    fn about(&self) -> &'static str {
        "the checklist as a table, with findings, evidence, exceptions and the decision"
    }

    fn render(&self, dossier: &Dossier<'_>, look: &Look) -> String {
        let decision = dossier.decision;
        let mut page = Page::new(look);
        scope(&mut page, decision);
        page.blank();
        table(&mut page, decision);
        for (number, row) in (1..).zip(&decision.rows) {
            page.blank();
            control(&mut page, decision, number, row);
        }
        sources(&mut page, decision);
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
        parameter(page, change);
    }
}

fn parameter(page: &mut Page, change: &ParameterChange) {
    let mut parts = vec![Part::label("Parameter", LABEL), Part::whole(&change.pointer)];
    parts.extend(value("(default ", &change.default, ")"));
    parts.push(Part::words("is"));
    parts.extend(value("", &change.value, ""));
    page.put(0, LABEL + 1, &parts);
}

/// A value that breaks between its elements only: a trusted key is compared by eye.
fn value(before: &str, value: &Value, after: &str) -> Vec<Part> {
    let part = |value: &Value, text: String| if value.is_object() { Part::words(text) } else { Part::whole(text) };
    let Some([first, rest @ ..]) = value.as_array().map(Vec::as_slice) else {
        return vec![part(value, format!("{before}{value}{after}"))];
    };
    let mut parts = Vec::new();
    let (mut element, mut text) = (first, format!("{before}[{first}"));
    for next in rest {
        parts.push(part(element, format!("{text},")));
        (element, text) = (next, next.to_string());
    }
    parts.push(part(element, format!("{text}]{after}")));
    parts
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
    let ids = u16::try_from((widest + 1).min(page.width() * 2 / 5)).unwrap_or(u16::MAX);
    for (index, width) in [(1, ids), (3, MARK), (4, OUTCOME)] {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, u16::from(column.index < 4)));
    }
    // The last two columns hold nothing but our own words, one byte per column: they are found from the line's end.
    let tail = usize::from(MARK + 1 + OUTCOME);
    let styles = [("PASS", GOOD), ("FAIL", BAD), ("WAIVED", HELD), ("BLOCKING", BAD)];
    for line in table.lines() {
        page.put_row(&line, line.len().saturating_sub(tail), &styles);
    }
}

/// One row: where it is not `pass` why and who mends it, and always what backs it.
fn control(page: &mut Page, decision: &Decision, number: usize, row: &Row) {
    let mut title = vec![
        Part::label(&number.to_string(), INDENT - 1),
        Part::whole(&row.text.id).styled(STRONG),
        Part::whole(format!(" {}", words::mark(row.judgement.verdict))).styled(style_of_mark(row)),
    ];
    let passes = row.judgement.verdict.is_pass() && row.outcome == Outcome::Pass;
    if !passes {
        title.push(Part::whole(format!(" {}", words::outcome(row.outcome))).styled(style_of_outcome(row.outcome)));
    }
    page.put(0, INDENT, &title);
    if !passes {
        page.put(INDENT, INDENT, &[Part::words(&row.text.title)]);
    }
    for reason in reasons(&row.judgement) {
        if let Some(criterion) = reason.criterion {
            let name = Part::whole(format!("{} ({}):", criterion.id, criterion.state.word()));
            page.put(INDENT, INDENT, &[name, Part::words(&criterion.words)]);
        }
        for finding in reason.findings {
            self::finding(page, finding, row.waiver.as_ref());
        }
    }
    evidence(page, row);
    if let Some(waiver) = &row.waiver {
        waived(page, waiver);
    }
    match &row.remediation {
        Some(remediation) => promise(page, INDENT, decision, remediation),
        None if row.is_incomplete() => page.put(INDENT, INDENT, &[Part::words(words::INCOMPLETE).styled(BAD)]),
        None => {}
    }
    if !passes {
        let advice = [Part::words("Checklist's advice:").styled(STRONG), Part::words(&row.text.remediation)];
        page.put(INDENT, ITEM, &advice);
    }
}

/// The id alone on its line: people copy it into a waiver.
fn finding(page: &mut Page, finding: &Finding, waiver: Option<&Waiver>) {
    page.put(INDENT, INDENT, &[Part::whole(format!("- {}", finding.id)).styled(STRONG)]);
    page.put(ITEM, ITEM, &[Part::words(&finding.message)]);
    for pointer in &finding.pointers {
        page.put(ITEM, ITEM, &[Part::whole(format!("at {pointer}"))]);
    }
    if let Some(waiver) = waiver.filter(|waiver| waiver.findings.contains(&finding.id)) {
        page.put(ITEM, ITEM, &[Part::words("accepted by").styled(HELD), Part::whole(&waiver.id).styled(HELD)]);
    }
}

fn evidence(page: &mut Page, row: &Row) {
    page.put(INDENT, INDENT, &[Part::words("Evidence").styled(STRONG)]);
    for origin in &row.origins {
        let mut parts =
            vec![Part::whole(format!("- {},", origin.group)), Part::whole(format!("{} {}", origin.trust.word(), origin.collected_at))];
        parts.extend(origin.evidence.iter().map(|evidence| Part::whole(&evidence.uri)));
        if origin.evidence.is_empty() {
            parts.push(Part::words("without evidence"));
        }
        page.put(INDENT, ITEM, &parts);
    }
    if row.origins.is_empty() {
        page.put(INDENT, ITEM, &[Part::words("- none")]);
    }
}

/// What the rows' evidence does not say again for each row.
fn sources(page: &mut Page, decision: &Decision) {
    let origins = words::origins(decision);
    if origins.is_empty() {
        return;
    }
    page.blank();
    page.heading("Sources of the facts, with the digest of each evidence link");
    for origin in origins {
        let collector = &origin.collector;
        let from = format!("{} {}, {}", collector.name, collector.version, origin.source);
        page.put(2, INDENT, &[Part::whole(format!("- {}:", origin.group)), Part::words(from)]);
        for evidence in &origin.evidence {
            page.put(INDENT, INDENT, &[Part::whole(format!("sha256:{}", evidence.sha256))]);
        }
    }
}

fn waived(page: &mut Page, waiver: &Waiver) {
    entry(page, INDENT, "Waiver", vec![Part::whole(&waiver.id)]);
    entry(page, INDENT, "Requested by", vec![Part::words(&waiver.requested_by)]);
    entry(page, INDENT, "Approved by", vec![Part::words(&waiver.approved_by)]);
    entry(page, INDENT, "Valid", vec![Part::words(format!("from {} until {}", waiver.created_at, waiver.ends_at()))]);
    entry(page, INDENT, "Ticket", vec![Part::whole(&waiver.ticket)]);
    entry(page, INDENT, "Reason", vec![Part::words(&waiver.reason)]);
}

/// Owner, action and date.
fn promise(page: &mut Page, indent: usize, decision: &Decision, remediation: &Remediation) {
    entry(page, indent, "Owner", vec![Part::words(&remediation.owner)]);
    entry(page, indent, "Action", vec![Part::words(&remediation.action)]);
    entry(page, indent, "Target date", vec![target("", decision, remediation)]);
}

fn target(before: &str, decision: &Decision, remediation: &Remediation) -> Part {
    let date = Part::whole(format!("{before}{}", words::target(decision, remediation)));
    if remediation.is_overdue(decision.evaluated_at) { date.styled(BAD) } else { date }
}

fn idle_waivers(page: &mut Page, decision: &Decision) {
    let mut first = true;
    for (waiver, state) in decision.waivers.iter().filter(|(_, state)| *state != ExceptionState::Active) {
        if std::mem::take(&mut first) {
            page.blank();
            page.heading("Waivers that are not active");
        }
        let parts = [
            Part::whole(format!("- {}", waiver.id)),
            Part::words("for"),
            Part::whole(format!("{}:", waiver.control())),
            Part::words(format!("{}, {}", state.word(), words::why(decision, waiver, state))),
        ];
        page.put(2, INDENT, &parts);
        for finding in words::uncovered(state) {
            page.put(INDENT, INDENT, &[Part::whole(format!("- {finding}"))]);
        }
    }
}

fn idle_remediations(page: &mut Page, decision: &Decision) {
    let mut first = true;
    for (remediation, why) in &decision.idle_remediations {
        if std::mem::take(&mut first) {
            page.blank();
            page.heading("Remediations that are not used");
        }
        page.put(2, INDENT, &[Part::whole(format!("- {}:", remediation.control)), Part::words(why)]);
        promise(page, INDENT, decision, remediation);
    }
}

/// What blocks, what the record lacks, and in the last line the decision.
fn conclusion(page: &mut Page, decision: &Decision) {
    let names = words::blockers(decision);
    if !names.is_empty() {
        page.heading("Blocking");
        for name in names {
            blocker(page, decision, name);
        }
        page.blank();
    }
    if let Some(names) = words::incomplete(decision) {
        let (count, rest) = words::records(names.len());
        let mut parts = vec![Part::words(count).styled(if names.is_empty() { GOOD } else { BAD })];
        for (index, name) in names.iter().enumerate() {
            let comma = if index + 1 == names.len() { "" } else { "," };
            parts.push(Part::words(format!("{name}{comma}")));
        }
        parts.push(Part::words(rest));
        page.put(0, 2, &parts);
    }
    let style = match decision.gate {
        Gate::Go if decision.waived() > 0 => HELD,
        Gate::Go => GOOD,
        Gate::NoGo => BAD,
    };
    page.put(0, 2, &[Part::words(words::headline(decision)).styled(style)]);
}

/// A control with what is to be done about it, or the gate policy's own reason.
fn blocker(page: &mut Page, decision: &Decision, name: &str) {
    let mut parts = vec![Part::whole(format!("- {name}:"))];
    if let Some(row) = words::row(decision, name) {
        parts.push(Part::words(format!("{},", words::count(row.judgement.findings.len(), "finding"))));
        match &row.remediation {
            Some(remediation) => {
                parts.push(Part::words(format!("{},", remediation.owner)));
                parts.push(target("due ", decision, remediation));
            }
            None => parts.push(Part::words("no remediation").styled(BAD)),
        }
    }
    parts.extend(words::reasons(decision, name).into_iter().map(Part::words));
    page.put(2, INDENT, &parts);
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
