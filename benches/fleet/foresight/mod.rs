//! Whether forecasts are right, on generated documents with generated waivers and remediations.
//!
//! A forecast is a beginning and turns. Here they are laid out as a state for every stretch between two turns, and that state is held
//! against another judge at every time that could matter: the judge of the eleven controls that is written by hand in Rust, with waivers,
//! remediations and the gate by hand too ([`by_hand`]). The times are a grid over the whole horizon, and every time in the document, the
//! parameters and the exceptions with every length of time before and after it, each with the milliseconds around it. At some of them the
//! reference is asked as well; at each turn the forecast itself has asked it.

mod by_hand;
mod made_up;
mod stretch;

use crate::fleet::random::Random;
use crate::fleet::{ENVIRONMENTS, Fleet, NOW};
use crate::native::{self, Limits};
use by_hand::{Hand, reference};
use golive::checklist::{Checklist, Files, contract, load};
use golive::exceptions::Exceptions;
use golive::facts::{Facts, Plan, combine, read};
use golive::model::{Forecast, Instant};
use golive::outlook::forecast::Forecaster;
use golive::text::{self, Source, read_json};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use stretch::{Stretches, times};

const THREADS: usize = 2;
const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
const HORIZON: i64 = 120 * DAY;
const SHOWN: usize = 5;

/// What is tried.
#[derive(Clone, Copy)]
pub struct Trial {
    /// Another seed is another fleet.
    pub seed: u64,
    /// How many documents.
    pub documents: u64,
    /// The grid, in minutes.
    pub every: i64,
    /// At how many times of each document the reference is asked.
    pub asked: usize,
}

/// What was looked at, and what differs.
#[derive(Default)]
pub struct Report {
    documents: u64,
    go: u64,
    turns: u64,
    gates: u64,
    overdue: u64,
    waivers: BTreeMap<(&'static str, &'static str), u64>,
    grid: u64,
    likely: u64,
    asked: u64,
    /// Documents that the judge by hand does not know how to read.
    unread: u64,
    differences: Vec<String>,
}

impl Report {
    fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.go += other.go;
        self.turns += other.turns;
        self.gates += other.gates;
        self.overdue += other.overdue;
        self.grid += other.grid;
        self.likely += other.likely;
        self.asked += other.asked;
        self.unread += other.unread;
        self.differences.extend(other.differences);
        for (kind, count) in other.waivers {
            *self.waivers.entry(kind).or_default() += count;
        }
    }

    /// Fails where a forecast is wrong at one time, or where too little was tried.
    ///
    /// # Panics
    /// Then.
    pub fn hold(&self) {
        let shown = self.differences.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
        assert!(self.differences.is_empty(), "{} documents differ\n{shown}", self.differences.len());
        assert!(self.documents >= 10 && self.unread * 20 <= self.documents, "{self}");
        assert!(self.turns > 5 * self.documents && self.gates * 4 > self.documents && self.overdue * 3 > self.documents, "{self}");
        assert!(self.waivers.contains_key(&("active", "expired")) && self.waivers.contains_key(&("pending", "active")), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { documents, go, turns, gates, overdue, grid, likely, asked, unread, differences, waivers } = self;
        writeln!(f, "{documents} documents, {go} of them GO at the beginning, {unread} not read by hand")?;
        writeln!(f, "{turns} turns, {gates} of the gate, {overdue} remediations overdue, each confirmed by the reference on both sides")?;
        let kinds: Vec<String> = waivers.iter().map(|((a, b), count)| format!("{a} to {b} {count}")).collect();
        writeln!(f, "turns of waivers: {}", kinds.join(", "))?;
        write!(
            f,
            "judged by hand at {grid} times of the grid and {likely} likely ones, by the reference at {asked} more; {} documents differ",
            differences.len()
        )
    }
}

/// Tries so many documents.
pub fn try_all(trial: Trial) -> Report {
    let (fleet, next, total) = (Fleet::new(trial.seed), AtomicU64::new(0), Mutex::new(Report::default()));
    let work = || {
        // Each thread has courts of its own: the engine is not shared.
        let courts = Courts::new();
        let forecasters = courts.forecasters();
        let mut report = Report::default();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= trial.documents {
                break;
            }
            try_one(trial, index, &fleet, (&courts, &forecasters), &mut report);
        }
        total.lock().expect("no thread has died").add(report);
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(work);
        }
    });
    total.into_inner().expect("no thread has died")
}

/// The checklist for each environment, twice: groups age quickly in one, and in the other hardly at all, so that what the policies
/// themselves say of time is seen.
struct Courts(Vec<(Checklist, Limits)>);

impl Courts {
    fn new() -> Self {
        let mut lasting = Fleet::parameters();
        let files = Files::embedded();
        let defaults = &files.get("policies/parameters.json").expect("the checklist has parameters").text;
        let defaults: Value = serde_json::from_str(defaults).expect("they are JSON");
        let names = defaults["max_age"].as_object().expect("each group has its age").keys();
        lasting["max_age"] = names.map(|name| (name.clone(), json!("P100D"))).collect();
        let limits = golive::rego::Limits { time: std::time::Duration::from_secs(60) };
        let court = |parameters: &Value, environment: &str| {
            let overlay = read_json(Arc::new(Source::new("parameters.json", parameters.to_string())), &text::Limits::default());
            let overlay = overlay.unwrap_or_else(|p| panic!("{p}"));
            let checklist = load(&files, Some(&overlay), environment, limits).unwrap_or_else(|e| panic!("{e:?}"));
            let limits = Limits::of(&checklist.parameters.value);
            (checklist, limits)
        };
        let kinds = [Fleet::parameters(), lasting];
        Self(kinds.iter().flat_map(|parameters| ENVIRONMENTS.iter().map(|name| court(parameters, name)).collect::<Vec<_>>()).collect())
    }

