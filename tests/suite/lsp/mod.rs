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
    let uri = client.uri(CONTROL);
    let asked = json!({"textDocument": {"uri": uri}, "range": slip["range"], "context": {"diagnostics": [slip]}});
    let actions = client.ask("textDocument/codeAction", &asked)["result"].clone();
    assert_eq!(actions[0]["title"], "Change to `result`", "{actions}");
    assert_eq!(actions[0]["edit"]["changes"][&uri], json!([{"range": slip["range"], "newText": "result"}]), "{actions}");
    client.change(CONTROL, 2, &text);
    assert_eq!(errors(&client.diagnostics(CONTROL, Some(2))), Vec::<&Value>::new());
    assert_eq!(client.end(), (Some(0), String::new()));
}

#[test]
fn a_key_of_json_is_mended_with_its_quotes() {
    let folder = checklist();
    let (mut client, _) = Client::greeted(folder.path(), &json!({}));
    let name = "policies/parameters.json";
    let (slipped, at) = edited(&client.text(name), "\"alerts\"", "\"alrts\"");
    client.open(name, &slipped);
    let found = client.diagnostics(name, Some(1));
    let uri = client.uri(name);
    let asked = json!({"textDocument": {"uri": uri}, "range": found[0]["range"], "context": {"diagnostics": found}});
    let actions = client.ask("textDocument/codeAction", &asked)["result"].clone();
    let line = slipped[..at].matches('\n').count();
    let edit = &actions[0]["edit"]["changes"][&uri][0];
    assert_eq!(
        (&edit["newText"], &edit["range"]["start"]),
        (&json!("\"alerts\""), &json!({"line": line, "character": 4})),
        "{found:#?} {actions}"
    );
    assert_eq!(client.end(), (Some(0), String::new()));
}

/// The labels of a completion at the mark `|` of a body's statement, in the control's rule `artifact-present`.
fn labels(client: &mut Client, version: i64, statement: &str) -> Vec<(String, Value)> {
    let text = client.text(CONTROL);
    let (mut text, at) = edited(&text, "\tbelongs(a)\n}", &format!("\t{statement}\n}}"));
    let mark = at + 1 + statement.find('|').expect("a mark");
    text.remove(mark);
    client.change(CONTROL, version, &text);
    let items = client.ask_at("textDocument/completion", CONTROL, &text, mark);
    let items = items.as_array().unwrap_or_else(|| panic!("{statement}: {items}"));
    items.iter().map(|item| (item["label"].as_str().unwrap_or_default().to_owned(), item.clone())).collect()
}

#[test]
fn what_may_be_typed_next_is_known_while_the_text_is_no_rego() {
    let folder = checklist();
    let (mut client, hello) = Client::greeted(folder.path(), &json!({}));
    assert_eq!(hello["capabilities"]["completionProvider"]["triggerCharacters"], json!([".", "\""]));
    let text = client.text(CONTROL);
    client.open(CONTROL, &text);
    let artifact = ["created_at", "created_at_ms", "files", "id", "manifest_sha256", "size_bytes"];
    for (version, (statement, wanted)) in (2..).zip([
        ("input.facts.backups.|", &["artifacts", "artifacts_total", "destination"][..]),
        ("input.facts.backups.art| == 1", &["artifacts", "artifacts_total", "destination"]),
        ("a.|", &artifact),
        ("every b in input.facts.backups.artifacts { b.|", &artifact),
        ("input.envelope.backups.|", &["collected_at", "collected_at_ms", "collector", "evidence", "source", "trust"]),
        (
            "data.parameters.backups.|",
            &["lookback", "lookback_ms", "verification_max_age", "verification_max_age_ms", "window", "window_ms"],
        ),
        ("last_run.result == \"|", &["succeeded", "failed", "unknown"]),
        ("last_run.result in {\"failed\", \"|", &["succeeded", "failed", "unknown"]),
        ("clock.|", &["skew_ms", "within", "future", "older"]),
        ("# input.facts.|", &[]),
        ("nothing.|", &[]),
    ]) {
        let items = labels(&mut client, version, statement);
        let found: Vec<&str> = items.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(found, wanted, "{statement}");
    }
    let groups = labels(&mut client, 100, "input.facts.|");
    let first = groups.iter().min_by_key(|(_, item)| item["sortText"].to_string()).expect("groups");
    assert_eq!((groups.len(), first.0.as_str()), (22, "backup_schedule"), "groups of METADATA come first");
    let (_, item) = labels(&mut client, 101, "input.facts.backups.art|").into_iter().next().expect("an item");
    assert_eq!((&item["detail"], &item["textEdit"]["newText"]), (&json!("list of object"), &json!("artifacts")), "{item}");
    let range = &item["textEdit"]["range"];
    assert_eq!(range["end"]["character"].as_i64().zip(range["start"]["character"].as_i64()).map(|(end, start)| end - start), Some(3));
    assert!(item["documentation"]["value"].as_str().is_some_and(|words| words.starts_with("The artifacts, oldest first.")), "{item}");
    assert_eq!(client.end(), (Some(0), String::new()));
}

