//! Faults of what stands in files: backups, drills, reports, signatures, runbooks, statements.

use crate::faults::{ARTIFACTS, COMPATIBILITY, ROLLBACK, RUNBOOKS, SCANS, SCHEDULE, SLOS, Scenario, VERIFIED, scenario, started};
use crate::world::World;
use serde_json::Value;
use std::fs;

fn newest(world: &World) -> String {
    format!("repo/.claw/backups/{}", world.value("backup"))
}

/// All of them.
pub const SCENARIOS: &[Scenario] = &[
    scenario(
        "no backup",
        |w| {
            fs::remove_dir_all(w.path("repo/.claw/backups")).expect("backups");
            fs::create_dir(w.path("repo/.claw/backups")).expect("a folder");
            started(w)
        },
        &[(SCHEDULE, "artifact-missing"), (VERIFIED, "backup-missing"), (ROLLBACK, "restore-unproven")],
    ),
    scenario(
        "a stale backup",
        |w| {
            w.age_backups(3);
            started(w)
        },
        &[(SCHEDULE, "window-missed")],
    ),
    scenario(
        "a fresh directory called legacy beside a stale backup",
        |w| {
            w.age_backups(3);
            w.copy_folder(&newest(w), "repo/.claw/backups/legacy");
            started(w)
        },
        &[(SCHEDULE, "window-missed")],
    ),
    scenario(
        "an old verification",
        |w| {
            let all = started(w);
            w.replay_old_verification();
            all
        },
        &[(VERIFIED, "verification-outdated")],
    ),
    scenario(
        "a tampered backup",
        |w| {
            w.write(&format!("{}/snapshot/HEAD", newest(w)), "ref: heads/evil\n");
            vec![w.daemon_after_verification()]
        },
        &[(VERIFIED, "verification-failed"), (VERIFIED, "recheck-failed"), (ROLLBACK, "restore-unproven")],
    ),
    scenario(
        "an extra file in a snapshot",
        |w| {
            w.write(&format!("{}/snapshot/refs/heads/extra", newest(w)), "x\n");
            started(w)
        },
        &[(SCHEDULE, "artifact-empty"), (VERIFIED, "recheck-failed"), (ROLLBACK, "restore-unproven")],
    ),
    scenario(
        "an empty manifest",
        |w| {
            let path = format!("{}/manifest.json", newest(w));
            let mut manifest: Value = serde_json::from_str(&w.read(&path)).expect("JSON");
            manifest["files"] = Value::Array(Vec::new());
            w.write(&path, &manifest.to_string());
            started(w)
        },
        &[(SCHEDULE, "artifact-empty"), (VERIFIED, "recheck-failed"), (ROLLBACK, "restore-unproven")],
    ),
    scenario(
        "a crash leftover without a manifest",
        |w| {
            let id = golive::model::Instant { ms: crate::world::now() }.ms;
            fs::create_dir_all(w.path(&format!("repo/.claw/backups/{id}/snapshot"))).expect("a folder");
            vec![w.daemon_after_verification()]
        },
        &[(SCHEDULE, "artifact-empty"), (VERIFIED, "verification-failed"), (ROLLBACK, "restore-unproven")],
    ),
    scenario(
        "a disabled timer",
        |w| {
            w.edit("systemd/claw-backup.timer", "UnitFileState=enabled", "UnitFileState=disabled");
            started(w)
        },
        &[(SCHEDULE, "schedule-disabled")],
    ),
    scenario(
        "a failed backup run",
        |w| {
            w.edit("systemd/claw-backup.service", "Result=success", "Result=exit-code");
            w.edit("systemd/claw-backup.service", "ExecMainStatus=0", "ExecMainStatus=1");
            started(w)
        },
        &[(SCHEDULE, "last-run-failed")],
    ),
    scenario(
        "a drill for another release path",
        |w| {
            w.edit("rollback/drills/drill-1.json", "\"from_version\": \"0.1.1\"", "\"from_version\": \"0.1.0\"");
            started(w)
        },
        &[(ROLLBACK, "path-untested")],
    ),
    scenario(
        "a slow drill",
        |w| {
            let slow = w.filled("{{-PT4H}}");
            let text = w.read("rollback/drills/drill-1.json");
            let mut drill: Value = serde_json::from_str(&text).expect("JSON");
            drill["started_at"] = slow.into();
            w.write("rollback/drills/drill-1.json", &drill.to_string());
            started(w)
        },
        &[(ROLLBACK, "drill-slow")],
    ),
    scenario(
        "an untested client",
        |w| {
            let kept: String = w
                .read("compatibility/runs.jsonl")
                .lines()
                .filter(|l| !l.contains("\"client\": \"0.1.0\""))
                .map(|l| format!("{l}\n"))
                .collect();
            w.write("compatibility/runs.jsonl", &kept);
            started(w)
        },
        &[(COMPATIBILITY, "client-untested")],
    ),
    scenario(
        "a client that fails against its guarantee",
        |w| {
            let text = w.read("compatibility/runs.jsonl").replacen("\"exit\": 0", "\"exit\": 11", 1);
            w.write("compatibility/runs.jsonl", &text);
            started(w)
        },
        &[(COMPATIBILITY, "client-failed")],
    ),
    scenario(
        "a client tried without its check",
        |w| {
            let text = w.read("compatibility/runs.jsonl").replacen("\"pull\"]", "\"pull\", \"--no-compat-check\"]", 1);
            w.write("compatibility/runs.jsonl", &text);
            started(w)
        },
        &[(COMPATIBILITY, "check-bypassed")],
    ),
    scenario(
        "a scan of another lock file",
        |w| {
            let digest = w.filled("{{sha256:release/Cargo.lock}}");
            w.edit("reports/cargo-audit.run.json", &digest, &"0".repeat(64));
            started(w)
        },
        &[(SCANS, "scan-missing")],
    ),
    scenario(
        "a failed scan",
        |w| {
            w.edit("reports/cargo-audit.run.json", "\"exit\": 0", "\"exit\": 2");
            started(w)
        },
        &[(SCANS, "scan-failed")],
    ),
    scenario(
        "a stale database",
        |w| {
            let old = w.filled("{{-P400D}}");
            let mut record: Value = serde_json::from_str(&w.read("reports/cargo-audit.run.json")).expect("JSON");
            record["database"]["updated_at"] = old.into();
            w.write("reports/cargo-audit.run.json", &record.to_string());
            started(w)
        },
        &[(SCANS, "database-unfit")],
    ),
    scenario(
        "an undated database",
        |w| {
            let mut record: Value = serde_json::from_str(&w.read("reports/cargo-audit.run.json")).expect("JSON");
            record["database"] = serde_json::json!({ "state": "unknown" });
            w.write("reports/cargo-audit.run.json", &record.to_string());
            started(w)
        },
        &[(SCANS, "unproven:databases-fresh")],
    ),
    scenario(
        "a suppressed high finding",
        |w| {
            let mut report: Value = serde_json::from_str(&w.read("reports/semgrep.sarif")).expect("JSON");
            let finding = &mut report["runs"][0]["results"][0];
            finding["level"] = "error".into();
            finding["suppressions"] = serde_json::json!([{ "kind": "inSource" }]);
            w.write("reports/semgrep.sarif", &report.to_string());
            let mut record: Value = serde_json::from_str(&w.read("reports/semgrep.run.json")).expect("JSON");
            record["report_sha256"] = w.filled("{{sha256:reports/semgrep.sarif}}").into();
            w.write("reports/semgrep.run.json", &record.to_string());
            started(w)
        },
        &[(SCANS, "suppressed-finding")],
    ),
    scenario(
        "an unsigned artifact",
        |w| {
            fs::remove_file(w.path("release/claw.minisig")).expect("a signature");
            started(w)
        },
        &[(ARTIFACTS, "signature-missing")],
    ),
    scenario(
        "an artifact signed by a stranger",
        |w| {
            w.sign_with_another_key();
            started(w)
        },
        &[(ARTIFACTS, "signature-invalid")],
    ),
    scenario("an artifact that was verified late", |w| vec![w.daemon()], &[(ARTIFACTS, "verified-late")]),
    scenario(
        "a missing runbook",
        |w| {
            fs::remove_file(w.path("runbooks/incident-response.md")).expect("a runbook");
            started(w)
        },
        &[(RUNBOOKS, "topic-missing")],
    ),
    scenario(
        "a runbook that changed after its review",
        |w| {
            w.edit("runbooks/token-rotation.md", "# Rotate", "# How to rotate");
            started(w)
        },
        &[(RUNBOOKS, "runbook-unreviewed")],
    ),
    scenario(
        "a runbook with a command that fails",
        |w| {
            w.edit("runbooks/token-rotation.md", " --base-url URL", "");
            w.review_again();
            started(w)
        },
        &[(RUNBOOKS, "drift-found")],
    ),
    scenario(
        "an alert rule that does not parse",
        |w| {
            w.edit("slo/claw.rules.yaml", "== 0", "= 0 {");
            started(w)
        },
        &[(SLOS, "alert-broken")],
    ),
    scenario(
        "no escalation path",
        |w| {
            let mut value: Value = serde_json::from_str(&w.read("values/on_call.json")).expect("JSON");
            value["escalation"] = serde_json::json!({ "state": "none" });
            w.write("values/on_call.json", &value.to_string());
            w.state("on_call");
            started(w)
        },
        &[(SLOS, "escalation-missing")],
    ),
];
