//! One file per collector, and the registry. A new one is its file, its `mod`, and its line below.

mod alerts;
mod artifacts;
mod attestation;
mod auth_probes;
mod backup_schedule;
mod backup_verifications;
mod backups;
mod compatibility_guarantees;
mod compatibility_tests;
mod daemons;
mod exposure;
mod exposure_merge;
mod front_matter_reviews;
mod install;
mod json;
mod release_manifest;
mod rollback_drills;
mod rollback_plan;
mod runbooks;
mod scans;
mod slos;
mod tls_endpoints;

use super::collector::Entry;

/// All collectors, in the order in which `golive collect --list` shows them: that of the checklist.
pub const COLLECTORS: &[&Entry] = &[
    &install::ENTRY,
    &daemons::ENTRY,
    &auth_probes::ENTRY,
    &tls_endpoints::ENTRY,
    &exposure::ENTRY,
    &exposure_merge::ENTRY,
    &backups::ENTRY,
    &backup_schedule::ENTRY,
    &backup_verifications::ENTRY,
    &rollback_plan::ENTRY,
    &rollback_drills::ENTRY,
    &compatibility_guarantees::ENTRY,
    &compatibility_tests::ENTRY,
    &release_manifest::ENTRY,
    &scans::ENTRY,
    &artifacts::ENTRY,
    &runbooks::ENTRY,
    &front_matter_reviews::ENTRY,
    &slos::ENTRY,
    &alerts::ENTRY,
    &attestation::ENTRY,
    &json::ENTRY,
];
