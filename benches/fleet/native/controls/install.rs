//! `install.reproducible`.

use super::{Control, all, each, some_and_all, value};
use crate::native::Case;
use crate::native::deployment::{Check, Daemon, Installation, Reported};
use crate::native::limits::has;
use crate::native::row::Row;
use crate::native::words::{Answer, CheckResult, Method};

pub const REPRODUCIBLE: Control = Control {
    id: "install.reproducible",
    groups: &["daemons", "install", "install_statement"],
    criteria: &[
        "steps-completed",
        "method-documented",
        "version-matches",
        "running-as-installed",
        "checks-passed",
        "no-manual-fixes",
        "steps-reproduced",
    ],
    judge,
};

impl Reported<'_> {
    /// The version that was reported.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Reported { value } => Some(&value.0),
            Self::Unknown {} => None,
        }
    }
}

fn present(daemon: &Daemon<'_>, machines: &[Installation<'_>]) -> bool {
    machines.iter().any(|m| m.host.0 == daemon.host.0 && m.binary_sha256 == daemon.executable.sha256)
}

fn judge(case: &Case<'_, '_>, row: &mut Row) {
    let machines = value(case.seen.install.as_ref()).map(|group| &group.installations);
    let running = value(case.seen.daemons.as_ref()).map(|group| &group.daemons);
    let statement = value(case.seen.install_statement.as_ref());
    let limits = &case.limits.install;
    let sound = |check: &Check<'_>| match check {
        Check::Ran { result, .. } => *result == CheckResult::Passed,
        Check::Skipped { name } => has(&limits.optional_checks, &name.0),
    };
    row.met("steps-completed", some_and_all(machines, |m| !m.steps.is_empty() && m.steps.iter().all(|s| s.exit == 0)));
    row.met("method-documented", some_and_all(machines, |m| has(&limits.documented_methods, m.method.word())));
    row.met("version-matches", some_and_all(machines, |m| m.version.value() == Some(case.release)));
    let as_installed = machines.is_some_and(|machines| {
        some_and_all(running, |d| d.version.value() == Some(case.release) && d.executable.replaced == Answer::No && present(d, machines))
    });
    row.met("running-as-installed", as_installed);
    row.met("checks-passed", some_and_all(machines, |m| !m.checks.is_empty() && m.checks.iter().all(sound)));
    row.met("no-manual-fixes", statement.is_some_and(|s| s.manual_fixes_total == 0 && s.release.0 == case.release));
    let reproduced = statement.is_some_and(|s| s.reproduced == Answer::Yes && all(machines, |m| m.procedure.sha256 == s.procedure_sha256));
    row.met("steps-reproduced", reproduced);
    for machine in each(machines) {
        installation(machine, case, sound, row);
    }
    for daemon in each(running) {
        if daemon.version.value().is_some_and(|version| version != case.release) {
            row.about("running-as-installed", "daemon-version", &[&daemon.id.0]);
        }
        if daemon.executable.replaced == Answer::Yes {
            row.about("running-as-installed", "executable-replaced", &[&daemon.id.0]);
        }
        if machines.is_some_and(|machines| !present(daemon, machines)) {
            row.about("running-as-installed", "not-installed", &[&daemon.id.0]);
        }
    }
    let Some(statement) = statement else { return };
    row.deny("no-manual-fixes", "manual-fixes", statement.manual_fixes_total > 0);
    row.deny("no-manual-fixes", "other-release", statement.release.0 != case.release);
    row.deny("steps-reproduced", "not-reproduced", statement.reproduced == Answer::No);
    for machine in each(machines).filter(|m| m.procedure.sha256 != statement.procedure_sha256) {
        row.about("steps-reproduced", "other-procedure", &[&machine.host.0]);
    }
}

fn installation(machine: &Installation<'_>, case: &Case<'_, '_>, sound: impl Fn(&Check<'_>) -> bool, row: &mut Row) {
    let host = &*machine.host.0;
    for step in machine.steps.iter().filter(|step| step.exit > 0) {
        row.about("steps-completed", "step-failed", &[host, &step.name.0]);
    }
    if machine.method != Method::Unknown && !has(&case.limits.install.documented_methods, machine.method.word()) {
        row.about("method-documented", "method-undocumented", &[host]);
    }
    if machine.version.value().is_some_and(|version| version != case.release) {
        row.about("version-matches", "version-mismatch", &[host]);
    }
    for check in &machine.checks {
        match check {
            Check::Ran { name, result: CheckResult::Warned | CheckResult::Failed } => {
                row.about("checks-passed", "check-failed", &[host, &name.0]);
            }
            Check::Skipped { name } if !sound(check) => row.about("checks-passed", "check-skipped", &[host, &name.0]),
            _ => {}
        }
    }
}
