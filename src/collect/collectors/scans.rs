//! Reports of security scanners, each bound to what it is about by a record of the run that wrote it.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Exhibit, Need, read};
use crate::collect::context::Context;
use crate::collect::files::{MOST_BYTES, shown};
use crate::collect::formats::scan::{End, Fault, Finding, Scan};
use crate::collect::formats::{cargo_audit, sarif};
use crate::collect::{document, redact};
use crate::model::{Instant, Trust};
use crate::text::visible;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "scans",
    about: "reports of security scanners: SARIF 2.1.0, cargo-audit",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The reports that stand for this release.
    reports: Vec<Wanted>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// What the organisation calls this scan, the same in each run.
    name: String,
    /// What the tool looks at.
    kind: Kind,
    /// How the report is written.
    format: Format,
    /// The report.
    path: PathBuf,
    /// What ran the tool, on what, and when: `golive schema scan-record`.
    record: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Known flaws in dependencies.
    Dependency,
    /// An image.
    Image,
    /// The code itself.
    Static,
    /// Something else.
    Other,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Format {
    /// SARIF 2.1.0.
    Sarif,
    /// `cargo audit --json`.
    CargoAudit,
}

/// What is read of a record.
#[derive(Debug, Deserialize)]
struct Record {
    tool: Tool,
    exit: Option<u32>,
    started_at: String,
    finished_at: String,
    subjects: Vec<Subject>,
    database: Database,
    report_sha256: String,
}

#[derive(Debug, Deserialize)]
struct Tool {
    name: String,
    version: String,
}

#[derive(Debug, Deserialize)]
struct Subject {
    sha256: String,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
enum Database {
    None,
    Unknown,
    Dated { updated_at: String },
}

/// A record that fits its schema, and whether it names the report on hand.
struct Bound {
    record: Record,
    finished_at: Instant,
    names_report: bool,
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        self.reports.iter().flat_map(|r| [Some(r.path.clone()), r.record.clone()]).flatten().map(Need::Path).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let (mut reports, mut exhibits, mut said) = (Vec::new(), Vec::new(), Vec::new());
        for wanted in &self.reports {
            reports.extend(wanted.stated(at, &mut exhibits, &mut said)?);
        }
        let names: BTreeSet<&str> = reports.iter().filter_map(|r: &Value| r["name"].as_str()).collect();
        if names.len() < reports.len() {
            return Err(Absent::new("two reports have the same name").help("the name is part of each finding: give each report its own"));
        }
        if reports.is_empty() {
            return Err(Absent::new("no report is configured").help("[[facts.scans.reports]] names each one"));
        }
        let mut out = Collected::new(json!({ "reports_total": reports.len(), "reports": reports }), said.join("; "));
        out.exhibits = exhibits;
        Ok(out)
    }
}

impl Wanted {
    /// An entry for each run of the report. What cannot be read of it is stated with what its record says.
    fn stated(&self, at: &Context, exhibits: &mut Vec<Exhibit>, said: &mut Vec<String>) -> Result<Vec<Value>, Absent> {
        let name = shown(&self.path);
        let record = self.record.as_deref().map(|path| record_of(at, path, exhibits)).transpose()?;
        let mut readable = true;
        let (scans, names_report) = match at.files().read(&self.path, MOST_BYTES) {
            Ok(seen) => {
                let scans = self.format.read(&name, &seen.bytes);
                exhibits.push(at.exhibit(&file_name(&self.path), seen.bytes));
                (scans, record.as_ref().is_some_and(|r| r.report_sha256 == seen.sha256))
            }
            // Without a record nobody knows that there was a run.
            Err(absent) if record.is_none() => return Err(absent),
            Err(absent) => {
                readable = false;
                (Err((End::Failed, absent.reason)), false)
            }
        };
        let bound = record.map(|record| Bound::new(record, names_report, self)).transpose()?;
        let scans = match scans {
            Ok(scans) => {
                said.push(name.clone());
                scans
            }
            Err((end, reason)) => {
                said.push(format!("{name} ({reason})"));
                vec![Scan::ended(end)]
            }
        };
        if readable && bound.as_ref().is_some_and(|b| !b.names_report) {
            said.push(format!("{name} is not the report that its record names"));
        }
        if let Some(bound) = &bound
            && let Some(other) = scans.iter().find(|scan| !bound.wrote(scan))
        {
            let (other, tool) = (other.tool.as_deref().unwrap_or_default(), visible(&bound.record.tool.name));
            said.push(format!("{name} is a report of {other}, its record one of {tool}"));
        }
        let harm = scans.iter().any(|s| !s.findings.is_empty() || !s.suppressions.is_empty());
        let one = |(index, scan): (usize, &Scan)| {
            let name = if index == 0 { self.name.clone() } else { format!("{}/{}", self.name, index + 1) };
            self.entry(&name, scan, bound.as_ref(), harm)
        };
        scans.iter().enumerate().map(one).collect()
    }

