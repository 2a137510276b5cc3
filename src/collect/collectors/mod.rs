//! One file per collector, and the registry. A new one is its file, its `mod`, and its line below.

mod auth_probes;
mod backup_schedule;
mod backup_verifications;
mod backups;
mod daemons;
mod install;
mod json;
mod rollback_drills;
mod rollback_plan;

use super::collector::Entry;

/// All collectors, in the order in which `golive collect --list` shows them.
pub const COLLECTORS: &[&Entry] = &[
    &auth_probes::ENTRY,
    &backup_schedule::ENTRY,
    &backup_verifications::ENTRY,
    &backups::ENTRY,
    &daemons::ENTRY,
    &install::ENTRY,
    &json::ENTRY,
    &rollback_drills::ENTRY,
    &rollback_plan::ENTRY,
];
