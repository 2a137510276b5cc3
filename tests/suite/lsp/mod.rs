//! `golive lsp` through the binary: sessions of a scripted editor.

mod client;

use crate::project;
use client::Client;
use serde_json::{Value, json};

const CONTROL: &str = "policies/controls/backups/scheduled.rego";

/// The built-in checklist as a folder, with the fixtures of one control.
fn checklist() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let fixtures = ["fixtures/controls/backups/scheduled"];
    project::copy(&[&["policies", "schemas"][..], &fixtures].concat(), folder.path());
    for name in ["case.json", "parameters.json"] {
        let name = format!("fixtures/controls/{name}");
        project::write(&folder.path().join(&name), &project::text(&project::root().join(&name)));
    }
    folder
}

/// The text with the only occurrence of a part replaced, and where the replacement begins.
fn edited(text: &str, part: &str, by: &str) -> (String, usize) {
    assert_eq!(text.matches(part).count(), 1, "{part}");
    (text.replace(part, by), text.find(part).expect("counted"))
}

fn messages(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().filter_map(|diagnostic| diagnostic["message"].as_str()).collect()
}

fn errors(diagnostics: &[Value]) -> Vec<&Value> {
    diagnostics.iter().filter(|diagnostic| diagnostic["severity"] == 1).collect()
}

#[test]
fn a_slip_is_shown_while_it_is_typed_and_gone_when_it_is_mended() {
    let folder = checklist();
    let (mut client, hello) = Client::greeted(folder.path(), &json!({}));
    assert_eq!(hello["serverInfo"]["name"], "golive");
    assert_eq!(hello["capabilities"]["positionEncoding"], "utf-16");
    let text = client.text(CONTROL);
    // A character of two UTF-16 units stands before the slip on the same line.
    let (slipped, _) = edited(
        &text,
        "met contains \"last-run-succeeded\" if last_run.result == \"succeeded\"",
        "met contains \"last-run-succeeded\" if { \"𝄞\" == \"𝄞\"; last_run.reslt == \"succeeded\" }",
    );
    client.open(CONTROL, &slipped);
    let found = client.diagnostics(CONTROL, Some(1));
    let [slip] = &errors(&found)[..] else { panic!("{found:#?}") };
    assert_eq!(slip["code"], "golive::policy::path");
    assert!(slip["message"].as_str().is_some_and(|words| words.contains("did you mean `result`?")), "{slip}");
    let at = slipped.find("reslt").expect("the slip");
    let line = slipped[..at].matches('\n').count();
    let column = slipped[..at].rsplit('\n').next().unwrap_or_default().encode_utf16().count();
    assert_eq!(slip["range"], json!({"start": {"line": line, "character": column}, "end": {"line": line, "character": column + 5}}));
    client.change(CONTROL, 2, &text);
    assert_eq!(errors(&client.diagnostics(CONTROL, Some(2))), Vec::<&Value>::new());
    assert_eq!(client.end(), (Some(0), String::new()));
}
