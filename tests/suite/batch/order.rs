//! The order and the bytes of the result, whatever the number of workers, the time zone and the way the documents came.

use super::fleet::{AT, Fleet, document, line_of, lines, name};
use crate::differences::Differences;
use crate::project;
use serde_json::{Value, json};

#[test]
fn workers_and_time_zones_do_not_show() {
    let fleet = Fleet::of(90);
    let first = fleet.run(&["facts", "--workers", "1"]);
    assert_eq!(first.exit, Some(1), "{}", first.stderr);
    let sources: Vec<Value> = lines(&first.stdout).iter().map(|l| l["source"].clone()).collect();
    let mut wanted: Vec<String> = (0..90).map(|n| format!("facts/{}", name(n))).collect();
    wanted.sort();
    assert_eq!(sources, wanted, "the order of the lines is the order of the paths");
    for (workers, zone) in [("2", "UTC"), ("8", "Asia/Kathmandu"), ("2", "Asia/Kathmandu")] {
        let other =
            project::run(fleet.batch(&["facts", "--workers", workers]).env("TZ", zone).env("LC_ALL", "tr_TR.UTF-8"), super::fleet::LIMIT);
        assert!(first.stdout == other.stdout, "{workers} workers in {zone} give other bytes");
        assert_eq!(first.stderr, other.stderr);
    }
}

/// A batch of one document says what `golive check` decides.
#[test]
fn a_line_says_what_check_decides() {
    let mut differences = Differences::default();
    let fleet = Fleet::of(12);
    fleet.put(
        "waivers.yaml",
        project::text(&project::root().join("fixtures/deployments/claw-no-go/waivers.yaml"))
            .replace("environment: prod", "environment: env-1"),
    );
    fleet.put(
        "remediations.yaml",
        project::text(&project::root().join("fixtures/deployments/claw-no-go/remediations.yaml"))
            .replace("environment: prod", "environment: env-1"),
    );
    let exceptions = ["--waivers", "waivers.yaml", "--remediations", "remediations.yaml"];
    let run = fleet.run(&[&["facts"][..], &exceptions].concat());
    let all = lines(&run.stdout);
    assert_eq!(all.len(), 12, "{}", run.stderr);
    let mut waived = 0;
    for index in 0..12 {
        let (path, facts) = (format!("facts/{}", name(index)), document(index));
        let plan =
            ["--environment", facts["environment"].as_str().expect("a name"), "--release", facts["release"].as_str().expect("a name")];
        let check = project::run(
            &mut fleet.command("check", &[&[path.as_str(), "-o", "json"][..], &plan, &exceptions].concat()),
            super::fleet::LIMIT,
        );
        let decision: Value = serde_json::from_str(&check.stdout).unwrap_or_else(|e| panic!("{path}: {e}: {}", check.stderr));
        let line = line_of(&all, &path);
        differences.equal(format!("{path}: decision"), &decision["gate"], &line["decision"]);
        differences.equal(format!("{path}: sha256"), &decision["facts"][0]["sha256"], &line["sha256"]);
        differences.equal(format!("{path}: checklist"), &decision["checklist"]["digest"], &line["checklist"]);
        differences.equal(format!("{path}: evaluated_at"), &json!(AT), &line["evaluated_at"]);
        let blocking: Vec<Value> = decision["blocking"].as_array().expect("a list").iter().map(|b| b["by"].clone()).collect();
        differences.equal(format!("{path}: blocking"), &json!(blocking), &line["blocking"]);
        for row in decision["controls"].as_array().expect("a list") {
            let id = row["id"].as_str().expect("an id");
            differences.equal(format!("{path}: {id}"), &row["verdict"], &line["verdicts"][id]);
            let is_waived = line["waived"].as_array().expect("a list").contains(&row["id"]);
            differences.equal(format!("{path}: {id}: waived"), &(row["outcome"] == "waived"), &is_waived);
            waived += usize::from(is_waived);
            let mut findings: Vec<Value> = row["findings"].as_array().expect("a list").iter().map(|f| f["id"].clone()).collect();
            findings.dedup();
            let got = line["findings"].get(id).cloned().unwrap_or_else(|| json!([]));
            differences.equal(format!("{path}: findings of {id}"), &json!(findings), &got);
        }
    }
    assert!(waived > 0, "no waiver was in force: nothing was shown");
    differences.end("lines against decisions");
}

