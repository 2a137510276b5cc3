//! A judge of the eleven controls in plain Rust, written by hand: what a policy engine is measured against.
//!
//! It reads a document into typed structures that borrow from its text, refuses unknown and duplicate keys, holds each group
//! against its words, patterns, totals and age, and gives the same criteria, violations and verdicts as the policies. It
//! does not check how long texts and lists may be at most.

mod controls;
#[expect(dead_code, reason = "what no control needs is read all the same, so that it is held against its type")]
mod deployment;
mod leaf;
#[expect(clippy::struct_field_names, reason = "fields are named as in the schemas")]
mod limits;
#[expect(dead_code, reason = "what no control needs is read all the same, so that it is held against its type")]
#[expect(clippy::struct_field_names, reason = "fields are named as in the schemas")]
mod operations;
mod read;
#[expect(dead_code, reason = "what no control needs is read all the same, so that it is held against its type")]
#[expect(clippy::struct_field_names, reason = "fields are named as in the schemas")]
mod recovery;
#[expect(dead_code, reason = "what no control needs is read all the same, so that it is held against its type")]
mod release;
mod row;
#[expect(clippy::enum_variant_names, reason = "words are named as in the schemas")]
mod words;

pub use limits::Limits;
pub use read::{Facts, read};
pub use row::Row;

/// The length of a list is its total.
fn whole(length: usize, total: u64) -> bool {
    u64::try_from(length) == Ok(total)
}

/// A group that can be used.
pub struct Good<'f, 'a, T> {
    value: &'f T,
    around: &'f read::Around<'a>,
}

impl<T> Clone for Good<'_, '_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Good<'_, '_, T> {}

/// What a control sees beside the facts.
pub struct Case<'f, 'a> {
    seen: read::Seen<'f, 'a>,
    release: &'f str,
    now: i64,
    limits: &'f Limits,
}

impl Case<'_, '_> {
    fn within(&self, at: i64, max: i64) -> bool {
        !self.future(at) && self.now - at <= max
    }

    fn future(&self, at: i64) -> bool {
        at - self.now > self.limits.clock_skew_ms
    }
}

/// Every control's row and its verdict, in the checklist's order; all of them `pass` is GO.
pub fn judge(facts: &Facts<'_>, limits: &Limits, now: i64) -> Vec<(Row, &'static str)> {
    let (seen, faults) = facts.assess(limits, now);
    let case = Case { seen, release: facts.release(), now, limits };
    let mut out = Vec::with_capacity(controls::ALL.len());
    for control in controls::ALL {
        let mut row = Row::new(control.id, control.criteria);
        for group in control.groups {
            if let Some(faults) = faults.iter().find(|(name, _)| name == group) {
                row.bad(&faults.1);
            }
        }
        (control.judge)(&case, &mut row);
        let verdict = row.conclude();
        out.push((row, verdict));
    }
    out
}
