//! `golive forecast`: what it says of a time is so at that time.

use crate::court::Court;
use crate::foresight::{Trial, try_all};
use crate::project::{self, Run};
use golive::exceptions::Exceptions;
use golive::model::{Gate, Instant};
use golive::outlook::forecast::{Forecaster, Required};
use serde_json::Value;
use std::time::Duration;

/// The full figure is that of the benchmark: `--forecast 1000`, with a grid of one minute.
#[test]
fn what_a_forecast_says_of_a_time_is_so_at_that_time() {
    let report = try_all(Trial { seed: 20_261_127, documents: 12, every: 60, asked: 2 });
    project::tell(&format!("forecast: {report}"));
    report.hold();
}

const DEPLOYMENTS: &str = "fixtures/deployments";
const LIMIT: Duration = Duration::from_secs(30);

fn golive(columns: usize, deployment: &str, args: &[&str]) -> Run {
    let folder = project::root().join(DEPLOYMENTS).join(deployment);
    let mut command = project::golive(columns);
    command.arg("forecast").arg(format!("{DEPLOYMENTS}/{deployment}/facts.json")).args(project::arguments(&folder.join("args"))).args(args);
    project::run(&mut command, LIMIT)
}

#[test]
fn forecasts_read_well() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots/forecast");
    settings.add_filter("[0-9a-f]{64}", "[digest]");
    let schema = project::json(&project::root().join("schemas/forecast.schema.json"));
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).expect("forecast.schema.json is a schema");
    settings.bind(|| {
        for deployment in ["claw-go", "claw-no-go"] {
            for columns in [80, 120] {
                let run = golive(columns, deployment, &[]);
                assert_eq!(run.exit, Some(0), "{deployment}: {}", run.stderr);
                insta::assert_snapshot!(format!("{deployment}-{columns}"), run.stdout);
                let coloured = golive(columns, deployment, &["--color", "always"]).stdout;
                assert!(coloured.contains('\u{1b}') && anstream::adapter::strip_str(&coloured).to_string() == run.stdout, "{deployment}");
            }
            let run = golive(80, deployment, &["-o", "json", "--require", "1h"]);
            let document: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
            let faults: Vec<String> = schema.iter_errors(&document).map(|e| format!("{} at {}", e, e.instance_path())).collect();
            assert!(faults.is_empty(), "{deployment}: {faults:?}");
        }
    });
}

#[test]
fn what_is_required_is_proven_or_not_met() {
    // The first group ages out at 18:50:00.001, 3 hours, 50 minutes and a millisecond later.
    for (deployment, require, wanted, says) in [
        ("claw-go", "PT3H50M", 0, "required until 2026-11-23T18:50:00Z: met"),
        ("claw-go", "PT3H50M1S", 1, "not met: the gate is NO_GO from 2026-11-23T18:50:00.001Z on, 999 ms too early"),
        ("claw-go", "200d", 1, "not met"),
        ("claw-no-go", "PT1S", 1, "not met: the gate is NO_GO now"),
    ] {
        let run = golive(200, deployment, &["--require", require]);
        assert_eq!(run.exit, Some(wanted), "{deployment} {require}: {}", run.stderr);
        assert!(run.stdout.contains(says), "{deployment} {require}: {}", run.stdout);
    }
    for wrong in ["0d", "14", "P1Y", "-1d", "9999d"] {
        assert_eq!(golive(80, "claw-go", &[&format!("--require={wrong}")]).exit, Some(2), "{wrong}");
    }
}

/// The built-in checklist with a text of one of its policies replaced.
fn edited(file: &str, find: &str, with: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    project::copy(&["policies", "schemas"], folder.path());
    let path = folder.path().join(file);
    let text = project::text(&path);
    assert_eq!(text.matches(find).count(), 1, "{file} has another form");
    project::write(&path, &text.replacen(find, with, 1));
    folder
}

const SCHEDULED: &str = "policies/controls/backups/scheduled.rego";
const NEVER_RAN: &str = "violations contains {\"code\": \"never-ran\"";

