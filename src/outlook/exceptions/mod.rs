//! How waivers and remediations stand, for people and as documents.

mod remediations;
mod waivers;

pub use remediations::RemediationList;
pub use waivers::WaiverList;

use crate::model::Instant;
use crate::model::time::say_duration;
use crate::report::page::{Page, Part};

/// Columns of the names before values.
const LABEL: usize = 12;
/// Where what belongs to an entry begins.
const INNER: usize = 4;

fn entry(page: &mut Page, name: &str, value: Vec<Part>) {
    let parts: Vec<Part> = [Part::label(name, LABEL)].into_iter().chain(value).collect();
    page.put(INNER, INNER + LABEL + 1, &parts);
}

/// `in 3 d`, or `2 h ago`.
fn distance(at: Instant, now: Instant) -> String {
    let ahead = at.ms.saturating_sub(now.ms);
    if ahead > 0 { format!("in {}", say_duration(ahead)) } else { format!("{} ago", say_duration(-ahead)) }
}

/// `2 waivers: 1 active, 1 expired`, states in the order of their weight.
fn tally(what: &str, words: impl Iterator<Item = &'static str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let all = counts.iter().map(|(_, count)| count).sum();
    let parts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    let rest = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("{}{rest}", crate::report::count(all, what))
}

fn clock(given: bool) -> &'static str {
    if given { "given" } else { "system" }
}
