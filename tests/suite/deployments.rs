//! Whole deployments through the binary: what it decides, prints and writes, and what each group of facts is worth.

use crate::cases::{Case, cases};
use crate::court::Court;
use crate::differences::Differences;
use crate::project::{self, Run};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const KEYS: [&str; 8] = ["exit", "gate", "verdicts", "outcomes", "findings", "blocking", "waived", "stderr_has"];
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn every_deployment_is_decided_as_expected() {
    let schema = decision_schema();
    let mut differences = Differences::default();
    for case in cases("deployments") {
        let expected = case.expected(&KEYS);
        let run = check(&case, "json", 80);
        differences.equal(format!("{}: exit", case.name), &expected["exit"].as_i64(), &run.exit.map(i64::from));
        for words in strings(&expected["stderr_has"]) {
            differences.hold(run.stderr.contains(words), || format!("{}: stderr does not hold `{words}`:\n{}", case.name, run.stderr));
        }
        if expected["gate"].is_null() {
            differences.equal(format!("{}: stdout", case.name), &"", &run.stdout.as_str());
            continue;
        }
        let decision: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{}: {e}\n{}", case.name, run.stderr));
        let faults: Vec<String> = schema.iter_errors(&decision).map(|e| format!("{}: {e}", e.instance_path())).collect();
        differences.equal(format!("{}: decision.schema.json", case.name), &Vec::new(), &faults);
        compare(&case.name, &expected, &decision, &mut differences);
    }
    differences.end("deployments");
}

fn decision_schema() -> jsonschema::Validator {
    let schema = project::json(&project::root().join("schemas/decision.schema.json"));
    jsonschema::options().should_validate_formats(true).build(&schema).expect("decision.schema.json is a schema")
}

/// Holds what `expected.json` names against the decision.
fn compare(name: &str, expected: &Value, decision: &Value, differences: &mut Differences) {
    differences.equal(format!("{name}: gate"), &expected["gate"], &decision["gate"]);
    if let Some(waived) = expected.get("waived") {
        differences.equal(format!("{name}: waived"), waived, &decision["waived"]);
    }
    if expected.get("blocking").is_some() {
        let by: Vec<&str> = decision["blocking"].as_array().into_iter().flatten().filter_map(|b| b["by"].as_str()).collect();
        differences.equal(format!("{name}: blocking"), &strings(&expected["blocking"]), &by);
    }
    if let Some(verdicts) = expected.get("verdicts") {
        differences.equal(format!("{name}: verdicts"), verdicts, &by_control(decision, |row| row["verdict"].clone()));
    }
    let outcomes = by_control(decision, |row| row["outcome"].clone());
    let findings = by_control(decision, |row| row["findings"].as_array().into_iter().flatten().map(|f| f["id"].clone()).collect());
    for (key, got) in [("outcomes", outcomes), ("findings", findings)] {
        for (id, want) in expected[key].as_object().into_iter().flatten() {
            differences.equal(format!("{name}: {key} of {id}"), want, &got[id]);
        }
    }
}

fn by_control(decision: &Value, of: impl Fn(&Value) -> Value) -> Value {
    let rows = decision["controls"].as_array().into_iter().flatten();
    rows.map(|row| (row["id"].as_str().unwrap_or_default().to_owned(), of(row))).collect::<Map<_, _>>().into()
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn every_deployment_reads_well() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots/deployments");
    settings.add_filter("[0-9a-f]{64}", "[digest]");
    settings.bind(|| {
        for case in cases("deployments").iter().filter(|c| !c.expected(&KEYS)["gate"].is_null()) {
            for (format, columns) in [("human", 80), ("human", 120), ("markdown", 80)] {
                let run = check(case, format, columns);
                insta::assert_snapshot!(format!("{}-{format}-{columns}", case.name), run.stdout);
            }
        }
    });
}

/// `golive check` as the case's `args` say.
fn check(case: &Case, format: &str, columns: usize) -> Run {
    let facts = case.folder.strip_prefix(project::root()).expect("a folder of the project").join("facts.json");
    project::run(&mut command(case, &facts, format, columns), LIMIT)
}

fn command(case: &Case, facts: &Path, format: &str, columns: usize) -> Command {
    let mut command = project::golive(columns);
    command.arg("check").arg(facts).args(["-o", format]).args(project::arguments(&case.folder.join("args")));
    command
}

