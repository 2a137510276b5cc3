//! The rows of an explanation.

use super::change::Report;
use super::court::{Court, Sight};
use super::model::{CriterionRow, DocumentRow, Explanation, FaultRow, GroupRow, OriginRow, ViolationRow};
use super::reads;
use super::reason::Words;
use crate::facts::{Facts, FactsDocument, Stated};
use crate::model::time::say_duration;
use crate::model::{Criterion, Fault, Finding, Instant, Judgement, Trust};
use crate::rego::trace::{Entry, Held, Step, Trace};
use std::collections::BTreeMap;

/// So many comparisons of one rule are shown.
const MOST_COMPARED: usize = 6;

/// What was found out.
pub(super) struct Found<'f> {
    pub judgement: Judgement,
    pub trace: Option<Trace>,
    pub change: Report,
    pub words: Words<'f>,
    pub given: bool,
}

pub(super) fn explanation(court: &Court<'_>, facts: &Facts, sight: &Sight, found: Found<'_>) -> Explanation {
    let text = &court.control.text;
    let error = found.judgement.findings.iter().find(|finding| finding.id == "error").map(|finding| finding.message.clone());
    let finders = finders(court, found.trace.as_ref());
    let criteria = found.judgement.criteria.iter().map(|criterion| row(court, sight, (&found, &finders), criterion)).collect();
    Explanation {
        format: "golive.explanation/1",
        control: text.id.clone(),
        title: text.title.clone(),
        environment: court.plan.environment.clone(),
        release: court.plan.release.clone(),
        evaluated_at: court.now.to_string(),
        clock: if found.given { "given" } else { "system" },
        checklist: court.checklist.about.clone(),
        facts: facts.documents.iter().map(document).collect(),
        verdict: found.judgement.verdict.word(),
        mark: found.judgement.verdict.mark(),
        groups: text.facts.iter().map(|(name, accepts)| group(court, facts, sight, name, *accepts)).collect(),
        criteria,
        traced: found.trace.is_some(),
        error,
        change: found.change,
    }
}

fn document(document: &FactsDocument) -> DocumentRow {
    DocumentRow { name: document.document.source.name.clone(), digest: document.digest.clone() }
}

fn group(court: &Court<'_>, facts: &Facts, sight: &Sight, name: &str, accepts: Trust) -> GroupRow {
    let stated = facts.groups.get(name);
    let max_age = court.checklist.parameters.max_age(name);
    let mut faults = sight.groups.get(name).map(|assessment| assessment.faults.clone()).unwrap_or_default();
    if let Some(trust) = stated.map(|s| s.group.trust).filter(|trust| *trust < accepts) {
        faults.push((Fault::Untrusted, format!("the group is {}", trust.word())));
    }
    let wanted = |fault: Fault| wanted(court, fault, name, (max_age, accepts));
    GroupRow {
        name: name.to_owned(),
        origin: stated.map(|stated| origin(court, facts, stated)),
        max_age: max_age.map(say_duration),
        accepts: accepts.word(),
        faults: faults.into_iter().map(|(fault, message)| FaultRow { fault: fault.word(), message, wanted: wanted(fault) }).collect(),
    }
}

fn origin(court: &Court<'_>, facts: &Facts, stated: &Stated) -> OriginRow {
    let group = &stated.group;
    OriginRow {
        document: facts.documents.get(stated.document).map_or_else(String::new, |d| d.document.source.name.clone()),
        collector: format!("{} {}", group.collector.name, group.collector.version),
        source: group.source.clone(),
        collected_at: group.collected_at.to_string(),
        age: say_duration(court.now.ms - group.collected_at.ms),
        trust: group.trust.word(),
        evidence: group.evidence.iter().map(|evidence| evidence.uri.clone()).collect(),
    }
}

