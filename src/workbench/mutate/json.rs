//! `golive.mutants/1`: mutants for machines, as `schemas/mutants.schema.json` describes them.

use super::human::{counts, groups};
use super::{Entry, Fate, Report, Tried};
use crate::report::encode;
use serde::Serialize;

/// The report as JSON.
pub fn json(report: &Report) -> String {
    let [killed, refused, explained, survived] = counts(report.tried.iter());
    let groups = groups(report).into_iter().map(|group| {
        let [killed, refused, explained, survived] = counts(report.tried.iter().filter(|tried| tried.group == group));
        Group { name: group, killed, refused, explained, survived }
    });
    let twin = Twin {
        format: "golive.mutants/1",
        checklist: Checklist { id: &report.checklist, digest: &report.digest },
        killed,
        refused,
        explained,
        survived,
        groups: groups.collect(),
        stale: report.stale.iter().map(|Entry { file, rule, from, to, .. }| Stale { file, rule, from, to }).collect(),
        mutants: report.tried.iter().map(mutant).collect(),
    };
    encode::document(&twin)
}

#[derive(Serialize)]
struct Twin<'r> {
    format: &'static str,
    checklist: Checklist<'r>,
    killed: usize,
    refused: usize,
    explained: usize,
    survived: usize,
    groups: Vec<Group<'r>>,
    stale: Vec<Stale<'r>>,
    mutants: Vec<Mutant<'r>>,
}

#[derive(Serialize)]
struct Checklist<'r> {
    id: &'r str,
    digest: &'r str,
}

#[derive(Serialize)]
struct Group<'r> {
    #[serde(rename = "group")]
    name: &'r str,
    killed: usize,
    refused: usize,
    explained: usize,
    survived: usize,
}

#[derive(Serialize)]
struct Stale<'r> {
    file: &'r str,
    rule: &'r str,
    from: &'r str,
    to: &'r str,
}

#[derive(Serialize)]
struct Mutant<'r> {
    group: &'r str,
    file: &'r str,
    line: usize,
    rule: &'r str,
    kind: &'static str,
    from: String,
    to: String,
    fate: &'static str,
    by: Option<&'r str>,
    reason: Option<&'r str>,
    wanted: &'r str,
}

fn mutant(tried: &Tried) -> Mutant<'_> {
    let mutant = &tried.mutant;
    let (from, to) = mutant.lines();
    let (fate, by) = match (&tried.fate, &tried.reason) {
        (Fate::Killed(test), _) => ("killed", Some(test.as_str())),
        (Fate::Refused(reason), _) => ("refused", Some(reason.as_str())),
        (Fate::Survived, Some(_)) => ("explained", None),
        (Fate::Survived, None) => ("survived", None),
    };
    Mutant {
        group: &tried.group,
        file: &mutant.file,
        line: mutant.line(),
        rule: &mutant.rule,
        kind: mutant.kind.word(),
        from,
        to,
        fate,
        by,
        reason: tried.reason.as_deref(),
        wanted: &mutant.wanted,
    }
}
