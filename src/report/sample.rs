//! Decisions for the tests of the formats.

use crate::model::control::ParameterChange;
use crate::model::decision::Origin;
use crate::model::{
    Blocking, Checklist, Collector, ControlText, Criterion, CriterionState, Decision, Evidence, ExceptionState, Finding, Gate, Instant,
    Judgement, Outcome, Remediation, Row, Trust, Verdict, Waiver,
};
use serde_json::json;
use std::collections::BTreeMap;

/// Text that tries everything that a terminal, a browser or a reader of JSON would act on.
pub const HOSTILE: &str = "\u{1b}[2J\u{1b}]8;;http://evil\u{7}GO\r\nGO \u{202e}OG_ON\u{2069} ](http://evil) ![x](http://evil/p) <script>alert(1)</script> | --- | `*_~ &amp; \u{85}\u{9b}31m\u{2028}\u{7f} @evil #1 \\";

/// A day in November, or an hour of it.
pub fn at(day: i64, hour: i64) -> Instant {
    // 2026-11-01T00:00:00Z
    Instant { ms: 1_793_491_200_000 + ((day - 1) * 24 + hour) * 3_600_000 }
}

fn digest(digit: char) -> String {
    format!("sha256:{}", String::from(digit).repeat(64))
}

fn row(id: &str, area: &str, title: &str, pass: &str, fail: &str) -> Row {
    let criterion = Criterion { id: "proven".into(), words: format!("{title}, proven"), state: CriterionState::Met };
    let verdict = Verdict::conclude(&[criterion.state], true);
    Row {
        text: ControlText {
            id: id.into(),
            area: area.into(),
            title: title.into(),
            pass: pass.into(),
            fail: fail.into(),
            facts: BTreeMap::new(),
            criteria: vec![(criterion.id.clone(), criterion.words.clone())],
            violations: BTreeMap::new(),
            remediation: format!("Mend {area} and collect again"),
        },
        judgement: Judgement { control: id.into(), verdict, criteria: vec![criterion], findings: Vec::new() },
        outcome: Outcome::Pass,
        waiver: None,
        remediation: None,
        origins: vec![origin(&id.replace('.', "_"), Trust::Observed)],
    }
}

/// Where a group came from.
pub fn origin(group: &str, trust: Trust) -> Origin {
    Origin {
        group: group.into(),
        collected_at: at(23, 14),
        collector: Collector { name: format!("{group}-collector"), version: "0.1.0".into() },
        source: format!("/srv/recorded/{group}.json"),
        evidence: vec![Evidence { uri: format!("https://ci.example.test/evidence/prod/{group}.json"), sha256: "ab".repeat(32) }],
        trust,
    }
}

fn remediation(control: &str) -> Remediation {
    Remediation {
        control: control.into(),
        environment: "prod".into(),
        release: "0.1.1".into(),
        owner: "storage team".into(),
        action: "repair the timer and watch two runs".into(),
        target_date: at(30, 0),
    }
}

fn waiver(id: &str, control: &str, findings: &[&str]) -> Waiver {
    Waiver {
        id: id.into(),
        findings: findings.iter().map(|&finding| finding.into()).collect(),
        reason: "the scanner's finding is in code that is not shipped".into(),
        ticket: "RISK-17".into(),
        requested_by: "release manager".into(),
        approved_by: "security officer".into(),
        created_at: at(20, 0),
        expires_at: at(27, 0),
        remediation: remediation(control),
    }
}

fn judge(row: &mut Row, verdict: Verdict, criteria: &[(&str, &str, CriterionState)], findings: Vec<Finding>) {
    row.judgement.verdict = verdict;
    row.judgement.findings = findings;
    row.judgement.criteria.extend(criteria.iter().map(|&(id, words, state)| Criterion { id: id.into(), words: words.into(), state }));
    row.outcome = Outcome::Blocking;
}

