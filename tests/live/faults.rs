//! What is made wrong, one thing at a time, and what must be found.

use crate::certificates::Authority;
use crate::claw::Daemon;
use crate::world::{GOOD, NAME, TOKEN, World};
use serde_json::Value;
use std::fs;

/// One deployment in which something is wrong.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// Makes it wrong, and starts the daemons.
    pub wrong: fn(&mut World) -> Vec<Daemon>,
    /// Controls that must fail, each with the beginning of a finding that it must have.
    pub found: &'static [(&'static str, &'static str)],
    /// Controls that cannot be proven in consequence.
    pub also: &'static [&'static str],
}

const fn scenario(name: &'static str, wrong: fn(&mut World) -> Vec<Daemon>, found: &'static [(&'static str, &'static str)]) -> Scenario {
    Scenario { name, wrong, found, also: &[] }
}

const TLS: [&str; 4] = ["--tls-cert", "../tls/server.crt", "--tls-key", "../tls/server.key"];

/// The row of authentication.
pub const AUTH: &str = "auth.enforced";
/// The row of encryption.
pub const TLS_ROW: &str = "tls.encrypted";
const SCHEDULE: &str = "backups.scheduled";
const VERIFIED: &str = "backups.verified";
const ROLLBACK: &str = "rollback.tested";
const COMPATIBILITY: &str = "compatibility.validated";
const SCANS: &str = "scans.passed";
const ARTIFACTS: &str = "artifacts.signed";
const RUNBOOKS: &str = "runbooks.current";
const SLOS: &str = "slos.active";

/// The deployment as it is, with its daemon.
pub fn started(world: &World) -> Vec<Daemon> {
    world.verify_artifacts();
    vec![world.daemon()]
}

fn with_certificate(world: &World, authority: &Authority, name: &str, days: (i64, i64)) -> Vec<Daemon> {
    world.certificate(&authority.issue(name, days.0, days.1));
    started(world)
}

fn newest(world: &World) -> String {
    format!("repo/.claw/backups/{}", world.value("backup"))
}

/// All of them; the first is the one in which nothing is wrong.
pub const SCENARIOS: &[Scenario] = &[
    scenario("nothing", |w| started(w), &[]),
    scenario(
        "secrets on the command line, in an address and among the variables",
        |w| {
            w.edit("golive.toml", "https://docs.example.test/", "https://reader:CANARY-password@docs.example.test/");
            w.edit("golive.toml", "[collect]", "[collect]\npass = [\"CANARY_VARIABLE\"]");
            w.verify_artifacts();
            vec![w.daemon_with(&[&["--auth-token", TOKEN], &TLS[..]].concat())]
        },
        &[],
    ),
    scenario(
        "no authentication",
        |w| {
            w.verify_artifacts();
            vec![w.daemon_without_token(&TLS)]
        },
        &[(AUTH, "auth-off"), (AUTH, "no-header-accepted"), (AUTH, "second-method-accepted"), (AUTH, "wrong-token-accepted")],
    ),
    scenario(
        "authentication by chance of a default profile",
        |w| {
            w.verify_artifacts();
            vec![w.daemon_with(&TLS)]
        },
        &[(AUTH, "auth-off")],
    ),
    Scenario {
        name: "empty bearer bypass",
        wrong: |w| {
            w.verify_artifacts();
            vec![w.daemon_with_broken_profile()]
        },
        found: &[(AUTH, "empty-token-accepted"), (AUTH, "right-token-rejected")],
        also: &["install.reproducible", COMPATIBILITY],
    },
    scenario(
        "a second, open daemon",
        |w| {
            let mut all = started(w);
            all.push(w.second_daemon(&[]));
            all
        },
        &[(AUTH, "no-header-accepted"), (AUTH, "auth-off"), (TLS_ROW, "not-tried")],
    ),
    Scenario {
        name: "plaintext port",
        wrong: |w| {
            // Without flags the daemon takes the certificate that its configuration names.
            w.edit("repo/.claw/config.toml", "cert_path", "# cert_path");
            w.edit("repo/.claw/config.toml", "key_path", "# key_path");
            w.verify_artifacts();
            vec![w.daemon_with(&GOOD[..2])]
        },
        found: &[(TLS_ROW, "tls-missing")],
        // claw itself warns of a certificate that is not configured.
        also: &["install.reproducible"],
    },
    scenario("expired certificate", |w| with_certificate(w, &w.authority, NAME, (-20, -1)), &[(TLS_ROW, "expired")]),
    scenario("certificate that ends soon", |w| with_certificate(w, &w.authority, NAME, (-20, 3)), &[(TLS_ROW, "expires-soon")]),
    scenario("wrong name", |w| with_certificate(w, &w.authority, "other.example.test", (-1, 90)), &[(TLS_ROW, "name-mismatch")]),
    scenario("unknown authority", |w| with_certificate(w, &Authority::new("another"), NAME, (-1, 90)), &[(TLS_ROW, "chain-untrusted")]),
    scenario(
        "a renewed certificate that is not served",
        |w| {
            let all = started(w);
            w.certificate(&w.authority.issue(NAME, -1, 200));
            all
        },
        &[(TLS_ROW, "other-served")],
    ),
    Scenario {
        name: "another version is planned",
        wrong: |w| {
            w.edit("golive.toml", "release = \"0.1.1\"", "release = \"0.1.2\"");
            w.edit("exposure/prod-clients.json", "\"release\": \"0.1.1\"", "\"release\": \"0.1.2\"");
            started(w)
        },
        found: &[("install.reproducible", "version-mismatch"), ("install.reproducible", "daemon-version")],
        also: &[TLS_ROW, ROLLBACK, COMPATIBILITY, SCANS, ARTIFACTS, RUNBOOKS, SLOS],
    },
    Scenario {
        name: "a replaced binary",
        wrong: |w| {
            let all = started(w);
            let mut bytes = fs::read(w.path("bin/claw")).expect("claw's binary");
            bytes.push(0);
            fs::write(w.path("other"), bytes).expect("another binary");
            w.program(&w.path("other"), "bin/claw");
            all
        },
        found: &[(ARTIFACTS, "daemon-unverified")],
        also: &["install.reproducible"],
    },
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
