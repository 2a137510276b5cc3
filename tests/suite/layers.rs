//! Imports run one way, and only the command line touches the world.

use crate::differences::Differences;
use crate::project;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Each folder of `src/` and exactly what it uses of the others. A folder may use only what stands above it, so there is no cycle.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("text", &[]),
    ("tree", &[]),
    ("schema", &["model", "text", "tree"]),
    ("facts", &["model", "schema", "text", "tree"]),
    ("rego", &["schema", "text", "tree"]),
    ("checklist", &["model", "rego", "schema", "text", "tree"]),
    ("evaluate", &["checklist", "facts", "model", "rego", "schema", "text", "tree"]),
    ("exceptions", &["checklist", "facts", "model", "schema", "text"]),
    ("gate", &["checklist", "evaluate", "exceptions", "facts", "model", "rego", "text", "tree"]),
    ("report", &["model", "text"]),
    ("record", &["checklist", "exceptions", "facts", "gate", "model", "rego", "report", "text"]),
    ("batch", &["checklist", "evaluate", "exceptions", "facts", "gate", "model", "rego", "text"]),
    ("collect", &["facts", "model", "schema", "text"]),
    ("workbench", &["batch", "checklist", "evaluate", "facts", "model", "rego", "report", "schema", "text"]),
    ("outlook", &["checklist", "evaluate", "exceptions", "facts", "gate", "model", "rego", "report", "schema", "text", "workbench"]),
    (
        "cli",
        &[
            "batch",
            "checklist",
            "collect",
            "evaluate",
            "exceptions",
            "facts",
            "gate",
            "model",
            "outlook",
            "record",
            "rego",
            "report",
            "schema",
            "text",
            "workbench",
        ],
    ),
];

/// What only some folders, or a folder inside of one, may name.
const GUARDED: &[(&str, &[&str])] = &[
    ("regorus", &["rego"]),
    ("std::fs", &["cli", "collect", "batch/supervisor", "record/store"]),
    ("std::env", &["cli", "collect", "batch/supervisor"]),
    ("std::net", &["cli", "collect"]),
    ("std::process", &["cli", "collect", "batch/supervisor"]),
    ("rustix::process", &["collect", "batch/supervisor"]),
    ("SystemTime", &["cli", "collect"]),
    ("std::time::Instant", &["collect", "rego", "batch/supervisor"]),
    ("println!", &["cli"]),
    ("eprintln!", &["cli"]),
];

/// The code of one file of `src/`, without comments.
struct Code {
    place: String,
    folder: String,
    depth: usize,
    text: String,
}

fn sources() -> Vec<Code> {
    let src = project::root().join("src");
    let rust = project::files(&src).into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let sources: Vec<Code> = rust.map(|path| code(&path, path.strip_prefix(&src).expect("below src"))).collect();
    assert!(sources.len() > 20, "src/ was not found");
    sources
}

fn code(path: &Path, inside: &Path) -> Code {
    let parts: Vec<String> = inside.iter().map(|p| p.to_string_lossy().into_owned()).collect();
    let is_module = parts.last().is_some_and(|p| p == "mod.rs");
    let text = project::text(path);
    let kept = text.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    Code {
        place: inside.to_string_lossy().into_owned(),
        folder: if parts.len() > 1 { parts[0].clone() } else { String::new() },
        depth: parts.len() - usize::from(is_module),
        text: kept.collect::<Vec<_>>().join("\n"),
    }
}

/// The names right behind each `crate::`, one or several in braces.
fn used(text: &str) -> BTreeSet<String> {
    let word = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut out = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(inside) => out.extend(top_level(inside).into_iter().map(|part| word(part.trim()))),
            None => drop(out.insert(word(rest))),
        }
    }
    out
}

/// The parts of `a::{b, c}, d}` up to its closing brace: `a::{b, c}` and `d`.
fn top_level(inside: &str) -> Vec<&str> {
    let (mut depth, mut start, mut out) = (0_usize, 0, Vec::new());
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            ',' if depth == 0 => {
                out.push(&inside[start..at]);
                start = at + 1;
            }
            '}' if depth == 0 => {
                out.push(&inside[start..at]);
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    out
}

#[test]
fn imports_run_one_way() {
    let mut differences = Differences::default();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for code in sources().iter().filter(|c| !c.folder.is_empty()) {
        let supers = "super::".repeat(code.depth);
        differences.hold(!code.text.contains(&supers), || format!("{}: `{supers}` leaves the folder: write `crate::`", code.place));
        let uses = graph.entry(code.folder.clone()).or_default();
        uses.extend(used(&code.text).into_iter().filter(|name| *name != code.folder));
    }
    let order: Vec<&str> = LAYERS.iter().map(|(folder, _)| *folder).collect();
    for (index, (folder, allowed)) in LAYERS.iter().enumerate() {
        let allowed: BTreeSet<String> = allowed.iter().map(|a| (*a).to_owned()).collect();
        let got = graph.remove(*folder).unwrap_or_default();
        differences.equal(format!("src/{folder} uses (tests/suite/layers.rs holds the table)"), &allowed, &got);
        let below = allowed.iter().filter(|a| !order[..index].contains(&a.as_str()));
        differences.equal(format!("the table lets {folder} use what stands below it"), &Vec::new(), &below.collect());
    }
    differences.equal("folders of src/ without a place in the table", &Vec::new(), &graph.keys().collect());
    differences.end("layers");
}

#[test]
fn only_some_folders_touch_the_world() {
    let mut differences = Differences::default();
    for code in sources().iter().filter(|c| !c.folder.is_empty()) {
        for (word, folders) in GUARDED {
            let named = code.text.contains(word) || grouped(&code.text, word);
            let may = folders.iter().any(|folder| code.place.starts_with(&format!("{folder}/")));
            differences.hold(!named || may, || format!("{} names `{word}`, which only {folders:?} may", code.place));
        }
    }
    differences.end("guarded names");
}

/// `use std::{env, fs}` names `std::fs` too.
fn grouped(text: &str, word: &str) -> bool {
    let Some(name) = word.strip_prefix("std::") else { return false };
    text.split("std::{").skip(1).flat_map(top_level).any(|part| part.trim() == name || part.trim().starts_with(&format!("{name}::")))
}