/// The deployment that may go live, and copies of it in which something is wrong.
struct GoLive {
    case: Case,
    facts: Value,
    folder: tempfile::TempDir,
}

impl GoLive {
    fn new() -> Self {
        let case = cases("deployments").into_iter().find(|c| c.name == "claw-go").expect("fixtures/deployments/claw-go");
        assert_eq!(case.json("expected.json")["gate"], "GO", "claw-go must be a GO");
        Self { facts: case.json("facts.json"), case, folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn groups(&self) -> Vec<String> {
        let groups: Vec<String> = self.facts["facts"].as_object().expect("facts").keys().cloned().collect();
        assert!(!groups.is_empty(), "claw-go states nothing");
        groups
    }

    fn check(&self, text: &str) -> Run {
        let path = self.folder.path().join("facts.json");
        project::write(&path, text);
        project::run(&mut command(&self.case, &path, "json", 80), LIMIT)
    }

    /// The verdicts by control, where there is a decision.
    fn verdicts(&self, facts: &Value) -> (Option<i32>, Value) {
        let run = self.check(&facts.to_string());
        let decision: Value = serde_json::from_str(&run.stdout).unwrap_or_default();
        (run.exit, json!({ "gate": decision["gate"], "verdicts": by_control(&decision, |row| row["verdict"].clone()) }))
    }
}

#[test]
fn no_group_may_be_lost_or_empty() {
    let court = Court::of_fixtures();
    let deployment = GoLive::new();
    let mut differences = Differences::default();
    for group in deployment.groups() {
        let mut without = deployment.facts.clone();
        without["facts"].as_object_mut().expect("facts").remove(&group);
        let mut emptied = deployment.facts.clone();
        emptied["facts"][&group]["value"] = Value::Null;
        for (how, facts) in [("without", without), ("null as", emptied)] {
            let (exit, got) = deployment.verdicts(&facts);
            differences.equal(format!("{how} {group}: exit"), &Some(1), &exit);
            differences.equal(format!("{how} {group}: gate"), &json!("NO_GO"), &got["gate"]);
            let readers = court.checklist.controls.iter().filter(|c| c.text.facts.contains_key(&group));
            for control in readers {
                let verdict = &got["verdicts"][&control.text.id];
                differences.hold(verdict.is_string() && verdict != "pass", || format!("{how} {group}: {} is {verdict}", control.text.id));
            }
        }
    }
    differences.end("groups of claw-go");
}

#[test]
fn what_is_no_document_about_the_plan_is_refused() {
    let deployment = GoLive::new();
    let whole = deployment.facts.to_string();
    let other = |key: &str| {
        let mut facts = deployment.facts.clone();
        facts[key] = json!("another");
        facts.to_string()
    };
    let twice = |key: &str, value: &Value| {
        let member = format!("\"{key}\":{value}");
        whole.replacen(&member, &format!("{member},{member}"), 1)
    };
    let group = &deployment.groups()[0];
    let mut differences = Differences::default();
    for (how, text) in [
        ("another environment", other("environment")),
        ("another release", other("release")),
        ("another format", other("format")),
        ("a key twice", twice("environment", &deployment.facts["environment"])),
        ("a group twice", twice(group, &deployment.facts["facts"][group])),
        ("half a document", whole[..whole.len() / 2].to_owned()),
        ("nothing", String::new()),
    ] {
        assert_ne!(text, whole, "{how}: nothing was changed");
        let run = deployment.check(&text);
        differences.equal(format!("{how}: exit"), &Some(3), &run.exit);
        differences.equal(format!("{how}: stdout"), &"", &run.stdout.as_str());
        differences.hold(!run.stderr.is_empty(), || format!("{how}: nothing on stderr"));
    }
    differences.end("refused documents");
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let deployment = GoLive::new();
    let facts = project::root().join("fixtures/deployments/claw-go/facts.json");
    for format in ["human", "json", "markdown"] {
        let here = project::run(&mut command(&deployment.case, &facts, format, 100), LIMIT);
        let mut elsewhere = command(&deployment.case, &facts, format, 100);
        elsewhere.envs([("TZ", "Pacific/Kiritimati"), ("LC_ALL", "tr_TR.UTF-8"), ("RAYON_NUM_THREADS", "1")]);
        assert_eq!(here.stdout, project::run(&mut elsewhere, LIMIT).stdout, "{format}");
    }
}