/// What a group would have to be to be used.
fn wanted(court: &Court<'_>, fault: Fault, name: &str, (max_age, accepts): (Option<i64>, Trust)) -> String {
    let skew = court.checklist.parameters.clock_skew();
    match fault {
        Fault::Missing => format!("a document that states the group `{name}`"),
        Fault::Invalid => format!("what `golive schema {name}` describes"),
        Fault::Stale => match max_age {
            Some(age) => format!("collected at {} or later (max_age is {})", Instant { ms: court.now.ms - age }, say_duration(age)),
            None => format!("a parameter max_age.{name}"),
        },
        Fault::Future => format!("collected at {} or earlier (clock_skew is {})", Instant { ms: court.now.ms + skew }, say_duration(skew)),
        Fault::NoEvidence => "a link to what backs it, and its sha256".to_owned(),
        Fault::Untrusted => format!("{} facts", accepts.word()),
    }
}

fn row(
    court: &Court<'_>,
    sight: &Sight,
    (found, finders): (&Found<'_>, &BTreeMap<Finding, (&Entry, &Held)>),
    criterion: &Criterion,
) -> CriterionRow {
    let words = &found.words;
    let rules: Vec<&Entry> = found.trace.iter().flat_map(|t| &t.criteria).filter(|entry| entry.name == criterion.id).collect();
    let blind: Vec<String> = sight.view.bad.iter().filter(|group| reads(court, &criterion.id, group)).cloned().collect();
    let held = rules.iter().find_map(|entry| entry.holds.first()).filter(|_| blind.is_empty());
    let stops = rules.iter().filter(|_| held.is_none() && blind.is_empty()).filter_map(|entry| entry.stop.as_ref());
    let denies = |finding: &&Finding| finding.criterion.as_ref() == Some(&criterion.id) && !finding.id.starts_with("unproven:");
    let violations = found.judgement.findings.iter().filter(denies).filter(|f| f.id != "error");
    CriterionRow {
        id: criterion.id.clone(),
        words: criterion.words.clone(),
        state: criterion.state.word(),
        rules: written(court, words, criterion, &rules),
        compared: held.map(|held| compared(words, &held.steps)).unwrap_or_default(),
        stopped: stops.map(|stop| words.stop(stop)).collect(),
        violations: violations.map(|finding| violation(found, finders, finding)).collect(),
        blind,
    }
}

/// The criterion's rules; without a trace they are looked up by the criterion's name.
fn written(court: &Court<'_>, words: &Words<'_>, criterion: &Criterion, rules: &[&Entry]) -> Vec<super::model::RuleRow> {
    if !rules.is_empty() {
        return rules.iter().map(|entry| words.rule(&entry.place)).collect();
    }
    crate::rego::trace::places(&court.context, court.index, &criterion.id).iter().map(|place| words.rule(place)).collect()
}

fn compared(words: &Words<'_>, steps: &[Step]) -> Vec<super::model::CompareRow> {
    let compared = steps.iter().filter_map(|step| Some((&step.place, step.compared.as_ref()?)));
    compared.take(MOST_COMPARED).map(|(place, compared)| words.compared(place, compared)).collect()
}

/// Which rule found each violation that holds; the first one where there are several.
fn finders<'t>(court: &Court<'_>, trace: Option<&'t Trace>) -> BTreeMap<Finding, (&'t Entry, &'t Held)> {
    let mut out = BTreeMap::new();
    for entry in trace.into_iter().flat_map(|trace| &trace.violations) {
        for held in &entry.holds {
            if let Ok(finding) = crate::evaluate::finding(&court.control.text, &held.member) {
                out.entry(finding).or_insert((entry, held));
            }
        }
    }
    out
}

fn violation(found: &Found<'_>, finders: &BTreeMap<Finding, (&Entry, &Held)>, finding: &Finding) -> ViolationRow {
    let words = &found.words;
    let held = finders.get(finding);
    let tokens = |pointer: &String| {
        let tokens = pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"));
        tokens.collect::<Vec<_>>()
    };
    ViolationRow {
        finding: finding.id.clone(),
        message: finding.message.clone(),
        facts: finding.pointers.iter().map(|pointer| words.fact(&tokens(pointer))).collect(),
        rule: held.map(|(entry, _)| words.rule(&entry.place)),
        compared: held.map(|(_, held)| compared(words, &held.steps)).unwrap_or_default(),
    }
}
