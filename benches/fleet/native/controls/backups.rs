//! `backups.scheduled` and `backups.verified`.

use super::{Control, all, each, some_and_all, value};
use crate::native::Case;
use crate::native::read::Evidence;
use crate::native::recovery::{Backup, LastRun, Recheck, Record, Schedule, Verification};
use crate::native::row::Row;
use crate::native::words::{Answer, RunResult, ToolResult};

pub const SCHEDULED: Control = Control {
    id: "backups.scheduled",
    groups: &["backup_schedule", "backups"],
    criteria: &[
        "schedule-exists",
        "schedule-frequent",
        "last-run-succeeded",
        "ran-in-window",
        "cadence-kept",
        "artifact-present",
        "artifacts-sound",
    ],
    judge: scheduled,
};

pub const VERIFIED: Control = Control {
    id: "backups.verified",
    groups: &["backups", "backup_verifications"],
    criteria: &["backup-present", "newest-verified", "tool-passed", "content-rechecked", "result-stored"],
    judge: verified,
};

fn scheduled(case: &Case<'_, '_>, row: &mut Row) {
    let schedule = value(case.seen.backup_schedule.as_ref()).map(|group| &group.schedule);
    let last_run = value(case.seen.backup_schedule.as_ref()).map(|group| &group.last_run);
    let artifacts = value(case.seen.backups.as_ref()).map(|group| &group.artifacts);
    let window = case.limits.backups.window_ms;
    let followed = |a: &Backup<'_>| {
        let at = a.created_at.ms;
        let next = |b: &&Backup<'_>| {
            b.created_at.ms > at && (case.now - b.created_at.ms > case.limits.backups.lookback_ms || b.created_at.ms - at <= window)
        };
        case.now - at <= window || each(artifacts).any(|b| next(&b))
    };
    if let Some(Schedule::Found { enabled, interval, .. }) = schedule {
        row.met("schedule-exists", *enabled == Answer::Yes);
        row.met("schedule-frequent", interval.ms > 0 && interval.ms <= window);
        row.deny("schedule-exists", "schedule-disabled", *enabled == Answer::No);
        row.deny("schedule-frequent", "schedule-sparse", interval.ms > window);
    }
    row.deny("schedule-exists", "schedule-missing", matches!(schedule, Some(Schedule::None {})));
    row.deny("last-run-succeeded", "never-ran", matches!(last_run, Some(LastRun::None {})));
    if let Some(LastRun::Ended { finished_at, result, artifact_id }) = last_run {
        let belongs = |a: &Backup<'_>| a.id.0 == artifact_id.0 && case.within(a.created_at.ms, window);
        row.met("last-run-succeeded", *result == RunResult::Succeeded);
        row.met("ran-in-window", case.within(finished_at.ms, window));
        row.met("artifact-present", each(artifacts).any(belongs));
        row.deny("last-run-succeeded", "last-run-failed", *result == RunResult::Failed);
        row.deny("ran-in-window", "window-missed", case.now - finished_at.ms > window);
        row.deny("artifact-present", "artifact-missing", artifacts.is_some_and(|list| !list.iter().any(belongs)));
    }
    row.met("cadence-kept", some_and_all(artifacts, followed));
    row.met("artifacts-sound", some_and_all(artifacts, |a| a.files > 0 && a.size_bytes > 0 && !case.future(a.created_at.ms)));
    for artifact in each(artifacts) {
        for (wrong, criterion, code) in [
            (!followed(artifact), "cadence-kept", "cadence-broken"),
            (artifact.files == 0 || artifact.size_bytes == 0, "artifacts-sound", "artifact-empty"),
            (case.future(artifact.created_at.ms), "artifacts-sound", "artifact-future"),
        ] {
            if wrong {
                row.about(criterion, code, &[&artifact.id.0]);
            }
        }
    }
}

fn same(v: &Verification<'_>, a: &Backup<'_>) -> bool {
    v.artifact_id.0 == a.id.0 && v.manifest_sha256 == a.manifest_sha256
}

fn linked(v: &Verification<'_>, evidence: &[Evidence<'_>]) -> bool {
    match &v.record {
        Record::Stored { uri, sha256 } => evidence.iter().any(|e| e.uri.0 == uri.0 && e.sha256 == *sha256),
        Record::None {} => false,
    }
}

fn named(v: &Verification<'_>) -> bool {
    v.tool.output.0.trim().split(' ').any(|word| word == v.artifact_id.0)
}

fn rechecked(v: &Verification<'_>) -> bool {
    matches!(v.recheck, Recheck::Run { matched: 1.., differing: 0, extra: 0, unsafe_: 0 })
}

fn verified(case: &Case<'_, '_>, row: &mut Row) {
    let artifacts = value(case.seen.backups.as_ref()).map(|group| &group.artifacts);
    let results = value(case.seen.backup_verifications.as_ref()).map(|group| &group.verifications);
    let evidence = case.seen.backup_verifications.as_ref().map_or(&[][..], |good| &good.around.evidence);
    row.met("backup-present", artifacts.is_some_and(|list| !list.is_empty()));
    row.deny("backup-present", "backup-missing", artifacts.is_some_and(Vec::is_empty));
    // Everything else is about both.
    let (Some(list), Some(_)) = (artifacts, results) else { return };
    let replaced = |a: &Backup<'_>| list.iter().any(|b| b.created_at.ms > a.created_at.ms);
    let max_age = case.limits.backups.verification_max_age_ms;
    let current =
        |v: &Verification<'_>, a: &Backup<'_>| same(v, a) && v.verified_at.ms >= a.created_at.ms && case.within(v.verified_at.ms, max_age);
    let bygone = |v: &Verification<'_>| list.iter().any(|a| a.created_at.ms - v.verified_at.ms > case.limits.clock_skew_ms);
    let passed = |v: &Verification<'_>| v.tool.result == ToolResult::Passed && v.tool.exit_code == 0;
    row.met("newest-verified", list.iter().all(|a| replaced(a) || each(results).any(|v| current(v, a))));
    row.met("tool-passed", all(results, |v| bygone(v) || passed(v)));
    row.met("content-rechecked", all(results, |v| bygone(v) || rechecked(v)));
    row.met("result-stored", all(results, |v| bygone(v) || (linked(v, evidence) && named(v))));
    for artifact in list.iter().filter(|a| !replaced(a)) {
        let any_about = each(results).any(|v| v.artifact_id.0 == artifact.id.0);
        let any_same = each(results).any(|v| same(v, artifact));
        let any_current = each(results).any(|v| current(v, artifact));
        let code = match (any_about, any_same, any_current) {
            (false, ..) => "not-verified",
            (true, false, _) => "changed-since",
            (true, true, false) => "verification-outdated",
            (true, true, true) => continue,
        };
        row.about("newest-verified", code, &[&artifact.id.0]);
    }
    // Without any artifact no result is about one.
    for v in each(results).filter(|v| !list.is_empty() && !bygone(v)) {
        for (wrong, criterion, code) in [
            (v.tool.result == ToolResult::Failed || v.tool.exit_code > 0, "tool-passed", "verification-failed"),
            (matches!(v.recheck, Recheck::NotRun {}), "content-rechecked", "recheck-missing"),
            (matches!(v.recheck, Recheck::Run { .. }) && !rechecked(v), "content-rechecked", "recheck-failed"),
            (!linked(v, evidence), "result-stored", "record-missing"),
            (!named(v), "result-stored", "output-missing"),
        ] {
            if wrong {
                row.about(criterion, code, &[&v.artifact_id.0, v.verified_at.text]);
            }
        }
    }
}
