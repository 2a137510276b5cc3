//! Cases that this runner does not run: those that wait for a command, and those that other tests hold.

use super::case::yaml;
use serde::Deserialize;
use std::path::Path;

/// A case whose command does not exist yet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    pub id: String,
    pub waits_for: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    waiting: Vec<Waiting>,
}

/// A case that other tests hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    pub id: String,
    /// Folders of recorded files, or `file::test`.
    pub held_by: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedElsewhere {
    elsewhere: Vec<Elsewhere>,
}

/// Those that wait.
pub fn read_waiting(file: &Path) -> Vec<Waiting> {
    yaml::<Listed>(file).waiting
}

/// Those that other tests hold.
pub fn read_elsewhere(file: &Path) -> Vec<Elsewhere> {
    yaml::<ListedElsewhere>(file).elsewhere
}
