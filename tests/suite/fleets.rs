//! Fleets of made-up documents: what they are made of, and a judge written by hand that must agree with the policies.

use crate::fleet::{ENVIRONMENTS, Fleet, NOW};
use crate::native::{self, Limits};
use golive::checklist::{Checklist, Files, contract, load};
use golive::evaluate::evaluate;
use golive::facts::{Facts, Plan, combine, read};
use golive::model::{CriterionState, Instant, Judgement};
use golive::text::{self, Source, read_json};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

const SEED: u64 = 20_261_123;
const DOCUMENTS: u64 = 500;
const MUTANTS: u64 = 300;
const SHOWN: usize = 5;

/// Where the fleet is judged: each environment has its own parameters.
struct Judges {
    now: Instant,
    by_environment: BTreeMap<&'static str, (Checklist, Limits)>,
}

impl Judges {
    fn new() -> Self {
        let source = Arc::new(Source::new("parameters.json", Fleet::parameters().to_string()));
        let overlay = read_json(source, &text::Limits::default()).unwrap_or_else(|p| panic!("{p}"));
        let limits = golive::rego::Limits { time: Duration::from_secs(60) };
        let of = |environment: &&'static str| {
            let checklist = load(&Files::embedded(), Some(&overlay), environment, limits).unwrap_or_else(|e| panic!("{e:?}"));
            let limits = Limits::of(&checklist.parameters.value);
            (*environment, (checklist, limits))
        };
        Self { now: Instant::parse(NOW).expect("a time"), by_environment: ENVIRONMENTS.iter().map(of).collect() }
    }

    fn of(&self, environment: &str) -> &(Checklist, Limits) {
        &self.by_environment[environment]
    }

    /// The policies' word on a document; none where it is refused.
    fn policies(&self, text: &str) -> Option<Vec<Judgement>> {
        let facts = facts(text)?;
        Some(evaluate(&self.of(&facts.plan.environment).0, &facts, self.now).judgements)
    }

    /// The word of the judge that was written by hand, in the same form.
    fn native(&self, text: &str) -> Option<Vec<String>> {
        let by_hand = |facts: &native::Facts<'_>| {
            let rows = native::judge(facts, &self.of(facts.environment()).1, self.now.ms);
            rows.into_iter().map(|(row, verdict)| say(row.control, verdict, row.met, row.findings)).collect()
        };
        native::read(text, by_hand).ok()
    }
}

fn facts(text: &str) -> Option<Facts> {
    let envelope = contract("envelope").expect("the envelope's schema");
    let source = Arc::new(Source::new("facts.json", text));
    let document = read(source, envelope, &text::Limits::default()).ok()?;
    let word = |key: &str| document.document.value[key].as_str().map(str::to_owned);
    let plan = Plan { environment: word("environment")?, release: word("release")? };
    combine(vec![document], &plan).ok()
}

/// What is compared: the verdict, the criteria that are met, the ids of all findings that name a fault.
fn say(control: &str, verdict: &str, mut met: Vec<&str>, findings: Vec<String>) -> String {
    met.sort_unstable();
    let findings: BTreeSet<String> = findings.into_iter().filter(|id| !id.starts_with("unproven:") && id != "error").collect();
    format!("{control} {verdict} met {met:?} findings {findings:?}")
}

fn say_judgement(judgement: &Judgement) -> String {
    let met = judgement.criteria.iter().filter(|c| c.state == CriterionState::Met).map(|c| c.id.as_str());
    let findings = judgement.findings.iter().map(|f| f.id.clone());
    say(&judgement.control, judgement.verdict.word(), met.collect(), findings.collect())
}

#[test]
fn a_judge_written_by_hand_agrees_with_the_policies() {
    let (fleet, judges) = (Fleet::new(SEED), Judges::new());
    let mut differences = Vec::new();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut go, mut bytes, mut valid) = (0, 0, 0);
    for index in 0..DOCUMENTS {
        let text = fleet.document(index);
        bytes += text.len();
        valid += usize::from(fleet.is_valid(&serde_json::from_str(&text).expect("a document is JSON")));
        let judgements = judges.policies(&text).unwrap_or_else(|| panic!("document {index} is refused"));
        go += usize::from(judgements.iter().all(|j| j.verdict.is_pass()));
        for judgement in &judgements {
            let codes = judgement.findings.iter().map(|f| kind(&f.id));
            seen.entry(judgement.control.clone()).or_default().extend(codes);
        }
        let policies: Vec<String> = judgements.iter().map(say_judgement).collect();
        differences.extend(difference(index, &policies, judges.native(&text)));
    }
    let kinds: usize = seen.values().map(BTreeSet::len).sum();
    let mean = bytes / usize::try_from(DOCUMENTS).expect("a few");
    crate::project::tell(&format!(
        "fleet: {DOCUMENTS} documents of {mean} bytes, {go} pass all, {valid} schema-valid, {} defects, {kinds} kinds of findings",
        fleet.kinds()
    ));
    assert!(differences.is_empty(), "{}", differences[..differences.len().min(SHOWN)].join("\n"));
    assert!((16_000..=21_000).contains(&mean), "a document has {mean} bytes");
    assert!((140..=240).contains(&go), "{go} of {DOCUMENTS} documents pass everything");
    assert!(valid > 400, "{valid} documents are schema-valid");
    assert!(seen.values().all(|codes| codes.len() >= 6) && kinds >= 150, "too few kinds of findings: {seen:#?}");
}

