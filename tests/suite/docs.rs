//! `golive policy docs` and `golive policy list`: what they say is what stands in the checklist, and docs/controls is made by them.

use crate::differences::Differences;
use crate::project::{self, Run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

fn policy(columns: usize, args: &[&str]) -> Run {
    project::run(project::golive(columns).arg("policy").args(args), LIMIT)
}

fn texts(folder: &Path) -> BTreeMap<String, String> {
    let name = |path: &Path| path.strip_prefix(folder).expect("below the folder").to_string_lossy().into_owned();
    project::files(folder).iter().map(|path| (name(path), project::text(path))).collect()
}

#[test]
fn the_pages_in_the_repository_are_those_of_the_built_in_checklist() {
    let own = project::root().join("docs/controls");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = policy(80, &["docs", "-o", &folder.path().to_string_lossy()]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    let made = texts(folder.path());
    if std::env::var_os("GOLIVE_BLESS").is_some() {
        let _ = std::fs::remove_dir_all(&own);
        for (name, text) in &made {
            project::write(&own.join(name), text);
        }
    }
    let kept = texts(&own);
    assert_eq!(kept.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>(), "`golive policy docs -o docs/controls` makes them");
    for (name, text) in &made {
        let first = text.lines().zip(kept[name].lines()).find(|(a, b)| a != b);
        assert!(
            *text == kept[name],
            "docs/controls/{name} is not as it is made: {first:?}\n`golive policy docs -o docs/controls` makes it"
        );
    }
    let all = policy(80, &["docs"]);
    assert_eq!(all.stdout.matches("# Production Readiness Checklist\n").count(), 1);
    let one = policy(80, &["docs", "--control", "backups.scheduled"]);
    assert_eq!((one.exit, &one.stdout), (Some(0), &made["backups.scheduled.md"]));
}

#[test]
fn every_page_says_all_that_metadata_and_fixtures_say() {
    let listed: Value = serde_json::from_str(&policy(80, &["list", "-o", "json"]).stdout).expect("a list");
    let mut differences = Differences::default();
    for control in listed["controls"].as_array().expect("a list") {
        let id = control["id"].as_str().expect("an id");
        let page = project::text(&project::root().join(format!("docs/controls/{id}.md")));
        let mut wanted: Vec<String> = Vec::new();
        for criterion in control["criteria"].as_array().into_iter().flatten() {
            let name = criterion["id"].as_str().expect("an id");
            wanted.extend([format!("### `{name}`\n"), format!("met contains \"{name}\" if ")]);
        }
        for violation in control["violations"].as_array().into_iter().flatten() {
            let code = violation["code"].as_str().expect("a code");
            wanted.extend([format!("| `{code}` | "), format!("violations contains {{\"code\": \"{code}\"")]);
            let row = page.lines().find(|line| line.starts_with(&format!("| `{code}` | "))).unwrap_or_default();
            differences.hold(!row.ends_with("|  |"), || format!("{id}: no fixture shows what {code} says"));
        }
        wanted.extend(control["facts"].as_object().into_iter().flatten().map(|(group, _)| format!("| `max_age.{group}` | ")));
        for words in wanted {
            differences.hold(page.contains(&words), || format!("{id}: the page does not hold {words:?}"));
        }
        // Every fixture has its row, with the verdict that its own file expects.
        let folder = project::root().join("fixtures/controls").join(id.replacen('.', "/", 1));
        for path in project::files(&folder).iter().filter(|path| path.ends_with("expected.json")) {
            let name = path.parent().and_then(Path::file_name).expect("a case").to_string_lossy();
            let expected = project::json(path);
            let row = format!("| `{name}` | {} | ", expected["verdict"].as_str().expect("a verdict"));
            differences.hold(page.contains(&row), || format!("{id}: the page does not hold {row:?}"));
        }
    }
    differences.end("pages of controls");
}

#[test]
fn the_list_reads_well_and_is_valid_for_its_schema() {
    let run = policy(80, &["list", "-o", "json"]);
    let value: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}\n{}", run.stderr));
    let schema = project::json(&project::root().join("schemas/controls.schema.json"));
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).expect("controls.schema.json is a schema");
    let faults: Vec<String> = schema.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(faults.is_empty(), "controls.schema.json: {faults:?}");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots/list");
    settings.add_filter("[0-9a-f]{64}", "[digest]");
    settings.bind(|| {
        for columns in [80, 120] {
            insta::assert_snapshot!(format!("human-{columns}"), policy(columns, &["list"]).stdout);
        }
    });
}

