//! A forecast as what it says of every time.

use super::by_hand::{Hand, State};
use golive::exceptions::Exceptions;
use golive::model::forecast::Turn;
use golive::model::time::parse_duration;
use golive::model::{Forecast, Instant};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a forecast says of each stretch between two turns: its first millisecond, and the state.
pub struct Stretches(Vec<(i64, State)>);

impl Stretches {
    /// From the state at the beginning and the turns; a turn that does not begin where the one before it ends is an error.
    pub fn new(forecast: &Forecast, first: State, (controls, waivers): (&[&str], &[&str])) -> Result<Self, String> {
        let mut out = vec![(forecast.from.ms, first)];
        for turn in &forecast.turns {
            let (at, state) = out.last().expect("one at least");
            if turn.at.ms <= *at || turn.at.ms >= forecast.until.ms {
                return Err(format!("a turn at {} follows one at {at}", turn.at));
            }
            let after = after(state, turn, (controls, waivers))?;
            if after == *state {
                return Err(format!("nothing turns at {}", turn.at));
            }
            out.push((turn.at.ms, after));
        }
        Ok(Self(out))
    }

    /// What it says of a time.
    pub fn at(&self, at: i64) -> &State {
        let index = self.0.partition_point(|(since, _)| *since <= at);
        &self.0[index.saturating_sub(1)].1
    }

    /// Holds some times in ascending order against the judge by hand; how many they were.
    pub fn agree(&self, times: impl Iterator<Item = i64>, hand: &mut Hand<'_, '_>) -> Result<u64, String> {
        let (mut index, mut count) = (usize::MAX, 0);
        for at in times {
            let here = self.0.partition_point(|(since, _)| *since <= at).saturating_sub(1);
            // Where neither side has turned since the last time that was looked at, there is nothing to compare again.
            if hand.moves(at) || here != index {
                let (said, own) = (hand.state(at), &self.0[here].1);
                if said != *own {
                    return Err(format!("at {} by hand\n{}\nforecast\n{}", Instant { ms: at }, said.beside(own), own.beside(&said)));
                }
            }
            index = here;
            count += 1;
        }
        Ok(count)
    }
}

fn after(state: &State, turn: &Turn, (controls, waivers): (&[&str], &[&str])) -> Result<State, String> {
    let mut out = state.clone();
    let of = |names: &[&str], id: &str| names.iter().position(|name| *name == id).ok_or(format!("nothing is called {id}"));
    out.go = turn.gate.word() == "GO";
    for change in &turn.controls {
        let control = &mut out.controls[of(controls, &change.control)?];
        let (before, after) = (change.before, change.after);
        if (control.verdict.as_str(), control.outcome) != (before.0.word(), before.1.word()) {
            return Err(format!("{} is {control:?} before {}, and said to be {before:?}", change.control, turn.at));
        }
        (control.verdict, control.outcome) = (after.0.word().to_owned(), after.1.word());
        let gone = change.lost.iter().all(|id| control.findings.remove(id));
        let new = change.gained.iter().all(|finding| control.findings.insert(finding.id.clone()));
        if !gone || !new {
            return Err(format!("findings of {} at {}", change.control, turn.at));
        }
        // What does not stand any more cannot be overdue; what begins to be is said.
        control.overdue &= after.1.word() == "blocking";
    }
    for (id, before, after) in &turn.waivers {
        let waiver = &mut out.waivers[of(waivers, id)?];
        if waiver != before {
            return Err(format!("waiver {id} is {waiver} before {}, and said to be {before}", turn.at));
        }
        *waiver = after;
    }
    for id in &turn.overdue {
        let control = &mut out.controls[of(controls, id)?];
        if std::mem::replace(&mut control.overdue, true) {
            return Err(format!("{id} was overdue before {}", turn.at));
        }
    }
    Ok(out)
}

/// Every time that stands somewhere, with every length of time before and after it, and each of those with the milliseconds around it;
/// in ascending order, between two times.
pub fn times(values: &[&Value], exceptions: &Exceptions, (from, until): (i64, i64)) -> Vec<i64> {
    let (mut times, mut lengths) = (BTreeSet::new(), BTreeSet::from([0]));
    for value in values {
        gather(value, &mut times, &mut lengths);
    }
    for waiver in &exceptions.waivers {
        times.extend([waiver.created_at.ms, waiver.expires_at.ms, waiver.remediation.target_date.ms]);
    }
    times.extend(exceptions.remediations.iter().map(|r| r.target_date.ms));
    let around = times.iter().flat_map(|at| lengths.iter().flat_map(move |length| [at - length, at + length]));
    let around: BTreeSet<i64> = around.flat_map(|at| [at - 1, at, at + 1]).filter(|at| (from..until).contains(at)).collect();
    around.into_iter().collect()
}

fn gather(value: &Value, times: &mut BTreeSet<i64>, lengths: &mut BTreeSet<i64>) {
    match value {
        Value::String(text) => match (Instant::parse(text), parse_duration(text)) {
            (Some(time), _) => drop(times.insert(time.ms)),
            (None, Some(length)) => drop(lengths.insert(length)),
            (None, None) => {}
        },
        Value::Array(items) => items.iter().for_each(|item| gather(item, times, lengths)),
        Value::Object(members) => members.values().for_each(|member| gather(member, times, lengths)),
        _ => {}
    }
}
