//! Changes that a run itself suggests: what a comparison that stopped would need.

use super::universe::resized;
use super::{Because, Change, Kind};
use crate::model::Instant;
use crate::model::time::parse_duration;
use crate::outlook::explain::place::{Place, place, value_at};
use crate::outlook::explain::reason::written_like;
use crate::rego::trace::{Compared, Operand, Stop, Tokens, Trace, Why};
use serde_json::Value as Json;

/// So many members of a collection that a value could be are suggested.
const MOST_MEMBERS: usize = 4;

/// Sums of so many terms are taken apart.
const MOST_TERMS: usize = 4;

/// What the statements that stopped, and those of violations that hold, would need.
pub(super) fn suggest(trace: &Trace, document: &Json, now: Instant) -> Vec<Change> {
    let mut out = Suggestions { document, now, changes: Vec::new() };
    for entry in trace.criteria.iter().filter(|entry| entry.holds.is_empty()) {
        entry.stop.iter().for_each(|stop| out.stop(stop));
    }
    for held in trace.violations.iter().flat_map(|entry| &entry.holds) {
        for compared in held.steps.iter().filter_map(|step| step.compared.as_ref()) {
            out.against(compared);
        }
    }
    out.changes
}

struct Suggestions<'d> {
    document: &'d Json,
    now: Instant,
    changes: Vec<Change>,
}

impl Suggestions<'_> {
    fn stop(&mut self, stop: &Stop) {
        match &stop.why {
            Why::Compared(compared) => self.towards(compared.operator, &compared.left, &compared.right),
            Why::Members { stopped, .. } => stopped.iter().for_each(|(_, stop)| self.stop(stop)),
            Why::Called(_, cases) => cases.iter().for_each(|stop| self.stop(stop)),
            Why::Absent(..) | Why::False(_) | Why::Held => {}
        }
    }

    /// The opposite of a comparison that holds.
    fn against(&mut self, compared: &Compared) {
        let operator = match compared.operator {
            "<" => ">=",
            "<=" => ">",
            ">" => "<=",
            ">=" => "<",
            "!=" => "==",
            _ => return,
        };
        self.towards(operator, &compared.left, &compared.right);
    }

    /// What would make a comparison true.
    fn towards(&mut self, operator: &str, left: &Operand, right: &Operand) {
        match operator {
            "==" => {
                self.equal(left, right);
                self.equal(right, left);
            }
            "in" => self.member(left, right),
            "<" | "<=" | ">" | ">=" => self.inside(operator, left, right),
            _ => {}
        }
    }

    /// The leaf that an operand stands for as it is, and its value.
    fn leaf(&self, operand: &Operand) -> Option<(Vec<String>, Json)> {
        let [only] = operand.sources.as_slice() else { return None };
        let Place::Fact(path) = place(only, self.document)? else { return None };
        let value = value_at(self.document, &path)?;
        (Some(value) == operand.value.as_ref() && !value.is_array() && !value.is_object()).then(|| (path, value.clone()))
    }

    fn equal(&mut self, target: &Operand, other: &Operand) {
        let (Some((path, from)), Some(to)) = (self.leaf(target), &other.value) else { return };
        if !to.is_array() && !to.is_object() {
            self.push(Change::leaf(path, from, to.clone(), Because::Compared));
        }
    }

    fn member(&mut self, value: &Operand, within: &Operand) {
        let Some(Json::Array(members)) = &within.value else { return };
        if let Some((path, from)) = self.leaf(value) {
            for member in members.iter().filter(|m| !m.is_array() && !m.is_object()).take(MOST_MEMBERS) {
                self.push(Change::leaf(path.clone(), from.clone(), member.clone(), Because::Compared));
            }
        }
        let ([only], Some(wanted)) = (within.sources.as_slice(), &value.value) else { return };
        let Some(Place::Fact(path)) = place(only, self.document) else { return };
        if value_at(self.document, &path) == within.value.as_ref() {
            let all = [members.as_slice(), std::slice::from_ref(wanted)].concat();
            let shown = (path.clone(), Json::Null, wanted.clone());
            self.push(resized(self.document, Kind::Added, &path, shown, all, Because::Compared));
            for (index, from) in members.iter().enumerate().take(MOST_MEMBERS) {
                let place = path.iter().cloned().chain([index.to_string()]).collect();
                self.push(Change::leaf(place, from.clone(), wanted.clone(), Because::Compared));
            }
        }
    }

    /// A leaf on either side moved until the comparison holds.
    fn inside(&mut self, operator: &str, left: &Operand, right: &Operand) {
        let number = |operand: &Operand| operand.value.as_ref().and_then(Json::as_i64);
        let (Some(a), Some(b)) = (number(left), number(right)) else { return };
        let Some(gap) = a.checked_sub(b).map(i64::abs) else { return };
        let strict = i64::from(operator == "<" || operator == ">");
        // The left side has to rise, or the right side to fall; or the other way round.
        let rise = if operator.starts_with('>') { 1 } else { -1 };
        for (operand, value, way) in [(left, a, rise), (right, b, -rise)] {
            for (tokens, sign) in self.signs(operand, value) {
                let Some(Place::Fact(path)) = place(tokens, self.document) else { continue };
                let Some(known) = value_at(self.document, &path) else { continue };
                let Some(here) = number_of(known) else { continue };
                // What is written in seconds moves by whole seconds.
                let steps = if known.is_string() { (gap + strict + 999) / 1000 * 1000 } else { gap + strict };
                let to = here.checked_add(way * sign * steps).and_then(|moved| written_like(known, moved));
                if let Some(to) = to {
                    self.push(Change::leaf(path, known.clone(), to, Because::Bound));
                }
            }
        }
    }

    /// Which sources a number is the sum of, and which are taken off it; both ways for one of which that is not known.
    fn signs<'o>(&self, operand: &'o Operand, value: i64) -> Vec<(&'o Tokens, i64)> {
        let numbers: Option<Vec<i64>> = operand.sources.iter().map(|tokens| self.number(tokens)).collect();
        let count = operand.sources.len();
        let signs = |mask: u32| (0..count).map(move |i| if mask >> i & 1 == 0 { 1 } else { -1 });
        if let Some(numbers) = numbers.filter(|_| count <= MOST_TERMS) {
            let sum = |mask: &u32| signs(*mask).zip(&numbers).map(|(sign, n)| sign * n).sum::<i64>() == value;
            if let Some(mask) = (0..1_u32 << count).find(sum) {
                return operand.sources.iter().zip(signs(mask)).collect();
            }
        }
        operand.sources.iter().flat_map(|tokens| [(tokens, 1), (tokens, -1)]).collect()
    }

    /// The number that a policy sees in a place.
    fn number(&self, tokens: &Tokens) -> Option<i64> {
        let found = match place(tokens, self.document)? {
            Place::Fact(path) => number_of(value_at(self.document, &path)?),
            Place::Plan(name) if name == "now" => Some(self.now.ms),
            _ => None,
        };
        found.filter(|number| number.unsigned_abs() < 1 << 53)
    }

    fn push(&mut self, change: Change) {
        if change.from != change.to && !self.changes.iter().any(|known| known.patch == change.patch) {
            self.changes.push(change);
        }
    }
}

fn number_of(value: &Json) -> Option<i64> {
    let text = || value.as_str();
    value.as_i64().or_else(|| text().and_then(Instant::parse).map(|i| i.ms)).or_else(|| text().and_then(parse_duration))
}
