//! One file per collector, and the registry. A new one is its file, its `mod`, and its line below.

mod auth_probes;
mod daemons;
mod exposure;
mod exposure_merge;
mod install;
mod json;
mod tls_endpoints;

use super::collector::Entry;

/// All collectors, in the order in which `golive collect --list` shows them.
pub const COLLECTORS: &[&Entry] =
    &[&auth_probes::ENTRY, &daemons::ENTRY, &exposure::ENTRY, &exposure_merge::ENTRY, &install::ENTRY, &json::ENTRY, &tls_endpoints::ENTRY];