#[test]
fn a_name_under_the_pointer_is_explained() {
    let folder = checklist();
    let (mut client, _) = Client::greeted(folder.path(), &json!({}));
    let text = client.text(CONTROL);
    client.open(CONTROL, &text);
    for (before, name, wanted) in [
        ("schedule := input.facts.", "backup_schedule", &["Group `backup_schedule`", "collectors: `backup_schedule`"][..]),
        ("schedule.interval_ms ", "", &["`input.facts.backup_schedule.schedule.interval_ms`: integer, the milliseconds of a duration"]),
        (
            "window_ms := data.parameters.backups.",
            "window_ms",
            &["milliseconds of a duration, PT5M to P31D", "The required window", "Default: `\"PT26H\"`"][..],
        ),
        ("every a in input.facts.backups.", "artifacts", &["list of object", "Adverse"]),
        ("\tb.", "created_at_ms", &["`input.facts.backups.artifacts[_].created_at_ms`", "When the artifact was complete."]),
        ("a.id == last_run.", "artifact_id", &["`input.facts.backup_schedule.last_run.artifact_id`: string"]),
        ("clock.", "within", &["```rego\nwithin(at_ms, max_ms)\n```", "Not later than now"]),
        (
            "met contains \"",
            "ran-in-window",
            &["Criterion `ran-in-window`: The last scheduled run ended within", "Denied by `window-missed`"],
        ),
        ("{\"code\": \"", "never-ran", &["Violation `never-ran`", "Denies `last-run-succeeded`"]),
        ("#     ", "cadence-kept", &["Criterion `cadence-kept`"]),
    ] {
        let at = text.find(&format!("{before}{name}")).unwrap_or_else(|| panic!("{before}{name}")) + before.len();
        // The middle of the name; where none is given, the one before.
        let at = if name.is_empty() { at - 3 } else { at + name.len() / 2 };
        let found = client.ask_at("textDocument/hover", CONTROL, &text, at);
        let words = found["contents"]["value"].as_str().unwrap_or_else(|| panic!("{before}{name}: {found}"));
        for part in wanted {
            assert!(words.contains(part), "{before}{name}: {words}");
        }
    }
    assert_eq!(client.ask_at("textDocument/hover", CONTROL, &text, text.find(" := ").expect("a sign") + 1), Value::Null);
    assert_eq!(client.end(), (Some(0), String::new()));
}

fn lens(client: &mut Client) -> (i64, String) {
    let answer = client.ask("textDocument/codeLens", &json!({"textDocument": {"uri": client.uri(CONTROL)}}));
    let [lens] = &answer["result"].as_array().expect("lenses")[..] else { panic!("{answer}") };
    (lens["range"]["start"]["line"].as_i64().expect("a line"), lens["command"]["title"].as_str().expect("a title").to_owned())
}

