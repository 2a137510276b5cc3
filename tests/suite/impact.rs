//! `golive policy impact` through the binary.

use crate::fleet::{Fleet, NOW};
use crate::project::{self, Run};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
const PARAMETERS: &str = "fixtures/deployments/claw-go/parameters.json";
const GO: &str = "fixtures/deployments/claw-go/facts.json";
const NO_GO: &str = "fixtures/deployments/claw-no-go/facts.json";

/// Parameters that ask for more, in a folder of their own.
struct Stricter {
    folder: tempfile::TempDir,
}

impl Stricter {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut parameters = project::json(&project::root().join(PARAMETERS));
        parameters["tls"]["min_validity"] = json!("P90D");
        project::write(&folder.path().join("strict.json"), &parameters.to_string());
        Self { folder }
    }

    fn path(&self) -> String {
        self.folder.path().join("strict.json").to_string_lossy().into_owned()
    }
}

fn impact(columns: usize, args: &[&str]) -> Run {
    let mut command = project::golive(columns);
    project::run(command.args(["policy", "impact", "--at", NOW]).args(args), LIMIT)
}

fn read(run: &Run) -> Value {
    let value: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}\n{}\n{}", run.stdout, run.stderr));
    let schema = project::json(&project::root().join("schemas/impact.schema.json"));
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).expect("impact.schema.json is a schema");
    let faults: Vec<String> = schema.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(faults.is_empty(), "impact.schema.json: {faults:?}");
    value
}

#[test]
fn a_gate_that_opens_stands_out_and_can_be_denied() {
    let strict = Stricter::new();
    let sides = ["--base-parameters", &strict.path(), "--head-parameters", PARAMETERS, GO, NO_GO];
    let mut args = sides.to_vec();
    args.extend(["--deny-opening", "-o", "json"]);
    let run = impact(80, &args);
    let value = read(&run);
    assert_eq!(run.exit, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("NO_GO → GO in 1 document, the smallest: {GO}")), "{}", run.stderr);
    assert_eq!((&value["documents"], &value["changed"], &value["opens"]), (&json!(2), &json!(1), &json!(1)));
    let gates = &value["gates"]["changed"][0];
    assert_eq!((&gates["from"], &gates["to"], &gates["opens"]), (&json!("NO_GO"), &json!("GO"), &json!(true)));
    assert_eq!(gates["witnesses"][0]["base"], json!(["tls.encrypted"]));
    let tls = value["controls"].as_array().expect("a list").iter().find(|c| c["id"] == "tls.encrypted").expect("the control");
    assert_eq!(tls["verdicts"]["changed"][0]["witnesses"][0]["base"], json!(["expires-soon[claw-1:50151]"]));
    assert_eq!(value["parameters"], json!([{"environment": null, "pointer": "/tls/min_validity", "base": "P90D", "head": "P14D"}]));
    assert_eq!(impact(80, &sides).exit, Some(0), "nobody denies the opening");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots/impact");
    settings.add_filter("[0-9a-f]{64}", "[digest]");
    settings.bind(|| {
        for (name, columns, format) in [("human-80", 80, "human"), ("human-120", 120, "human"), ("markdown", 80, "markdown")] {
            let mut args = sides.to_vec();
            args.extend(["-o", format]);
            insta::assert_snapshot!(name, impact(columns, &args).stdout);
        }
    });
    // The other way round the same gate closes, and nothing is to be denied.
    let run = impact(80, &["--head-parameters", &strict.path(), "--base-parameters", PARAMETERS, GO, "--deny-opening", "-o", "json"]);
    assert_eq!((run.exit, &read(&run)["opens"]), (Some(0), &json!(0)), "{}", run.stderr);
}

#[test]
fn a_waiver_counts_for_both_sides() {
    let strict = Stricter::new();
    let waiver = strict.folder.path().join("waivers.json");
    let waived = json!({"format": "golive.waivers/1", "waivers": [{
        "id": "WVR-1", "control": "tls.encrypted", "environment": "prod", "release": "0.1.1",
        "findings": ["expires-soon[claw-1:50151]"], "reason": "the certificate is replaced next week", "ticket": "OPS-1",
        "requested_by": "ada", "approved_by": "grace", "created_at": "2026-11-20T00:00:00Z", "expires_at": "2026-12-01T00:00:00Z",
        "remediation": {"owner": "ada", "action": "replace the certificate", "target_date": "2026-11-30T00:00:00Z"}
    }]});
    project::write(&waiver, &waived.to_string());
    let waiver = waiver.to_string_lossy();
    let args =
        ["--base-parameters", &strict.path(), "--head-parameters", PARAMETERS, "--waivers", &waiver, "--deny-opening", "-o", "json", GO];
    let run = impact(80, &args);
    let value = read(&run);
    assert_eq!((run.exit, &value["opens"], &value["changed"]), (Some(0), &json!(0), &json!(1)), "{}", run.stderr);
    assert_eq!(value["gates"], json!({"unchanged": {"GO": 1}, "changed": []}));
}