    fn forecasters(&self) -> Vec<Forecaster<'_>> {
        self.0.iter().map(|(checklist, _)| Forecaster::new(checklist)).collect()
    }
}

fn facts(text: &str) -> Option<Facts> {
    let document = read(Arc::new(Source::new("facts.json", text)), contract("envelope").ok()?, &text::Limits::default()).ok()?;
    let word = |key: &str| document.document.value[key].as_str().map(str::to_owned);
    let plan = Plan { environment: word("environment")?, release: word("release")? };
    combine(vec![document], &plan).ok()
}

fn try_one(trial: Trial, index: u64, fleet: &Fleet, (courts, forecasters): (&Courts, &[Forecaster<'_>]), report: &mut Report) {
    let mut random = Random::at(trial.seed, "forecast", index);
    let text = if random.once_in(3) { fleet.mutant(index) } else { fleet.document(index) };
    let Some(facts) = facts(&text) else { return };
    let place = ENVIRONMENTS.iter().position(|name| *name == facts.plan.environment).expect("an environment of the fleet");
    let place = place + if random.once_in(2) { ENVIRONMENTS.len() } else { 0 };
    let ((checklist, limits), forecaster) = (&courts.0[place], &forecasters[place]);
    let base = Instant::parse(NOW).expect("the fleet's clock").ms;
    // Some forecasts begin before the facts were collected, and at any millisecond.
    let earliest = if random.once_in(4) { -2 * DAY } else { 0 };
    let (from, none) = (base + random.between(earliest, DAY / 8), Exceptions::default());
    let by_hand = |read: &native::Facts<'_>| {
        let bare = Hand::new(read, limits, checklist, &none);
        let exceptions = made_up::exceptions(&bare, &facts.plan, (from, from + HORIZON), &mut random);
        let now = Instant { ms: from };
        let found = forecaster.forecast(&facts, &exceptions, now, HORIZON).unwrap_or_else(|fault| panic!("document {index}: {fault}"));
        let subject = Subject { text: &text, facts: &facts, checklist, exceptions: &exceptions, forecast: &found };
        let hand = Hand::new(read, limits, checklist, &exceptions);
        subject.hold(trial, hand, &mut random, report).err().map(|words| format!("document {index}: {words}"))
    };
    match native::read(&text, by_hand) {
        Ok(difference) => report.differences.extend(difference),
        Err(_) => report.unread += 1,
    }
    report.documents += 1;
}

/// One document and its forecast.
struct Subject<'s> {
    text: &'s str,
    facts: &'s Facts,
    checklist: &'s Checklist,
    exceptions: &'s Exceptions,
    forecast: &'s Forecast,
}

impl Subject<'_> {
    fn hold(&self, trial: Trial, mut hand: Hand<'_, '_>, random: &mut Random, report: &mut Report) -> Result<(), String> {
        let Forecast { from, until, gate, turns, unproven } = self.forecast;
        if !unproven.is_empty() || until.ms != from.ms + HORIZON {
            return Err(format!("{unproven:?}, until {until}"));
        }
        let ask = |at| reference(self.checklist, self.facts, self.exceptions, at);
        let first = ask(*from);
        report.go += u64::from(first.go);
        if first.go != (gate.word() == "GO") {
            return Err(format!("the gate is {gate:?} at the beginning, and {first:?}"));
        }
        let ids: Vec<&str> = self.checklist.controls.iter().map(|c| c.text.id.as_str()).collect();
        let waivers: Vec<&str> = self.exceptions.waivers.iter().map(|w| w.id.as_str()).collect();
        let stretches = Stretches::new(self.forecast, first, (&ids, &waivers))?;
        report.turns += turns.len() as u64;
        let before = std::iter::once(*gate).chain(turns.iter().map(|turn| turn.gate));
        report.gates += turns.iter().zip(before).filter(|(turn, gate)| turn.gate != *gate).count() as u64;
        report.overdue += turns.iter().map(|turn| turn.overdue.len() as u64).sum::<u64>();
        for (_, old, new) in turns.iter().flat_map(|turn| &turn.waivers) {
            *report.waivers.entry((old, new)).or_default() += 1;
        }
        let document: Value = serde_json::from_str(self.text).map_err(|e| e.to_string())?;
        let likely = times(&[&document, &self.checklist.parameters.value], self.exceptions, (from.ms, until.ms));
        report.likely += stretches.agree(likely.iter().copied(), &mut hand)?;
        let step = usize::try_from(trial.every * MINUTE).map_err(|e| e.to_string())?;
        report.grid += stretches.agree((from.ms..until.ms).step_by(step), &mut hand)?;
        for _ in 0..trial.asked {
            let at = Instant { ms: *random.pick(&likely) };
            if ask(at) != *stretches.at(at.ms) {
                return Err(format!("the reference at {at} is {:?}\nthe forecast {:?}", ask(at), stretches.at(at.ms)));
            }
            report.asked += 1;
        }
        Ok(())
    }
}
