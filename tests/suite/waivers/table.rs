//! Everything that can be wrong with a waiver, in all combinations, against a table written by hand.

use crate::project;
use golive::checklist::{Checklist, Files, contract, load};
use golive::evaluate::evaluate;
use golive::exceptions::{Exceptions, Scope, settle, waivers};
use golive::facts::{Facts, Plan, combine, read};
use golive::gate::decide;
use golive::model::{Instant, Judgement};
use golive::rego::Limits;
use golive::text::{self, Document, Source, read_json};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

const NOW: &str = "2026-11-23T15:00:00Z";
const CONTROL: &str = "backups.scheduled";
const DAY: i64 = 86_400_000;

/// What can be wrong. Each is one bit of a combination.
const FLAWS: [&str; 10] = [
    "expired",
    "future",
    "wrong environment",
    "wrong release",
    "unknown control",
    "missing approver",
    "same approver",
    "new finding",
    "unparsable date",
    "overdue remediation",
];

/// How the control stands: its facts without and with one more finding, and what the waiver lists.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Standing {
    Fails,
    Unknown,
    Passes,
}

/// The table: what refuses a file, whatever else is wrong; then, in this order, what makes a waiver inert.
fn by_hand(has: &dyn Fn(&str) -> bool, standing: Standing) -> &'static str {
    // No file with one of these is ever read to its end.
    for flaw in ["unknown control", "missing approver", "same approver", "unparsable date"] {
        if has(flaw) {
            return "refused";
        }
    }
    // It would end before it begins.
    if has("expired") && has("future") {
        return "refused";
    }
    for (applies, state) in [
        (has("wrong environment"), "out-of-scope"),
        (has("wrong release"), "out-of-scope"),
        (has("expired"), "expired"),
        (has("future"), "pending"),
        (standing == Standing::Passes, "unused"),
        (has("overdue remediation"), "overdue"),
        (has("new finding"), "lapsed"),
    ] {
        if applies {
            return state;
        }
    }
    "active"
}

/// What the state of the only waiver means for its control and the gate.
fn effect(state: &str, standing: Standing) -> (&'static str, &'static str) {
    match (standing, state) {
        (Standing::Passes, _) => ("pass", "GO"),
        (_, "active") => ("waived", "GO"),
        _ => ("blocking", "NO_GO"),
    }
}

/// The deployment that passes everything, with one control damaged.
fn facts(standing: Standing, new: bool) -> Value {
    let mut facts = project::json(&project::root().join("fixtures/deployments/claw-go/facts.json"));
    let groups = facts["facts"].as_object_mut().expect("groups");
    match standing {
        Standing::Fails => {
            groups["backup_schedule"]["value"]["schedule"]["enabled"] = json!("no");
            if new {
                groups["backup_schedule"]["value"]["last_run"]["result"] = json!("failed");
            }
        }
        Standing::Unknown => drop(groups.remove("backup_schedule")),
        Standing::Passes => {}
    }
    facts
}

fn listed(standing: Standing, new: bool) -> Value {
    match (standing, new) {
        (Standing::Unknown, false) => json!(["facts:backup_schedule:missing"]),
        (Standing::Unknown, true) => json!(["facts:backup_schedule:stale"]),
        _ => json!(["schedule-disabled"]),
    }
}

/// A waivers file with some of the flaws. Dates stand at the very moments at which they count.
fn file(has: &dyn Fn(&str) -> bool, standing: Standing) -> String {
    let now = Instant::parse(NOW).expect("a time").ms;
    let at = |ms: i64| json!(Instant { ms }.to_string());
    let (begins, ends) = match (has("future"), has("expired")) {
        (false, false) => (now, now + 1),
        (false, true) => (now - DAY, now),
        (true, false) => (now + 1, now + DAY),
        (true, true) => (now + 1, now),
    };
    let or = |flaw, wrong: &str, right: &str| if has(flaw) { wrong.to_owned() } else { right.to_owned() };
    let mut waiver = json!({
        "id": "W-1",
        "control": or("unknown control", "backups.schedulled", CONTROL),
        "environment": or("wrong environment", "staging", "prod"),
        "release": or("wrong release", "0.9.0", "0.1.1"),
        "findings": listed(standing, has("new finding")),
        "reason": "known",
        "ticket": "T-1",
        "requested_by": "ann",
        "approved_by": or("same approver", " ANN", "bob"),
        "created_at": at(begins),
        "expires_at": at(ends),
        "remediation": {"owner": "ann", "action": "mend it", "target_date": at(if has("overdue remediation") { now } else { now + 1 })},
    });
    if has("missing approver") {
        waiver.as_object_mut().expect("an object").remove("approved_by");
    }
    if has("unparsable date") {
        waiver["created_at"] = json!("2026-11-31T00:00:00Z");
    }
    json!({"format": "golive.waivers/1", "waivers": [waiver]}).to_string()
}

