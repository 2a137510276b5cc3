//! What every format promises, on the sample decisions.

use super::*;
use super::{encode, sample};
use crate::model::{Decision, ExceptionState, Finding, Gate};
use serde_json::Value;

/// The formats that show findings; `github-output` holds a few values of the decision alone.
fn showing() -> impl Iterator<Item = &'static &'static dyn Format> {
    FORMATS.iter().filter(|format| format.name() != "github-output")
}

pub(super) fn samples() -> Vec<(&'static str, Decision)> {
    vec![("go", sample::go()), ("go_waived", sample::go_waived()), ("no_go", sample::no_go()), ("hostile", sample::hostile())]
}

pub(super) fn findings(decision: &Decision) -> Vec<&Finding> {
    decision.rows.iter().flat_map(|row| &row.judgement.findings).collect()
}

fn render(name: &str, decision: &Decision, look: Look) -> String {
    by_name(name).map(|format| format.render(&Dossier::of(decision), &look)).unwrap_or_default()
}

pub(super) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// The text as each format would write it.
fn encoded(format: &str, text: &str) -> String {
    match format {
        "human" => encode::terminal(text),
        "json" | "sarif" => encode::json(&Value::from(text).to_string()),
        "markdown" | "github-summary" => encode::markdown_token(text),
        "html" => encode::html(text),
        "junit" => encode::xml(text),
        "csv" => encode::terminal(text).replace('"', "\"\""),
        "github" => encode::github_line(text),
        other => format!("no encoder is known for {other}"),
    }
}

#[test]
fn names_are_unique_and_found() {
    for format in FORMATS {
        assert_eq!(by_name(format.name()).map(Format::about), Some(format.about()));
        assert_eq!(FORMATS.iter().filter(|other| other.name() == format.name()).count(), 1);
    }
    assert!(by_name("xml").is_none());
}

#[test]
fn every_format_shows_every_finding() {
    for (sample, decision) in samples() {
        for format in showing() {
            let text = format.render(&Dossier::of(&decision), &Look::default());
            for finding in findings(&decision) {
                for part in std::iter::once(&finding.id).chain(&finding.pointers) {
                    let part = encoded(format.name(), part);
                    assert!(text.contains(&part), "{} of {sample} lacks {part}", format.name());
                }
            }
        }
    }
}

#[test]
fn every_format_is_stable_and_ends_its_last_line() {
    for (sample, decision) in samples() {
        for format in FORMATS {
            let text = format.render(&Dossier::of(&decision), &Look::default());
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{} of {sample}", format.name());
            assert_eq!(text, format.render(&Dossier::of(&decision), &Look::default()));
        }
    }
}

#[test]
fn no_format_lets_a_character_through_that_hides() {
    for format in FORMATS {
        let text = format.render(&Dossier::of(&sample::hostile()), &Look::default());
        let bad = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2069}\u{2028}".contains(c);
        assert!(!text.chars().any(bad), "{}", format.name());
    }
}

#[test]
fn human_keeps_to_the_width() {
    for (sample, decision) in samples() {
        for width in [80, 120] {
            let text = render("human", &decision, Look { width, colour: false });
            for line in text.lines().filter(|line| line.len() > width) {
                let first = line.trim_start().trim_start_matches(['-', '(']).trim_start();
                let token = ["sha256:", "/", "at ", "https:", "facts:", "window", "unproven", "critical", "error", "\\u001b"];
                let unbreakable = sample == "hostile" && (token.iter().any(|t| first.starts_with(t)) || line.starts_with("Facts"));
                assert!(unbreakable, "{sample} at {width}: {line}");
            }
        }
    }
}

#[test]
fn human_begins_with_the_scope_and_ends_with_the_decision() {
    for (sample, decision) in samples() {
        let text = render("human", &decision, Look::default());
        let clock = words::clock(&decision);
        let first = format!("Evaluated    2026-11-23T15:00:00Z (clock: {clock})\n");
        assert!(text.starts_with(&first), "{sample}: {text}");
        let tail = text.lines().rev().find(|line| !line.starts_with(' ')).unwrap_or_default();
        assert!(tail.starts_with(&headline(&decision)), "{sample}: {tail}");
    }
}

#[test]
fn human_leaves_the_first_column_to_the_program() {
    let text = render("human", &sample::hostile(), Look::default());
    let own = [
        "Evaluated",
        "Environment",
        "Release",
        "Facts",
        "Checklist",
        "Parameter",
        "#",
        "-",
        "1",
        "2",
        "3",
        "4",
        "5",
        "Waivers",
        "Remediations",
        "Sources",
        "Blocking",
        "2 records incomplete:",
        "NO_GO: 3 controls and 2 gate rules block, 1 waived",
    ];
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')) {
        assert!(own.iter().any(|word| line.starts_with(word)), "{line}");
    }
}

