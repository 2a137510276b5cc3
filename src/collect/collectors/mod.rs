//! One file per collector, and the registry. A new one is its file, its `mod`, and its line below.

mod install;
mod json;

use super::collector::Entry;

/// All collectors, in the order in which `golive collect --list` shows them.
pub const COLLECTORS: &[&Entry] = &[&install::ENTRY, &json::ENTRY];
