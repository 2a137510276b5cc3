//! `golive waiver` and `golive remediation`, through the binary.

use crate::project::{self, Run};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const DEPLOYMENT: &str = "fixtures/deployments/claw-no-go";
const AT: &str = "2026-11-23T15:00:00Z";

fn golive(columns: usize, args: &[&str]) -> Run {
    let mut command = project::golive(columns);
    command.args(args).args(["--environment", "prod", "--release", "0.1.1", "-q"]).env("GOLIVE_AT", AT);
    command.args(["--parameters", "fixtures/deployments/claw-no-go/parameters.json"]);
    project::run(&mut command, Duration::from_secs(20))
}

/// The arguments of `waiver new`, with some of them replaced.
fn new(control: &str, file: &Path, changes: &[(&str, &str)]) -> Run {
    let facts = format!("{DEPLOYMENT}/facts.json");
    let file = file.to_string_lossy();
    let mut flags: Vec<(&str, &str)> = vec![
        ("--facts", &facts),
        ("--id", "W-1"),
        ("--reason", "no: it is # known \"so far\""),
        ("--ticket", "T-1"),
        ("--requested-by", "ann"),
        ("--approved-by", "bob"),
        ("--expires", "P14D"),
        ("--owner", "ann"),
        ("--action", "mend it"),
        ("--target-date", "P10D"),
        ("-o", &file),
    ];
    for (flag, value) in changes {
        flags.retain(|(known, _)| known != flag);
        flags.push((flag, value));
    }
    let args: Vec<&str> = ["waiver", "new", control].into_iter().chain(flags.into_iter().flat_map(|(flag, value)| [flag, value])).collect();
    golive(100, &args)
}

#[test]
fn a_new_waiver_covers_what_stands_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    for control in ["tls.encrypted", "backups.scheduled", "scans.passed", "runbooks.current"] {
        let file = folder.path().join(control).join("w.yaml");
        let run = new(control, &file, &[]);
        assert_eq!(run.exit, Some(0), "{control}: {}", run.stderr);
        let path = file.to_string_lossy();
        let check = golive(100, &["waiver", "check", &path]);
        assert_eq!((check.exit, check.stdout.as_str()), (Some(0), "1 waiver, no fault\n"), "{control}: {}", check.stderr);
        let decided = golive(100, &["check", &format!("{DEPLOYMENT}/facts.json"), "--waivers", &path, "-o", "json"]);
        let decision: Value = serde_json::from_str(&decided.stdout).expect("a decision");
        let waiver = &decision["waivers"][0];
        assert_eq!(waiver["state"], "active", "{control}: {waiver}");
        let row = decision["controls"].as_array().expect("rows").iter().find(|row| row["id"] == control).expect("the control");
        assert_eq!(row["outcome"], "waived", "{control}");
        // One finding fewer, and it does not hold.
        let text = project::text(&file);
        let first = text.lines().find(|line| line.starts_with("      - ")).expect("a finding");
        let other = if control == "backups.scheduled" { "      - \"never-ran\"" } else { "      - \"facts:daemons:stale\"" };
        let lapsed = text.replacen(first, other, 1).replace("facts:daemons:stale", &own_group(control));
        project::write(&file.with_file_name("w.yaml"), &lapsed);
        let listed = golive(100, &["waiver", "list", "--waivers", &path, "--facts", &format!("{DEPLOYMENT}/facts.json"), "-o", "json"]);
        let listed: Value = serde_json::from_str(&listed.stdout).unwrap_or_else(|e| panic!("{control}: {e} {}", listed.stderr));
        assert_eq!(listed["waivers"][0]["state"], "lapsed", "{control}");
        assert_eq!(listed["waivers"][0]["uncovered"].as_array().map(Vec::len), Some(1), "{control}");
    }
}

/// A finding that the control could have, and has not.
fn own_group(control: &str) -> String {
    let group = match control {
        "tls.encrypted" => "exposure",
        "scans.passed" => "scans",
        _ => "runbooks",
    };
    format!("facts:{group}:future")
}

