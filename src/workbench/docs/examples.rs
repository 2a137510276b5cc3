//! The fixtures of a control, judged while the page is made.

use super::Material;
use crate::model::Judgement;
use crate::text::pointer_of;
use crate::workbench::suite::Case;
use crate::workbench::trial::trial;
use serde_json::Value;
use std::collections::BTreeSet;

/// A fixture and what the reference says of it.
pub(super) struct Example<'m> {
    /// The fixture.
    pub case: &'m Case,
    /// The judgement; the reason where the facts are refused.
    pub judgement: Result<Judgement, String>,
}

impl Example<'_> {
    /// The verdict's word.
    pub fn verdict(&self) -> &'static str {
        self.judgement.as_ref().map_or("refused", |judgement| judgement.verdict.word())
    }
}

/// All fixtures of a control: `pass` first.
pub(super) fn of<'m>(material: &Material<'m>, control: &'m str) -> Vec<Example<'m>> {
    let judge = |case: &'m Case| {
        let judged = trial(material.checklist, case);
        let judged = judged.map_err(|problems| problems.first().map_or_else(String::new, |p| p.message.clone()));
        Example { case, judgement: judged.and_then(|judgement| judgement.ok_or_else(|| "no such control".to_owned())) }
    };
    let mut out: Vec<Example<'m>> = material.suite.of(control).map(judge).collect();
    out.sort_by_key(|example| (example.case.name != "pass", example.case.name.clone()));
    out
}

/// The example of a violation: the fixture that is named after it, where it states it.
pub(super) fn of_code<'e, 'm>(examples: &'e [Example<'m>], code: &str) -> Option<(&'e Example<'m>, &'e str)> {
    let named = examples.iter().find(|example| example.case.name == format!("fail_{code}"))?;
    let findings = &named.judgement.as_ref().ok()?.findings;
    let finding = findings.iter().find(|f| f.id.split('[').next() == Some(code))?;
    Some((named, finding.message.as_str()))
}

/// One difference between the facts of two fixtures.
pub(super) struct Difference {
    /// RFC 6901 pointer.
    pub pointer: String,
    /// What was; none where nothing was there.
    pub before: Option<Value>,
    /// What is.
    pub after: Option<Value>,
}

/// How facts differ.
pub(super) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    fn walk(before: &Value, after: &Value, path: &mut Vec<String>, out: &mut Vec<Difference>) {
        let keys: BTreeSet<String> = match (before, after) {
            (Value::Object(a), Value::Object(b)) => a.keys().chain(b.keys()).cloned().collect(),
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => (0..a.len()).map(|index| index.to_string()).collect(),
            _ => {
                if before != after {
                    out.push(Difference { pointer: pointer_of(path.iter()), before: Some(before.clone()), after: Some(after.clone()) });
                }
                return;
            }
        };
        for key in keys {
            path.push(key.clone());
            match (member(before, &key), member(after, &key)) {
                (Some(a), Some(b)) => walk(a, b, path, out),
                (a, b) => out.push(Difference { pointer: pointer_of(path.iter()), before: a.cloned(), after: b.cloned() }),
            }
            path.pop();
        }
    }
    let mut out = Vec::new();
    walk(before, after, &mut Vec::new(), &mut out);
    out
}

fn member<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => value.get(key),
    }
}