/// The code of a finding, without its subject.
fn kind(id: &str) -> String {
    id.split('[').next().unwrap_or(id).to_owned()
}

fn difference(index: u64, policies: &[String], native: Option<Vec<String>>) -> Option<String> {
    let Some(native) = native else { return Some(format!("document {index}: refused by hand")) };
    let differing = policies.iter().zip(&native).filter(|(a, b)| a != b);
    let lines: Vec<String> = differing.map(|(a, b)| format!("document {index}\n  policies {a}\n  by hand  {b}")).collect();
    (!lines.is_empty() || policies.len() != native.len()).then(|| lines.join("\n"))
}

#[test]
fn a_fleet_is_the_same_each_time() {
    let (fleet, again, other) = (Fleet::new(SEED), Fleet::new(SEED), Fleet::new(SEED + 1));
    let mut differ = [0; 3];
    for index in (0..40).rev() {
        let document = fleet.document(index);
        assert_eq!(document, again.document(index), "document {index}");
        assert_eq!(fleet.mutant(index), again.mutant(index), "mutant {index}");
        assert_eq!(fleet.changed(index, 1, 50), again.changed(index, 1, 50), "document {index} changed");
        assert_eq!(fleet.changed(index, 1, 0), document, "nothing changes in a round without changes");
        differ[0] += usize::from(document != other.document(index));
        differ[1] += usize::from(document != fleet.changed(index, 1, 50));
        differ[2] += usize::from(fleet.changed(index, 1, 100) != fleet.changed(index, 2, 100));
    }
    assert_eq!(differ[0], 40, "another seed is another fleet");
    assert!((8..=32).contains(&differ[1]), "{} of 40 documents changed, wanted about 20", differ[1]);
    assert!(differ[2] > 30, "two rounds change different things");
}

#[test]
fn a_changed_document_differs_in_one_group() {
    let fleet = Fleet::new(SEED);
    for index in 0..60 {
        let [before, after] = [fleet.document(index), fleet.changed(index, 3, 100)].map(|text| groups(&text));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let differing = names.iter().filter(|name| before.get(**name) != after.get(**name)).count();
        assert!(differing <= 1, "document {index}: {differing} groups changed");
    }
}

fn groups(text: &str) -> BTreeMap<String, Value> {
    let document: Value = serde_json::from_str(text).expect("a document is JSON");
    document["facts"].as_object().into_iter().flatten().map(|(name, group)| (name.clone(), group.clone())).collect()
}

#[test]
fn mutants_are_judged_alike_by_hand() {
    let (fleet, judges) = (Fleet::new(SEED), Judges::new());
    let (mut valid, mut whole) = (0, 0);
    let mut differences = Vec::new();
    for index in 0..MUTANTS {
        let text = fleet.mutant(index);
        valid += u64::from(fleet.is_valid(&serde_json::from_str(&text).expect("a mutant is JSON")));
        let Some(judgements) = judges.policies(&text) else { continue };
        whole += 1;
        let policies: Vec<String> = judgements.iter().map(say_judgement).collect();
        differences.extend(difference(index, &policies, judges.native(&text)));
    }
    let differing = differences.len();
    crate::project::tell(&format!(
        "mutants: {MUTANTS}, {whole} are facts documents, {valid} schema-valid, {differing} judged otherwise by hand"
    ));
    assert!(differences.is_empty(), "{}", differences[..differing.min(SHOWN)].join("\n"));
    assert!(whole * 10 >= MUTANTS * 9, "{whole} of {MUTANTS} mutants can be judged");
    assert!((MUTANTS / 2..=MUTANTS * 19 / 20).contains(&valid), "{valid} of {MUTANTS} mutants are schema-valid");
}
