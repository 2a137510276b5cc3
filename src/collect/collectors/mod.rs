//! One file per collector, and the registry. A new one is its file, its `mod`, and its line below.

mod alerts;
mod attestation;
mod front_matter_reviews;
mod install;
mod json;
mod runbooks;
mod slos;

use super::collector::Entry;

/// All collectors, in the order in which `golive collect --list` shows them.
pub const COLLECTORS: &[&Entry] = &[&alerts::ENTRY, &attestation::ENTRY, &front_matter_reviews::ENTRY, &install::ENTRY, &json::ENTRY, &runbooks::ENTRY, &slos::ENTRY];
