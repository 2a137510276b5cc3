//! Where the time of golive's fast path goes: each stage by itself, on the same documents.

use crate::args::Args;
use crate::fleet::Fleet;
use crate::ground::{Ground, number};
use bumpalo::Bump;
use golive::checklist::contract;
use golive::evaluate::{Case, Quick};
use golive::facts::onepass::{Onepass, ReadFacts};
use golive::model::Window;
use golive::rego::compiled::Bounds;
use sha2::{Digest, Sha256};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Measures and prints.
pub fn measure(args: &Args) -> ExitCode {
    let ground = Ground::new();
    let fleet = Fleet::new(args.seed);
    let documents: Vec<String> = (0..args.documents).map(|index| fleet.document(index)).collect();
    let court = &ground.courts[0];
    let envelope = contract("envelope").expect("the envelope's schema");
    let onepass = Onepass::new(envelope, &court.checklist.groups).unwrap_or_else(|p| panic!("{p}"));
    let bounds = Bounds { time: Duration::from_secs(2), memory: 256 << 20 };
    let quick: Vec<Quick> = ground.courts.iter().map(|c| Quick::new(&c.checklist, c.checklist.compiled().controls, bounds)).collect();
    let mut whole =
        crate::engines::ENGINES.iter().find(|e| e.name == "golive").map(|e| (e.make)(&ground)).expect("golive").expect("golive");
    let prepared: Vec<_> = documents.iter().map(|d| whole.prepare(d)).collect();
    let mut times: [Vec<Duration>; 4] = Default::default();
    let kept = Bump::new();
    let facts: Vec<ReadFacts<'_>> =
        documents.iter().map(|d| onepass.read(d.as_bytes(), &kept).expect("the fleet is read in one pass")).collect();
    for _ in 0..args.rounds.max(1) {
        times[0].push(timed(|| {
            for document in &documents {
                black_box(Sha256::digest(document.as_bytes()));
            }
        }));
        let mut arena = Bump::new();
        times[1].push(timed(|| {
            for document in &documents {
                black_box(onepass.read(document.as_bytes(), &arena).is_some());
                arena.reset();
            }
        }));
        let mut arena = Bump::new();
        times[2].push(timed(|| {
            for facts in &facts {
                let number = number(facts.environment);
                let case = Case {
                    checklist: &ground.courts[number].checklist,
                    environment: facts.environment,
                    release: facts.release,
                    now: ground.now,
                };
                let mut window = Window::ALWAYS;
                let known = quick[number].know(facts, ground.now, &mut window);
                black_box(quick[number].judge(case, &known, &mut Some(window), &arena).len());
            }
        }));
        arena.reset();
        times[3].push(timed(|| prepared.iter().for_each(|p| whole.judge(p))));
    }
    print(times, documents.len());
    ExitCode::SUCCESS
}

/// Prints the medians, and what is left of the whole.
fn print(times: [Vec<Duration>; 4], documents: usize) {
    let count = f64::from(u32::try_from(documents.max(1)).unwrap_or(u32::MAX));
    let micros = times.map(|mut all| {
        all.sort();
        all[all.len() / 2].as_secs_f64() * 1e6 / count
    });
    let [digest, read, judge, line] = micros;
    println!("| stage | µs/document | share |\n|---|---:|---:|");
    for (name, time) in [
        ("digest of the bytes (SHA-256)", digest),
        ("one pass: strict read, schemas, tree", read),
        ("ages, eleven compiled controls, conclusions", judge),
        ("waivers, compiled gate, verdict line", line - digest - read - judge),
        ("all of it", line),
    ] {
        println!("| {name} | {time:.1} | {:.0} % |", time / line * 100.0);
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
