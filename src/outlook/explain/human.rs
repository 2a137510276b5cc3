//! An explanation on a terminal.

use super::change::{Because, Change, Kind, Report};
use super::model::{At, CompareRow, CriterionRow, Explanation, GroupRow, OperandRow, RuleRow, SourceRow, StopRow, ViolationRow};
use crate::report::page::{BAD, GOOD, HELD, Page, Part, STRONG};
use crate::report::{Look, count};
use serde_json::Value as Json;

/// Columns of the names before values.
const LABEL: usize = 12;
/// Where what belongs to a criterion begins.
const INNER: usize = 4;

/// For people at a terminal.
pub fn human(explanation: &Explanation, look: &Look) -> String {
    let mut page = Page::new(look);
    scope(&mut page, explanation);
    page.blank();
    entry(&mut page, "Control", vec![Part::whole(&explanation.control), Part::words(&explanation.title)]);
    let good = explanation.mark == "PASS";
    let verdict = if good { explanation.mark.to_owned() } else { format!("{} ({})", explanation.mark, explanation.verdict) };
    let verdict = Part::words(verdict).styled(if good { GOOD } else { BAD });
    entry(&mut page, "Verdict", vec![verdict]);
    if let Some(error) = &explanation.error {
        page.put(2, INNER, &[Part::words("error:").styled(BAD), Part::words(error)]);
    }
    page.blank();
    page.heading("Facts");
    for group in &explanation.groups {
        facts(&mut page, group);
    }
    page.blank();
    page.heading("Criteria");
    if !explanation.traced {
        page.put(
            2,
            2,
            &[Part::words("what each statement compared is not known here: the rules are shown, and the interpreter's word for each")],
        );
    }
    for row in &explanation.criteria {
        criterion(&mut page, row);
    }
    page.blank();
    change(&mut page, &explanation.change);
    page.finish()
}

/// What was judged, when and by what. The first line says whether the time was given.
fn scope(page: &mut Page, explanation: &Explanation) {
    entry(page, "Evaluated", vec![Part::words(format!("{} (clock: {})", explanation.evaluated_at, explanation.clock))]);
    entry(page, "Environment", vec![Part::words(&explanation.environment)]);
    entry(page, "Release", vec![Part::words(&explanation.release)]);
    for document in &explanation.facts {
        entry(page, "Facts", vec![Part::whole(&document.name)]);
        page.put(INNER, INNER, &[Part::whole(&document.digest)]);
    }
    let checklist = &explanation.checklist;
    let about = format!("version {}, {}, {}", checklist.version, checklist.origin, count(checklist.controls, "control"));
    entry(page, "Checklist", vec![Part::whole(&checklist.id), Part::words(about)]);
    page.put(INNER, INNER, &[Part::whole(&checklist.digest)]);
    if checklist.parameters.is_empty() {
        entry(page, "Parameters", vec![Part::words("all as the checklist sets them")]);
    }
    for change in &checklist.parameters {
        let default = format!("(default {})", short(&change.default));
        entry(
            page,
            "Parameter",
            vec![Part::whole(&change.pointer), Part::words(default), Part::words("is"), Part::words(short(&change.value))],
        );
    }
}

fn entry(page: &mut Page, name: &str, value: Vec<Part>) {
    let parts: Vec<Part> = [Part::label(name, LABEL)].into_iter().chain(value).collect();
    page.put(0, LABEL + 1, &parts);
}

fn facts(page: &mut Page, group: &GroupRow) {
    let name = Part::whole(&group.name).styled(STRONG);
    match &group.origin {
        None => page.put(2, INNER, &[name, Part::words("nobody states it")]),
        Some(origin) => {
            let age = group.max_age.as_ref().map_or_else(String::new, |max| format!(", {max} at most"));
            let when = format!("{}, collected at {} ({} ago{age})", origin.trust, origin.collected_at, origin.age);
            page.put(2, INNER, &[name, Part::words(when)]);
            page.put(INNER, INNER + 2, &[Part::words(format!("by {} from {}", origin.collector, origin.source))]);
            page.put(INNER, INNER + 2, &[Part::words("in"), Part::whole(&origin.document)]);
            for uri in &origin.evidence {
                page.put(INNER, INNER + 2, &[Part::words("evidence"), Part::whole(uri)]);
            }
        }
    }
    for fault in &group.faults {
        page.put(INNER, INNER + 2, &[Part::words(format!("{}:", fault.fault)).styled(BAD), Part::words(&fault.message)]);
        page.put(INNER + 2, INNER + 4, &[Part::words("wanted:").styled(STRONG), Part::words(&fault.wanted)]);
    }
}

