//! `met` and `violations` of every control, on its fixtures and on changes of them: the interpreter against the compiled
//! path, and against OPA where it is installed.

use super::compiled::{answer, compiled};
use super::opa::{Bridge, Opa};
use super::{Compared, Pair, SEED, bridge};
use crate::cases::{Case, cases};
use crate::court::Court;
use crate::fleet::mutate::mutate;
use crate::fleet::palette::Palette;
use crate::fleet::random::Random;
use crate::project;
use golive::checklist::Control;
use golive::model::Instant;
use golive::schema::enrich;
use serde_json::{Map, Value, json};
use std::sync::Mutex;

/// Documents for each control, its fixtures among them.
const DOCUMENTS: usize = 500;
/// Differences that are shown for each control.
const SHOWN: usize = 5;

#[test]
fn every_control_is_judged_the_same() {
    let bridge = bridge();
    let courts = [Court::of_fixtures(), Court::of_defaults()];
    let cases = cases("controls");
    let todo = Mutex::new(courts[0].checklist.controls.iter());
    let reports = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(control) = todo.lock().expect("no thread died").next() else { return };
                    let report = compare(bridge, &courts, control, &cases);
                    reports.lock().expect("no thread died").push(report);
                }
            });
        }
    });
    let reports = reports.into_inner().expect("no thread died");
    assert_eq!(reports.len(), courts[0].checklist.controls.len());
    let differences: Vec<String> = reports.into_iter().flatten().collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A document and how it came to be: the fixture, and the path of each change.
#[derive(Clone)]
pub struct Document {
    pub facts: Value,
    pub changed: Vec<String>,
}

/// Compares one control on all its documents; the differences in words.
fn compare(bridge: Option<Bridge>, courts: &[Court; 2], control: &Control, cases: &[Case]) -> Vec<String> {
    let id = &control.text.id;
    let pairs = courts.each_ref().map(|court| pair(bridge, court, id));
    let programs = courts.each_ref().map(|court| compiled(&court.checklist));
    let rules = ["met", "violations"].map(|rule| format!("golive.controls.{id}.{rule}"));
    let mut differences = Vec::new();
    let (mut valid, mut proven, mut violated, mut asked) = (0, 0, 0, 0);
    let documents = documents(&courts[0], control, cases);
    for (index, document) in documents.iter().enumerate() {
        // One document in five is judged under the default parameters, whose lists are empty.
        let which = usize::from(index % 5 == 4);
        let (input, is_valid) = input(&courts[which], control, &document.facts);
        valid += usize::from(is_valid);
        let compared = pairs[which].compare(&rules, &input);
        proven += usize::from(compared.size(0) == control.text.criteria.len());
        violated += usize::from(compared.size(1) > 0);
        let mut disagreements = compared.disagreements.clone();
        if is_valid {
            match answer(&courts[which].checklist, &programs[which], control, &input) {
                Some(quick) => disagreements.extend(disagreement(&compared, &quick)),
                None => asked += 1,
            }
        }
        differences.extend(
            disagreements
                .into_iter()
                .map(|d| format!("{id}, document {index}, valid: {is_valid}, changed: {:?}\n    {d}", document.changed)),
        );
    }
    let (judged, differing) = (documents.len(), differences.len());
    project::tell(&format!(
        "{id}: {judged} documents, {valid} schema-valid, {proven} with every criterion met, {violated} with violations, \
         {asked} left to the interpreter, {differing} differences"
    ));
    let more = differences.len().saturating_sub(SHOWN);
    differences.truncate(SHOWN);
    if more > 0 {
        differences.push(format!("{id}: {more} more"));
    }
    differences
}

/// What the compiled path answers otherwise than the interpreter.
fn disagreement(compared: &Compared, quick: &[Vec<String>; 2]) -> Option<String> {
    let [violations, met] = quick;
    let slow = compared.answers.iter().map(|answer| match answer {
        Ok(Some(Value::Array(items))) => {
            let mut words: Vec<String> = items.iter().map(ToString::to_string).collect();
            words.sort();
            Some(words)
        }
        _ => None,
    });
    let slow: Vec<Option<Vec<String>>> = slow.collect();
    let same = slow.len() == 2 && slow[0].as_ref() == Some(met) && slow[1].as_ref() == Some(violations);
    (!same).then(|| format!("interpreter {:?}\n    compiled    {met:?} {violations:?}", compared.answers))
}

