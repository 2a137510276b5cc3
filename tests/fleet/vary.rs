//! A recorded deployment in other sizes: daemons, listeners, backups, drills, runbooks, tests, alerts, findings.
//!
//! What is added is as good as what was recorded: a document that is only varied passes every control.

use super::names::digest;
use super::random::Random;
use golive::model::Instant;
use serde_json::{Value, json};

/// Changes the counts of everything that can be plural.
pub fn vary(facts: &mut Value, random: &mut Random) {
    for group in facts.as_object_mut().into_iter().flat_map(|groups| groups.values_mut()) {
        let source = group["source"].as_str().unwrap_or_default();
        group["source"] = json!(source.split([' ', ',']).next());
        // What is checked against the evidence is checked against the first piece of it.
        list(group, "evidence").truncate(1);
    }
    install(value(facts, "install"), random);
    if random.once_in(3) {
        side_listener(facts, random);
    }
    if random.once_in(6) {
        daemon(facts, random);
    }
    if random.once_in(8) {
        ingress(facts);
    }
    backups(facts, random);
    drills(value(facts, "rollback_drills"), random);
    clients(facts, random);
    subjects(facts, random);
    runbooks(facts, random);
    alerts(value(facts, "alerts"), random);
    findings(value(facts, "scans"), random);
    super::defects::mend_totals(facts);
}

fn value<'f>(facts: &'f mut Value, group: &str) -> &'f mut Value {
    &mut facts[group]["value"]
}

fn list<'v>(value: &'v mut Value, name: &str) -> &'v mut Vec<Value> {
    value[name].as_array_mut().unwrap_or_else(|| panic!("the recorded deployment has the list `{name}`"))
}

fn install(value: &mut Value, random: &mut Random) {
    let machine = &mut value["installations"][0];
    machine["method"] = json!(*random.pick(&["language_package", "os_package"]));
    let steps = 1 + random.below(2);
    list(machine, "steps").truncate(steps);
    let checks = list(machine, "checks");
    let skipped = checks.iter().position(|check| check["state"] == "skipped").map(|at| checks.remove(at));
    let kept = 2 + random.below(4);
    checks.truncate(kept);
    if random.once_in(2) {
        checks.extend(skipped);
    }
}

/// Another port beside the one that serves clients.
fn side_listener(facts: &mut Value, random: &mut Random) {
    let id = "claw-1:50153";
    let purpose = *random.pick(&["health", "metrics"]);
    let listener = json!({ "id": id, "address": "127.0.0.1:50153", "purpose": purpose, "scope": "loopback" });
    list(&mut value(facts, "daemons")["daemons"][0], "side_listeners").push(listener);
    plaintext(facts, id);
}

/// A port that speaks plaintext and was tried from each network.
fn plaintext(facts: &mut Value, id: &str) {
    list(value(facts, "tls_endpoints"), "plaintext").push(json!({ "id": id }));
    for vantage in list(value(facts, "exposure"), "vantages") {
        list(vantage, "attempts").push(json!({ "id": id, "outcome": "refused" }));
    }
}

/// A second daemon on the same machine.
fn daemon(facts: &mut Value, random: &mut Random) {
    let id = "claw-1:50251";
    let mut daemon = value(facts, "daemons")["daemons"][0].clone();
    daemon["id"] = json!("claw-1 pid 17001");
    daemon["auth"] = json!(*random.pick(&["auth_token", "auth_profile"]));
    daemon["rpc_listeners"] = json!([{ "id": id, "address": "0.0.0.0:50251", "scope": "non_loopback" }]);
    daemon["side_listeners"] = json!([]);
    list(value(facts, "daemons"), "daemons").push(daemon);
    let mut probe = value(facts, "auth_probes")["listeners"][0].clone();
    probe["id"] = json!(id);
    list(value(facts, "auth_probes"), "listeners").push(probe);
    let mut endpoint = value(facts, "tls_endpoints")["tls"][0].clone();
    endpoint["id"] = json!(id);
    if random.once_in(2) {
        endpoint["configured"] = json!({ "state": "none" });
    }
    list(value(facts, "tls_endpoints"), "tls").push(endpoint);
}

fn ingress(facts: &mut Value) {
    let id = "vcs.example.test:443";
    list(value(facts, "tls_endpoints"), "ingress").push(json!({ "id": id }));
    let mut probe = value(facts, "auth_probes")["listeners"][0].clone();
    probe["id"] = json!(id);
    list(value(facts, "auth_probes"), "listeners").push(probe);
    let mut endpoint = value(facts, "tls_endpoints")["tls"][0].clone();
    endpoint["id"] = json!(id);
    list(value(facts, "tls_endpoints"), "tls").push(endpoint);
}

