//! Hostile and broken checklists through the binary: each is refused, soon, and with the right line underlined.

use crate::cases::{Case, cases, cases_below};
use crate::differences::Differences;
use crate::project::{self, Run};
use serde::Deserialize;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A refusal that takes longer is a hang.
const LIMIT: Duration = Duration::from_secs(5);
const FACTS: &str = "fixtures/controls/backups/scheduled/pass/facts.json";

/// One change of a copy of the checklist.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Edit {
    Replace {
        file: PathBuf,
        find: String,
        replace: String,
        #[serde(default = "once")]
        repeat: usize,
    },
    Write {
        file: PathBuf,
        content: String,
    },
    Move {
        #[serde(rename = "move")]
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        remove: PathBuf,
    },
    Overlay {
        overlay: Value,
    },
}

fn once() -> usize {
    1
}

#[test]
fn every_broken_checklist_is_refused_with_its_place() {
    let mut differences = Differences::default();
    for case in cases("checklists") {
        let expected = case.expected(&["exit", "stderr_has", "underlined"]);
        let run = judge_edited(&case);
        let name = &case.name;
        differences.equal(format!("{name}: exit"), &expected["exit"].as_i64(), &run.exit.map(i64::from));
        differences.hold(run.stdout.is_empty(), || format!("{name}: there is a result on stdout"));
        for words in expected["stderr_has"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            differences.hold(run.stderr.contains(words), || format!("{name}: stderr does not hold `{words}`:\n{}", run.stderr));
        }
        if let Some(line) = expected["underlined"].as_str() {
            differences.hold(underlined(&run.stderr, line), || format!("{name}: the line `{line}` is not underlined:\n{}", run.stderr));
        }
    }
    differences.end("broken checklists");
}

/// A copy with a case's edits, and the file of its overlay.
pub fn edited(case: &Case) -> (tempfile::TempDir, Option<PathBuf>) {
    let folder = copy();
    let mut overlay = None;
    let edits: Vec<Edit> = serde_json::from_value(case.json("edit.json")).unwrap_or_else(|e| panic!("{}: edit.json: {e}", case.name));
    for edit in edits {
        if let Some(path) = apply(edit, folder.path(), &case.name) {
            overlay = Some(path);
        }
    }
    (folder, overlay)
}

fn judge_edited(case: &Case) -> Run {
    let (folder, overlay) = edited(case);
    judge(folder.path(), overlay.as_deref())
}

/// `golive policy check` on a checklist.
fn check(checklist: &Path, overlay: Option<&Path>) -> Run {
    let mut command = project::golive(200);
    command.args(["policy", "check", "--environment", "prod", "--checklist"]).arg(checklist);
    if let Some(overlay) = overlay {
        command.arg("--parameters").arg(overlay);
    }
    project::run(&mut command, LIMIT)
}

#[test]
fn policy_check_refuses_what_every_command_refuses() {
    let mut differences = Differences::default();
    // It loads a checklist by the same function: some of them tell whether it lets one through.
    for case in cases("checklists").into_iter().step_by(6) {
        let (folder, overlay) = edited(&case);
        let run = check(folder.path(), overlay.as_deref());
        let expected = case.expected(&["exit", "stderr_has", "underlined"]);
        // A gate that decides wrongly is found out where it decides.
        let wanted = expected["exit"].as_i64().map(|exit| if exit == 5 { 0 } else { exit });
        differences.equal(format!("{}: exit", case.name), &wanted, &run.exit.map(i64::from));
        differences.hold(run.stdout.is_empty() == (wanted != Some(0)), || format!("{}: stdout is {}", case.name, run.stdout));
    }
    differences.end("broken checklists, policy check");
}

