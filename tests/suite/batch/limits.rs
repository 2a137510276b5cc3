//! A policy that does not end, or wants all memory, costs its own control.

use super::fleet::{AT, Fleet, LIMIT, document, line_of, lines, worker_of};
use crate::project::{self, Run};
use rustix::process::{Signal, kill_process};
use serde_json::Value;
use std::time::{Duration, Instant};

/// What one control may take.
const CONTROL: Duration = Duration::from_secs(2);

/// Compiled policies, and the interpreter.
const BOTH_PATHS: [&[&str]; 2] = [&[], &["--reference"]];

/// Thirty values, so that each loop over them multiplies.
const VALUES: &str =
    "xs := [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]";

/// A fleet with a checklist of its own, in which a violation of `auth.enforced` does more for the environment `hungry`.
fn fleet(more: &str) -> Fleet {
    let fleet = Fleet::of(60);
    project::copy(&["policies", "schemas"], &fleet.path("checklist"));
    let name = "checklist/policies/controls/auth/enforced.rego";
    let policy = fleet.text(name);
    assert_eq!(policy.matches("d.auth == \"none\"").count(), 1);
    fleet.put(name, policy.replace("d.auth == \"none\"", &format!("input.environment == \"hungry\"\n\t{VALUES}\n{more}")));
    fleet
}

fn run(fleet: &Fleet, path: &str, more: &[&str]) -> (Run, Duration) {
    let started = Instant::now();
    let run = fleet.run(&[&[path, "--checklist", "checklist", "--workers", "2"][..], more].concat());
    (run, started.elapsed())
}

/// Judges the fleet without and with the hungry document, and holds that nothing but its one control differs.
fn costs_its_control(more: &str, arguments: &[&str], within: Duration) {
    let fleet = fleet(more);
    let before = run(&fleet, "facts", arguments).0;
    assert_eq!(before.exit, Some(1), "{}", before.stderr);
    let mut hungry = document(2);
    hungry["environment"] = "hungry".into();
    hungry["facts"]["daemons"]["source"] = "x".repeat(4096).into();
    fleet.put("facts/a/hungry.json", hungry.to_string());
    let after = run(&fleet, "facts", arguments).0;
    assert_eq!(after.exit, Some(1), "{}", after.stderr);
    let all = lines(&after.stdout);
    let others: Vec<&Value> = all.iter().filter(|l| l["source"] != "facts/a/hungry.json").collect();
    assert_eq!(others, lines(&before.stdout).iter().collect::<Vec<_>>(), "other documents have other lines");
    let line = line_of(&all, "facts/a/hungry.json");
    assert_eq!(line["decision"], "NO_GO", "{line}");
    for (id, verdict) in line["verdicts"].as_object().expect("verdicts") {
        assert_eq!(verdict, if id == "auth.enforced" { "error" } else { "pass" }, "{id}");
    }
    assert_eq!(line["findings"]["auth.enforced"], serde_json::json!(["error"]));
    let [took, longer] = ["facts/a/00002.json", "facts/a/hungry.json"].map(|one| run(&fleet, one, arguments).1);
    assert!(longer.saturating_sub(took) < within, "{took:?} for a document like it, {longer:?} for it");
}

#[test]
fn a_policy_that_loops_costs_its_control() {
    let loops = "\tsome a in xs\n\tsome b in xs\n\tsome c in xs\n\tsome e in xs\n\tsome f in xs\n\tsome g in xs\n\tsome h in xs\n\ta + b + c + e + f + g + h == 0";
    for path in BOTH_PATHS {
        costs_its_control(loops, path, CONTROL + Duration::from_secs(1));
    }
}

#[test]
fn a_policy_that_wants_all_memory_costs_its_control() {
    let lists = "\tys := [[a, b, c, e, f] | some a in xs; some b in xs; some c in xs; some e in xs; some f in xs]\n\tcount(ys) == 0";
    for path in BOTH_PATHS {
        costs_its_control(lists, &[path, &["--memory", "1280"][..]].concat(), CONTROL + Duration::from_secs(1));
    }
    // The document's longest text many times: the worker is ended within the time, and the control is found in three attempts.
    let texts = "\tys := [upper(input.envelope.daemons.source) | some a in xs; some b in xs; some c in xs; some e in xs; some f in xs]\n\tcount(ys) == 0";
    costs_its_control(texts, &["--memory", "1280"], CONTROL * 4);
}

/// A worker that is killed from outside, whatever it was doing, changes nothing.
#[test]
fn workers_that_are_killed_change_nothing() {
    let fleet = Fleet::of(3000);
    let wanted = fleet.run(&["facts"]).stdout;
    let out = std::fs::File::create(fleet.path("stdout")).expect("a file");
    let mut child = fleet.batch(&["facts", "-q", "--workers", "2"]).stdout(out).spawn().expect("the binary starts");
    let (mut killed, mut written) = (0, 0);
    while child.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_millis(5));
        // One that had no time to work is spared.
        let now = std::fs::metadata(fleet.path("stdout")).map_or(0, |m| m.len());
        if killed < 12 && now > written && kill_one(child.id()) {
            (killed, written) = (killed + 1, now);
        }
    }
    assert!(killed > 3, "only {killed} workers were killed");
    assert!(fleet.text("stdout") == wanted, "{killed} workers were killed: other bytes");
}

