//! `rollback.tested`.

use super::{Control, value};
use crate::native::Case;
use crate::native::recovery::{Backups, Drill, DryRun, Package, RollbackDrills, RollbackPlan, RollbackStatement};
use crate::native::row::Row;
use crate::native::words::{Answer, Done, Tested};

pub const TESTED: Control = Control {
    id: "rollback.tested",
    groups: &["rollback_plan", "rollback_drills", "rollback_statement", "backups"],
    criteria: &[
        "path-known",
        "package-at-hand",
        "data-restorable",
        "clients-planned",
        "path-drilled",
        "steps-complete",
        "state-restored",
        "service-restored",
        "within-target",
        "operator-able",
    ],
    judge,
};

fn judge(case: &Case<'_, '_>, row: &mut Row) {
    let Some(plan) = value(case.seen.rollback_plan.as_ref()) else { return };
    if let Package::AtHand { sha256, published_sha256, .. } = &plan.package {
        row.met("package-at-hand", sha256 == published_sha256);
        row.deny("package-at-hand", "package-unfit", sha256 != published_sha256);
    } else {
        row.deny("package-at-hand", "package-unfit", true);
    }
    let required = &case.limits.rollback.required_clients;
    let planned = |version: &String| plan.clients.iter().any(|c| c.version.0 == **version);
    row.met("clients-planned", !required.is_empty() && required.iter().all(planned));
    for version in required.iter().filter(|version| !planned(version)) {
        row.about("clients-planned", "client-unplanned", &[version]);
    }
    if let Some(backups) = value(case.seen.backups.as_ref()) {
        let restorable = restorable(plan, backups);
        row.met("data-restorable", restorable);
        row.deny("data-restorable", "restore-unproven", !restorable);
    }
    if let Some(statement) = value(case.seen.rollback_statement.as_ref()) {
        let leads =
            plan.from_version.0 == case.release && plan.to_version != plan.from_version && plan.to_version == statement.known_good_version;
        row.met("path-known", leads);
        row.deny("path-known", "path-wrong", !leads);
        operator(case, plan, statement, row);
    }
    if let Some(drills) = value(case.seen.rollback_drills.as_ref()) {
        drilled(case, plan, drills, row);
    }
}

fn restorable(plan: &RollbackPlan<'_>, backups: &Backups<'_>) -> bool {
    let DryRun::Run { exit_code: 0, artifact_id, manifest_sha256, restore_files: files @ 1.., .. } = &plan.dry_run else { return false };
    backups.artifacts.iter().any(|a| a.id.0 == artifact_id.0 && a.manifest_sha256 == *manifest_sha256 && a.files == *files)
}

fn operator(case: &Case<'_, '_>, plan: &RollbackPlan<'_>, statement: &RollbackStatement<'_>, row: &mut Row) {
    let same = statement.procedure_sha256 == plan.procedure.sha256;
    let practised = same && case.within(statement.executed_at.ms, case.limits.rollback.statement_max_age_ms);
    let refused = statement.able == Answer::No || statement.as_written == Answer::No;
    row.met("operator-able", statement.able == Answer::Yes && statement.as_written == Answer::Yes && practised);
    row.deny("operator-able", "operator-unable", refused || !practised);
}

fn drilled(case: &Case<'_, '_>, plan: &RollbackPlan<'_>, drills: &RollbackDrills<'_>, row: &mut Row) {
    let on_path = |d: &Drill<'_>| d.from_version.0 == case.release && d.to_version == plan.to_version;
    let last = drills.drills.iter().filter(|d| on_path(d)).map(|d| d.started_at.ms).max();
    // The drills of this path that no later one replaced; all others are idle.
    let count: Vec<&Drill<'_>> = drills.drills.iter().filter(|d| on_path(d) && Some(d.started_at.ms) == last).collect();
    let limits = &case.limits.rollback;
    let took = |d: &Drill<'_>| d.finished_at.ms - d.started_at.ms;
    let recent = |d: &Drill<'_>| case.within(d.finished_at.ms, limits.drill_max_age_ms);
    let documented = |d: &Drill<'_>| d.procedure_sha256 == plan.procedure.sha256;
    let steps = |d: &Drill<'_>| {
        let s = &d.steps;
        [s.stop_service, s.install_previous, s.restore_data, s.start_service, s.smoke_test].iter().all(|step| *step == Done::Done)
    };
    let restored = |d: &Drill<'_>| d.state.restored_sha256 == d.state.good_sha256 && d.state.disturbed_sha256 != d.state.good_sha256;
    let tried = |d: &Drill<'_>, version: &str| d.smokes.iter().any(|s| s.client_version.0 == version);
    let runs = |d: &Drill<'_>| d.version_after.0 == plan.to_version.0;
    let served = |d: &Drill<'_>| plan.clients.iter().all(|c| tried(d, &c.version.0)) && d.smokes.iter().all(|s| s.result == Tested::Passed);
    row.met("path-drilled", last.is_some() && count.iter().all(|d| recent(d)));
    row.met("steps-complete", count.iter().all(|d| documented(d) && steps(d)));
    row.met("state-restored", count.iter().all(|d| restored(d)));
    row.met("service-restored", !plan.clients.is_empty() && count.iter().all(|d| runs(d) && served(d)));
    row.met("within-target", count.iter().all(|d| took(d) > 0 && took(d) <= limits.target_time_ms));
    row.deny("path-drilled", "path-untested", last.is_none());
    for drill in count {
        let id = &*drill.id.0;
        for (wrong, criterion, code) in [
            (!recent(drill), "path-drilled", "drill-outdated"),
            (!documented(drill), "steps-complete", "other-procedure"),
            (!restored(drill), "state-restored", "state-differs"),
            (!runs(drill), "service-restored", "version-differs"),
            (took(drill) > limits.target_time_ms, "within-target", "drill-slow"),
        ] {
            if wrong {
                row.about(criterion, code, &[id]);
            }
        }
        parts(drill, row);
        for client in plan.clients.iter().filter(|c| !tried(drill, &c.version.0)) {
            row.about("service-restored", "client-untried", &[id, &client.version.0]);
        }
    }
}

/// Steps and smoke tests of a drill that counts.
fn parts(drill: &Drill<'_>, row: &mut Row) {
    let id = &*drill.id.0;
    let steps = &drill.steps;
    for (step, name) in [
        (steps.stop_service, "stop_service"),
        (steps.install_previous, "install_previous"),
        (steps.restore_data, "restore_data"),
        (steps.start_service, "start_service"),
        (steps.smoke_test, "smoke_test"),
    ] {
        if step.undone() {
            row.about("steps-complete", "step-undone", &[id, name]);
        }
    }
    for smoke in drill.smokes.iter().filter(|s| matches!(s.result, Tested::Failed | Tested::Skipped)) {
        row.about("service-restored", "client-failed", &[id, &smoke.client_version.0]);
    }
}