#[test]
fn policy_check_names_what_the_interpreter_judges() {
    let whole = copy();
    project::copy(&["fixtures/controls"], whole.path());
    let run = check(whole.path(), None);
    assert_eq!((run.exit, run.stderr.as_str()), (Some(0), ""));
    assert!(
        run.stdout.starts_with("golive.production-readiness, version 1, folder ") && run.stdout.contains(": 11 controls, digest sha256:"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.ends_with("; all policies are compiled\n"), "{}", run.stdout);
    let mut differences = Differences::default();
    let folder = project::root().join("fixtures/interpreted");
    for case in cases_below(&folder) {
        let expected = case.expected(&["stderr_has", "underlined", "left"]);
        let (checklist, overlay) = edited(&case);
        let run = check(checklist.path(), overlay.as_deref());
        let name = &case.name;
        differences.equal(format!("{name}: exit\n{}", run.stderr), &Some(0), &run.exit);
        let left = format!("; {} of 12 policies left to the interpreter\n", expected["left"]);
        differences.hold(run.stdout.ends_with(&left), || format!("{name}: {}", run.stdout));
        for words in expected["stderr_has"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            differences.hold(run.stderr.contains(words), || format!("{name}: stderr does not hold `{words}`:\n{}", run.stderr));
        }
        for line in expected["underlined"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            differences.hold(underlined(&run.stderr, line), || format!("{name}: the line `{line}` is not underlined:\n{}", run.stderr));
        }
    }
    differences.end("policies outside the compiled dialect");
}

/// A copy of the checklist with its fixtures, under a case's edits.
fn edited_whole(case: &Case) -> tempfile::TempDir {
    let folder = copy();
    project::copy(&["fixtures/controls"], folder.path());
    let edits: Vec<Edit> = serde_json::from_value(case.json("edit.json")).unwrap_or_else(|e| panic!("{}: edit.json: {e}", case.name));
    for edit in edits {
        apply(edit, folder.path(), &case.name);
    }
    folder
}

#[test]
fn policy_check_warns_of_what_is_worth_knowing() {
    let mut differences = Differences::default();
    let folder = project::root().join("fixtures/linted");
    for case in cases_below(&folder) {
        let expected = case.expected(&["stderr_has", "underlined", "warnings"]);
        let checklist = edited_whole(&case);
        let run = check(checklist.path(), None);
        let name = &case.name;
        differences.equal(format!("{name}: exit\n{}", run.stderr), &Some(0), &run.exit);
        differences.equal(
            format!("{name}: warnings\n{}", run.stderr),
            &expected["warnings"].as_u64(),
            &Some(run.stderr.matches("golive::").count() as u64),
        );
        for words in expected["stderr_has"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            differences.hold(run.stderr.contains(words), || format!("{name}: stderr does not hold `{words}`:\n{}", run.stderr));
        }
        if let Some(line) = expected["underlined"].as_str() {
            differences.hold(underlined(&run.stderr, line), || format!("{name}: the line `{line}` is not underlined:\n{}", run.stderr));
        }
        let mut command = project::golive(200);
        command.args(["policy", "check", "-q", "--fail-on-warn", "-o", "json", "--checklist"]).arg(checklist.path());
        let strict = project::run(&mut command, LIMIT);
        differences.equal(format!("{name}: exit with --fail-on-warn"), &Some(1), &strict.exit);
        let problems: Value = serde_json::from_str(&strict.stdout).unwrap_or_default();
        differences.equal(
            format!("{name}: problems"),
            &expected["warnings"].as_u64(),
            &problems["problems"].as_array().map(|p| p.len() as u64),
        );
    }
    differences.end("checklists with warnings");
}

#[test]
fn the_formats_of_policy_check_say_the_same() {
    let case = cases("checklists").into_iter().find(|case| case.name == "many-problems-in-one-run").expect("the case");
    let (folder, _) = edited(&case);
    let texts = ["json", "sarif", "github"].map(|format| {
        let mut command = project::golive(200);
        command.current_dir(folder.path()).args(["policy", "check", "-q", "--environment", "prod", "--checklist", ".", "-o", format]);
        let run = project::run(&mut command, LIMIT);
        assert_eq!(run.exit, Some(4), "{}", run.stderr);
        run.stdout
    });
    let [json, sarif, github] = texts;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let schema = project::json(&project::root().join("schemas/problems.schema.json"));
    assert!(jsonschema::is_valid(&schema, &json), "{json:#}");
    let sarif: Value = serde_json::from_str(&sarif).expect("SARIF");
    let problems = json["problems"].as_array().expect("problems");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let commands: Vec<&str> = github.lines().collect();
    assert_eq!((problems.len(), problems.len()), (results.len(), commands.len()));
    assert!(problems.len() > 5, "{json:#}");
    for ((problem, result), command) in problems.iter().zip(results).zip(commands) {
        assert_eq!(problem["code"], result["ruleId"]);
        let message = problem["message"].as_str().expect("words");
        assert!(result["message"]["text"].as_str().is_some_and(|text| text.starts_with(message)));
        assert!(command.starts_with("::error "), "{command}");
        let place = &result["locations"][0]["physicalLocation"];
        let (file, line) = (problem["places"][0]["file"].as_str().expect("a file"), &problem["places"][0]["line"]);
        let file = file.trim_start_matches("./");
        assert_eq!((place["artifactLocation"]["uri"].as_str(), &place["region"]["startLine"]), (Some(file), line));
        assert!(command.contains(&format!("file={file},line={line},")), "{command}");
    }
}

/// A copy of the checklist, without its tests in Rego.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    project::copy(&["policies", "schemas"], folder.path());
    let files = project::files(&folder.path().join("policies"));
    for test in files.iter().filter(|path| path.to_string_lossy().ends_with("_test.rego")) {
        fs::remove_file(test).unwrap_or_else(|e| panic!("{}: {e}", test.display()));
    }
    folder
}

