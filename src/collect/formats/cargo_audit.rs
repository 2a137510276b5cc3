//! The JSON report of cargo-audit.

use super::scan::{End, Fault, Finding, Scan, Suppression, instant, json, word};
use super::severity::Severity;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Report {
    database: Database,
    lockfile: Lockfile,
    settings: Settings,
    vulnerabilities: Vulnerabilities,
    warnings: BTreeMap<String, Vec<Entry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Database {
    advisory_count: u64,
    last_updated: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Lockfile {
    dependency_count: u64,
}

#[derive(Deserialize)]
struct Settings {
    ignore: Vec<String>,
    informational_warnings: Vec<String>,
    severity: Option<String>,
    target_arch: Targets,
    target_os: Targets,
}

/// Newer versions write a list, older ones a word or null.
#[derive(Deserialize)]
#[serde(untagged)]
enum Targets {
    Many(Vec<String>),
    One(Option<String>),
}

#[derive(Deserialize)]
struct Vulnerabilities {
    found: bool,
    count: usize,
    list: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    advisory: Option<Advisory>,
    package: Package,
}

#[derive(Deserialize)]
struct Advisory {
    id: String,
    cvss: Option<String>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// Reads one. It says nothing of its own end, nor of what the lock file belongs to.
///
/// # Errors
/// It is no such report, or contradicts itself.
pub fn read(name: &str, bytes: &[u8]) -> Result<Scan, Fault> {
    let value = json(name, bytes)?;
    let report: Report = serde_json::from_value(value).map_err(|e| (End::Unknown, format!("it is no report of cargo-audit: {e}")))?;
    let Report { database, lockfile, settings, vulnerabilities, warnings } = report;
    if vulnerabilities.count != vulnerabilities.list.len() || vulnerabilities.found == vulnerabilities.list.is_empty() {
        return Err((End::Failed, "it counts other vulnerabilities than it lists".to_owned()));
    }
    let mut findings: Vec<Finding> = vulnerabilities.list.iter().map(|entry| entry.finding("vulnerability")).collect();
    for (kind, entries) in &warnings {
        findings.extend(entries.iter().map(|entry| entry.finding(kind)));
    }
    Ok(Scan {
        tool: Some("cargo-audit".to_owned()),
        version: None,
        // Without a dependency it had no target.
        end: if lockfile.dependency_count == 0 { End::Unknown } else { End::Silent },
        finished_at: None,
        // The date of an empty database says nothing.
        database: database.last_updated.as_deref().and_then(instant).filter(|_| database.advisory_count > 0),
        findings,
        suppressions: settings.suppressions(),
    })
}

impl Entry {
    fn finding(&self, kind: &str) -> Finding {
        let severity = match (self.advisory.as_ref().and_then(|a| a.cvss.as_deref()), kind) {
            (Some(vector), _) => Severity::of_vector(vector),
            // The tool's own word for these is a warning without a risk of its own. Unsound code is not among them.
            (None, "unmaintained" | "notice" | "yanked") => Severity::Info,
            (None, _) => Severity::Unknown,
        };
        let id = self.advisory.as_ref().map_or(kind, |a| a.id.as_str());
        Finding { id: word(id, 256), severity, component: word(&format!("{} {}", self.package.name, self.package.version), 512) }
    }
}

impl Settings {
    /// Whatever keeps an advisory out of the report.
    fn suppressions(&self) -> Vec<Suppression> {
        let mut out: Vec<Suppression> = self.ignore.iter().map(|id| Suppression::configured(word(id, 256), Severity::Unknown)).collect();
        if let Some(severity) = &self.severity {
            out.push(Suppression::configured(word(&format!("severity below {severity}"), 256), Severity::Unknown));
        }
        for (setting, targets) in [("target_arch", &self.target_arch), ("target_os", &self.target_os)] {
            let targets: Vec<&str> = match targets {
                Targets::Many(many) => many.iter().map(String::as_str).collect(),
                Targets::One(one) => one.iter().map(String::as_str).collect(),
            };
            if !targets.is_empty() {
                out.push(Suppression::configured(word(&format!("{setting} other than {}", targets.join(", ")), 256), Severity::Unknown));
            }
        }
        for (kind, severity) in [("unmaintained", Severity::Info), ("unsound", Severity::Unknown), ("notice", Severity::Info)] {
            if !self.informational_warnings.iter().any(|known| known == kind) {
                out.push(Suppression::configured(kind, severity));
            }
        }
        out
    }
}
