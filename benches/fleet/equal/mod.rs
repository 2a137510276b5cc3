//! No measurement: whether the interpreter, the compiled path and OPA agree on `met` and `violations`, and both paths of a batch
//! on whole lines, on all fixtures of controls and on mutants of the fleet.

mod tally;
mod trio;

use crate::args::Args;
use crate::cases::cases;
use crate::court::Court;
use crate::fleet::{ENVIRONMENTS, Fleet};
use crate::ground::Ground;
use crate::opa::Bridge;
use crate::project;
use golive::batch::{Judge, Mode, Setting};
use golive::checklist::{Checklist, Files};
use golive::model::Instant;
use golive::text::{self, Document, Source, read_json};
use serde_json::Value;
use std::ops::Add;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tally::Tally;
use trio::Trio;

/// How many work at a time.
const THREADS: usize = 2;

/// Compares on the fixtures and on so many mutants.
pub fn compare(args: &Args, mutants: u64) -> ExitCode {
    let bridge = std::env::var_os("GOLIVE_OPA_LIB").map(|path| Bridge::load(Path::new(&path)));
    let fixtures = fixtures(bridge);
    println!("fixtures: {fixtures}");
    let mutants = all_mutants(args.seed, mutants, bridge);
    println!("mutants: {mutants}");
    let both = fixtures + mutants;
    println!("together: {both}");
    if bridge.is_none() {
        println!("OPA was not asked: its library is not installed (GOLIVE_OPA_LIB)");
    }
    both.differences().iter().for_each(|words| println!("{words}"));
    if both.agreed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every fixture of a control, by that control: under the fixtures' parameters, and under the checklist's own.
fn fixtures(bridge: Option<Bridge>) -> Tally {
    let mut tally = Tally::default();
    let courts = [Court::of_fixtures(), Court::of_defaults()];
    let mut trios = courts.each_ref().map(|court| Trio::new(&court.checklist, court.now, bridge));
    let folder = project::root().join("fixtures/controls");
    let case = project::json(&folder.join("case.json"));
    let parameters = project::text(&folder.join(case["parameters"].as_str().expect("a path")));
    let mut judge = judge(&overlay(parameters), courts[0].now);
    for case in cases("controls") {
        let facts = case.facts();
        let text = facts.to_string();
        tally.documents += 1;
        let id = case.name.rsplit_once('/').map_or("", |(control, _)| control).replacen('/', ".", 1);
        for trio in &mut trios {
            trio.document(&case.name, &facts, &text, |control| control == id, &mut tally);
        }
        tally.line(&mut judge, &case.name, &text);
    }
    tally
}

/// Mutants of the fleet, by every control.
fn all_mutants(seed: u64, mutants: u64, bridge: Option<Bridge>) -> Tally {
    let ground = Ground::new();
    let fleet = Fleet::new(seed);
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let work = || {
            let checklists: Vec<&Checklist> = ground.courts.iter().map(|court| &court.checklist).collect();
            let mut trios: Vec<Trio<'_>> = checklists.into_iter().map(|checklist| Trio::new(checklist, ground.now, bridge)).collect();
            let mut judge = judge(&overlay(Fleet::parameters().to_string()), ground.now);
            let mut tally = Tally::default();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= mutants {
                    return tally;
                }
                let text = fleet.mutant(index);
                let facts: Value = serde_json::from_str(&text).expect("a mutant is JSON");
                tally.documents += 1;
                let environment = ENVIRONMENTS.iter().position(|name| facts["environment"] == *name).unwrap_or_default();
                let name = format!("mutant {index}");
                trios[environment].document(&name, &facts, &text, |_| true, &mut tally);
                tally.line(&mut judge, &name, &text);
            }
        };
        let threads = [(); THREADS].map(|()| scope.spawn(work));
        threads.into_iter().map(|thread| thread.join().expect("no thread died")).fold(Tally::default(), Tally::add)
    })
}

fn overlay(parameters: String) -> Document {
    read_json(Arc::new(Source::new("parameters.json", parameters)), &text::Limits::default()).unwrap_or_else(|p| panic!("{p}"))
}

/// A judge that takes both paths for every document.
fn judge(overlay: &Document, now: Instant) -> Judge {
    let setting = Setting {
        files: Files::embedded(),
        overlay: Some(overlay.clone()),
        waivers: Vec::new(),
        remediations: Vec::new(),
        environment: None,
        release: None,
    };
    let mut judge = Judge::new(setting, now).unwrap_or_else(|e| panic!("{e:?}"));
    judge.take(Mode::quick(100.0));
    judge
}
