//! A run that ends early is gone on with: nothing lost, nothing twice, the same bytes.

use super::fleet::{Fleet, LIMIT, processes_naming, start};
use crate::project;
use rustix::process::{Pid, Signal, kill_process};
use std::process::Child;
use std::time::{Duration, Instant};

/// `SplitMix64`: the same moments in every run.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("a process to signal");
}

/// Waits until the growing file has so many bytes.
fn grown(fleet: &Fleet, name: &str, bytes: u64) {
    let started = Instant::now();
    while std::fs::metadata(fleet.path(name)).map_or(0, |m| m.len()) < bytes {
        assert!(started.elapsed() < LIMIT, "{name} does not grow");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Kills a run so many times, at random moments of its work, and holds the finished output against an undisturbed one.
fn kills(documents: usize, times: usize) {
    let fleet = Fleet::of(documents);
    let whole = fleet.run(&["facts", "-o", "jsonl=whole.jsonl", "--workers", "2"]);
    assert_eq!(whole.exit, Some(1), "{}", whole.stderr);
    let wanted = fleet.text("whole.jsonl");
    assert_eq!(wanted.lines().count(), documents);
    let size = wanted.len() as u64;
    let mut moments = Moments(documents as u64);
    let mut done = 0;
    while done < times {
        let mut child = start(&mut fleet.batch(&["facts", "-o", "jsonl=out.jsonl", "--workers", "2"]));
        // Somewhere in the next part of what is left, or in the start.
        let there = std::fs::metadata(fleet.path("out.jsonl.part")).map_or(0, |m| m.len());
        let until = there + moments.next((size / times as u64).max(1) * 2);
        let patience = Instant::now() + Duration::from_millis(20 + moments.next(1500));
        while child.try_wait().expect("a child").is_none() && Instant::now() < patience {
            if std::fs::metadata(fleet.path("out.jsonl.part")).map_or(0, |m| m.len()) > until {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let ended = child.try_wait().expect("a child").is_some();
        if !ended {
            child.kill().expect("a child to kill");
            child.wait().expect("a child");
            done += 1;
        }
        if fleet.path("out.jsonl").exists() {
            assert!(fleet.text("out.jsonl") == wanted, "after {done} kills the bytes differ");
            for name in ["out.jsonl", "out.jsonl.state.json"] {
                std::fs::remove_file(fleet.path(name)).expect("a file to remove");
            }
        }
    }
    let last = fleet.run(&["facts", "-o", "jsonl=out.jsonl", "--workers", "1"]);
    assert_eq!(last.exit, Some(1), "{}", last.stderr);
    assert!(fleet.text("out.jsonl") == wanted, "after {done} kills the bytes differ");
    assert!(!fleet.path("out.jsonl.part").exists());
}

#[test]
fn twenty_kills_lose_nothing() {
    kills(300, 20);
}

/// The same over 10,000 files where CI asks for it: minutes instead of seconds.
#[test]
fn twenty_kills_over_many_files_lose_nothing() {
    let Ok(documents) = std::env::var("GOLIVE_BATCH_KILLS") else {
        return project::tell("batch: the long test of kills was skipped: GOLIVE_BATCH_KILLS names no number of files");
    };
    kills(documents.parse().expect("a number of files"), 20);
}

#[test]
fn workers_end_with_their_supervisor() {
    let fleet = Fleet::of(300);
    let unique = fleet.path("unique.json");
    std::fs::copy(fleet.path("parameters.json"), &unique).expect("a copy");
    let mut command = project::golive(80);
    command.current_dir(fleet.path("")).args(["batch", "facts", "-o", "jsonl=out.jsonl", "--workers", "2", "--parameters"]).arg(&unique);
    let mut child = start(&mut command);
    grown(&fleet, "out.jsonl.part", 1);
    assert_eq!(processes_naming(&unique), 3, "a supervisor and two workers");
    child.kill().expect("a child to kill");
    child.wait().expect("a child");
    let started = Instant::now();
    while processes_naming(&unique) > 0 {
        assert!(started.elapsed() < Duration::from_secs(5), "workers are left behind");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn signals_end_in_order_and_the_same_command_goes_on() {
    let fleet = Fleet::of(300);
    let wanted = fleet.run(&["facts"]).stdout;
    let arguments = ["facts", "-o", "jsonl=out.jsonl", "--workers", "2"];
    for (sent, exit) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let before = std::fs::metadata(fleet.path("out.jsonl.part")).map_or(0, |m| m.len());
        let file = std::fs::File::create(fleet.path("stderr")).expect("a file");
        let mut child = fleet.batch(&arguments).stderr(file).spawn().expect("the binary starts");
        grown(&fleet, "out.jsonl.part", before + 1);
        let started = Instant::now();
        signal(&child, sent);
        assert_eq!(child.wait().expect("a child").code(), Some(exit));
        assert!(started.elapsed() < Duration::from_secs(2), "the end took long");
        let told = fleet.text("stderr");
        let done = fleet.text("out.jsonl.part").lines().count();
        assert!(told.contains(&format!("stopped: {done} of 300 documents are done; the same command goes on")), "{told}");
    }
    let last = fleet.run(&arguments);
    assert!(last.stderr.contains("going on behind"), "{}", last.stderr);
    assert!(fleet.text("out.jsonl") == wanted);
}

#[test]
fn a_finished_run_says_so_and_another_one_is_refused() {
    let fleet = Fleet::of(20);
    let arguments = ["facts", "-o", "jsonl=out.jsonl"];
    let mut without_time = project::golive(100);
    without_time.current_dir(fleet.path("")).arg("batch").args(arguments).args(["--parameters", "parameters.json"]);
    let first = project::run(&mut without_time, LIMIT);
    assert_eq!(first.exit, Some(1), "{}", first.stderr);
    let wanted = fleet.text("out.jsonl");
    let second = project::run(&mut without_time, LIMIT);
    // What was decided then is no answer now.
    assert_eq!(second.exit, Some(3));
    assert!(second.stderr.contains("out.jsonl is complete: 20 documents as of"), "{}", second.stderr);
    assert!(fleet.text("out.jsonl") == wanted);
    // Another time is another question.
    let other = fleet.run(&arguments);
    assert_eq!(other.exit, Some(3), "{}", other.stderr);
    assert!(other.stderr.contains("the time: then") && other.stderr.contains("--restart"), "{}", other.stderr);
    assert_eq!(fleet.run(&[&arguments[..], &["--restart"]].concat()).exit, Some(1));
    // So are other parameters, other inputs, and a document that has changed.
    for (name, text, words) in [
        ("parameters.json", fleet.text("parameters.json"), ""),
        ("parameters.json", fleet.text("parameters.json") + " ", "the parameters: then"),
        ("facts/z.json", "{}".to_owned(), "the number of inputs: then 20, now 21"),
        ("facts/a/00000.json", "{}".to_owned(), "line 1 is not the line of facts/a/00000.json as it is now"),
    ] {
        let before = std::fs::read(fleet.path(name)).ok();
        fleet.put(name, text);
        let run = fleet.run(&arguments);
        if words.is_empty() {
            assert_eq!(run.exit, Some(1), "{}", run.stderr);
        } else {
            assert_eq!(run.exit, Some(3), "{name}: {}", run.stderr);
            assert!(run.stderr.contains(words), "{name}: {}", run.stderr);
        }
        match before {
            Some(bytes) => fleet.put(name, bytes),
            None => std::fs::remove_file(fleet.path(name)).expect("a file to remove"),
        }
    }
}

/// What a batch writes into the folder that it reads is no input of it.
#[test]
fn results_are_no_inputs() {
    let fleet = Fleet::of(6);
    let arguments = ["facts", "-o", "jsonl=facts/out.jsonl", "--summary", "facts/a/summary.json"];
    assert_eq!(fleet.run(&arguments).exit, Some(1));
    let wanted = fleet.text("facts/out.jsonl");
    assert_eq!(wanted.lines().count(), 6);
    let again = fleet.run(&arguments);
    assert!(again.stderr.contains("facts/out.jsonl is complete: 6 documents"), "{}", again.stderr);
    assert_eq!(fleet.run(&[&arguments[..], &["--restart"]].concat()).exit, Some(1));
    assert!(fleet.text("facts/out.jsonl") == wanted);
}

#[test]
fn a_torn_line_is_cut_and_made_again() {
    let fleet = Fleet::of(20);
    let arguments = ["facts", "-o", "jsonl=out.jsonl"];
    assert_eq!(fleet.run(&arguments).exit, Some(1));
    let wanted = fleet.text("out.jsonl");
    let state = fleet.text("out.jsonl.state.json");
    let third = wanted.match_indices('\n').nth(2).expect("three lines").0;
    for (cut, zeros) in
        [(0, 0), (1, 0), (third, 0), (third + 1, 0), (third + 2, 0), (third + 100, 4096), (wanted.len() - 1, 0), (wanted.len(), 0)]
    {
        let _ = std::fs::remove_file(fleet.path("out.jsonl"));
        let part = [&wanted.as_bytes()[..cut], &vec![0; zeros]].concat();
        fleet.put("out.jsonl.part", part);
        fleet.put("out.jsonl.state.json", state.replace("\"complete\": 20", "\"complete\": null"));
        let run = fleet.run(&arguments);
        assert_eq!(run.exit, Some(1), "cut at {cut}: {}", run.stderr);
        assert!(fleet.text("out.jsonl") == wanted, "cut at {cut}: other bytes");
    }
}

#[test]
fn lines_of_stdin_are_gone_on_with_too() {
    let fleet = Fleet::of(0);
    let documents: String = (0..40).map(|n| super::fleet::document(n).to_string() + "\n").collect();
    fleet.put("in.jsonl", &documents);
    let run = |more: &[&str]| {
        let mut command = fleet.batch(&[&["-", "-o", "jsonl=out.jsonl"][..], more].concat());
        command.stdin(std::fs::File::open(fleet.path("in.jsonl")).expect("a file"));
        project::run(&mut command, LIMIT)
    };
    assert_eq!(run(&[]).exit, Some(1));
    let wanted = fleet.text("out.jsonl");
    assert_eq!(wanted.lines().count(), 40);
    std::fs::remove_file(fleet.path("out.jsonl")).expect("a file");
    fleet.put("out.jsonl.part", &wanted.as_bytes()[..wanted.len() / 2]);
    assert_eq!(run(&[]).exit, Some(1));
    assert!(fleet.text("out.jsonl") == wanted);
    // Other lines before where it ended are another input.
    fleet.put("in.jsonl", documents.replacen("env-0", "env-9", 1));
    let other = run(&[]);
    assert_eq!(other.exit, Some(3), "{}", other.stderr);
    assert!(other.stderr.contains("line 1 is not the line of -:1 as it is now"), "{}", other.stderr);
}
