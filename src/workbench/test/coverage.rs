//! What tests reach: lines of policies, states of criteria, violations.

use super::Request;
use crate::model::{CriterionState, Judgement};
use crate::rego::Lines;
use crate::workbench::reach::leading;
use std::collections::BTreeSet;

/// What tests reach, and what they do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Each file of a control or of shared functions.
    pub files: Lines,
    /// What a verdict can hang on: a criterion that is met, denied or open, a violation. Each with whether it was seen.
    pub points: Vec<Point>,
}

/// One thing that a verdict can hang on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The control.
    pub control: String,
    /// The criterion, or the violation's code.
    pub name: String,
    /// `met`, `denied`, `open` or `violation`.
    pub state: &'static str,
    /// Whether a fixture came to it.
    pub is_seen: bool,
}

impl Coverage {
    /// Reached and all lines.
    pub fn lines(&self) -> (usize, usize) {
        let reached: usize = self.files.values().map(|file| file.reached.len()).sum();
        let missed: usize = self.files.values().map(|file| file.missed.len()).sum();
        (reached, reached + missed)
    }

    /// Seen and all points.
    pub fn seen(&self) -> (usize, usize) {
        (self.points.iter().filter(|point| point.is_seen).count(), self.points.len())
    }

    /// The lower one of both, in percent.
    pub fn percent(&self) -> f64 {
        percent(self.lines()).min(percent(self.seen()))
    }
}

/// A share in percent; of nothing it is nothing.
#[expect(clippy::cast_precision_loss, reason = "there are fewer lines than 2^52")]
pub(super) fn percent((part, all): (usize, usize)) -> f64 {
    if all == 0 { 0.0 } else { part as f64 * 100.0 / all as f64 }
}

/// What the judgements of fixtures, and the tests in Rego, have reached.
pub(super) fn coverage(request: &Request<'_>, judgements: &[Judgement]) -> Coverage {
    let mut files = request.checklist.engine.lines();
    for (name, lines) in request.exam.map(crate::rego::Exam::lines).unwrap_or_default() {
        let Some(file) = files.get_mut(&name) else { continue };
        file.reached.extend(lines.reached);
        file.missed.extend(lines.missed);
        file.missed.retain(|line| !file.reached.contains(line));
    }
    let leading = leading(request.checklist, &request.checklist.engine.modules());
    files.retain(|name, _| leading.get(name).is_some_and(|controls| controls.iter().any(|id| id.starts_with(request.control))));
    Coverage { files, points: points(request, judgements) }
}

fn points(request: &Request<'_>, judgements: &[Judgement]) -> Vec<Point> {
    let mut out = Vec::new();
    let mut states: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    let mut codes: BTreeSet<(&str, &str)> = BTreeSet::new();
    for judgement in judgements {
        states
            .extend(judgement.criteria.iter().map(|criterion| (judgement.control.as_str(), criterion.id.as_str(), criterion.state.word())));
        codes.extend(judgement.findings.iter().filter_map(|finding| Some((judgement.control.as_str(), finding.id.split('[').next()?))));
    }
    for control in request.checklist.controls.iter().filter(|control| control.text.id.starts_with(request.control)) {
        let (id, text) = (&control.text.id, &control.text);
        let mut add = |name: &str, state, is_seen| out.push(Point { control: id.clone(), name: name.to_owned(), state, is_seen });
        for (criterion, _) in &text.criteria {
            let is_deniable = text.violations.values().any(|violation| violation.denies == *criterion);
            for state in [CriterionState::Met, CriterionState::Denied, CriterionState::Open] {
                if state != CriterionState::Denied || is_deniable {
                    add(criterion, state.word(), states.contains(&(id.as_str(), criterion.as_str(), state.word())));
                }
            }
        }
        for code in text.violations.keys() {
            add(code, "violation", codes.contains(&(id.as_str(), code.as_str())));
        }
    }
    out
}