    fn entry(&self, name: &str, scan: &Scan, bound: Option<&Bound>, harm: bool) -> Result<Value, Absent> {
        let times = [scan.finished_at, bound.map(|b| b.finished_at)];
        let Some(finished_at) = times.into_iter().flatten().min() else {
            let reason = format!("nobody knows when {} was made: it has no scan record and does not say it", shown(&self.path));
            return Err(Absent::new(reason).help("let what runs the scanner write one: `golive schema scan-record`"));
        };
        let about = bound.filter(|b| b.names_report && b.wrote(scan));
        let subjects: BTreeSet<&str> = about.iter().flat_map(|b| &b.record.subjects).map(|s| s.sha256.as_str()).collect();
        let tool = bound.map(|b| &b.record.tool);
        let version = scan.version.as_deref().or(tool.map(|t| t.version.as_str())).unwrap_or_default();
        let suppressions: Vec<Value> = scan
            .suppressions
            .iter()
            .map(|s| {
                let mut hidden = finding(&s.finding);
                hidden["origin"] = json!(s.origin);
                hidden
            })
            .collect();
        Ok(json!({
            "name": name, "kind": self.kind, "tool": scan.tool.as_deref().or(tool.map(|t| t.name.as_str())).unwrap_or("unknown"), "tool_version": version,
            "state": state(scan, bound, harm), "subjects": subjects, "finished_at": finished_at.to_string(), "database": self.database(scan, about),
            "findings": scan.findings.iter().map(finding).collect::<Vec<_>>(), "findings_total": scan.findings.len(),
            "suppressions_total": suppressions.len(), "suppressions": suppressions,
        }))
    }

    /// The older of the two dates, where both the report and its record know one.
    fn database(&self, scan: &Scan, about: Option<&Bound>) -> Value {
        let recorded = about.and_then(|b| match &b.record.database {
            Database::Dated { updated_at } => Instant::parse(updated_at),
            Database::None | Database::Unknown => None,
        });
        let known = match about.map(|b| &b.record.database) {
            Some(Database::None) => "none",
            None if self.kind == Kind::Static => "none",
            _ => "unknown",
        };
        match [scan.database, recorded].into_iter().flatten().min() {
            Some(updated_at) => json!({ "state": "dated", "updated_at": updated_at.to_string() }),
            None => json!({ "state": known }),
        }
    }
}

impl Format {
    fn read(self, name: &str, bytes: &[u8]) -> Result<Vec<Scan>, Fault> {
        match self {
            Self::Sarif => sarif::read(name, bytes),
            Self::CargoAudit => cargo_audit::read(name, bytes).map(|scan| vec![scan]),
        }
    }
}

impl Bound {
    fn new(record: Record, names_report: bool, wanted: &Wanted) -> Result<Self, Absent> {
        let times = Instant::parse(&record.started_at).zip(Instant::parse(&record.finished_at));
        match times {
            Some((started_at, finished_at)) if started_at <= finished_at => Ok(Self { record, finished_at, names_report }),
            _ => Err(Absent::new(format!("the scan record of {} has a run that ended before it was started", shown(&wanted.path)))),
        }
    }

    /// Whether the report's tool is the record's. Its own name may say more: that of `semgrep` is `Semgrep OSS`.
    fn wrote(&self, scan: &Scan) -> bool {
        let words = |name: &str| name.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
        let recorded = words(&self.record.tool.name);
        scan.tool.as_deref().is_none_or(|tool| !recorded.is_empty() && words(tool).starts_with(&recorded))
    }
}

/// Reads a scan record. It is kept as evidence without the secrets that its arguments may hold.
fn record_of(at: &Context, path: &Path, exhibits: &mut Vec<Exhibit>) -> Result<Record, Absent> {
    let (mut value, seen) = document::read(at, path, "scan-record")?;
    let argv: Vec<String> = serde_json::from_value(value["argv"].clone()).unwrap_or_default();
    let words = redact::words(&argv);
    let bytes = if words == argv {
        seen.bytes
    } else {
        value["argv"] = json!(words);
        format!("{value:#}\n").into_bytes()
    };
    exhibits.push(at.exhibit(&file_name(path), bytes));
    serde_json::from_value(value).map_err(|e| Absent::new(format!("{}: {e}", shown(path))))
}

/// Exit code 1 is what scanners use for "found something": with nothing found it is a failure.
fn state(scan: &Scan, bound: Option<&Bound>, harm: bool) -> &'static str {
    let ran = match bound {
        None => true,
        Some(bound) => bound.names_report && bound.wrote(scan) && (bound.record.exit == Some(0) || (bound.record.exit == Some(1) && harm)),
    };
    match scan.end {
        End::Failed => "failed",
        _ if !ran => "failed",
        End::Succeeded => "succeeded",
        End::Silent if bound.is_some() => "succeeded",
        End::Silent | End::Unknown => "unknown",
    }
}

fn finding(finding: &Finding) -> Value {
    json!({ "id": finding.id, "severity": finding.severity.word(), "component": finding.component })
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
