//! What every scanner's report comes down to.

use super::severity::Severity;
use crate::model::Instant;
use crate::text::{Limits, Source, read_json, visible};
use serde_json::Value;
use std::sync::Arc;

/// One run of one scanner.
#[derive(Debug)]
pub struct Scan {
    /// The scanner, by its own word.
    pub tool: Option<String>,
    /// Its version, by its own word.
    pub version: Option<String>,
    /// Whether it ran to its end, by its own word.
    pub end: End,
    /// When it had ended, by its own word.
    pub finished_at: Option<Instant>,
    /// The date of its database of known vulnerabilities.
    pub database: Option<Instant>,
    /// What it reports.
    pub findings: Vec<Finding>,
    /// What it was told not to report.
    pub suppressions: Vec<Suppression>,
}

impl Scan {
    /// A run of which only this is known.
    pub fn ended(end: End) -> Self {
        Self { tool: None, version: None, end, finished_at: None, database: None, findings: Vec::new(), suppressions: Vec::new() }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The report says that it ran to its end.
    Succeeded,
    /// The report is whole and says nothing about it: its exit code may.
    Silent,
    /// It did not.
    Failed,
    /// Nobody can tell, whatever its exit code was.
    Unknown,
}

/// Something that a scanner found.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// The advisory or the rule.
    pub id: String,
    /// Of two severities the higher.
    pub severity: Severity,
    /// Where.
    pub component: String,
}

/// Something that a scanner was told not to report.
#[derive(Debug, PartialEq, Eq)]
pub struct Suppression {
    /// What is hidden.
    pub finding: Finding,
    /// Where it was told so, in the facts' word.
    pub origin: &'static str,
}

impl Suppression {
    /// Something that is hidden everywhere by the tool's own settings.
    pub fn configured(id: impl Into<String>, severity: Severity) -> Self {
        Self { finding: Finding { id: id.into(), severity, component: "*".to_owned() }, origin: "tool_configuration" }
    }
}

/// Why a report is none: how that leaves the run, and the reason for people.
pub type Fault = (End, String);

/// The JSON of a report. A tool that ran to its end leaves a whole document.
///
/// # Errors
/// It is none.
pub fn json(name: &str, bytes: &[u8]) -> Result<Value, Fault> {
    let failed = |reason: String| (End::Failed, reason);
    let text = std::str::from_utf8(bytes).map_err(|_| failed("it is not UTF-8".to_owned()))?;
    // Some scanners on Windows write it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let limits = Limits { keys: 3_000_000, ..Limits::default() };
    read_json(Arc::new(Source::new(name, text)), &limits).map(|d| d.value).map_err(|p| failed(p.message))
}

/// A time with its zone, however the tool spells it.
pub fn instant(text: &str) -> Option<Instant> {
    let ms = text.parse::<jiff::Timestamp>().ok()?.as_millisecond();
    (ms >= 0).then_some(Instant { ms })
}

/// A word out of a report as an id or a place: one line, of bounded length, never empty.
pub fn word(text: &str, most: usize) -> String {
    let text = visible(text);
    match text.chars().count() {
        0 => "unknown".to_owned(),
        n if n > most => text.chars().take(most - 1).chain(['…']).collect(),
        _ => text,
    }
}
