//! `golive forecast`: what it says of a time is so at that time.

use crate::foresight::{Trial, try_all};
use crate::project::{self, Run};
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

/// Edits after which a policy says nothing of when it turns: it is named, its turns at likely times are found, and nothing is required in vain.
#[test]
fn what_is_not_proven_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    project::copy(&["policies", "schemas"], folder.path());
    let file = folder.path().join("policies/controls/backups/scheduled.rego");
    let text = project::text(&file);
    let violation = "violations contains {\"code\": \"never-ran\"";
    assert!(text.contains(violation), "the control has another form");
    // The clock is divided before it is compared.
    let odd = "violations contains {\"code\": \"schedule-disabled\", \"at\": [[\"backup_schedule\", \"schedule\"]], \"values\": {}} if {\n\tinput.now_ms % 2 == 3\n}\n\n";
    project::write(&file, &text.replacen(violation, &format!("{odd}{violation}"), 1));
    let checklist = folder.path().to_string_lossy().into_owned();
    let run = golive(120, "claw-go", &["--checklist", &checklist, "--require", "1h"]);
    assert_eq!(run.exit, Some(1), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.starts_with("GO until 2026-11-23T18:50:00.001Z at the latest (clock: given)"), "{}", run.stdout);
    assert!(run.stdout.contains("not every turn is proven to be found: backups.scheduled"), "{}", run.stdout);
    assert!(run.stdout.contains("not proven: backups.scheduled: its policy"), "{}", run.stdout);
}
