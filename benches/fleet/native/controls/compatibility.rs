//! `compatibility.validated`.

use super::{Control, all, each, some_and_all, value};
use crate::native::Case;
use crate::native::limits::has;
use crate::native::release::{Client, CompatibilityTests, Guarantees, TestResult};
use crate::native::row::Row;
use crate::native::words::{Answer, Level, Tested};

pub const VALIDATED: Control = Control {
    id: "compatibility.validated",
    groups: &["compatibility_guarantees", "compatibility_tests", "daemons"],
    criteria: &[
        "deployed-known",
        "guarantee-published",
        "required-guaranteed",
        "levels-accepted",
        "clients-tested",
        "behavior-matches",
        "check-active",
    ],
    judge,
};

fn judge(case: &Case<'_, '_>, row: &mut Row) {
    let daemons = value(case.seen.daemons.as_ref()).map(|group| &group.daemons);
    row.met("deployed-known", some_and_all(daemons, |d| d.version.value() == Some(case.release)));
    row.deny("deployed-known", "daemon-missing", daemons.is_some_and(Vec::is_empty));
    for daemon in each(daemons).filter(|d| d.version.value().is_some_and(|version| version != case.release)) {
        row.about("deployed-known", "daemon-differs", &[&daemon.id.0]);
    }
    let guarantees = value(case.seen.compatibility_guarantees.as_ref());
    let tests = value(case.seen.compatibility_tests.as_ref());
    if let Some(guarantees) = guarantees {
        published(case, guarantees, row);
    }
    let results = tests.map(|group| &group.results);
    let elsewhere = |r: &TestResult<'_>| r.daemon_version.0 != case.release;
    row.met("check-active", all(results, |r| elsewhere(r) || r.check_bypassed == Answer::No));
    for r in each(results).filter(|r| !elsewhere(r) && r.check_bypassed == Answer::Yes) {
        row.about("check-active", "check-bypassed", &[&r.client_version.0, &r.step.0]);
    }
    if let (Some(guarantees), Some(tests)) = (guarantees, tests) {
        tested(case, guarantees, tests, row);
    }
}

/// What is published.
fn published(case: &Case<'_, '_>, guarantees: &Guarantees<'_>, row: &mut Row) {
    let limits = &case.limits.compatibility;
    let required = &limits.required_clients;
    let acceptable = |c: &Client<'_>, version: &str| {
        has(&limits.accepted_levels, c.level.word()) || (c.level == Level::Unsupported && c.version.0 != version)
    };
    let evidence = case.seen.compatibility_guarantees.as_ref().map_or(&[][..], |good| &good.around.evidence);
    let linked = evidence.iter().any(|e| e.sha256 == guarantees.document.sha256);
    let named = |version: &String| guarantees.clients.iter().any(|c| c.version.0 == **version);
    row.met("guarantee-published", guarantees.daemon_version.0 == case.release && linked);
    row.met("required-guaranteed", !required.is_empty() && required.iter().all(named));
    let accepted = guarantees.clients.iter().all(|c| required.iter().all(|version| acceptable(c, version)));
    row.met("levels-accepted", !required.is_empty() && accepted);
    row.deny("guarantee-published", "guarantee-other", guarantees.daemon_version.0 != case.release);
    row.deny("guarantee-published", "document-unlinked", !linked);
    for version in required.iter().filter(|version| !named(version)) {
        row.about("required-guaranteed", "client-unnamed", &[version]);
    }
    for client in guarantees.clients.iter().filter(|c| c.level != Level::Unknown) {
        if required.iter().any(|version| !acceptable(client, version)) {
            row.about("levels-accepted", "level-unaccepted", &[&client.version.0]);
        }
    }
}

/// What was tried of it.
fn tested(case: &Case<'_, '_>, guarantees: &Guarantees<'_>, tests: &CompatibilityTests<'_>, row: &mut Row) {
    let limits = &case.limits.compatibility;
    let clients = &guarantees.clients;
    let here = |r: &TestResult<'_>| r.daemon_version.0 == case.release;
    let cell = |r: &TestResult<'_>, c: &Client<'_>, step: &str| r.client_version == c.version && here(r) && r.step.0 == step;
    let tried = |c: &Client<'_>, step: &str| tests.results.iter().any(|r| cell(r, c, step));
    let recently =
        |c: &Client<'_>, step: &str| tests.results.iter().any(|r| cell(r, c, step) && case.within(r.tested_at.ms, limits.test_max_age_ms));
    let done = |c: &Client<'_>, step: &str| c.level == Level::Unsupported || recently(c, step);
    let expected = |r: &TestResult<'_>| {
        !here(r) || r.result == Tested::Passed || clients.iter().any(|c| c.version == r.client_version && c.level == Level::Unsupported)
    };
    let consistent = |r: &TestResult<'_>| {
        let fits = |c: &Client<'_>| c.version != r.client_version || c.level == Level::Unsupported;
        !here(r) || r.result == Tested::Passed || clients.iter().all(fits)
    };
    let each_done = clients.iter().all(|c| limits.required_steps.iter().all(|step| done(c, step)));
    row.met("clients-tested", !limits.required_steps.is_empty() && each_done);
    row.met("behavior-matches", tests.results.iter().all(|r| expected(r) && consistent(r)));
    for client in clients {
        for step in &limits.required_steps {
            let code = match (tried(client, step), done(client, step)) {
                (false, _) if client.level != Level::Unsupported => "client-untested",
                (true, false) => "test-outdated",
                _ => continue,
            };
            row.about("clients-tested", code, &[&client.version.0, step]);
        }
    }
    for r in tests.results.iter().filter(|r| here(r) && matches!(r.result, Tested::Failed | Tested::Skipped)) {
        if !expected(r) || !consistent(r) {
            row.about("behavior-matches", "client-failed", &[&r.client_version.0, &r.step.0]);
        }
    }
}
