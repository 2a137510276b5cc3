//! `golive.forecast/1`, and what was asked of a forecast.

use crate::facts::Facts;
use crate::model::forecast::{ControlTurn, Turn};
use crate::model::time::say_duration;
use crate::model::{self, Finding, Forecast, Gate, Instant, Millis, Outcome, Verdict, Waiver};
use crate::report::{count, encode};
use serde::Serialize;

/// A forecast, and what it was made of.
pub struct Told<'t> {
    /// The forecast.
    pub forecast: &'t Forecast,
    /// The facts that were judged.
    pub facts: &'t Facts,
    /// The checklist that judged them.
    pub checklist: &'t model::Checklist,
    /// The waivers that were given.
    pub waivers: &'t [Waiver],
    /// Whether the time was given.
    pub given: bool,
    /// What was asked of it.
    pub required: Option<&'t Required>,
}

/// How long the gate had to stay GO, and whether it is proven to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Required {
    /// Until when (exclusive).
    #[serde(serialize_with = "instant")]
    pub until: Instant,
    /// Whether it is proven.
    pub met: bool,
    /// Why not.
    pub why: Vec<String>,
}

impl Required {
    /// Asks that the gate is GO from the forecast's beginning on for so long.
    pub fn of(forecast: &Forecast, length: Millis) -> Self {
        let until = Instant { ms: forecast.from.ms.saturating_add(length) };
        let mut why = Vec::new();
        if forecast.gate != Gate::Go {
            why.push(format!("the gate is {} now", forecast.gate.word()));
        } else if let Some(turn) = forecast.ends().filter(|turn| turn.at.ms < until.ms) {
            let missing = say_duration(until.ms.saturating_sub(turn.at.ms));
            why.push(format!("the gate is {} from {} on, {missing} too early", turn.gate.word(), turn.at));
        }
        if forecast.until.ms < until.ms {
            why.push(format!("the forecast ends at {}", forecast.until));
        }
        if !forecast.unproven.is_empty() {
            let names: Vec<&str> = forecast.unproven.iter().map(|(name, _)| name.as_str()).collect();
            why.push(format!("not every turn is proven to be found: {}", names.join(", ")));
        }
        Self { until, met: why.is_empty(), why }
    }

    /// What was asked and what came, in one line.
    pub fn words(&self) -> String {
        if self.met {
            format!("required until {}: met", self.until)
        } else {
            format!("required until {}: not met: {}", self.until, self.why.join("; "))
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn instant<S: serde::Serializer>(instant: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(instant)
}

#[derive(Serialize)]
struct Document<'t> {
    format: &'static str,
    environment: &'t str,
    release: &'t str,
    clock: &'static str,
    checklist: &'t model::Checklist,
    facts: Vec<DocumentRow<'t>>,
    from: String,
    until: String,
    gate: Gate,
    gate_until: Option<String>,
    proven: bool,
    unproven: Vec<UnprovenRow<'t>>,
    required: Option<&'t Required>,
    turns: Vec<TurnRow<'t>>,
}

#[derive(Serialize)]
struct DocumentRow<'t> {
    name: &'t str,
    digest: &'t str,
}

#[derive(Serialize)]
struct UnprovenRow<'t> {
    name: &'t str,
    reason: &'t str,
}

#[derive(Serialize)]
struct TurnRow<'t> {
    at: String,
    gate: Gate,
    controls: Vec<ControlRow<'t>>,
    waivers: Vec<WaiverRow<'t>>,
    overdue: &'t [String],
}

#[derive(Serialize)]
struct ControlRow<'t> {
    control: &'t str,
    before: StateRow,
    after: StateRow,
    gained: &'t [Finding],
    lost: &'t [String],
}

#[derive(Serialize)]
struct StateRow {
    verdict: Verdict,
    outcome: Outcome,
}

#[derive(Serialize)]
struct WaiverRow<'t> {
    waiver: &'t str,
    before: &'static str,
    after: &'static str,
}

