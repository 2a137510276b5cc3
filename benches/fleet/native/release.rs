//! Clients, scans and signatures.

use super::deployment::Linked;
use super::leaf::{Free, Sha, Step, Text, Time, Version};
use super::whole;
use super::words::{Answer, Checksum, Level, NotVerified, Origin, RunResult, ScanKind, Severity, SubjectKind, Tested, Validity};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guarantees<'a> {
    #[serde(borrow)]
    pub document: Linked<'a>,
    #[serde(borrow)]
    pub daemon_version: Version<'a>,
    #[serde(borrow)]
    pub clients: Vec<Client<'a>>,
    pub clients_total: u64,
}

impl Guarantees<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.clients.len(), self.clients_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client<'a> {
    #[serde(borrow)]
    pub version: Version<'a>,
    pub level: Level,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompatibilityTests<'a> {
    #[serde(borrow)]
    pub results: Vec<TestResult<'a>>,
    pub results_total: u64,
}

impl CompatibilityTests<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.results.len(), self.results_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestResult<'a> {
    #[serde(borrow)]
    pub client_version: Version<'a>,
    #[serde(borrow)]
    pub daemon_version: Version<'a>,
    #[serde(borrow)]
    pub step: Step<'a>,
    pub result: Tested,
    pub check_bypassed: Answer,
    #[serde(borrow)]
    pub tested_at: Time<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scans<'a> {
    #[serde(borrow)]
    pub reports: Vec<Report<'a>>,
    pub reports_total: u64,
}

impl Scans<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.reports.len(), self.reports_total) && self.reports.iter().all(Report::is_whole)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    pub kind: ScanKind,
    #[serde(borrow)]
    pub tool: Text<'a>,
    #[serde(borrow)]
    pub tool_version: Free<'a>,
    pub state: RunResult,
    #[serde(borrow)]
    pub subjects: Vec<Sha<'a>>,
    #[serde(borrow)]
    pub finished_at: Time<'a>,
    #[serde(borrow)]
    pub database: Database<'a>,
    #[serde(borrow)]
    pub findings: Vec<ScanFinding<'a>>,
    pub findings_total: u64,
    #[serde(borrow)]
    pub suppressions: Vec<Suppression<'a>>,
    pub suppressions_total: u64,
}

impl Report<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.findings.len(), self.findings_total) && whole(self.suppressions.len(), self.suppressions_total)
    }
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Database<'a> {
    None {},
    Unknown {},
    Dated {
        #[serde(borrow)]
        updated_at: Time<'a>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanFinding<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub severity: Severity,
    #[serde(borrow)]
    pub component: Text<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppression<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub severity: Severity,
    #[serde(borrow)]
    pub component: Text<'a>,
    pub origin: Origin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseManifest<'a> {
    #[serde(borrow)]
    pub version: Text<'a>,
    #[serde(borrow)]
    pub subjects: Vec<Subject<'a>>,
    pub subjects_total: u64,
}

impl ReleaseManifest<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.subjects.len(), self.subjects_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    pub kind: SubjectKind,
    #[serde(borrow)]
    pub sha256: Sha<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifacts<'a> {
    #[serde(borrow)]
    pub artifacts: Vec<Artifact<'a>>,
    pub artifacts_total: u64,
}

impl Artifacts<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.artifacts.len(), self.artifacts_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    #[serde(borrow)]
    pub sha256: Sha<'a>,
    pub checksum: Checksum,
    #[serde(borrow)]
    pub signature: Signature<'a>,
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Signature<'a> {
    NotVerified {
        reason: NotVerified,
    },
    Verified {
        result: Validity,
        #[serde(borrow)]
        key: Free<'a>,
        #[serde(borrow)]
        verified_at: Time<'a>,
    },
}
