//! The benchmark that others can run: `just bench`, or `cargo bench --bench fleet -- --documents 128 --rounds 9`.
//!
//! One process, the same documents for every engine, interleaved rounds. All verdicts are compared; one difference ends it
//! with exit code 1. With `--workers` whole processes are measured instead ([`workers`]), with `--stages` the stages of golive's
//! fast path ([`stages`]); with `--equal` nothing is measured, and engines are compared on mutants ([`equal`]); with `--impact` the
//! effect of scripted edits is held against what is known of it ([`impact`]); with `--typos` every single-letter typo of every path in
//! the shipped policies is made, and must be reported; with `--forecast` forecasts are held against a judge by hand at every minute
//! ([`foresight`]).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark whose ground is not as it must be ends with a panic; its result is what it prints"
)]

mod args;
#[path = "../../tests/suite/cases.rs"]
#[expect(dead_code, reason = "the suite asks more of its cases")]
mod cases;
mod compare;
#[path = "../../tests/suite/court.rs"]
#[expect(dead_code, reason = "the suite asks more of its court")]
mod court;
mod engines;
mod equal;
#[path = "../../tests/fleet/mod.rs"]
#[expect(dead_code, reason = "the fleet offers more than the benchmark uses")]
mod fleet;
mod foresight;
mod ground;
mod impact;
mod memory;
mod native;
#[path = "../../tests/suite/oracle/opa.rs"]
mod opa;
#[path = "../../tests/suite/project.rs"]
#[expect(dead_code, reason = "the suite asks more of its project")]
mod project;
mod rounds;
mod stages;
mod table;
#[path = "../../tests/suite/typos.rs"]
mod typos;
mod workers;

use args::Args;
use clap::Parser;
use engines::{Engine, Entry};
use fleet::Fleet;
use ground::Ground;
use std::process::ExitCode;

/// So many of the scripted edits may change nothing, in a large fleet.
const MOST_IDLE: usize = 3;

// The allocator of the golive binary: every engine written in Rust has the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(name) = &args.memory_of {
        return memory::child(name, &args);
    }
    if let Some(file) = &args.by_hand {
        return workers::by_hand(file, args.threads);
    }
    if let Some(documents) = args.emit {
        return workers::emit(&args, documents);
    }
    if args.stages {
        return stages::measure(&args);
    }
    if let Some(mutants) = args.equal {
        return equal::compare(&args, mutants);
    }
    if let Some(documents) = args.impact {
        let report = impact::try_all(args.seed, documents);
        println!("{report}");
        report.hold(MOST_IDLE);
        return ExitCode::SUCCESS;
    }
    if let Some(documents) = args.forecast {
        let report = foresight::try_all(foresight::Trial { seed: args.seed, documents, every: args.every, asked: 5 });
        println!("{report}");
        report.hold();
        return ExitCode::SUCCESS;
    }
    if args.typos {
        return every_typo();
    }
    if args.workers { workers::measure(&args) } else { measure(&args) }
}

/// Makes every typo; one of which nothing is said is exit code 1.
fn every_typo() -> ExitCode {
    let found = typos::look(1);
    for words in &found.silent {
        println!("nothing is said of {words}");
    }
    println!("{} typos of {} names in the shipped policies, {} of them unsaid", found.typos, found.names, found.silent.len());
    if found.silent.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Measures each engine on the same documents, and compares what they said.
fn measure(args: &Args) -> ExitCode {
    let ground = Ground::new();
    let (engines, mut notes) = chosen(args, &ground);
    let fleet = Fleet::new(args.seed);
    let documents: Vec<String> = (0..args.documents).map(|index| fleet.document(index)).collect();
    let mut runs: Vec<rounds::Run<'_>> = engines.into_iter().map(|(entry, engine)| rounds::Run::new(entry, engine, &documents)).collect();
    let differing = compare::compare(&mut runs, &ground);
    rounds::measure(&mut runs, args.rounds);
    let peaks: Vec<Option<u64>> = runs.iter().map(|run| memory::of(run.entry.name, args)).collect();
    notes.extend(runs.iter().map(|run| format!("{}: {}", run.entry.name, run.entry.note)));
    table::print(args, &documents, &runs, &peaks, memory::of(engines::NOTHING.name, args), &notes);
    for words in differing.iter().take(compare::SHOWN) {
        println!("{words}");
    }
    if differing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

type Chosen<'g> = (&'static Entry, Box<dyn Engine + 'g>);

/// The engines that were asked for and can be had, and why others cannot.
fn chosen<'g>(args: &Args, ground: &'g Ground) -> (Vec<Chosen<'g>>, Vec<String>) {
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    for name in &args.engines {
        let known = engines::ENGINES.iter().any(|entry| entry.name == name);
        assert!(known, "no engine `{name}`; there are {:?}", engines::ENGINES.iter().map(|e| e.name).collect::<Vec<_>>());
    }
    for entry in engines::ENGINES.iter().filter(|entry| args.engines.is_empty() || args.engines.iter().any(|name| name == entry.name)) {
        match (entry.make)(ground) {
            Ok(engine) => out.push((entry, engine)),
            Err(words) => notes.push(format!("{}: not measured: {words}", entry.name)),
        }
    }
    (out, notes)
}