#[test]
fn every_line_is_valid_for_the_published_schema() {
    let schema = project::json(&project::root().join("schemas/verdict.schema.json"));
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).expect("verdict.schema.json is a schema");
    let fleet = Fleet::of(10);
    fleet.put("facts/broken.json", "{");
    fleet.put("facts/x.jsonl", "\n{\"format\":1}\n[]");
    let run = fleet.run(&["facts", "nowhere.json"]);
    let all = lines(&run.stdout);
    assert_eq!(all.len(), 15, "{}", run.stderr);
    for line in &all {
        let faults: Vec<String> = schema.iter_errors(line).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{line}: {faults:?}");
    }
    let printed = project::run(project::golive(80).args(["schema", "verdict"]), super::fleet::LIMIT);
    assert_eq!(printed.stdout, project::text(&project::root().join("schemas/verdict.schema.json")));
}

#[test]
fn a_plan_refuses_documents_about_something_else() {
    let fleet = Fleet::of(10);
    let run = fleet.run(&["facts", "--environment", "env-1"]);
    assert_eq!(run.exit, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("plan: environment env-1, release from the documents"), "{}", run.stderr);
    for line in lines(&run.stdout) {
        let planned = line["environment"] == "env-1";
        assert_eq!(line["decision"].is_null(), !planned, "{line}");
        assert_eq!(line["problem"]["code"] == "golive::facts::plan", !planned, "{line}");
    }
    assert!(fleet.run(&["facts"]).stderr.contains("plan: from the documents"));
}

#[test]
fn environments_have_their_own_parameters() {
    let fleet = Fleet::of(10);
    let mut parameters: Value = serde_json::from_str(&fleet.text("parameters.json")).expect("JSON");
    parameters["environments"] = json!({"env-1": {"max_age": {"backups": "PT1M"}}, "env-2": {}});
    fleet.put("parameters.json", parameters.to_string());
    let all = lines(&fleet.run(&["facts", "--workers", "1"]).stdout);
    let stale = |line: &Value| line["findings"].to_string().contains("facts:backups:stale");
    assert!(all.iter().any(|l| l["environment"] == "env-1"));
    for line in &all {
        let has_backups = !line["findings"].to_string().contains("facts:backups:missing");
        assert_eq!(stale(line), line["environment"] == "env-1" && has_backups, "{line}");
    }
    // A spelling that would pass over these parameters in silence is refused.
    let mut other = document(1);
    other["environment"] = "ENV-1 ".into();
    fleet.put("other.json", other.to_string());
    let line = &lines(&fleet.run(&["other.json"]).stdout)[0];
    assert_eq!(line["problem"]["code"], "golive::parameters", "{line}");
}

#[test]
fn a_file_that_is_named_twice_has_two_lines() {
    let fleet = Fleet::of(2);
    std::os::unix::fs::symlink(fleet.path("facts/a/00000.json"), fleet.path("linked.json")).expect("a link");
    std::os::unix::fs::symlink(fleet.path("facts"), fleet.path("folder")).expect("a link");
    let run = fleet.run(&["facts/a/00000.json", "linked.json", "facts/a/00000.json", "folder", "facts/*/*0.json"]);
    let all = lines(&run.stdout);
    let sources: Vec<&str> = all.iter().filter_map(|l| l["source"].as_str()).collect();
    let wanted = [
        "facts/a/00000.json",
        "linked.json",
        "facts/a/00000.json",
        "folder/a/00000.json",
        "folder/b-and-c/00001.json",
        "facts/a/00000.json",
    ];
    assert_eq!(sources, wanted, "{}", run.stderr);
    assert!(all.iter().filter(|l| l["source"] != "folder/b-and-c/00001.json").all(|l| l["sha256"] == all[0]["sha256"]));
}

/// Documents that are refused at once: the order is what is looked at.
#[test]
fn many_files_in_one_folder_are_in_order() {
    let fleet = Fleet::of(0);
    let count: usize = std::env::var("GOLIVE_BATCH_FILES").ok().and_then(|n| n.parse().ok()).unwrap_or(5000);
    for index in 0..count {
        fleet.put(&format!("facts/{index}.json"), "{");
    }
    let runs = ["1", "2"].map(|workers| fleet.run(&["facts", "--workers", workers, "-q"]).stdout);
    assert!(runs[0] == runs[1], "one worker and two give other bytes");
    let sources: Vec<String> = lines(&runs[0]).iter().map(|l| l["source"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(sources.len(), count);
    assert!(sources.is_sorted());
}
