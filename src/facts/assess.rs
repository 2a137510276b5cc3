//! Whether a group may be used as proof.

use super::document::{Facts, Stated};
use crate::model::time::{Millis, say_duration};
use crate::model::{Fault, Instant};
use crate::schema::{Schema, enrich};
use crate::text::{Problem, pointer_of, visible};
use serde_json::{Value, json};

/// How old and how far ahead a group may be.
#[derive(Debug, Clone, Copy)]
pub struct Ages {
    /// The evaluation's clock.
    pub now: Instant,
    /// How far a time may lie ahead of it.
    pub skew: Millis,
    /// The group's `max_age`; without one nothing is fresh.
    pub max_age: Option<Millis>,
}

/// A group as controls may see it.
#[derive(Debug, Clone, Default)]
pub struct Assessment {
    /// What makes it unusable; empty where it is good. Trust is the control's own question.
    pub faults: Vec<(Fault, String)>,
    /// The diagnostics behind the faults.
    pub problems: Vec<Problem>,
    /// Its value with `_ms` beside times and durations, where it is good.
    pub value: Option<Value>,
    /// What stands around it, with `collected_at_ms`.
    pub envelope: Value,
}

/// Holds a group against its schema, its evidence and its age.
pub fn assess(facts: &Facts, name: &str, schema: &Schema, ages: &Ages) -> Assessment {
    let Some(stated) = facts.groups.get(name) else {
        let fault = (Fault::Missing, format!("the facts say nothing about `{name}`"));
        return Assessment { faults: vec![fault], ..Assessment::default() };
    };
    let mut out = Assessment { envelope: envelope(stated), ..Assessment::default() };
    let document = &facts.documents[stated.document].document;
    let base = format!("/facts{}", pointer_of([name]));
    let group = &stated.group;
    out.problems = schema.problems("golive::facts::invalid", &group.value, document, &format!("{base}/value"));
    if let Some(first) = out.problems.first() {
        let more = out.problems.len() - 1;
        let rest = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        out.faults.push((Fault::Invalid, format!("the group is off its schema: {}{rest}", first.message)));
    }
    if group.evidence.is_empty() {
        out.faults.push((Fault::NoEvidence, "no evidence backs the group".to_owned()));
    }
    out.faults.extend(age(group.collected_at, ages));
    if out.faults.is_empty() {
        let mut value = group.value.clone();
        enrich(&schema.shape, &mut value);
        out.value = Some(value);
    } else if out.problems.is_empty() {
        let pointer = if group.evidence.is_empty() { format!("{base}/evidence") } else { format!("{base}/collected_at") };
        for (fault, message) in &out.faults {
            let problem = Problem::new("golive::facts::unusable", format!("group `{}` is {fault}: {message}", visible(name)));
            out.problems.push(problem.at(&document.source, document.locate(&pointer).value, fault.word()).warning());
        }
    }
    out
}

impl Ages {
    /// What is wrong with the age of a group.
    pub fn fault(&self, collected_at: Instant) -> Option<Fault> {
        let age = self.now.ms - collected_at.ms;
        match self.max_age {
            _ if age < -self.skew => Some(Fault::Future),
            Some(max_age) if age <= max_age => None,
            _ => Some(Fault::Stale),
        }
    }
}

fn age(collected_at: Instant, ages: &Ages) -> Option<(Fault, String)> {
    let age = ages.now.ms - collected_at.ms;
    let fault = ages.fault(collected_at)?;
    let words = match (fault, ages.max_age) {
        (Fault::Future, _) => format!("collected at {collected_at}, {} after now", say_duration(-age)),
        (_, Some(max_age)) => {
            let hours = age / 3_600_000;
            format!("collected at {collected_at}, {} ago ({hours} h); max_age is {}", say_duration(age), say_duration(max_age))
        }
        (_, None) => "the parameters set no max_age for the group".to_owned(),
    };
    Some((fault, words))
}

fn envelope(stated: &Stated) -> Value {
    let group = &stated.group;
    json!({
        "collected_at": group.collected_at.to_string(),
        "collected_at_ms": group.collected_at.ms,
        "collector": group.collector,
        "source": group.source,
        "evidence": group.evidence,
        "trust": group.trust,
    })
}