/// Makes one edit; gives the file of the overlay where it is one.
fn apply(edit: Edit, folder: &Path, name: &str) -> Option<PathBuf> {
    match edit {
        Edit::Replace { file, find, replace, repeat } => {
            let path = folder.join(file);
            let text = project::text(&path);
            assert_eq!(text.matches(&find).count(), 1, "{name}: this must stand once in {}: {find}", path.display());
            project::write(&path, &text.replacen(&find, &replace.repeat(repeat), 1));
        }
        Edit::Write { file, content } => project::write(&folder.join(file), &content),
        Edit::Move { from, to } => fs::rename(folder.join(from), folder.join(to)).unwrap_or_else(|e| panic!("{name}: {e}")),
        Edit::Remove { remove } => fs::remove_file(folder.join(remove)).unwrap_or_else(|e| panic!("{name}: {e}")),
        Edit::Overlay { overlay } => {
            let path = folder.join("overlay.json");
            project::write(&path, &format!("{overlay:#}\n"));
            return Some(path);
        }
    }
    None
}

fn judge(checklist: &Path, overlay: Option<&Path>) -> Run {
    let mut command = project::golive(200);
    command.args([
        "check",
        FACTS,
        "--environment",
        "prod",
        "--release",
        "0.1.1",
        "--at",
        "2026-11-23T15:00:00Z",
        "-o",
        "json",
        "--checklist",
    ]);
    command.arg(checklist);
    if let Some(overlay) = overlay {
        command.arg("--parameters").arg(overlay);
    }
    project::run(&mut command, LIMIT)
}

/// Whether a line of the source that holds `text` is shown with a mark below it, or as an end of a longer mark.
fn underlined(stderr: &str, text: &str) -> bool {
    let marked = |below: &str| below.trim_start().starts_with('·') && below.contains(['─', '┬', '▲']);
    let lines: Vec<&str> = stderr.lines().collect();
    lines.iter().enumerate().any(|(index, line)| {
        let ends_a_mark = line.contains("╭─▶") || line.contains("├─▶") || line.contains("╰─▶");
        line.contains(text) && (ends_a_mark || lines.get(index + 1).is_some_and(|below| marked(below)))
    })
}

#[test]
fn a_copy_of_the_checklist_may_be_named_in_three_ways() {
    let folder = copy();
    let bare = tempfile::tempdir().expect("a temporary folder");
    project::copy(&["policies"], bare.path());
    let verdicts = |checklist: &Path| {
        let run = judge(checklist, None);
        assert_eq!(run.exit, Some(1), "{}", run.stderr);
        let decision: Value = serde_json::from_str(&run.stdout).expect("a decision");
        (decision["checklist"]["digest"].clone(), decision["controls"].clone())
    };
    let whole = verdicts(folder.path());
    assert_eq!(whole.1.as_array().map(Vec::len), Some(11));
    assert_eq!(whole, verdicts(&folder.path().join("policies")), "the folder `policies` itself");
    assert_eq!(whole, verdicts(bare.path()), "without schemas beside it the embedded ones count");
    assert_eq!(whole, verdicts(&bare.path().join("policies")), "`policies` itself without schemas beside it");
}

#[test]
fn a_changed_checklist_has_another_digest() {
    let folder = copy();
    let digest = || serde_json::from_str::<Value>(&judge(folder.path(), None).stdout).expect("a decision")["checklist"]["digest"].clone();
    let before = digest();
    for file in [
        "policies/controls/tls/encrypted.rego",
        "policies/lib/clock.rego",
        "policies/gate.rego",
        "policies/parameters.json",
        "schemas/facts/scans.schema.json",
    ] {
        let path = folder.path().join(file);
        let text = project::text(&path);
        project::write(&path, &format!("{text}\n"));
        assert_ne!(before, digest(), "{file}");
        project::write(&path, &text);
    }
    assert_eq!(before, digest());
}

#[test]
fn what_is_no_checklist_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    project::write(&file, "policies");
    for path in [folder.path(), &folder.path().join("missing"), &file] {
        let run = judge(path, None);
        assert_eq!(run.exit, Some(4), "{}: {}", path.display(), run.stderr);
        assert!(!run.stderr.is_empty() && run.stdout.is_empty());
    }
}
