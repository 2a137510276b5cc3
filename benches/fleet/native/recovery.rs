//! Backups, and the way back.

use super::deployment::Linked;
use super::leaf::{Free, Length, MaybeVersion, Sha, Text, Time, Version};
use super::whole;
use super::words::{Answer, Done, RunResult, ScheduleKind, Tested, ToolResult};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupSchedule<'a> {
    #[serde(borrow)]
    pub schedule: Schedule<'a>,
    #[serde(borrow)]
    pub last_run: LastRun<'a>,
}

impl BackupSchedule<'_> {
    pub fn is_whole(_: &Self) -> bool {
        true
    }
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule<'a> {
    None {},
    Found {
        kind: ScheduleKind,
        #[serde(borrow)]
        name: Text<'a>,
        enabled: Answer,
        interval: Length,
    },
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum LastRun<'a> {
    None {},
    Ended {
        #[serde(borrow)]
        finished_at: Time<'a>,
        result: RunResult,
        #[serde(borrow)]
        artifact_id: Free<'a>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backups<'a> {
    #[serde(borrow)]
    pub destination: Text<'a>,
    #[serde(borrow)]
    pub artifacts: Vec<Backup<'a>>,
    pub artifacts_total: u64,
}

impl Backups<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.artifacts.len(), self.artifacts_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub created_at: Time<'a>,
    pub files: u64,
    pub size_bytes: u64,
    #[serde(borrow)]
    pub manifest_sha256: Sha<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupVerifications<'a> {
    #[serde(borrow)]
    pub verifications: Vec<Verification<'a>>,
    pub verifications_total: u64,
}

impl BackupVerifications<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.verifications.len(), self.verifications_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification<'a> {
    #[serde(borrow)]
    pub artifact_id: Text<'a>,
    #[serde(borrow)]
    pub manifest_sha256: Sha<'a>,
    #[serde(borrow)]
    pub verified_at: Time<'a>,
    #[serde(borrow)]
    pub tool: Tool<'a>,
    pub recheck: Recheck,
    #[serde(borrow)]
    pub record: Record<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool<'a> {
    #[serde(borrow)]
    pub command: Text<'a>,
    pub result: ToolResult,
    pub exit_code: u8,
    #[serde(borrow)]
    pub output: Free<'a>,
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Recheck {
    NotRun {},
    Run {
        matched: u64,
        differing: u64,
        extra: u64,
        #[serde(rename = "unsafe")]
        unsafe_: u64,
    },
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Record<'a> {
    None {},
    Stored {
        #[serde(borrow)]
        uri: Text<'a>,
        #[serde(borrow)]
        sha256: Sha<'a>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackPlan<'a> {
    #[serde(borrow)]
    pub from_version: Version<'a>,
    #[serde(borrow)]
    pub to_version: Version<'a>,
    #[serde(borrow)]
    pub procedure: Linked<'a>,
    #[serde(borrow)]
    pub package: Package<'a>,
    #[serde(borrow)]
    pub dry_run: DryRun<'a>,
    #[serde(borrow)]
    pub clients: Vec<PlanClient<'a>>,
    pub clients_total: u64,
}

impl RollbackPlan<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.clients.len(), self.clients_total)
    }
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Package<'a> {
    Missing {},
    AtHand {
        #[serde(borrow)]
        name: Text<'a>,
        #[serde(borrow)]
        sha256: Sha<'a>,
        #[serde(borrow)]
        published_sha256: Sha<'a>,
    },
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum DryRun<'a> {
    NotRun {},
    Run {
        #[serde(borrow)]
        command: Text<'a>,
        exit_code: u8,
        #[serde(borrow)]
        artifact_id: Text<'a>,
        #[serde(borrow)]
        manifest_sha256: Sha<'a>,
        restore_files: u64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanClient<'a> {
    #[serde(borrow)]
    pub version: Version<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackDrills<'a> {
    #[serde(borrow)]
    pub drills: Vec<Drill<'a>>,
    pub drills_total: u64,
}

impl RollbackDrills<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.drills.len(), self.drills_total) && self.drills.iter().all(Drill::is_whole)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drill<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub from_version: Version<'a>,
    #[serde(borrow)]
    pub to_version: Version<'a>,
    #[serde(borrow)]
    pub started_at: Time<'a>,
    #[serde(borrow)]
    pub finished_at: Time<'a>,
    #[serde(borrow)]
    pub artifact_id: Text<'a>,
    #[serde(borrow)]
    pub procedure_sha256: Sha<'a>,
    pub steps: DrillSteps,
    #[serde(borrow)]
    pub state: DrillState<'a>,
    #[serde(borrow)]
    pub version_after: MaybeVersion<'a>,
    #[serde(borrow)]
    pub smokes: Vec<Smoke<'a>>,
    pub smokes_total: u64,
}

impl Drill<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.smokes.len(), self.smokes_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillSteps {
    pub stop_service: Done,
    pub install_previous: Done,
    pub restore_data: Done,
    pub start_service: Done,
    pub smoke_test: Done,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillState<'a> {
    #[serde(borrow)]
    pub good_sha256: Sha<'a>,
    #[serde(borrow)]
    pub disturbed_sha256: Sha<'a>,
    #[serde(borrow)]
    pub restored_sha256: Sha<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smoke<'a> {
    #[serde(borrow)]
    pub client_version: Version<'a>,
    pub result: Tested,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackStatement<'a> {
    #[serde(borrow)]
    pub operator: Text<'a>,
    #[serde(borrow)]
    pub executed_at: Time<'a>,
    #[serde(borrow)]
    pub procedure_sha256: Sha<'a>,
    pub as_written: Answer,
    pub able: Answer,
    #[serde(borrow)]
    pub known_good_version: Version<'a>,
}

impl RollbackStatement<'_> {
    pub fn is_whole(_: &Self) -> bool {
        true
    }
}