#[test]
fn colour_only_repeats_words() {
    for (sample, decision) in samples() {
        let plain = render("human", &decision, Look { width: 80, colour: false });
        let styled = render("human", &decision, Look { width: 80, colour: true });
        assert_ne!(plain, styled, "{sample}");
        assert_eq!(anstream::adapter::strip_str(&styled).to_string(), plain, "{sample}");
    }
}

#[test]
fn the_decision_in_one_line() {
    let mut decision = sample::no_go();
    assert_eq!(headline(&sample::go()), "GO");
    assert_eq!(headline(&sample::go_waived()), "GO with 1 waived");
    assert_eq!(headline(&decision), "NO_GO: 3 controls and 1 gate rule block, 1 waived");
    decision.blocking.pop();
    assert_eq!(headline(&decision), "NO_GO: 3 controls block, 1 waived");
    // A row that blocks is named even where the gate's list forgot it.
    decision.blocking.clear();
    assert_eq!(headline(&decision), "NO_GO: 3 controls block, 1 waived");
    decision.rows.clear();
    assert_eq!(headline(&decision), "NO_GO: the gate gave no reason, none waived");
}

fn validator() -> Option<jsonschema::Validator> {
    let schema = parse(include_str!("../../schemas/decision.schema.json"));
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).ok()
}

#[test]
fn json_is_as_its_schema_says() {
    for (sample, decision) in samples() {
        let value = parse(&render("json", &decision, Look::default()));
        let faults = validator().map(|v| v.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect::<Vec<_>>());
        assert_eq!(faults, Some(Vec::new()), "{sample}");
    }
}

#[test]
fn the_schema_is_closed_and_every_member_required() {
    let value = parse(&render("json", &sample::no_go(), Look::default()));
    let valid = |value: &Value| validator().is_none_or(|validator| validator.is_valid(value));
    let mut objects = Vec::new();
    collect_objects(&value, "", &mut objects);
    assert!(objects.len() > 50);
    for pointer in objects.iter().filter(|pointer| !pointer.contains("/parameters/0/")) {
        let mut more = value.clone();
        let keys: Vec<String> = match more.pointer_mut(pointer).and_then(Value::as_object_mut) {
            Some(object) => {
                object.insert("surprise".into(), Value::Null);
                object.keys().filter(|key| *key != "surprise").cloned().collect()
            }
            None => Vec::new(),
        };
        assert!(!valid(&more), "{pointer} takes a surprise");
        for key in keys {
            let mut less = value.clone();
            less.pointer_mut(pointer).and_then(Value::as_object_mut).and_then(|object| object.remove(&key));
            assert!(!valid(&less), "{pointer} does without {key}");
        }
    }
}

fn collect_objects(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            out.push(at.to_owned());
            members.iter().for_each(|(key, member)| collect_objects(member, &format!("{at}/{key}"), out));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| collect_objects(item, &format!("{at}/{i}"), out));
        }
        _ => {}
    }
}

#[test]
fn json_says_what_was_given() {
    let decision = sample::hostile();
    let value = parse(&render("json", &decision, Look::default()));
    assert_eq!(value["format"], "golive.decision/1");
    assert_eq!(value["environment"], sample::HOSTILE);
    assert_eq!(value["gate"], Gate::NoGo.word());
    for (row, control) in decision.rows.iter().zip(value["controls"].as_array().into_iter().flatten()) {
        assert_eq!(control["title"], row.text.title);
        assert_eq!(control["verdict"], row.judgement.verdict.word());
        assert_eq!(control["findings"].as_array().map(Vec::len), Some(row.judgement.findings.len()));
    }
}

#[test]
fn markdown_makes_no_markup_of_facts() {
    let text = render("markdown", &sample::hostile(), Look::default());
    for line in text.lines() {
        let prose = outside_of_code(line);
        for bad in ["<script", "![", "](http://evil", "(https://evil", "](javascript", "<a ", "<img"] {
            assert!(!prose.contains(bad), "{bad} in {prose}");
        }
    }
    let columns = |line: &str| line.matches(" | ").count();
    let mut lines = text.lines().skip_while(|line| !line.starts_with("| # "));
    let header = lines.next().map(columns);
    for line in lines.take_while(|line| line.starts_with('|')) {
        assert_eq!(Some(columns(line)), header, "{line}");
    }
}

