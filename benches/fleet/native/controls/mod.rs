//! The eleven controls.

mod artifacts;
mod auth;
mod backups;
mod compatibility;
mod install;
mod rollback;
mod runbooks;
mod scans;
mod slos;
mod tls;

use super::row::Row;
use super::{Case, Good};

/// One control.
pub struct Control {
    /// Its id.
    pub id: &'static str,
    /// The groups that it reads.
    pub groups: &'static [&'static str],
    /// Its criteria.
    pub criteria: &'static [&'static str],
    /// What it states about a case.
    pub judge: fn(&Case<'_, '_>, &mut Row),
}

/// All of them, in the checklist's order.
pub const ALL: &[Control] = &[
    install::REPRODUCIBLE,
    auth::ENFORCED,
    tls::ENCRYPTED,
    backups::SCHEDULED,
    backups::VERIFIED,
    rollback::TESTED,
    compatibility::VALIDATED,
    scans::PASSED,
    artifacts::SIGNED,
    runbooks::CURRENT,
    slos::ACTIVE,
];

/// The value of a group that can be used.
fn value<'f, T>(good: Option<&Good<'f, '_, T>>) -> Option<&'f T> {
    good.map(|good| good.value)
}

/// All of a list that is known.
fn all<T>(list: Option<&Vec<T>>, holds: impl Fn(&T) -> bool) -> bool {
    list.is_some_and(|list| list.iter().all(holds))
}

/// All of a list that is known and not empty.
fn some_and_all<T>(list: Option<&Vec<T>>, holds: impl Fn(&T) -> bool) -> bool {
    list.is_some_and(|list| !list.is_empty() && list.iter().all(holds))
}

/// The elements of a list, none where it is not known.
fn each<T>(list: Option<&Vec<T>>) -> impl Iterator<Item = &T> {
    list.into_iter().flatten()
}
