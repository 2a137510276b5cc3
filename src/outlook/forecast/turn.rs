//! What turns between two moments.

use super::moment::Moment;
use crate::checklist::Checklist;
use crate::exceptions::Exceptions;
use crate::model::forecast::{ControlTurn, Turn};
use crate::model::{Finding, Instant};

/// The turn from one moment to the next; `findings` are those of each control at the latter.
pub(super) fn turn(
    at: Instant,
    (before, after): (&Moment, &Moment),
    findings: &[Vec<Finding>],
    (checklist, exceptions): (&Checklist, &Exceptions),
) -> Turn {
    let mut controls = Vec::new();
    let mut overdue = Vec::new();
    for (index, control) in checklist.controls.iter().enumerate() {
        let id = &control.text.id;
        if !before.overdue[index] && after.overdue[index] {
            overdue.push(id.clone());
        }
        let (old, new) = (&before.standings[index], &after.standings[index]);
        if old == new && before.outcomes[index] == after.outcomes[index] {
            continue;
        }
        let mut gained: Vec<Finding> = Vec::new();
        for finding in findings.get(index).into_iter().flatten() {
            // One id may stand several times, with other words.
            if old.findings.binary_search(&finding.id).is_err() && gained.iter().all(|known| known.id != finding.id) {
                gained.push(finding.clone());
            }
        }
        controls.push(ControlTurn {
            control: id.clone(),
            before: (old.verdict, before.outcomes[index]),
            after: (new.verdict, after.outcomes[index]),
            gained,
            lost: old.findings.iter().filter(|id| new.findings.binary_search(id).is_err()).cloned().collect(),
        });
    }
    let states = before.waivers.iter().zip(&after.waivers);
    let waivers = exceptions.waivers.iter().zip(states).filter(|(_, (old, new))| old != new);
    let waivers = waivers.map(|(waiver, (old, new))| (waiver.id.clone(), *old, *new)).collect();
    Turn { at, gate: after.gate, controls, waivers, overdue }
}
