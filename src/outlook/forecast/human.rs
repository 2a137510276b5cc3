//! A forecast on a terminal.

use super::json::{Told, headline};
use crate::model::forecast::{ControlTurn, Turn};
use crate::model::time::say_duration;
use crate::model::{Gate, Outcome, Verdict};
use crate::report::page::{BAD, GOOD, HELD, Page, Part, STRONG};
use crate::report::{Look, count, mark, outcome};
use anstyle::Style;

/// Columns of the names before values.
const LABEL: usize = 12;
/// Where what belongs to a turn begins, and what belongs to one of its controls.
const INNER: usize = 4;
const ITEM: usize = INNER + 2;

/// For people at a terminal: the first line says until when.
pub fn human(told: &Told<'_>, look: &Look) -> String {
    let mut page = Page::new(look);
    let forecast = told.forecast;
    page.put(0, 2, &[Part::words(headline(told)).styled(style(forecast.gate))]);
    if let Some(required) = told.required {
        page.put(0, 2, &[Part::words(required.words()).styled(if required.met { GOOD } else { BAD })]);
    }
    for (name, reason) in &forecast.unproven {
        page.put(0, 2, &[Part::words("not proven:").styled(BAD), Part::whole(format!("{name}:")), Part::words(reason)]);
    }
    page.blank();
    scope(&mut page, told);
    page.blank();
    let turns = forecast.turns.len();
    page.heading(&if turns == 0 { "No turns".to_owned() } else { count(turns, "turn") });
    let mut gate = forecast.gate;
    for turn in &forecast.turns {
        self::turn(&mut page, told, turn, gate);
        gate = turn.gate;
    }
    page.finish()
}

fn scope(page: &mut Page, told: &Told<'_>) {
    let (forecast, plan) = (told.forecast, &told.facts.plan);
    let clock = if told.given { "given" } else { "system" };
    entry(page, "Looked at", vec![Part::words(format!("{} until {} (clock: {clock})", forecast.from, forecast.until))]);
    entry(page, "Environment", vec![Part::words(&plan.environment)]);
    entry(page, "Release", vec![Part::words(&plan.release)]);
    for document in &told.facts.documents {
        entry(page, "Facts", vec![Part::whole(&document.document.source.name)]);
        page.put(INNER, INNER, &[Part::whole(&document.digest)]);
    }
    let about = &told.checklist;
    let words = format!("version {}, {}, {}", about.version, about.origin, count(about.controls, "control"));
    entry(page, "Checklist", vec![Part::whole(&about.id), Part::words(words)]);
    page.put(INNER, INNER, &[Part::whole(&about.digest)]);
    for change in &about.parameters {
        entry(page, "Parameter", vec![Part::whole(&change.pointer), Part::words(format!("is {}", change.value))]);
    }
}

fn entry(page: &mut Page, name: &str, value: Vec<Part>) {
    let parts: Vec<Part> = [Part::label(name, LABEL)].into_iter().chain(value).collect();
    page.put(0, LABEL + 1, &parts);
}

fn turn(page: &mut Page, told: &Told<'_>, turn: &Turn, before: Gate) {
    let after = say_duration(turn.at.ms.saturating_sub(told.forecast.from.ms));
    let mut parts = vec![Part::whole(turn.at.to_string()).styled(STRONG), Part::words(format!("(in {after})"))];
    if before == turn.gate {
        parts.push(Part::words(format!("still {}", turn.gate.word())));
    } else {
        parts.push(Part::words(turn.gate.word()).styled(style(turn.gate)));
    }
    page.put(2, INNER, &parts);
    for row in &turn.controls {
        control(page, row);
    }
    for (id, before, after) in &turn.waivers {
        let style = if *after == "active" { HELD } else { BAD };
        page.put(
            INNER,
            ITEM,
            &[
                Part::words("waiver"),
                Part::whole(id),
                Part::words(format!("is {after},")).styled(style),
                Part::words(format!("was {before}")),
            ],
        );
    }
    for control in &turn.overdue {
        page.put(INNER, ITEM, &[Part::words("remediation overdue:").styled(BAD), Part::whole(control)]);
    }
}

fn control(page: &mut Page, row: &ControlTurn) {
    let style = match row.after.1 {
        Outcome::Pass => GOOD,
        Outcome::Waived => HELD,
        Outcome::Blocking => BAD,
    };
    let mut parts = vec![Part::whole(&row.control).styled(STRONG)];
    if row.before == row.after {
        parts.push(Part::words(format!("still {}, with other findings", stands(row.after))));
    } else {
        parts.push(Part::words(format!("is {},", stands(row.after))).styled(style));
        parts.push(Part::words(format!("was {}", stands(row.before))));
    }
    page.put(INNER, ITEM, &parts);
    for finding in &row.gained {
        page.put(ITEM, ITEM + 2, &[Part::whole(format!("+ {}:", finding.id)), Part::words(&finding.message)]);
    }
    for id in &row.lost {
        page.put(ITEM, ITEM + 2, &[Part::whole(format!("- {id}")), Part::words("is gone")]);
    }
}

/// `PASS`, or `FAIL (unknown) BLOCKING`.
fn stands((verdict, effect): (Verdict, Outcome)) -> String {
    if effect == Outcome::Pass { mark(verdict) } else { format!("{} {}", mark(verdict), outcome(effect)) }
}

fn style(gate: Gate) -> Style {
    if gate == Gate::Go { GOOD } else { BAD }
}