fn finding(id: &str, criterion: Option<&str>, message: &str, pointers: &[&str]) -> Finding {
    Finding {
        id: id.into(),
        criterion: criterion.map(Into::into),
        message: message.into(),
        pointers: pointers.iter().map(|&pointer| pointer.into()).collect(),
    }
}

/// Everything passes.
pub fn go() -> Decision {
    let rows = vec![
        row(
            "install.reproducible",
            "Install",
            "Production install path is reproducible",
            "Install completed using documented production steps; `claw --version` matches planned release",
            "Install required ad-hoc/manual fixes, version is unknown/mismatched, or steps are not reproducible",
        ),
        row(
            "backups.scheduled",
            "Backups",
            "Backup jobs run on schedule",
            "Automated backup schedule exists, ran successfully within the required window, and latest backup artifact is present",
            "No schedule, missed backup window, or backup artifact missing",
        ),
        row(
            "compatibility.validated",
            "Compatibility",
            "Client/server compatibility is validated",
            "Supported client versions are tested against deployed daemon version",
            "Required client versions fail, are untested, or compatibility status is unknown",
        ),
        row(
            "scans.passed",
            "Security scans",
            "Required security scans pass",
            "Required scans (dependency, container/image, and/or static analysis per policy) completed for this release",
            "Scans were skipped, failed, or unresolved critical/high findings exist without approved exception",
        ),
        row(
            "slos.active",
            "SLOs",
            "SLOs and alerting are defined and active",
            "Availability/latency/error-budget SLOs are documented; dashboards and alerts are active",
            "SLOs are undefined, alerts are missing/noisy, or escalation path is unclear",
        ),
    ];
    Decision {
        environment: "prod".into(),
        release: "0.1.1".into(),
        evaluated_at: at(23, 15),
        clock_given: false,
        recorded: false,
        checklist: Checklist {
            id: "golive.production-readiness".into(),
            title: "Production Readiness Checklist".into(),
            version: "1".into(),
            origin: "embedded".into(),
            digest: digest('c'),
            controls: rows.len(),
            parameters: Vec::new(),
        },
        facts: vec![("prod.facts.json".into(), digest('f'))],
        gate: Gate::Go,
        blocking: Vec::new(),
        rows,
        waivers: Vec::new(),
        idle_remediations: Vec::new(),
    }
}

/// One control is not `pass`, and waived.
pub fn go_waived() -> Decision {
    let mut decision = go();
    let row = &mut decision.rows[3];
    let id = "critical-finding[CVE-2026-1]";
    let pointers = ["/facts/scans/value/runs/0/findings/0"];
    let findings = vec![finding(id, Some("no-critical"), "CVE-2026-1 in libfoo 1.2 is critical and not approved", &pointers)];
    judge(row, Verdict::FAIL, &[("no-critical", "No critical finding is open", CriterionState::Denied)], findings);
    let waiver = waiver("W-7", "scans.passed", &[id]);
    row.outcome = Outcome::Waived;
    row.remediation = Some(waiver.remediation.clone());
    row.waiver = Some(waiver.clone());
    decision.waivers = vec![(waiver, ExceptionState::Active)];
    decision
}

