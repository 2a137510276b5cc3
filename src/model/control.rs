//! The checklist's rows as people wrote them.

use super::facts::Trust;
use serde::Serialize;
use std::collections::BTreeMap;

/// `<area>.<name>`, such as `backups.scheduled`.
pub type ControlId = String;

/// The name of a group of facts, such as `backups`.
pub type GroupId = String;

/// What a control's METADATA says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlText {
    /// The control's id.
    pub id: ControlId,
    /// The checklist's area, in its own words.
    pub area: String,
    /// The checklist's check, in its own words.
    pub title: String,
    /// The PASS column.
    pub pass: String,
    /// The FAIL column.
    pub fail: String,
    /// The groups that the control may see, each with the lowest trust that it accepts.
    pub facts: BTreeMap<GroupId, Trust>,
    /// The criteria in the order of METADATA: id and words.
    pub criteria: Vec<(String, String)>,
    /// The violations by code.
    pub violations: BTreeMap<String, ViolationText>,
    /// What to do where the control is not `pass`.
    pub remediation: String,
}

/// What METADATA says of one violation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ViolationText {
    /// The criterion that it refutes.
    pub denies: String,
    /// Words with `{name}` places, filled by the host.
    pub message: String,
}

/// What a decision says of the checklist that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checklist {
    /// The manifest's id.
    pub id: String,
    /// The manifest's title.
    pub title: String,
    /// The manifest's version.
    pub version: String,
    /// `embedded`, or the directory that it was read from.
    pub origin: String,
    /// `sha256:…` over policies and schemas.
    pub digest: String,
    /// How many controls it has.
    pub controls: usize,
    /// Parameters that differ from the checklist's defaults: pointer, default, value in force.
    pub parameters: Vec<ParameterChange>,
}

/// A parameter in force that is not the checklist's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParameterChange {
    /// RFC 6901 pointer into the parameters.
    pub pointer: String,
    /// The checklist's default, as JSON.
    pub default: serde_json::Value,
    /// The value in force, as JSON.
    pub value: serde_json::Value,
}
