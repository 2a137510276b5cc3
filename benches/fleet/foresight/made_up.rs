//! Waivers and remediations that fit a document, made up by a seed.

use super::by_hand::Hand;
use crate::fleet::random::Random;
use golive::exceptions::Exceptions;
use golive::facts::Plan;
use golive::model::{Instant, Remediation, Waiver};

const DAY: i64 = 86_400_000;

/// Exceptions for a document whose controls are judged by hand, between two times. Most waivers list what stands at some time in between.
pub fn exceptions(bare: &Hand<'_, '_>, plan: &Plan, (from, until): (i64, i64), random: &mut Random) -> Exceptions {
    let mut waivers = Vec::new();
    for number in 0..random.below(5) {
        waivers.extend(waiver(bare, plan, number, (from, until), random));
    }
    // One waiver for each control that stands in the way at the beginning: some documents turn to GO.
    if random.once_in(2) {
        let standing = bare.again().state(from);
        let blocking = standing.controls.iter().enumerate().filter(|(_, control)| control.outcome == "blocking");
        for (index, control) in blocking {
            let findings = control.findings.iter().cloned().collect();
            waivers.push(of(plan, (bare.control(index), findings), &format!("w-{index}"), (from, until), random));
        }
    }
    waivers.sort_by(|a, b| a.id.cmp(&b.id));
    waivers.dedup_by(|a, b| a.id == b.id);
    let mut remediations: Vec<Remediation> = Vec::new();
    for _ in 0..random.below(6) {
        let control = bare.control(random.below(11));
        let target = random.between(from - DAY, until);
        if remediations.iter().all(|r| r.control != control) {
            remediations.push(remediation(plan, control, target, random));
        }
    }
    Exceptions { waivers, remediations }
}

fn waiver(bare: &Hand<'_, '_>, plan: &Plan, number: usize, (from, until): (i64, i64), random: &mut Random) -> Option<Waiver> {
    let at = if random.once_in(2) { from } else { random.between(from, until) };
    let index = random.below(11);
    let state = bare.again().state(at);
    let mut findings: Vec<String> = state.controls[index].findings.iter().cloned().collect();
    if random.once_in(8) {
        findings.pop();
    }
    (!findings.is_empty()).then(|| of(plan, (bare.control(index), findings), &format!("v-{number}"), (from, until), random))
}

fn of(plan: &Plan, (control, findings): (String, Vec<String>), id: &str, (from, until): (i64, i64), random: &mut Random) -> Waiver {
    let begins = if random.once_in(3) { random.between(from, until) } else { from - DAY };
    let ends = begins + 1 + random.between(0, 90 * DAY);
    let target = random.between(begins, ends + 10 * DAY);
    Waiver {
        id: id.to_owned(),
        findings,
        reason: "made up".to_owned(),
        ticket: "T-1".to_owned(),
        requested_by: "a".to_owned(),
        approved_by: "b".to_owned(),
        created_at: Instant { ms: begins },
        expires_at: Instant { ms: ends },
        remediation: remediation(plan, control, target, random),
    }
}

fn remediation(plan: &Plan, control: String, target: i64, random: &mut Random) -> Remediation {
    let other = random.once_in(12);
    Remediation {
        control,
        environment: plan.environment.clone(),
        release: if other { "9.9.9".to_owned() } else { plan.release.clone() },
        owner: "o".to_owned(),
        action: "mend it".to_owned(),
        target_date: Instant { ms: target },
    }
}