fn criterion(page: &mut Page, row: &CriterionRow) {
    let (word, style) = match row.state {
        "met" => ("met", GOOD),
        "open" => ("OPEN", HELD),
        "denied" => ("DENIED", BAD),
        _ => ("CONTRADICTED", BAD),
    };
    page.put(2, INNER, &[Part::words(word).styled(style), Part::whole(format!("{}:", row.id)).styled(STRONG), Part::words(&row.words)]);
    if !row.blind.is_empty() {
        let blind = format!("it reads what cannot be used: {}", row.blind.join(", "));
        page.put(INNER, INNER + 2, &[Part::words(blind)]);
    }
    for found in &row.rules {
        rule(page, found, INNER);
    }
    if row.state == "met" {
        sources(page, &row.compared);
    }
    for found in &row.violations {
        violation(page, found);
    }
    for stopped in &row.stopped {
        stop(page, stopped, INNER, "stopped");
    }
}

fn rule(page: &mut Page, rule: &RuleRow, indent: usize) {
    page.put(indent, indent, &[Part::whole(format!("{}:{}", rule.file, rule.line))]);
    let most = (rule.line + rule.text.len()).to_string().len();
    for (number, line) in (rule.line..).zip(&rule.text) {
        let inner = line.len() - line.trim_start().len();
        let hang = indent + 2 + most + 3 + inner + 2;
        // Words of the line's own beginning: spaces stay.
        page.put(indent + 2, hang, &[Part::whole(format!("{number:most$} │{:inner$}", "")), Part::words(line.trim_start())]);
    }
}

/// The facts that a rule which holds compared, each once.
fn sources(page: &mut Page, compared: &[CompareRow]) {
    let mut shown: Vec<&SourceRow> = Vec::new();
    for source in compared.iter().flat_map(|row| row.left.sources.iter().chain(&row.right.sources)) {
        if !shown.contains(&source) {
            shown.push(source);
        }
    }
    for source in shown.iter().take(MOST_SOURCES) {
        page.put(INNER, INNER + 2, &source_parts(source));
    }
    if shown.len() > MOST_SOURCES {
        page.put(INNER, INNER + 2, &[Part::words(format!("and {} more", shown.len() - MOST_SOURCES))]);
    }
}

/// So many facts are shown of a rule that holds.
const MOST_SOURCES: usize = 4;

fn source_parts(source: &SourceRow) -> Vec<Part> {
    let mut parts = Vec::new();
    match source.kind {
        "parameter" => parts.extend([Part::words("parameter"), Part::whole(&source.place)]),
        "made" => {}
        "plan" => parts.extend([Part::words("planned"), Part::whole(&source.place)]),
        _ => parts.push(Part::whole(&source.place)),
    }
    if source.kind == "plan" && source.place == "now" {
        parts = vec![Part::words("now")];
    }
    if let Some(value) = &source.value {
        if source.kind != "made" {
            parts.push(Part::words("="));
        }
        parts.extend(value_parts(value));
    } else if let Some(members) = source.members {
        parts.push(Part::words(format!("({})", count(members, "member"))));
    }
    parts
}

/// A value that breaks between its elements only.
fn value_parts(value: &Json) -> Vec<Part> {
    match value.as_array().map(Vec::as_slice) {
        None | Some([]) => vec![Part::whole(short(value))],
        Some(items) => {
            let (last, before) = (items.len() - 1, |index: usize| if index == 0 { "[" } else { "" });
            let part = |(index, item): (usize, &Json)| format!("{}{}{}", before(index), short(item), if index == last { "]" } else { "," });
            items.iter().enumerate().map(part).map(Part::whole).collect()
        }
    }
}

fn stop(page: &mut Page, row: &StopRow, indent: usize, word: &str) {
    let place = format!("{}:{}", file(&row.at), row.at.line);
    let word = Part::words(format!("{word}:")).styled(STRONG);
    page.put(indent, indent + 2, &[word, Part::words(&row.at.text), Part::whole(format!("({place})"))]);
    let inner = indent + 2;
    match &row.compared {
        Some(compared) => sides(page, compared, inner),
        // One definition that stopped says it all.
        None if row.why == "called" && row.below.len() == 1 => {}
        None => page.put(inner, inner + 2, &[Part::words(&row.says)]),
    }
    if let Some(missing) = &row.missing {
        operand(page, missing, "in", inner);
    }
    for below in &row.below {
        match &below.source {
            Some(source) => {
                let mut parts = source_parts(source);
                parts.insert(0, Part::words(format!("{} is", below.name)));
                page.put(inner, inner + 2, &parts);
                stop(page, &below.stop, inner + 2, "stopped");
            }
            None => stop(page, &below.stop, inner, "in it"),
        }
    }
    if row.more > 0 {
        page.put(inner, inner + 2, &[Part::words(format!("and {} more", row.more))]);
    }
}