/// Kills a worker of a batch.
fn kill_one(batch: u32) -> bool {
    worker_of(batch).is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok())
}

/// A worker stopped by a signal is a worker that hangs.
#[test]
fn a_worker_that_hangs_is_replaced() {
    let fleet = Fleet::of(100);
    let wanted = fleet.run(&["facts"]).stdout;
    let out = std::fs::File::create(fleet.path("stdout")).expect("a file");
    let mut child = fleet.batch(&["facts", "-q", "--workers", "1", "--time", "2"]).stdout(out).spawn().expect("the binary starts");
    let mut stopped = false;
    let started = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        assert!(started.elapsed() < LIMIT, "the batch hangs");
        if !stopped && std::fs::metadata(fleet.path("stdout")).is_ok_and(|m| m.len() > 0) {
            stopped = stop_one(child.id());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(stopped, "no worker was stopped");
    assert!(fleet.text("stdout") == wanted, "other bytes");
}

fn stop_one(batch: u32) -> bool {
    worker_of(batch).is_some_and(|pid| kill_process(pid, Signal::STOP).is_ok())
}

/// Memory does not grow with the number of lines, and a line of a gigabyte is passed over without being held.
#[test]
fn memory_is_flat() {
    let fleet = Fleet::of(0);
    let small = r#"{"format":"golive.facts/1","environment":"e","release":"1","facts":{}}"#;
    let line = |n: usize| format!("{}{}\n", small.replace("\"e\"", &format!("\"env-{}\"", n % 7)), " ".repeat(900));
    let count: usize = std::env::var("GOLIVE_BATCH_LINES").ok().and_then(|n| n.parse().ok()).unwrap_or(8000);
    let mut peaks = Vec::new();
    // Both are long enough for the sample to have gone through the interpreter, too.
    for lines in [count / 4, count] {
        let text: String = (0..lines).map(line).collect();
        fleet.put("in.jsonl", text);
        let (exit, peak) = peak(&fleet, "in.jsonl");
        assert_eq!((exit, fleet.text("stdout").lines().count()), (Some(1), lines));
        peaks.push(peak);
    }
    assert!(peaks[1] < peaks[0] * 12 / 10 + (8 << 20), "{peaks:?}");
    let good: String = (0..500).map(line).collect();
    fleet.put("long.jsonl", &good);
    let mut long = std::fs::OpenOptions::new().append(true).open(fleet.path("long.jsonl")).expect("a file");
    long.set_len(good.len() as u64 + (1 << 30)).expect("a hole");
    std::io::Write::write_all(&mut long, format!("\n{good}").as_bytes()).expect("lines");
    let (exit, peak) = peak(&fleet, "long.jsonl");
    assert_eq!(exit, Some(3));
    let all = lines(&fleet.text("stdout"));
    assert_eq!(all.len(), 1001);
    for (index, line) in all.iter().enumerate() {
        assert_eq!(line["problem"]["code"] == "golive::text::size", index == 500, "{line}");
        assert_eq!(line["source"], format!("long.jsonl:{}", index + 1));
    }
    assert!(peak < 300 << 20, "{peak} bytes");
}

/// The exit code of a batch over one input, and the most memory that its supervisor held.
fn peak(fleet: &Fleet, input: &str) -> (Option<i32>, u64) {
    let out = std::fs::File::create(fleet.path("stdout")).expect("a file");
    let err = std::fs::File::create(fleet.path("stderr")).expect("a file");
    let mut command = fleet.batch(&[input, "--workers", "2"]);
    let mut child = command.stdout(out).stderr(err).spawn().expect("the binary starts");
    let mut peak = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let high =
            status.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        peak = peak.max(high.unwrap_or(0) << 10);
        if let Some(status) = child.try_wait().expect("a child") {
            assert!(peak > 1 << 20, "nothing was measured");
            return (status.code(), peak);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What a worker is asked at one time it is asked at every time: the clock is not read again.
#[test]
fn workers_are_given_the_time() {
    let fleet = Fleet::of(6);
    let run = fleet.run(&["facts"]);
    assert!(lines(&run.stdout).iter().all(|l| l["evaluated_at"] == AT));
    let mut without = project::golive(80);
    without.current_dir(fleet.path("")).args(["batch", "facts", "--parameters", "parameters.json", "--workers", "3"]);
    let all = lines(&project::run(&mut without, LIMIT).stdout);
    assert!(all.iter().all(|l| l["evaluated_at"] == all[0]["evaluated_at"]) && all.len() == 6);
    let mut worker = project::golive(80);
    assert_eq!(project::run(worker.arg("worker"), LIMIT).exit, Some(2), "a worker without a time");
}