/// `golive.forecast/1` as JSON.
pub fn json(told: &Told<'_>) -> String {
    let Forecast { from, until, gate, turns, unproven } = told.forecast;
    let documents = told.facts.documents.iter();
    encode::document(&Document {
        format: "golive.forecast/1",
        environment: &told.facts.plan.environment,
        release: &told.facts.plan.release,
        clock: if told.given { "given" } else { "system" },
        checklist: told.checklist,
        facts: documents.map(|d| DocumentRow { name: &d.document.source.name, digest: &d.digest }).collect(),
        from: from.to_string(),
        until: until.to_string(),
        gate: *gate,
        gate_until: told.forecast.ends().map(|turn| turn.at.to_string()),
        proven: unproven.is_empty(),
        unproven: unproven.iter().map(|(name, reason)| UnprovenRow { name, reason }).collect(),
        required: told.required,
        turns: turns.iter().map(turn).collect(),
    })
}

fn turn(turn: &Turn) -> TurnRow<'_> {
    TurnRow {
        at: turn.at.to_string(),
        gate: turn.gate,
        controls: turn.controls.iter().map(control).collect(),
        waivers: turn.waivers.iter().map(|(waiver, before, after)| WaiverRow { waiver, before, after }).collect(),
        overdue: &turn.overdue,
    }
}

fn control(turn: &ControlTurn) -> ControlRow<'_> {
    let state = |(verdict, outcome)| StateRow { verdict, outcome };
    ControlRow { control: &turn.control, before: state(turn.before), after: state(turn.after), gained: &turn.gained, lost: &turn.lost }
}

/// What a forecast comes to, in one line.
pub(super) fn headline(told: &Told<'_>) -> String {
    let forecast = told.forecast;
    let clock = if told.given { " (clock: given)" } else { "" };
    let gate = forecast.gate.word();
    let doubt = if forecast.unproven.is_empty() { "" } else { ", not proven to be all" };
    match (forecast.ends(), forecast.gate) {
        (Some(turn), Gate::Go) => {
            let latest = if forecast.unproven.is_empty() { "" } else { " at the latest" };
            format!("{gate} until {}{latest}{clock}: {}", turn.at, why(told, turn))
        }
        (Some(turn), Gate::NoGo) => format!("{gate}{clock}; turns to {} at {}: {}", turn.gate.word(), turn.at, why(told, turn)),
        (None, Gate::Go) => {
            format!("{gate} until {} at least{clock}: no turn of the gate was found in {}{doubt}", forecast.until, looked(forecast))
        }
        (None, Gate::NoGo) => format!("{gate}{clock}; no turn to GO was found before {}, in {}{doubt}", forecast.until, looked(forecast)),
    }
}

fn looked(forecast: &Forecast) -> String {
    say_duration(forecast.until.ms.saturating_sub(forecast.from.ms))
}

/// What turns the gate.
fn why(told: &Told<'_>, turn: &Turn) -> String {
    let opens = turn.gate == Gate::Go;
    let decides = |c: &&ControlTurn| (c.before.1 == Outcome::Blocking) == opens && (c.after.1 == Outcome::Blocking) != opens;
    let mut deciding = turn.controls.iter().filter(decides);
    let Some(first) = deciding.next() else { return "the gate policy's own rules".to_owned() };
    let of_control = |id: &str| told.waivers.iter().any(|waiver| waiver.id == id && waiver.control() == first.control);
    let waiver = turn.waivers.iter().find(|(id, before, after)| of_control(id) && [before, after].contains(&&"active"));
    let reason = match (first.gained.first(), waiver) {
        (Some(finding), _) if !opens => finding.message.clone(),
        (_, Some((id, _, after))) => format!("waiver {id} is {after}"),
        _ if first.after.0.is_pass() => "it passes".to_owned(),
        _ => format!("it is {}", first.after.0),
    };
    let others = deciding.count();
    let more = if others > 0 { format!(" (and {} more)", count(others, "control")) } else { String::new() };
    format!("{}, {reason}{more}", first.control)
}
