//! `scans.passed`.

use super::{Control, all, each, value};
use crate::native::Case;
use crate::native::limits::has;
use crate::native::release::{Database, Report, Subject};
use crate::native::row::Row;
use crate::native::words::{RunResult, ScanKind, Severity, SubjectKind};

pub const PASSED: Control = Control {
    id: "scans.passed",
    groups: &["scans", "release_manifest"],
    criteria: &["required-complete", "about-this-release", "scans-completed", "databases-fresh", "no-severe-finding", "nothing-hidden"],
    judge,
};

fn covered(reports: &[Report<'_>], subject: &Subject<'_>, kind: ScanKind) -> bool {
    reports.iter().any(|r| r.kind == kind && r.subjects.contains(&subject.sha256))
}

fn judge(case: &Case<'_, '_>, row: &mut Row) {
    let reports = value(case.seen.scans.as_ref()).map(|group| &group.reports);
    let manifest = value(case.seen.release_manifest.as_ref());
    let limits = &case.limits.scans;
    let tolerated = |severity: Severity| has(&limits.tolerated_severities, severity.word());
    let fresh = |r: &Report<'_>| match &r.database {
        Database::None {} => matches!(r.kind, ScanKind::Static | ScanKind::Other),
        Database::Dated { updated_at } => {
            case.now - updated_at.ms <= limits.database_max_age_ms && updated_at.ms - r.finished_at.ms <= case.limits.clock_skew_ms
        }
        Database::Unknown {} => false,
    };
    let within = |r: &Report<'_>| case.within(r.finished_at.ms, limits.scan_max_age_ms);
    row.met("scans-completed", all(reports, |r| r.state == RunResult::Succeeded && within(r)));
    row.met("databases-fresh", all(reports, fresh));
    row.met("no-severe-finding", all(reports, |r| r.findings.iter().all(|f| tolerated(f.severity))));
    row.met("nothing-hidden", all(reports, |r| r.suppressions.iter().all(|f| tolerated(f.severity))));
    row.deny("about-this-release", "other-release", manifest.is_some_and(|m| m.version.0 != case.release));
    if let (Some(reports), Some(manifest)) = (reports, manifest) {
        coverage(case, reports, &manifest.subjects, manifest.version.0 == case.release, row);
    }
    for report in each(reports) {
        let name = &*report.name.0;
        for (wrong, criterion, code) in [
            (report.state == RunResult::Failed, "scans-completed", "scan-failed"),
            (!within(report), "scans-completed", "scan-outdated"),
            (matches!(report.database, Database::None {}) && !fresh(report), "databases-fresh", "database-missing"),
            (matches!(report.database, Database::Dated { .. }) && !fresh(report), "databases-fresh", "database-unfit"),
        ] {
            if wrong {
                row.about(criterion, code, &[name]);
            }
        }
        for f in report.findings.iter().filter(|f| !tolerated(f.severity)) {
            match f.severity {
                Severity::Critical => row.about("no-severe-finding", "critical-finding", &[&f.id.0, name, &f.component.0]),
                Severity::High => row.about("no-severe-finding", "high-finding", &[&f.id.0, name, &f.component.0]),
                other => row.about("no-severe-finding", "other-finding", &[other.word(), &f.id.0, name, &f.component.0]),
            }
        }
        for f in report.suppressions.iter().filter(|f| !tolerated(f.severity)) {
            row.about("nothing-hidden", "suppressed-finding", &[f.severity.word(), &f.id.0, name, &f.component.0]);
        }
    }
}

/// Which reports speak of which subjects.
fn coverage(case: &Case<'_, '_>, reports: &[Report<'_>], subjects: &[Subject<'_>], planned: bool, row: &mut Row) {
    let required = &case.limits.scans.required_kinds;
    let wanted =
        |s: &Subject<'_>, kind: ScanKind, word: &str| has(required, word) || (kind == ScanKind::Image && s.kind == SubjectKind::Image);
    let complete = |s: &Subject<'_>| {
        let each_kind = required.iter().all(|word| ScanKind::of(word).is_some_and(|kind| covered(reports, s, kind)));
        each_kind && (s.kind != SubjectKind::Image || covered(reports, s, ScanKind::Image))
    };
    let related = |r: &Report<'_>| subjects.iter().any(|s| r.subjects.contains(&s.sha256));
    row.met("required-complete", !subjects.is_empty() && subjects.iter().all(complete));
    row.met("about-this-release", planned && reports.iter().all(related));
    for s in subjects {
        for (kind, word) in ScanKind::ALL {
            if wanted(s, kind, word) && !covered(reports, s, kind) {
                row.about("required-complete", "scan-missing", &[word, &s.name.0, s.sha256.0]);
            }
        }
    }
    for report in reports.iter().filter(|r| !related(r)) {
        row.about("about-this-release", "report-unrelated", &[&report.name.0]);
    }
}