#[test]
fn an_edited_checklist_has_pages_in_which_nothing_acts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    project::copy(&["policies", "schemas", "fixtures/controls"], folder.path());
    let path = folder.path().join("policies/controls/backups/scheduled.rego");
    let text = project::text(&path);
    let edited = text.replacen("# title: Backup jobs run on schedule", "# title: \"<img src=x> [a](javascript:b) | \\u202e\"", 1).replacen(
        "met contains \"schedule-frequent\" if {",
        "# ```` </pre>\nmet contains \"schedule-frequent\" if {",
        1,
    );
    project::write(&path, &edited);
    let run = policy(80, &["docs", "--checklist", &folder.path().to_string_lossy(), "--control", "backups.scheduled"]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    let title = run.stdout.lines().find(|line| line.starts_with("# ")).expect("a title");
    assert_eq!(title, "# `backups.scheduled` `<img` `src=x>` `[a](javascript:b)` `|` `<U+202E>`");
    assert!(!run.stdout.contains('\u{202e}'));
    assert!(run.stdout.contains("`````rego\n# ```` </pre>\nmet contains \"schedule-frequent\""), "the fence is longer than what it holds");
}

/// The review pack of some controls of a checklist.
fn pack(args: &[&str]) -> (Run, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("below/pack.html");
    let run = policy(80, &[&["docs", "--pack", &path.to_string_lossy()], args].concat());
    (run, std::fs::read_to_string(path).unwrap_or_default())
}

/// Text as a page holds it.
fn on_a_page(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[test]
fn the_review_pack_says_all_that_metadata_and_fixtures_say() {
    let listed: Value = serde_json::from_str(&policy(80, &["list", "-o", "json"]).stdout).expect("a list");
    let (run, page) = pack(&["--no-mutation"]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    let mut differences = Differences::default();
    let mut wanted = vec!["not tried".to_owned(), "--no-mutation was given".to_owned()];
    for control in listed["controls"].as_array().expect("a list") {
        let id = control["id"].as_str().expect("an id");
        for key in ["title", "pass", "fail", "remediation"] {
            wanted.extend(control[key].as_str().map(str::to_owned));
        }
        for criterion in control["criteria"].as_array().into_iter().flatten() {
            wanted.push(criterion["words"].as_str().expect("words").to_owned());
            wanted.push(format!("met contains \"{}\" if ", criterion["id"].as_str().expect("an id")));
        }
        for violation in control["violations"].as_array().into_iter().flatten() {
            wanted.push(format!("violations contains {{\"code\": \"{}\"", violation["code"].as_str().expect("a code")));
        }
        let folder = project::root().join("fixtures/controls").join(id.replacen('.', "/", 1));
        for path in project::files(&folder).iter().filter(|path| path.ends_with("expected.json")) {
            let name = path.parent().and_then(Path::file_name).expect("a case").to_string_lossy().into_owned();
            wanted.push(name);
        }
    }
    assert!(wanted.len() > 300, "{} things are looked for", wanted.len());
    for words in wanted {
        differences.hold(page.contains(&on_a_page(&words)), || format!("the pack does not hold {words:?}"));
    }
    differences.hold(!page.contains("<script"), || "the pack holds a script".to_owned());
    differences.end("the review pack");
}

#[test]
fn the_review_pack_says_which_changes_are_noticed() {
    let (run, page) = pack(&["--control", "runbooks.current"]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    let told =
        page.split("<h3>Small changes of its policy</h3>\n<p>").nth(1).and_then(|rest| rest.split("</p>").next()).expect("a paragraph");
    let numbers: Vec<usize> = told.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    let [noticed, all, by_tests, at_load, explained, unnoticed] = numbers[..] else { panic!("{told}") };
    assert!(by_tests > 20 && at_load > 20 && unnoticed == 0, "{told}");
    assert_eq!((noticed, all), (by_tests + at_load, noticed + explained), "{told}");
}

#[test]
fn a_review_pack_of_an_edited_checklist_holds_no_markup_of_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    project::copy(&["policies", "schemas", "fixtures/controls"], folder.path());
    let path = folder.path().join("policies/controls/backups/scheduled.rego");
    let text = project::text(&path);
    let edited = text.replacen("# title: Backup jobs run on schedule", "# title: \"<img src=x> \\u202e\"", 1).replacen(
        "met contains \"schedule-frequent\" if {",
        "# </code></pre><script>\nmet contains \"schedule-frequent\" if {",
        1,
    );
    project::write(&path, &edited);
    let (run, page) = pack(&["--no-mutation", "--checklist", &folder.path().to_string_lossy(), "--control", "backups.scheduled"]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    assert!(
        page.contains("1. &lt;img src=x&gt; &lt;U+202E&gt;</h2>") && page.contains("# &lt;/code&gt;&lt;/pre&gt;&lt;script&gt;\n"),
        "{page}"
    );
    assert!(!page.contains("<img") && !page.contains("<script") && !page.contains('\u{202e}'));
}
