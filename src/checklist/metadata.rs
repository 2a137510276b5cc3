//! The METADATA block of a control: YAML in the comment above `package`.

use super::contracts::contract;
use crate::model::{ControlText, Trust, ViolationText};
use crate::text::{Document, Limits, Problem, Source, Span, Tree, read_yaml_part};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What METADATA says, and where it names criteria, violations and groups.
pub(super) struct Metadata {
    pub text: ControlText,
    pub criteria: Vec<(String, Span)>,
    pub violations: Vec<(String, String, String, Span)>,
    pub groups: Vec<(String, Span)>,
}

/// What METADATA says of the control `id`, whatever else its file holds; none where METADATA itself is wrong.
pub fn control_text(id: &str, source: &Arc<Source>) -> Option<ControlText> {
    read(id, source, false).ok().map(|metadata| metadata.text)
}

/// Reads the METADATA of the control `id`; its shape is checked unless the checklist is a `known` one.
pub(super) fn read(id: &str, source: &Arc<Source>, known: bool) -> Result<Metadata, Vec<Problem>> {
    let code = "golive::checklist::metadata";
    let Some((yaml, lines, whole)) = block(source) else {
        let problem = Problem::new(code, "a control begins with its METADATA").at(source, 0..1, "no `# METADATA` here");
        return Err(vec![problem.help("docs/writing-controls.md says what METADATA holds")]);
    };
    let place = |at: usize| {
        let line = lines[..lines.partition_point(|(start, _)| *start <= at)].last().or(lines.first());
        line.map_or(whole.start, |(start, in_source)| in_source + (at.saturating_sub(*start)))
    };
    let (value, places) = read_yaml_part(source, &yaml, &place, whole.clone(), &Limits::default()).map_err(|p| vec![p])?;
    let document = Document { source: Arc::clone(source), value, places };
    let faults = if known { Vec::new() } else { contract("metadata")?.problems(code, &document.value, &document, "") };
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(collect(id, &document))
}

fn collect(id: &str, document: &Document) -> Metadata {
    let custom = &document.value["custom"];
    let keys = |name: &str| branch_keys(&document.places, &["custom", name]);
    let word = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let facts: BTreeMap<_, _> =
        keys("facts").iter().filter_map(|(group, _)| Some((group.clone(), Trust::from_word(custom["facts"][group].as_str()?)?))).collect();
    let criteria = keys("criteria");
    let violations = keys("violations");
    let said = |code: &str| ViolationText {
        denies: word(&custom["violations"][code]["denies"]),
        message: word(&custom["violations"][code]["message"]),
    };
    let text = ControlText {
        id: id.to_owned(),
        area: word(&custom["area"]),
        title: word(&document.value["title"]),
        pass: word(&custom["pass"]),
        fail: word(&custom["fail"]),
        facts,
        criteria: criteria.iter().map(|(c, _)| (c.clone(), word(&custom["criteria"][c]))).collect(),
        violations: violations.iter().map(|(c, _)| (c.clone(), said(c))).collect(),
        remediation: word(&custom["remediation"]),
    };
    let violations = violations.into_iter().map(|(code, span)| {
        let said = said(&code);
        (code, said.denies, said.message, span)
    });
    Metadata { violations: violations.collect(), text, criteria, groups: keys("facts") }
}

/// The keys of the object at a path, in the file's order, each with its place.
fn branch_keys(tree: &Tree, path: &[&str]) -> Vec<(String, Span)> {
    let mut here = tree;
    for name in path {
        let next = here.children.iter().find(|b| b.key.as_ref().is_some_and(|(k, _)| k == name));
        let Some(next) = next else { return Vec::new() };
        here = &next.tree;
    }
    here.children.iter().filter_map(|b| b.key.clone()).collect()
}

/// A block's YAML, where each of its lines begins in it and in the source, and the whole block's place.
type Block = (String, Vec<(usize, usize)>, Span);

/// The METADATA block that a source begins with.
fn block(source: &Source) -> Option<Block> {
    let mut yaml = String::new();
    let mut lines = Vec::new();
    let mut at = 0;
    let mut begin = None;
    for line in source.text.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        if begin.is_none() {
            match text.trim() {
                "# METADATA" => begin = Some(at),
                "" => {}
                _ => return None,
            }
        } else if let Some(rest) = text.strip_prefix('#') {
            let inner = rest.strip_prefix(' ').unwrap_or(rest);
            lines.push((yaml.len(), at + text.len() - inner.len()));
            yaml.push_str(inner);
            yaml.push('\n');
        } else {
            break;
        }
        at += line.len();
    }
    Some((yaml, lines, begin?..at))
}