fn pair<'e>(bridge: Option<Bridge>, court: &'e Court, id: &str) -> Pair<'e> {
    let Some(bridge) = bridge else { return Pair { engine: &court.checklist.engine, opa: None } };
    let opa = Opa::new(bridge);
    let policies = project::root().join("policies");
    let control = policies.join("controls").join(format!("{}.rego", id.replacen('.', "/", 1)));
    let shared = project::files(&policies.join("lib")).into_iter().filter(|p| p.extension().is_some_and(|e| e == "rego"));
    for path in shared.chain([control]).filter(|p| !p.to_string_lossy().ends_with("_test.rego")) {
        opa.policy(&path.to_string_lossy(), &project::text(&path));
    }
    opa.parameters(&court.checklist.parameters.value);
    Pair { engine: &court.checklist.engine, opa: Some(opa) }
}

/// The control's fixtures, and random changes of them.
pub fn documents(court: &Court, control: &Control, cases: &[Case]) -> Vec<Document> {
    let prefix = format!("{}/", control.text.id.replacen('.', "/", 1));
    let own = cases.iter().filter(|c| c.name.starts_with(&prefix)).map(|case| {
        let facts = case.facts();
        let palette = Palette::new(&facts, &court.checklist.parameters.value, court.now);
        (Document { facts, changed: vec![case.name.clone()] }, palette)
    });
    let fixtures: Vec<(Document, Palette)> = own.collect();
    let pass = fixtures.iter().find(|(document, _)| document.changed[0].ends_with("/pass")).expect("a case `pass`");
    let mut random = Random::new(SEED, &control.text.id);
    let mut out: Vec<Document> = fixtures.iter().map(|(document, _)| document.clone()).collect();
    while out.len() < DOCUMENTS {
        // Every second one starts from what passes, so that single changes are common.
        let (document, palette) = if random.once_in(2) { pass } else { random.pick(&fixtures) };
        let mut document = document.clone();
        for _ in 0..=random.below(3) {
            change(court, &mut document, palette, &mut random);
        }
        out.push(document);
    }
    out
}

/// Changes one group's value, or, more seldom, what stands around it, or takes the group away.
fn change(court: &Court, document: &mut Document, palette: &Palette, random: &mut Random) {
    let Some(groups) = document.facts["facts"].as_object_mut() else { return };
    let names: Vec<String> = groups.keys().cloned().collect();
    if names.is_empty() {
        return;
    }
    let name = random.pick(&names);
    if random.once_in(25) {
        groups.remove(name);
        return document.changed.push(format!("/facts/{name} removed"));
    }
    let group = &mut groups[name];
    if random.once_in(10) {
        group["collected_at"] = json!(palette.time(random));
        return document.changed.push(format!("/facts/{name}/collected_at"));
    }
    let Some(schema) = court.checklist.groups.get(name) else { return };
    let path = mutate(&schema.shape, &mut group["value"], palette, random);
    document.changed.push(format!("/facts/{name}/value{path}"));
}

/// What the policy sees of a document, and whether every group of it is valid.
pub fn input(court: &Court, control: &Control, document: &Value) -> (Value, bool) {
    let mut facts = Map::new();
    let mut envelope = Map::new();
    let mut valid = true;
    for name in control.text.facts.keys() {
        let Some(group) = document["facts"].get(name) else { continue };
        let schema = &court.checklist.groups[name];
        let mut value = group["value"].clone();
        valid &= schema.accepts(&value);
        enrich(&schema.shape, &mut value);
        facts.insert(name.clone(), value);
        let mut around = group.clone();
        let collected = around["collected_at"].as_str().and_then(Instant::parse);
        if let Some(members) = around.as_object_mut() {
            members.remove("value");
            members.extend(collected.map(|at| ("collected_at_ms".to_owned(), json!(at.ms))));
        }
        envelope.insert(name.clone(), around);
    }
    let input = json!({
        "facts": facts,
        "envelope": envelope,
        "environment": court.plan.environment,
        "release": court.plan.release,
        "now_ms": court.now.ms,
    });
    (input, valid)
}