/// Backups of the nights before.
fn backups(facts: &mut Value, random: &mut Random) {
    let nights = random.below(3);
    let artifacts = list(value(facts, "backups"), "artifacts");
    let newest = Instant::parse(artifacts[0]["created_at"].as_str().unwrap_or_default()).expect("a recorded time");
    for night in (1..=nights).rev() {
        let ms = newest.ms - i64::try_from(night).expect("a few") * 86_400_000;
        let id = format!("night-{night}");
        let before = artifacts.len() - 1;
        let artifact = json!({
            "id": id, "created_at": Instant { ms }.to_string(), "files": 12 + random.below(9),
            "size_bytes": 4000 + random.below(4000), "manifest_sha256": digest(0, &id),
        });
        artifacts.insert(before, artifact);
    }
    // Faults of fixtures are about the first artifact: it is the newest one in most documents.
    if !random.once_in(4) {
        artifacts.reverse();
    }
}

/// An earlier drill of the same path, which does not count any more.
fn drills(value: &mut Value, random: &mut Random) {
    if !random.once_in(5) {
        return;
    }
    let drills = list(value, "drills");
    let mut earlier = drills[0].clone();
    earlier["id"] = json!("drill-1795440000000");
    earlier["started_at"] = json!("2026-11-20T09:00:00Z");
    earlier["finished_at"] = json!("2026-11-20T10:00:00Z");
    earlier["steps"]["smoke_test"] = json!("failed");
    drills.push(earlier);
}

/// Further versions of the client, supported ones with their tests.
fn clients(facts: &mut Value, random: &mut Random) {
    if random.once_in(3) {
        let client = json!({ "version": "0.0.9", "level": "unsupported" });
        list(value(facts, "compatibility_guarantees"), "clients").push(client);
    }
    if random.once_in(6) {
        list(value(facts, "compatibility_guarantees"), "clients").push(json!({ "version": "0.0.10", "level": "full" }));
        let results = list(value(facts, "compatibility_tests"), "results");
        for step in ["pull", "push"] {
            results.push(json!({
                "client_version": "0.0.10", "daemon_version": "0.1.1", "step": step, "result": "passed", "check_bypassed": "no",
                "tested_at": "2026-11-23T14:22:48.7Z",
            }));
        }
    }
}

/// A further part of the release: checked, signed and scanned like the others.
fn subjects(facts: &mut Value, random: &mut Random) {
    if !random.once_in(6) {
        return;
    }
    let sha256 = digest(0, "archive");
    list(value(facts, "release_manifest"), "subjects").push(json!({ "name": "claw.tar.xz", "kind": "archive", "sha256": sha256 }));
    let mut artifact = value(facts, "artifacts")["artifacts"][0].clone();
    artifact["name"] = json!("claw.tar.xz");
    artifact["sha256"] = json!(sha256);
    list(value(facts, "artifacts"), "artifacts").push(artifact);
    for report in list(value(facts, "scans"), "reports") {
        list(report, "subjects").push(json!(sha256));
    }
}

fn runbooks(facts: &mut Value, random: &mut Random) {
    if random.once_in(6) {
        let sha256 = digest(0, "storage");
        list(value(facts, "runbooks"), "runbooks").push(json!({
            "topic": "other", "path": "rb/storage.md", "sha256": sha256, "size_bytes": 1000 + random.below(3000), "checks": [], "checks_total": 0,
        }));
        list(value(facts, "runbook_reviews"), "reviews").push(json!({
            "path": "rb/storage.md", "sha256": sha256, "release": "0.1.1", "reviewer": "operations", "reviewed_at": "2026-11-19T10:00:00Z",
            "result": "current",
        }));
    }
}

fn alerts(value: &mut Value, random: &mut Random) {
    for number in 0..random.below(2) {
        let mut rule = value["rules"][number].clone();
        rule["name"] = json!(format!("Claw{}", random.pick(&["AuthFailures", "BackupOld", "DiskFull", "CertificateExpires"])));
        rule["slo"] = json!(*random.pick(&["other", "latency"]));
        list(value, "rules").push(rule);
    }
    if random.once_in(3) {
        list(value, "targets").push(json!({ "name": "node 127.0.0.1:9100", "state": "up" }));
    }
}

/// Findings that every environment tolerates; some scans report very many.
fn findings(value: &mut Value, random: &mut Random) {
    let count = *random.pick(&[0, 0, 1, 2, 3, 5, 8, 50]);
    for number in 0..count {
        let report = &mut value["reports"][random.below(2)];
        let severity = *random.pick(&["medium", "low", "low", "info"]);
        let of = *random.pick(&["tokio", "h2", "ring", "serde", "src/daemon.rs", "src/admin.rs"]);
        let id = format!("{}-{:04}", random.pick(&["RUSTSEC-2026", "CVE-2026", "rule"]), number * 37 % 9000);
        let finding = json!({ "id": id, "severity": severity, "component": of });
        list(report, "findings").push(finding);
    }
    for number in 0..random.below(3) {
        let suppression = json!({ "id": format!("CVE-2025-{number}"), "severity": "low", "component": "openssl", "origin": "vex" });
        list(&mut value["reports"][number % 2], "suppressions").push(suppression);
    }
}
