//! One fixture judged by the reference: the strict reader, the schemas, the interpreter.

use super::suite::Case;
use crate::checklist::{Checklist, contract};
use crate::evaluate::judge;
use crate::facts::{Ages, Facts, assess, combine, read};
use crate::model::{Instant, Judgement};
use crate::text::{Limits, Problem, Source};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The judgement of a case's control on its facts; none where the checklist has no such control.
///
/// # Errors
/// The facts are refused as a whole.
pub fn trial(checklist: &Checklist, case: &Case) -> Result<Option<Judgement>, Vec<Problem>> {
    let source = Arc::new(Source::new(format!("{}/{}", case.control.replacen('.', "/", 1), case.name), case.facts.to_string()));
    let schema = contract("envelope")?;
    let facts = combine(vec![read(source, schema, &Limits::default())?], &case.plan)?;
    Ok(judge_one(checklist, &case.control, &facts, case.at))
}

/// The judgement of one control on facts; none where the checklist has no such control.
pub fn judge_one(checklist: &Checklist, control: &str, facts: &Facts, now: Instant) -> Option<Judgement> {
    let control = checklist.control(control)?;
    let (skew, parameters) = (checklist.parameters.clock_skew(), &checklist.parameters);
    let groups = control.text.facts.keys().filter_map(|name| {
        let ages = Ages { now, skew, max_age: parameters.max_age(name) };
        Some((name.as_str(), assess(facts, name, checklist.groups.get(name)?, &ages)))
    });
    let groups: Vec<_> = groups.collect();
    let seen: BTreeMap<_, _> = groups.iter().map(|(name, assessment)| (*name, assessment)).collect();
    Some(judge(checklist, control, facts, &seen, now))
}