fn file(at: &At) -> &str {
    at.file.strip_prefix("policies/").unwrap_or(&at.file)
}

fn sides(page: &mut Page, row: &CompareRow, indent: usize) {
    operand(page, &row.left, "left", indent);
    operand(page, &row.right, "right", indent);
}

fn operand(page: &mut Page, row: &OperandRow, side: &str, indent: usize) {
    let plain = row.sources.iter().find(|source| row.sources.len() == 1 && source.value.as_ref().is_some_and(|v| short(v) == row.says));
    let mut parts = vec![Part::label(side, 5)];
    match plain {
        Some(source) => parts.extend(source_parts(source)),
        None => parts.push(Part::words(clip(&row.says))),
    }
    page.put(indent, indent + 6, &parts);
    if plain.is_none() {
        for source in row.sources.iter().take(MOST_SOURCES) {
            let mut parts = source_parts(source);
            parts.insert(0, Part::words("from"));
            page.put(indent + 6, indent + 8, &parts);
        }
        if row.sources.len() > MOST_SOURCES {
            page.put(indent + 6, indent + 8, &[Part::words(format!("and {} more", row.sources.len() - MOST_SOURCES))]);
        }
    }
}

fn violation(page: &mut Page, row: &ViolationRow) {
    page.put(INNER, INNER + 2, &[Part::words("violated:").styled(BAD), Part::whole(&row.finding)]);
    page.put(INNER + 2, INNER + 4, &[Part::words(&row.message)]);
    for source in &row.facts {
        page.put(INNER + 2, INNER + 4, &source_parts(source));
    }
    if let Some(found) = &row.rule {
        page.put(INNER + 2, INNER + 4, &[Part::words("by"), Part::whole(format!("{}:{}", found.file, found.line))]);
    }
    for compared in &row.compared {
        page.put(INNER + 2, INNER + 4, &[Part::words("held:"), Part::words(&compared.at.text)]);
    }
}

fn change(page: &mut Page, report: &Report) {
    page.heading("Smallest change");
    if let Some(why) = &report.not_sought {
        page.put(2, INNER, &[Part::words(format!("not looked for: {why}"))]);
        return;
    }
    if report.sets.is_empty() {
        let size = count(report.largest, "fact");
        let how = if report.exhausted { "" } else { " in the time for it" };
        page.put(
            2,
            INNER,
            &[Part::words(format!("no change of up to {size} was found{how}; {} were tried", count(report.tried, "document")))],
        );
        return;
    }
    let meaning = "What the next collection would have to find for the control to pass. It has to be made true where it is measured; facts are collected, never edited. Each was applied and judged.";
    page.put(2, 2, &[Part::words(meaning)]);
    if !report.exhausted {
        page.put(2, 2, &[Part::words("There was no time to rule out every smaller one.")]);
    }
    for (index, set) in report.sets.iter().enumerate() {
        let word = if index == 0 { "" } else { "or " };
        page.put(2, INNER, &[Part::words(format!("{word}{}:", count(set.len(), "change"))).styled(STRONG)]);
        for change in set {
            one(page, change);
        }
    }
}

fn one(page: &mut Page, change: &Change) {
    page.put(INNER, INNER + 2, &[Part::whole(&change.pointer)]);
    let (from, to) = (Part::words(short(&change.from)), Part::words(short(&change.to)).styled(GOOD));
    let parts = match change.kind {
        Kind::Leaf | Kind::Form => vec![Part::words("from"), from, Part::words("to"), to],
        Kind::Dropped => vec![Part::words("no longer there:"), from],
        Kind::Added => vec![Part::words("one more:"), to],
        Kind::List => vec![Part::words("the list becomes"), to],
    };
    page.put(INNER + 2, INNER + 4, &parts);
    let because = match change.because {
        Because::Removed => return,
        Because::Compared => "as what it is compared with",
        Because::Bound => "just inside the bound",
        Because::Fixture => "as in a fixture that passes",
        Because::Schema => "another value of its schema",
    };
    page.put(INNER + 2, INNER + 4, &[Part::words(format!("({because})"))]);
}

fn short(value: &Json) -> String {
    clip(&value.to_string())
}

fn clip(text: &str) -> String {
    if text.chars().count() <= 160 { text.to_owned() } else { text.chars().take(160).collect::<String>() + "…" }
}
