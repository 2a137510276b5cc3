//! Times at which something might turn, for policies that do not say so themselves.

use crate::model::Millis;
use crate::model::time::{Instant, parse_duration};
use serde_json::Value;
use std::collections::BTreeSet;

/// So many candidates are tried of one control; the earliest ones.
pub(super) const MOST: usize = 500;

/// So many times, and lengths of time, are looked at.
const MOST_TIMES: usize = 2_000;
const MOST_LENGTHS: usize = 60;

/// Every time in some values, and each as many lengths of time before and after it as stand there, and sums of two of them; between two
/// times. Each stands with the millisecond before it and the one after it.
pub(super) fn candidates<'v>(values: impl IntoIterator<Item = &'v Value>, (from, until): (Millis, Millis)) -> Vec<Millis> {
    let (mut times, mut lengths) = (BTreeSet::new(), BTreeSet::from([0]));
    for value in values {
        gather(value, &mut times, &mut lengths);
    }
    let single: Vec<Millis> = lengths.iter().flat_map(|length| [*length, -length]).take(2 * MOST_LENGTHS).collect();
    let sums = |a: &Millis| single.iter().map(|b| a.saturating_add(*b)).collect::<Vec<_>>();
    let lengths: BTreeSet<Millis> = single.iter().flat_map(sums).collect();
    let mut out = BTreeSet::new();
    for time in times.iter().take(MOST_TIMES) {
        for length in &lengths {
            let at = time.saturating_add(*length);
            if at >= from && at < until {
                out.insert(at);
            }
        }
        // The earliest ones are kept, so that memory stays bounded.
        while out.len() > MOST {
            out.pop_last();
        }
    }
    let around: BTreeSet<Millis> = out.into_iter().flat_map(|at| [at - 1, at, at + 1]).filter(|at| *at > from && *at < until).collect();
    around.into_iter().collect()
}

fn gather(value: &Value, times: &mut BTreeSet<Millis>, lengths: &mut BTreeSet<Millis>) {
    match value {
        Value::String(text) => {
            if let Some(time) = Instant::parse(text) {
                times.insert(time.ms);
            } else if let Some(length) = parse_duration(text) {
                lengths.insert(length);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, times, lengths)),
        Value::Object(members) => members.values().for_each(|member| gather(member, times, lengths)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_with_lengths_and_their_sums() {
        let values = [json!({"at": "1970-01-02T00:00:00Z", "n": 5}), json!(["PT1S", "PT10S"])];
        let found = candidates(&values, (86_390_000, 86_500_000));
        let day = 86_400_000;
        for offset in [-9_000, -1_000, 0, 1_000, 2_000, 9_000, 10_000, 11_000, 20_000] {
            assert!([-1, 0, 1].iter().all(|by| found.contains(&(day + offset + by))), "{offset}");
        }
        assert!(!found.contains(&(day + 5)) && found.iter().all(|at| (86_390_001..86_500_000).contains(at)));
        assert!(candidates(&[], (0, day)).is_empty());
    }
}