/// One of everything: each verdict, each state of a waiver, a changed parameter, a given clock.
#[expect(clippy::too_many_lines, reason = "a sample that shows everything once")]
pub fn no_go() -> Decision {
    let mut decision = go_waived();
    decision.clock_given = true;
    decision.recorded = true;
    decision.gate = Gate::NoGo;
    decision.checklist.parameters =
        vec![ParameterChange { pointer: "/backups/window".into(), default: json!("PT24H"), value: json!("PT48H") }];
    let findings = vec![
        finding(
            "window-missed",
            Some("ran-in-window"),
            "the last backup run ended 3 d 2 h ago, the required window is 2 d",
            &["/facts/backup_schedule/value/last_run/finished_at"],
        ),
        finding(
            "unproven:cadence-kept",
            Some("cadence-kept"),
            "no fact proves that each window has an artifact",
            &["/facts/backups/value/artifacts"],
        ),
    ];
    let criteria = [
        ("ran-in-window", "The last scheduled run ended within the required window", CriterionState::Denied),
        ("cadence-kept", "No window in the look-back period went by without an artifact", CriterionState::Open),
    ];
    judge(&mut decision.rows[1], Verdict::FAIL, &criteria, findings);
    decision.rows[1].remediation = Some(Remediation { target_date: at(23, 15), ..remediation("backups.scheduled") });
    let findings = vec![finding(
        "facts:compatibility_tests:missing",
        None,
        "no group `compatibility_tests` in the facts; did you mean `compatibility_test`?",
        &["/facts"],
    )];
    judge(&mut decision.rows[2], Verdict::UNKNOWN, &[], findings);
    decision.rows[2].origins.clear();
    let contradicted = [("alerts-active", "Each SLO has an active alert", CriterionState::Contradicted)];
    let findings = vec![finding("error", Some("alerts-active"), "the policy finds alerts-active both met and denied", &[])];
    judge(&mut decision.rows[4], Verdict::ERROR, &contradicted, findings);
    decision.rows[4].origins.push(origin("on_call", Trust::Attested));
    decision.blocking = vec![
        Blocking { by: "backups.scheduled".into(), message: "fail, and no waiver is active".into() },
        Blocking { by: "compatibility.validated".into(), message: "unknown, and no waiver is active".into() },
        Blocking { by: "slos.active".into(), message: "error, which no waiver covers".into() },
        Blocking { by: "freeze".into(), message: "no release between 20 December and 3 January".into() },
    ];
    let lapsed = ExceptionState::Lapsed { uncovered: vec!["unproven:cadence-kept".into(), "window-missed".into()] };
    for (id, control, state) in [
        ("W-1", "backups.scheduled", ExceptionState::Expired),
        ("W-2", "backups.scheduled", ExceptionState::Pending),
        ("W-3", "backups.scheduled", ExceptionState::OutOfScope),
        ("W-4", "backups.scheduled", ExceptionState::Overdue),
        ("W-5", "backups.scheduled", lapsed),
        ("W-6", "slos.active", ExceptionState::NotWaivable),
        ("W-8", "install.reproducible", ExceptionState::Unused),
    ] {
        let mut waiver = waiver(id, control, &["artifact-missing"]);
        match state {
            ExceptionState::Expired => (waiver.created_at, waiver.expires_at) = (at(10, 0), at(23, 15)),
            ExceptionState::Pending => waiver.created_at = at(24, 0),
            ExceptionState::OutOfScope => waiver.remediation.environment = "staging".into(),
            ExceptionState::Overdue => waiver.remediation.target_date = at(22, 0),
            _ => {}
        }
        decision.waivers.push((waiver, state));
    }
    decision.idle_remediations = vec![(remediation("install.reproducible"), "its control passes".into())];
    decision
}

/// The same with hostile text in every place that is not the program's own.
pub fn hostile() -> Decision {
    let text = || HOSTILE.to_owned();
    let mut decision = no_go();
    decision.environment = text();
    decision.release = text();
    decision.facts = vec![(text(), digest('f'))];
    decision.checklist.title = text();
    decision.checklist.origin = text();
    decision.checklist.parameters[0].value = json!({ HOSTILE: [HOSTILE] });
    for row in &mut decision.rows {
        row.text.title = text();
        row.text.pass = text();
        for finding in &mut row.judgement.findings {
            finding.id = format!("{}[{HOSTILE}]", finding.id);
            finding.message = text();
            finding.pointers.push(format!("/facts/{HOSTILE}"));
        }
        for origin in &mut row.origins {
            origin.source = text();
            origin.collector.name = text();
            origin.evidence.push(Evidence { uri: format!("https://ci.example.test/{HOSTILE}"), sha256: "cd".repeat(32) });
        }
    }
    decision.blocking.push(Blocking { by: text(), message: text() });
    for (waiver, _) in &mut decision.waivers {
        waiver.reason = text();
        waiver.approved_by = text();
    }
    decision
}
