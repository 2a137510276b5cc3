//! The workbench through the binary: tests of policies.

use crate::cases::{Case, cases};
use crate::checklists::edited;
use crate::differences::Differences;
use crate::project::{self, Run};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

/// A command of `golive policy` on a checklist.
fn policy(command: &str, checklist: &Path, arguments: &[String]) -> Run {
    let mut golive = project::golive(100);
    golive.args(["policy", command, "--checklist"]).arg(checklist).args(arguments);
    project::run(&mut golive, LIMIT)
}

/// Holds a run against what a case expects of it.
fn hold(case: &Case, run: &Run, differences: &mut Differences) {
    let expected = case.expected(&["exit", "stdout_has", "stderr_has"]);
    let name = &case.name;
    differences.equal(format!("{name}: exit\n{}{}", run.stdout, run.stderr), &expected["exit"].as_i64(), &run.exit.map(i64::from));
    for (key, text) in [("stdout_has", &run.stdout), ("stderr_has", &run.stderr)] {
        let words = expected[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
        for words in &words {
            differences.hold(text.contains(words), || format!("{name}: {key} `{words}`:\n{text}"));
        }
        differences.hold(!words.is_empty() || text.is_empty(), || format!("{name}: {key} nothing:\n{text}"));
    }
}

#[test]
fn tests_say_what_does_not_hold() {
    let mut differences = Differences::default();
    let schema = schema("tests");
    for case in cases("tested") {
        let (folder, _) = edited(&case);
        let arguments = project::arguments(&case.folder.join("args"));
        let run = policy("test", folder.path(), &arguments);
        hold(&case, &run, &mut differences);
        if run.stdout.is_empty() {
            continue;
        }
        let json: Vec<String> = arguments.iter().cloned().chain(["-o".to_owned(), "json".to_owned()]).collect();
        let again = policy("test", folder.path(), &json);
        differences.equal(format!("{}: exit with -o json", case.name), &run.exit, &again.exit);
        let report: Value = serde_json::from_str(&again.stdout).expect("JSON");
        let faults: Vec<String> = schema.iter_errors(&report).map(|fault| format!("{} {fault}", fault.instance_path())).collect();
        differences.equal(format!("{}: tests.schema.json", case.name), &Vec::new(), &faults);
    }
    differences.end("tests of policies");
}

fn schema(name: &str) -> jsonschema::Validator {
    let schema = project::json(&project::root().join(format!("schemas/{name}.schema.json")));
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
}

#[test]
fn the_shipped_checklist_passes_its_tests() {
    let run = project::run(project::golive(100).args(["policy", "test"]), LIMIT);
    assert_eq!((run.exit, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    assert!(!run.stdout.contains("UNTESTED") && run.stdout.lines().count() == 1, "{}", run.stdout);
}

/// What a reader of `JUnit`'s XML counts: the same as the attributes say.
#[test]
fn junit_counts_what_it_holds() {
    let case = cases("tested").into_iter().find(|case| case.name.ends_with("rego/a_case_fails")).expect("the case");
    let (folder, _) = edited(&case);
    let run = policy("test", folder.path(), &["--run".to_owned(), "scheduled_test".to_owned(), "-o".to_owned(), "junit".to_owned()]);
    let report = quick_junit::Report::deserialize_from_str(&run.stdout).expect("JUnit");
    let suites: Vec<_> = report.test_suites.iter().map(|suite| (suite.name.as_str(), suite.tests, suite.failures, suite.errors)).collect();
    assert_eq!(suites, [("backups.scheduled_test", 2, 1, 0)], "{}", run.stdout);
    assert_eq!((report.tests, report.failures, report.errors), (2, 1, 0));
    let names: Vec<_> = report.test_suites[0].test_cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["test_table[bad]", "test_table[good]"]);
}

/// A sample only: CI tries all of them (`.ci/run`).
#[test]
fn no_small_change_goes_unnoticed() {
    let mut golive = project::golive(100);
    let run = project::run(golive.args(["policy", "mutate", "--every", "37", "-o", "json"]), Duration::from_secs(300));
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}", run.stderr));
    assert!(schema("mutants").is_valid(&report), "mutants.schema.json");
    let survivors: Vec<&Value> = report["mutants"].as_array().into_iter().flatten().filter(|m| m["fate"] == "survived").collect();
    assert!(survivors.is_empty() && run.exit == Some(0), "{survivors:#?}");
    assert!(report["killed"].as_u64() > Some(20) && report["refused"].as_u64() > Some(10), "{}", run.stdout);
}
