//! Peak memory of each engine, in a process of its own.

use crate::args::Args;
use crate::engines::{ENGINES, NOTHING};
use crate::fleet::Fleet;
use crate::ground::Ground;
use std::process::{Command, ExitCode};

/// The peak of a process that makes the documents one by one and has one engine judge them, in KiB.
pub fn of(name: &str, args: &Args) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let numbers = [("--documents", args.documents), ("--seed", args.seed)].map(|(flag, number)| format!("{flag}={number}"));
    let output = Command::new(program).arg(format!("--memory-of={name}")).args(numbers).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// What that process does.
pub fn child(name: &str, args: &Args) -> ExitCode {
    let entry = ENGINES.iter().chain([&NOTHING]).find(|entry| entry.name == name);
    let ground = Ground::new();
    let Some(Ok(mut engine)) = entry.map(|entry| (entry.make)(&ground)) else { return ExitCode::FAILURE };
    let fleet = Fleet::new(args.seed);
    for index in 0..args.documents {
        let prepared = engine.prepare(&fleet.document(index));
        engine.judge(&prepared);
    }
    println!("{}", peak("self").unwrap_or(0));
    ExitCode::SUCCESS
}

/// A process's peak so far (`VmHWM`), in KiB.
pub fn peak(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