#[test]
fn what_would_be_refused_is_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("w.yaml");
    for (control, changes, exit, says) in [
        ("tls.encrypted", &[("--approved-by", " ANN")][..], 3, "self-approval"),
        ("tls.encrypted", &[("--expires", "P91D")], 3, "too long"),
        ("tls.encrypted", &[("--reason", "\u{200b} ")], 3, "blank"),
        ("tls.encrypted", &[("--expires", "2026-11-23T15:00:00Z")], 3, "ends before it begins"),
        ("tls.encrypted", &[("--expires", "tomorrow")], 2, "--expires wants"),
        ("tls.encrypted", &[("--target-date", "2026-11-23T15:00:00Z")], 2, "hold at no time"),
        ("tls.encryptd", &[], 2, "did you mean `tls.encrypted`?"),
        ("artifacts.signed", &[], 3, "there is nothing to waive"),
        (
            "tls.encrypted",
            &[("--waivers", "fixtures/deployments/claw-no-go/waivers.yaml"), ("--id", "WVR-2026-031")],
            3,
            "duplicate waiver id",
        ),
    ] {
        let run = new(control, &file, changes);
        assert_eq!(run.exit, Some(exit), "{changes:?}: {}", run.stderr);
        let words = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(says), "{changes:?}: {}", run.stderr);
        assert!(!file.exists() && run.stdout.is_empty(), "{changes:?}: something was written");
    }
    project::write(&file, "mine");
    let run = new("tls.encrypted", &file, &[]);
    assert_eq!((run.exit, project::text(&file).as_str()), (Some(2), "mine"), "{}", run.stderr);
}

#[test]
fn a_file_that_some_environment_refuses_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let parameters = folder.path().join("parameters.json");
    project::write(&parameters, r#"{"environments": {"edge": {"waivers": {"max_duration": "P5D"}}}}"#);
    let check = |with: bool| {
        let mut command = project::golive(100);
        command.args(["waiver", "check", "fixtures/deployments/claw-no-go/waivers.yaml"]);
        if with {
            command.arg("--parameters").arg(&parameters);
        }
        project::run(&mut command, Duration::from_secs(20))
    };
    let (without, with) = (check(false), check(true));
    assert_eq!((without.exit, without.stdout.as_str()), (Some(0), "3 waivers, no fault\n"), "{}", without.stderr);
    assert_eq!(with.exit, Some(3));
    assert_eq!(with.stderr.matches("too long").count(), 3, "{}", with.stderr);
}

/// Both lists, as people and programs read them.
#[test]
fn lists_read_well() {
    let (facts, waivers) = (format!("{DEPLOYMENT}/facts.json"), format!("{DEPLOYMENT}/waivers.yaml"));
    let remediations = format!("{DEPLOYMENT}/remediations.yaml");
    let both = ["--waivers", waivers.as_str(), "--facts", facts.as_str()];
    let waiver: Vec<&str> = ["waiver", "list", "--expiring", "30d"].into_iter().chain(both).collect();
    let dates: Vec<&str> = vec!["waiver", "list", "--waivers", &waivers];
    let mended: Vec<&str> = ["remediation", "list", "--due-soon", "P2D", "--remediations", &remediations].into_iter().chain(both).collect();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("../snapshots/waivers");
    settings.bind(|| {
        for (name, schema, args) in [
            ("waivers", "waivers-status", &waiver),
            ("waivers-without-facts", "waivers-status", &dates),
            ("remediations", "remediations-status", &mended),
        ] {
            for columns in [80, 120] {
                let run = golive(columns, args);
                assert_eq!(run.exit, Some(0), "{name}: {}", run.stderr);
                insta::assert_snapshot!(format!("{name}-{columns}"), run.stdout);
                let colour: Vec<&str> = args.iter().copied().chain(["--color", "always"]).collect();
                let coloured = golive(columns, &colour).stdout;
                assert!(coloured.contains('\u{1b}') && anstream::adapter::strip_str(&coloured).to_string() == run.stdout, "{name}: colour");
            }
            let json: Vec<&str> = args.iter().copied().chain(["-o", "json"]).collect();
            let document: Value = serde_json::from_str(&golive(80, &json).stdout).expect("it is JSON");
            let schema = project::json(&project::root().join(format!("schemas/{schema}.schema.json")));
            let schema = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
            let faults: Vec<String> = schema.iter_errors(&document).map(|e| format!("{} at {}", e, e.instance_path())).collect();
            assert!(faults.is_empty(), "{name}: {faults:?}");
        }
    });
}