/// A policy that says nothing of when it turns is named, its turns at likely times are found, and nothing is required in vain.
#[test]
fn what_is_not_proven_is_named() {
    // The clock is multiplied before it is compared. It turns at the end of the last run, 30 minutes and 15 minutes, and a millisecond.
    let odd = "violations contains {\"code\": \"schedule-disabled\", \"at\": [[\"backup_schedule\", \"schedule\"]], \"values\": {}} if {\n\t\
               ended := input.facts.backup_schedule.last_run.finished_at_ms\n\t\
               input.now_ms * 1 > ended + data.parameters.rollback.target_time_ms + data.parameters.slos.evaluation_max_age_ms\n}\n\n";
    let folder = edited(SCHEDULED, NEVER_RAN, &format!("{odd}{NEVER_RAN}"));
    let checklist = folder.path().to_string_lossy().into_owned();
    let run = golive(120, "claw-go", &["--checklist", &checklist, "--require", "1m"]);
    assert_eq!(run.exit, Some(2), "{}", run.stderr);
    let run = golive(120, "claw-go", &["--checklist", &checklist, "--require", "PT1M"]);
    assert_eq!(run.exit, Some(1), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.starts_with("GO until 2026-11-23T15:11:29.498Z at the latest (clock: given): backups.scheduled"), "{}", run.stdout);
    assert!(run.stdout.contains("not every turn is proven to be found: backups.scheduled"), "{}", run.stdout);
    assert!(run.stdout.contains("not proven: backups.scheduled: its policy"), "{}", run.stdout);
}

/// What the gate policy itself says of the clock ends a GO too, and is found where it shows when it turns.
#[test]
fn a_gate_that_closes_by_itself_is_found() {
    let count = "closed contains {\"by\": \"checklist\"";
    for (condition, first) in [
        ("input.now_ms >= 1795446000123", "GO until 2026-11-23T15:00:00.123Z (clock: given): the gate policy's own rules"),
        (
            "input.now_ms * 1 >= 1795446000123",
            "GO until 2026-11-23T15:00:00.123Z at the latest (clock: given): the gate policy's own rules",
        ),
    ] {
        let freeze = format!("closed contains {{\"by\": \"freeze\", \"message\": \"no go-live\"}} if {condition}\n\n");
        let folder = edited("policies/gate.rego", count, &format!("{freeze}{count}"));
        let run = golive(120, "claw-go", &["--checklist", &folder.path().to_string_lossy(), "--require", "PT1S"]);
        // The second one hides when it turns: what is different between two likely times is looked for by halves.
        assert_eq!(run.exit, Some(1), "{}\n{}", run.stdout, run.stderr);
        assert!(run.stdout.starts_with(first), "{}", run.stdout);
        assert_eq!(run.stdout.contains("not proven: gate:"), condition.contains('*'), "{}", run.stdout);
    }
}

/// What turns too often is cut short: it says where, and is proven no further.
#[test]
fn a_forecast_that_is_cut_says_where() {
    let court = Court::of_fixtures();
    let facts = project::json(&project::root().join("fixtures/deployments/claw-go/facts.json"));
    let facts = court.facts(&facts).unwrap_or_else(|p| panic!("{p:?}"));
    let (whole, cut) = (Forecaster::new(&court.checklist), Forecaster::new(&court.checklist).at_most(3));
    let [whole, cut] = [whole, cut].map(|forecaster| {
        forecaster.forecast(&facts, &Exceptions::default(), court.now, 120 * 86_400_000).unwrap_or_else(|fault| panic!("{fault}"))
    });
    assert!(whole.turns.len() > 4 && whole.unproven.is_empty(), "{whole:?}");
    assert_eq!(cut.turns, whole.turns[..3]);
    assert!(cut.until > cut.turns[2].at && cut.until <= whole.turns[3].at, "{}", cut.until);
    assert_eq!(cut.unproven.len(), 1);
    for (forecast, length, met) in [(&whole, 3_600_000, true), (&cut, 3_600_000, false)] {
        assert_eq!(Required::of(forecast, length).met, met);
    }
}

#[test]
fn facts_that_are_not_valid_yet_become_so() {
    let court = Court::of_fixtures();
    let facts = project::json(&project::root().join("fixtures/deployments/claw-go/facts.json"));
    let facts = court.facts(&facts).unwrap_or_else(|p| panic!("{p:?}"));
    let newest = facts.groups.values().map(|stated| stated.group.collected_at.ms).max().expect("groups");
    let from = Instant { ms: newest - 3_600_000 };
    let found = Forecaster::new(&court.checklist).forecast(&facts, &Exceptions::default(), from, 86_400_000);
    let found = found.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(found.gate, Gate::NoGo);
    // The skew is five minutes: from then on the newest group counts.
    assert_eq!(found.ends().map(|turn| (turn.at.ms, turn.gate)), Some((newest - 300_000, Gate::Go)));
}