#[test]
fn what_the_fixtures_come_to_stands_above_the_control() {
    let folder = checklist();
    let (mut client, _) = Client::greeted(folder.path(), &json!({"workspace": {"codeLens": {"refreshSupport": true}}}));
    let text = client.text(CONTROL);
    let package = text.lines().position(|line| line.starts_with("package ")).expect("a package");
    let package = i64::try_from(package).expect("a line");
    client.open(CONTROL, &text);
    let (line, good) = lens(&mut client);
    let all = project::files(&folder.path().join("fixtures")).iter().filter(|path| path.ends_with("expected.json")).count();
    assert_eq!((line, good), (package, format!("{all} fixtures as expected")));
    client.wait("the wish to ask again", |message| message["method"] == "workspace/codeLens/refresh");
    let (other, _) = edited(&text, "\tschedule.interval_ms > 0\n", "\tschedule.interval_ms > 86400000\n");
    client.change(CONTROL, 2, &other);
    let (_, bad) = lens(&mut client);
    assert!(bad.contains(" · pass: wanted pass, is unknown"), "{bad}");
    client.change(CONTROL, 3, &text.replace("schedule.interval_ms > 0", "schedule."));
    assert_eq!(lens(&mut client).1, "not judged: the checklist has problems");
    assert_eq!(client.end(), (Some(0), String::new()));
}

#[test]
fn files_that_change_beside_the_editor_count() {
    let folder = checklist();
    let (mut client, _) = Client::greeted(folder.path(), &json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}}));
    let wish = client.wait("a wish to be told", |message| message["method"] == "client/registerCapability");
    assert_eq!(wish["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    let text = client.text(CONTROL);
    client.open(CONTROL, &text);
    assert!(errors(&client.diagnostics(CONTROL, Some(1))).is_empty());
    let manifest = "policies/manifest.json";
    let was = client.text(manifest);
    project::write(&folder.path().join(manifest), &was.replace("\"backups.scheduled\"", "\"backups.schedule\""));
    let changes = json!({"changes": [{"uri": client.uri(manifest), "type": 2}]});
    client.say("workspace/didChangeWatchedFiles", &changes);
    let found = client.diagnostics(manifest, None);
    assert!(found.iter().any(|d| d["message"].as_str().is_some_and(|words| words.contains("1 of 11 controls missing"))), "{found:#?}");
    let found = client.diagnostics(CONTROL, Some(1));
    assert!(found.iter().any(|d| d["message"].as_str().is_some_and(|words| words.contains("nothing names the file"))), "{found:#?}");
    project::write(&folder.path().join(manifest), &was);
    client.say("workspace/didChangeWatchedFiles", &changes);
    assert_eq!(client.diagnostics(manifest, None), Vec::<Value>::new());
    assert!(errors(&client.diagnostics(CONTROL, Some(1))).is_empty());
    assert_eq!(client.end(), (Some(0), String::new()));
}

#[test]
fn what_is_no_message_ends_nothing_and_a_rude_end_is_told() {
    let folder = checklist();
    let mut client = Client::new(folder.path());
    let early = client.ask("textDocument/hover", &json!({}));
    assert_eq!(early["error"]["code"], -32002);
    client.raw("Content-Length: 9\r\n\r\n{\"id\": 1,,");
    drop(client.leave());
    let (mut client, _) = Client::greeted(folder.path(), &json!({}));
    client.raw("Content-Length: 8\r\n\r\n{\"id\": 1");
    assert_eq!(client.wait("an error", |message| message["id"].is_null() && !message["error"].is_null())["error"]["code"], -32700);
    assert_eq!(client.ask("textDocument/rename", &json!({}))["error"]["code"], -32601);
    assert_eq!(client.ask("textDocument/hover", &json!({"textDocument": 3}))["error"]["code"], -32602);
    assert_eq!(client.ask("initialize", &json!({}))["error"]["code"], -32600);
    client.say("textDocument/didChange", &json!({"nothing": true}));
    client.say("$/neverHeardOf", &Value::Null);
    let nowhere = json!({"textDocument": {"uri": "untitled:1"}, "position": {"line": 9, "character": 9}});
    assert_eq!(client.ask("textDocument/hover", &nowhere)["result"], Value::Null);
    client.say("exit", &Value::Null);
    let (code, stderr) = client.leave();
    assert_eq!(code, Some(1));
    assert!(stderr.starts_with("golive: this is no message: ") && stderr.lines().count() == 1, "{stderr}");
}