/// A line of Markdown without its code, where everything is literal.
fn outside_of_code(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some(open) = rest.find('`') {
        out.push_str(&rest[..open]);
        let inner = rest[open..].trim_start_matches('`');
        let fence = &rest[open..rest.len() - inner.len()];
        let runs = inner.match_indices('`').filter(|(at, _)| !inner[..*at].ends_with('`'));
        let mut ends = runs.map(|(at, _)| (at, inner[at..].len() - inner[at..].trim_start_matches('`').len()));
        rest = ends.find(|(_, length)| *length == fence.len()).map_or("", |(at, length)| &inner[at + length..]);
    }
    out + rest
}

#[test]
fn every_format_says_what_is_overdue() {
    let decision = sample::no_go();
    for name in ["human", "markdown"] {
        let text = render(name, &decision, Look { width: 120, colour: false });
        assert!(text.contains("storage team, due 2026-11-23T15:00:00Z (overdue)"), "{name}: {text}");
        assert!(text.contains("2026-11-30T00:00:00Z") && !text.contains("2026-11-30T00:00:00Z (overdue)"), "{name}: {text}");
    }
    let value = parse(&render("json", &decision, Look::default()));
    for (pointer, overdue) in [
        ("/controls/1/remediation", true),
        ("/controls/3/remediation", false),
        ("/controls/3/waiver/remediation", false),
        ("/waivers/4/remediation", true),
        ("/idle_remediations/0", false),
    ] {
        assert_eq!(value.pointer(pointer).map(|r| &r["overdue"]), Some(&Value::Bool(overdue)), "{pointer}");
    }
}

#[test]
fn every_row_has_its_evidence() {
    for (sample, decision) in samples() {
        for name in ["human", "markdown"] {
            let text = render(name, &decision, Look::default());
            let origins = decision.rows.iter().flat_map(|row| &row.origins);
            let links = origins.flat_map(|origin| &origin.evidence).filter(|evidence| !evidence.uri.contains(' '));
            for evidence in links {
                assert!(text.contains(&evidence.uri) && text.contains(&evidence.sha256), "{name} of {sample} lacks {}", evidence.uri);
            }
        }
        let human = render("human", &decision, Look::default());
        assert_eq!(human.matches("\n    Evidence\n    - ").count(), decision.rows.len(), "{sample}");
    }
}

#[test]
fn a_waiver_says_who_when_why_and_what_it_accepts() {
    let text = render("human", &sample::go_waived(), Look::default());
    for words in [
        "\n      accepted by W-7\n",
        "Waiver       W-7\n",
        "Requested by release manager\n",
        "Approved by  security officer\n",
        "Valid        from 2026-11-20T00:00:00Z until 2026-11-27T00:00:00Z\n",
        "Ticket       RISK-17\n",
        "Reason       the scanner's",
        "\n0 records incomplete: each FAIL has an owner, an action and a target date\nGO with 1 waived\n",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    assert!(render("markdown", &sample::go_waived(), Look::default()).contains("\n    - accepted by `W-7`\n"));
}

#[test]
fn the_last_paragraph_says_what_the_record_lacks() {
    let text = render("human", &sample::no_go(), Look::default());
    let tail = "\n2 records incomplete: compatibility.validated, slos.active - record owner,\n  action and target date before proceeding\nNO_GO: 3 controls and 1 gate rule block, 1 waived\n";
    assert!(text.ends_with(tail), "{text}");
    assert!(text.contains("\n  - compatibility.validated: 1 finding, no remediation\n"), "{text}");
    assert!(render("human", &sample::go(), Look::default()).ends_with("\n\nGO\n"));
}

#[test]
fn an_unused_waiver_says_why() {
    let decision = sample::no_go();
    let why = |control: &str| {
        let mut waiver = decision.waivers[0].0.clone();
        waiver.remediation.control = control.into();
        why(&decision, &waiver, &ExceptionState::Unused)
    };
    assert_eq!(why("install.reproducible"), "its control passes");
    assert_eq!(why("scans.passed"), "waiver W-7 covers its control");
    assert_eq!(why("scans.past"), "the checklist has no such control");
}

#[test]
fn what_people_read() {
    insta::assert_snapshot!("human_go", render("human", &sample::go(), Look::default()));
    insta::assert_snapshot!("human_no_go", render("human", &sample::no_go(), Look::default()));
    insta::assert_snapshot!("human_no_go_wide", render("human", &sample::no_go(), Look { width: 120, colour: false }));
    insta::assert_snapshot!("markdown_no_go", render("markdown", &sample::no_go(), Look::default()));
    insta::assert_snapshot!("json_go_waived", render("json", &sample::go_waived(), Look::default()));
}