/// The library, on one deployment.
struct Case {
    facts: Facts,
    judgements: Vec<Judgement>,
}

fn case(checklist: &Checklist, standing: Standing, new: bool) -> Case {
    let source = Arc::new(Source::new("facts.json", facts(standing, new).to_string()));
    let document = read(source, contract("envelope").expect("a schema"), &text::Limits::default()).unwrap_or_else(|p| panic!("{p:?}"));
    let plan = Plan { environment: "prod".to_owned(), release: "0.1.1".to_owned() };
    let facts = combine(vec![document], &plan).unwrap_or_else(|p| panic!("{p:?}"));
    let judgements = evaluate(checklist, &facts, Instant::parse(NOW).expect("a time")).judgements;
    Case { facts, judgements }
}

fn document(text: String) -> Document {
    read_json(Arc::new(Source::new("waivers.json", text)), &text::Limits::default()).unwrap_or_else(|p| panic!("{p}"))
}

/// State, outcome of the control and gate as golive finds them.
fn found(checklist: &Checklist, case: &Case, file: String) -> (String, String, String) {
    let refused = || ("refused".to_owned(), "none".to_owned(), "none".to_owned());
    let Ok(waivers) = waivers(&[document(file)], &Scope::of(checklist)) else { return refused() };
    let exceptions = Exceptions { waivers, remediations: Vec::new() };
    let now = Instant::parse(NOW).expect("a time");
    let settled = settle(checklist, &case.facts, case.judgements.clone(), &exceptions, now);
    let (gate, _) = decide(checklist, "prod", "0.1.1", now.ms, &settled.rows).unwrap_or_else(|e| panic!("{e}"));
    let row = settled.rows.iter().find(|row| row.text.id == CONTROL).expect("the control");
    assert_eq!(row.waiver.is_some(), row.outcome.word() == "waived");
    (settled.waivers[0].1.word().to_owned(), row.outcome.word().to_owned(), gate.word().to_owned())
}

#[test]
fn every_combination_of_flaws_is_as_the_table_says() {
    let parameters = document(project::text(&project::root().join("fixtures/deployments/claw-go/parameters.json")));
    let limits = Limits { time: Duration::from_secs(60) };
    let checklist = load(&Files::embedded(), Some(&parameters), "prod", limits).unwrap_or_else(|e| panic!("{e:?}"));
    let (mut wrong, mut seen) = (String::new(), std::collections::BTreeMap::<&str, usize>::new());
    for standing in [Standing::Fails, Standing::Unknown, Standing::Passes] {
        let cases = [false, true].map(|new| case(&checklist, standing, new));
        for combination in 0_u32..1 << FLAWS.len() {
            let has = |flaw: &str| FLAWS.iter().position(|known| *known == flaw).is_some_and(|bit| combination >> bit & 1 == 1);
            let state = by_hand(&has, standing);
            let (outcome, gate) = if state == "refused" { ("none", "none") } else { effect(state, standing) };
            let got = found(&checklist, &cases[usize::from(has("new finding"))], file(&has, standing));
            *seen.entry(state).or_default() += 1;
            if (got.0.as_str(), got.1.as_str(), got.2.as_str()) != (state, outcome, gate) {
                let flaws: Vec<&&str> = FLAWS.iter().filter(|flaw| has(flaw)).collect();
                let _ = writeln!(wrong, "{standing:?} with {flaws:?}: wanted {state}, {outcome}, {gate}, got {got:?}");
            }
        }
    }
    project::tell(&format!("waivers: {} combinations of flaws, {seen:?}", 3 << FLAWS.len()));
    assert!(wrong.is_empty(), "{wrong}");
    assert!(seen.len() == 8 && seen["active"] == 2, "{seen:?}");
}

/// The same for each flaw alone and for none, by the exit code of the binary.
#[test]
fn each_flaw_has_its_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let (facts_file, waivers_file) = (folder.path().join("facts.json"), folder.path().join("waivers.json"));
    for flaw in std::iter::once("none").chain(FLAWS) {
        let has = |name: &str| name == flaw;
        project::write(&facts_file, &facts(Standing::Fails, has("new finding")).to_string());
        project::write(&waivers_file, &file(&has, Standing::Fails));
        let mut command = project::golive(100);
        command.arg("check").arg(&facts_file).arg("--waivers").arg(&waivers_file).args(["--environment", "prod", "--release", "0.1.1"]);
        command.args(["--at", NOW, "--parameters", "fixtures/deployments/claw-go/parameters.json"]);
        let run = project::run(&mut command, Duration::from_secs(20));
        let wanted = match by_hand(&has, Standing::Fails) {
            "refused" => 3,
            "active" => 0,
            _ => 1,
        };
        assert_eq!(run.exit, Some(wanted), "{flaw}: {}", run.stderr);
        assert_eq!(run.stdout.is_empty(), wanted == 3, "{flaw}");
    }
}
