//! The judgement of each control.

use super::violation;
use crate::checklist::{Checklist, Control};
use crate::facts::{Ages, Assessment, Facts, assess};
use crate::model::{Criterion, CriterionState, Fault, Finding, Instant, Judgement, Verdict};
use crate::rego::Answer;
use crate::schema::{code_points, nearest};
use crate::text::{Problem, pointer_of, visible};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// All controls judged.
#[derive(Debug)]
pub struct Evaluation {
    /// One per control, in the checklist's order.
    pub judgements: Vec<Judgement>,
    /// What is wrong with groups of facts, and groups that nothing reads.
    pub problems: Vec<Problem>,
}

/// Judges every control of the checklist.
pub fn evaluate(checklist: &Checklist, facts: &Facts, now: Instant) -> Evaluation {
    evaluate_watched(checklist, facts, now, &mut |_| true)
}

/// Judges every control of the checklist. `ask` hears the id of each control before its policy is asked; where it says no,
/// the policy is not asked and the control is `error`.
pub fn evaluate_watched(checklist: &Checklist, facts: &Facts, now: Instant, ask: &mut dyn FnMut(&str) -> bool) -> Evaluation {
    let wanted: BTreeSet<&str> = checklist.controls.iter().flat_map(|c| c.text.facts.keys()).map(String::as_str).collect();
    let mut groups: BTreeMap<&str, Assessment> = BTreeMap::new();
    let mut problems = Vec::new();
    for name in wanted.iter().copied() {
        let Some(schema) = checklist.groups.get(name) else { continue };
        let ages = Ages { now, skew: checklist.parameters.clock_skew(), max_age: checklist.parameters.max_age(name) };
        let mut assessment = assess(facts, name, schema, &ages);
        problems.append(&mut assessment.problems);
        groups.insert(name, assessment);
    }
    problems.extend(unread(facts, &wanted));
    let seen: BTreeMap<&str, &Assessment> = groups.iter().map(|(name, assessment)| (*name, assessment)).collect();
    let judgements = checklist.controls.iter().map(|c| judge_if(checklist, c, facts, &seen, now, ask(&c.text.id))).collect();
    Evaluation { judgements, problems }
}

/// Groups that no control reads cannot help; a misspelt one is a missing one.
fn unread(facts: &Facts, wanted: &BTreeSet<&str>) -> Vec<Problem> {
    let unread = facts.groups.iter().filter(|(name, _)| !wanted.contains(name.as_str()));
    unread
        .map(|(name, stated)| {
            let document = &facts.documents[stated.document].document;
            let place = document.locate(&format!("/facts{}", pointer_of([name])));
            let missing = wanted.iter().copied().filter(|w| !facts.groups.contains_key(*w));
            let problem = Problem::new(
                "golive::facts::unread",
                format!("unknown key `{}`{}: no control reads a group of this name", visible(name), code_points(name)),
            )
            .at(&document.source, place.key.unwrap_or(place.value), "ignored")
            .warning();
            match nearest(name, missing) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            }
        })
        .collect()
}

/// Judges one control on groups that were assessed before.
pub fn judge(checklist: &Checklist, control: &Control, facts: &Facts, groups: &BTreeMap<&str, &Assessment>, now: Instant) -> Judgement {
    judge_if(checklist, control, facts, groups, now, true)
}

fn judge_if(
    checklist: &Checklist,
    control: &Control,
    facts: &Facts,
    groups: &BTreeMap<&str, &Assessment>,
    now: Instant,
    asked: bool,
) -> Judgement {
    let View { input, findings, bad } = view(control, facts, groups, now);
    if !asked {
        return broken(control, "its policy ended the process that asked it, and is not asked again".to_owned(), findings);
    }
    on(checklist, control, &input, findings, &bad)
}

/// What a control is given of some groups, and why it is not given the others.
pub struct View {
    /// What its policy is asked with.
    pub input: Value,
    /// The findings of the groups that it is not given.
    pub findings: Vec<Finding>,
    /// These groups.
    pub bad: BTreeSet<String>,
}

/// What a control is given of groups that were assessed before.
pub fn view(control: &Control, facts: &Facts, groups: &BTreeMap<&str, &Assessment>, now: Instant) -> View {
    let mut findings = Vec::new();
    let mut bad = BTreeSet::new();
    let mut input = Input { facts: Map::new(), envelope: Map::new() };
    for (name, lowest) in &control.text.facts {
        let trust = facts.groups.get(name).map(|s| s.group.trust);
        let mut faults = groups.get(name.as_str()).map(|g| g.faults.clone()).unwrap_or_default();
        if let Some(trust) = trust.filter(|t| t < lowest) {
            faults.push((Fault::Untrusted, format!("the group is {}, the control accepts {} facts only", trust.word(), lowest.word())));
        }
        let value = groups.get(name.as_str()).and_then(|g| Some((g.value.clone()?, g.envelope.clone())));
        match (faults.is_empty(), value) {
            (true, Some((value, envelope))) => {
                input.facts.insert(name.clone(), value);
                input.envelope.insert(name.clone(), envelope);
            }
            _ => {
                bad.insert(name.clone());
                findings.extend(faults.into_iter().map(|(fault, message)| Finding {
                    id: format!("facts:{name}:{fault}"),
                    criterion: None,
                    message,
                    pointers: vec![format!("/facts{}", pointer_of([name]))],
                }));
            }
        }
    }
    View { input: input.whole(&facts.plan.environment, &facts.plan.release, now), findings, bad }
}