/// An archive with documents that nobody can judge among the others.
fn archive(folder: &Path) -> (String, String) {
    let fleet = Fleet::new(7);
    let mut lines: Vec<String> = (0..24).map(|index| fleet.document(index)).collect();
    lines.insert(3, "{\"format\": 1}".to_owned());
    project::write(&folder.join("facts.jsonl"), &lines.join("\n"));
    let mut head = Fleet::parameters();
    head["backups"] = json!({"window": "PT10H"});
    project::write(&folder.join("base.json"), &Fleet::parameters().to_string());
    project::write(&folder.join("head.json"), &head.to_string());
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    (path("base.json"), path("head.json"))
}

#[test]
fn the_report_is_the_same_however_many_judge_and_whichever_path_they_take() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (base, head) = archive(folder.path());
    let facts = [folder.path().to_string_lossy().into_owned() + "/facts.jsonl", "nowhere.json".to_owned()];
    let run = |more: &[&str]| {
        let mut args = vec!["--base-parameters", &base, "--head-parameters", &head, "-o", "json", &facts[0], &facts[1]];
        args.extend(more);
        impact(80, &args)
    };
    let one = run(&["--threads", "1"]);
    let value = read(&one);
    assert_eq!(one.exit, Some(3), "two documents are refused: {}", one.stderr);
    assert_eq!((&value["documents"], &value["refused"]), (&json!(26), &json!(2)));
    let named: Vec<&str> = value["named"].as_array().expect("a list").iter().filter_map(|n| n["source"].as_str()).collect();
    assert!(named[0].ends_with("facts.jsonl:4") && named[1] == "nowhere.json", "{named:?}");
    assert!(one.stderr.contains("refused: 2 of 26 documents") && one.stderr.contains("facts.jsonl:4: golive::"), "{}", one.stderr);
    assert_ne!(value["gates"]["changed"], json!([]), "nothing changes: nothing was shown");
    for more in [&["--threads", "3"][..], &["--reference"]] {
        let other = run(more);
        assert_eq!((one.exit, &one.stdout), (other.exit, &other.stdout), "{more:?}");
    }
}

#[test]
fn a_removed_control_is_told_as_what_opens() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    project::copy(&["policies", "schemas"], folder.path());
    let checklist = folder.path().to_string_lossy().into_owned();
    let manifest = folder.path().join("policies/manifest.json");
    let mut value = project::json(&manifest);
    value["id"] = json!("example.shorter");
    value["controls"].as_array_mut().expect("a list").retain(|id| id != "tls.encrypted");
    project::write(&manifest, &value.to_string());
    std::fs::remove_file(folder.path().join("policies/controls/tls/encrypted.rego")).expect("the control's file");
    std::fs::remove_file(folder.path().join("policies/lib/endpoints.rego")).expect("what only it uses");
    let strict = Stricter::new();
    let run = impact(80, &["--head", &checklist, "--parameters", &strict.path(), GO, "-o", "json", "--deny-opening"]);
    let value = read(&run);
    assert_eq!((run.exit, &value["opens"]), (Some(1), &json!(1)), "{}", run.stderr);
    let tls = value["controls"].as_array().expect("a list").iter().find(|c| c["id"] == "tls.encrypted").expect("the control");
    assert_eq!((&tls["only"], &tls["alone"]), (&json!("base"), &json!({"fail": 1})));
    let human = impact(80, &["--head", &checklist, "--parameters", &strict.path(), GO]).stdout;
    assert!(human.contains("REMOVED: nothing asks for it any more; it was 1 fail"), "{human}");
    let human = impact(80, &["--base", &checklist, "--parameters", &strict.path(), GO]).stdout;
    assert!(human.contains("added: it is 1 fail") && human.contains("no gate opens, 1 gate closes"), "{human}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let strict = Stricter::new();
    let broken = strict.folder.path().join("broken.json");
    project::write(&broken, "{\"tls\": {\"min_validity\": \"soon\"}}");
    let broken = broken.to_string_lossy();
    let cases: [(&[&str], i32, &str); 5] = [
        (&[GO], 2, "what is compared?"),
        (&["--head", "nowhere", GO], 4, "nowhere"),
        (&["--head-parameters", &broken, GO], 3, "the head is refused"),
        (&["--base-parameters", &broken, GO], 3, "the base is refused"),
        (&["--head-parameters", PARAMETERS, "-o", "jsn", GO], 2, "did you mean `json`?"),
    ];
    for (args, exit, words) in cases {
        let run = impact(80, args);
        assert_eq!((run.exit, run.stdout.as_str()), (Some(exit), ""), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn scripted_edits_have_their_known_effect() {
    // The benchmark tries them on 10,000 documents (`.ci/run`); here on a few, so that no edit is left behind by a change.
    let report = crate::impact_edits::try_all(20_261_123, 8);
    project::tell(&report.to_string());
    report.hold(35);
}