/// The groups that a control may see.
pub(super) struct Input {
    pub facts: Map<String, Value>,
    pub envelope: Map<String, Value>,
}

impl Input {
    /// What the control's policy is given.
    pub fn whole(self, environment: &str, release: &str, now: Instant) -> Value {
        json!({
            "facts": self.facts,
            "envelope": self.envelope,
            "environment": environment,
            "release": release,
            "now_ms": now.ms,
        })
    }
}

/// Judges one control on its input; `findings` are those of the groups that it may not see, which are `bad`.
pub(super) fn on(checklist: &Checklist, control: &Control, input: &Value, findings: Vec<Finding>, bad: &BTreeSet<String>) -> Judgement {
    match ask(checklist, control, input) {
        Ok((met, violations)) => conclude(checklist, control, &met, violations, findings, bad),
        Err(message) => broken(control, message, findings),
    }
}

/// Asks the policy what is met and what is violated.
fn ask(checklist: &Checklist, control: &Control, input: &Value) -> Result<(BTreeSet<String>, Vec<Finding>), String> {
    let package = format!("data.golive.controls.{}", control.text.id);
    let rules = [format!("{package}.violations"), format!("{package}.met")];
    let rules = [rules[0].as_str(), rules[1].as_str()];
    let mut answers = checklist.engine.evaluate(&rules, input, checklist.limits).map_err(|e| e.to_string())?.into_iter();
    let set = |answer: Option<Answer>| match answer {
        Some(Answer::Value(Value::Array(items))) => Ok(items),
        _ => Err("an entry rule has no set as its value".to_owned()),
    };
    let (violations, met) = (set(answers.next())?, set(answers.next())?);
    let met = met.into_iter().map(|m| m.as_str().map(str::to_owned).ok_or("a criterion is no string")).collect::<Result<_, _>>()?;
    let findings = violations.iter().map(|v| violation::read(&control.text, v)).collect::<Result<_, _>>()?;
    Ok((met, findings))
}

fn conclude(
    checklist: &Checklist,
    control: &Control,
    met: &BTreeSet<String>,
    violations: Vec<Finding>,
    mut findings: Vec<Finding>,
    bad: &BTreeSet<String>,
) -> Judgement {
    let text = &control.text;
    if let Some(stray) = met.iter().find(|m| !text.criteria.iter().any(|(id, _)| id == *m)) {
        return broken(control, format!("the policy met `{stray}`, which is no criterion"), findings);
    }
    let denied: BTreeSet<&str> = violations.iter().filter_map(|f| f.criterion.as_deref()).collect();
    let criteria: Vec<Criterion> = text
        .criteria
        .iter()
        .map(|(id, words)| {
            // A criterion that reads a bad group is open whatever the policy says: half of its facts could only mislead.
            let met = met.contains(id) && !reads_bad(checklist, control, id, bad);
            let state = CriterionState::of(met, denied.contains(id.as_str()));
            Criterion { id: id.clone(), words: words.clone(), state }
        })
        .collect();
    let states: Vec<CriterionState> = criteria.iter().map(|c| c.state).collect();
    let verdict = Verdict::conclude(&states, bad.is_empty());
    for criterion in &criteria {
        let finding = |id: String, message: String| Finding { id, criterion: Some(criterion.id.clone()), message, pointers: Vec::new() };
        match criterion.state {
            CriterionState::Contradicted => {
                findings
                    .push(finding("error".to_owned(), format!("the policy contradicts itself: `{}` is both met and denied", criterion.id)));
            }
            // Where a criterion reads a bad group, that group's finding says why it is open.
            CriterionState::Open if !reads_bad(checklist, control, &criterion.id, bad) => {
                findings.push(finding(format!("unproven:{}", criterion.id), format!("not proven: {}", criterion.words)));
            }
            _ => {}
        }
    }
    findings.extend(violations);
    findings.sort();
    findings.dedup();
    Judgement { control: text.id.clone(), verdict, criteria, findings }
}

fn reads_bad(checklist: &Checklist, control: &Control, criterion: &str, bad: &BTreeSet<String>) -> bool {
    !bad.is_empty() && checklist.reads(control).groups_of.get(criterion).is_none_or(|groups| !groups.is_disjoint(bad))
}

fn broken(control: &Control, message: String, mut findings: Vec<Finding>) -> Judgement {
    let text = &control.text;
    let criteria = text.criteria.iter().map(|(id, words)| Criterion { id: id.clone(), words: words.clone(), state: CriterionState::Open });
    findings.push(Finding { id: "error".to_owned(), criterion: None, message, pointers: Vec::new() });
    findings.sort();
    Judgement { control: text.id.clone(), verdict: Verdict::ERROR, criteria: criteria.collect(), findings }
}
