//! What a deploy job is told, by whom records are signed, and what a signer cannot claim.

use super::{AT, path, payload, payload_text, plain, records};
use crate::differences::Differences;
use crate::project::{self, Run};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder with a key, a trust file, and one signed GO.
fn signed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = path(&folder, "desk.key");
    let made = plain(&["record", "keygen", "release desk", "-o", &key, "--at", AT, "--valid", "P2D"]);
    assert_eq!(made.exit, Some(0), "{}", made.stderr);
    project::write(&folder.path().join("trust.yaml"), &made.stdout);
    let facts = "fixtures/deployments/claw-go/facts.json";
    let records = path(&folder, "records");
    let run =
        plain(&["check", facts, "-c", "docs/tour/golive.toml", "--at", AT, "--record", &records, "--signing-key", &key, "-o", "json"]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("signed by sha256:"), "{}", run.stderr);
    folder
}

/// Asks as a deploy job does: environment, release, time, and what else.
fn ask(folder: &tempfile::TempDir, (environment, release, at): (&str, &str, &str), more: &[&str]) -> Run {
    let (records, trust) = (path(folder, "records"), path(folder, "trust.yaml"));
    let args = [
        "record",
        "verify",
        &records,
        "-c",
        "docs/tour/golive.toml",
        "--trust",
        &trust,
        "--environment",
        environment,
        "--release",
        release,
        "--at",
        at,
    ];
    plain(&[&args[..], more].concat())
}

#[test]
fn what_a_deploy_job_is_told() {
    let folder = signed();
    let mut differences = Differences::default();
    for (asked, more, exit, words) in [
        (("prod", "0.1.1", AT), &[][..], 0, "GO: release 0.1.1 may go live in prod"),
        (("prod", "0.1.1", "2026-11-23T18:50:00Z"), &["--max-age", "P1D"], 0, "GO: release"),
        (("stage", "0.1.1", AT), &[], 7, "environment `prod`"),
        (("prod", "0.1.2", AT), &[], 7, "release `0.1.1`"),
        (("prod", "0.1.1", "2026-11-23T16:00:00.001Z"), &["--max-age", "PT1H"], 1, "asked is at most 1 h"),
        (("prod", "0.1.1", "2026-11-23T14:54:59Z"), &[], 1, "after now"),
        (("prod", "0.1.1", "2026-11-23T18:50:00.001Z"), &[], 1, "held until 2026-11-23T18:50:00.001Z: slos.active"),
        (("prod", "0.1.1", "2026-11-25T15:00:00Z"), &[], 1, "expired"),
    ] {
        let run = ask(&folder, asked, more);
        let told = format!("{}{}", run.stdout, run.stderr).split_whitespace().collect::<Vec<_>>().join(" ").replace(" │ ", " ");
        differences.equal(format!("{asked:?} {more:?}: exit, with {told}"), &Some(exit), &run.exit);
        differences.hold(told.contains(words), || format!("{asked:?} {more:?} lacks `{words}`: {told}"));
        differences.equal(format!("{asked:?}: a GO is printed"), &(exit == 0), &run.stdout.contains("GO: release"));
    }
    let records = path(&folder, "records");
    for args in [
        vec!["record", "verify", &records, "--unsigned", "--environment", "prod", "--release", "0.1.1"],
        vec!["record", "verify", &records, "--unsigned", "--max-age", "PT1H"],
        vec!["record", "verify", &records, "--unsigned", "--environment", "prod"],
        vec!["record", "verify", &records],
        vec!["record", "verify", &records, "--unsigned", "--head", "0123456789ab"],
    ] {
        let run = plain(&args);
        differences.equal(format!("{args:?}"), &(Some(2), String::new()), &(run.exit, run.stdout));
    }
    differences.end("deploy jobs");
}

#[test]
fn a_newer_no_go_and_a_kept_digest_are_heeded() {
    let folder = signed();
    let records = path(&folder, "records");
    let log: Value = serde_json::from_str(&plain(&["record", "log", &records, "-o", "json"]).stdout).expect("a log");
    let digest = log["records"][0]["sha256"].as_str().expect("a digest").to_owned();
    assert_eq!(ask(&folder, ("prod", "0.1.1", AT), &["--head", &digest]).exit, Some(0));
    assert_eq!(ask(&folder, ("prod", "0.1.1", AT), &["--head", &format!("sha256:{}", "0".repeat(64))]).exit, Some(7));
    let key = path(&folder, "desk.key");
    let facts = "fixtures/deployments/claw-go/facts.json";
    let late = ["check", facts, "-c", "docs/tour/golive.toml", "--at", "2026-11-24T15:00:00Z", "--record", &records, "--signing-key", &key];
    assert_eq!(plain(&late).exit, Some(1));
    let run = ask(&folder, ("prod", "0.1.1", "2026-11-24T15:00:00Z"), &[]);
    assert!(run.exit == Some(1) && run.stderr.contains("says NO_GO"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn two_people_stand_behind_a_decision() {
    let folder = signed();
    let (records, trust, second) = (path(&folder, "records"), path(&folder, "trust.yaml"), path(&folder, "second.key"));
    let made = plain(&["record", "keygen", "on call", "-o", &second, "--at", AT]);
    let both = project::text(Path::new(&trust)).replace("threshold: 1", "threshold: 2");
    let entry = made.stdout.split_once("keys:\n").expect("a list of keys").1;
    project::write(Path::new(&trust), &format!("{both}{entry}"));
    let one = ask(&folder, ("prod", "0.1.1", AT), &[]);
    assert!(one.exit == Some(7) && one.stderr.contains("threshold"), "{}{}", one.stdout, one.stderr);
    let sign = plain(&["record", "sign", &records, "--signing-key", &second]);
    assert!(sign.exit == Some(0) && sign.stdout.contains("2 signatures in all"), "{}{}", sign.stdout, sign.stderr);
    assert_eq!(plain(&["record", "sign", &records, "--signing-key", &second]).exit, Some(2), "a key signs once");
    let two = ask(&folder, ("prod", "0.1.1", AT), &[]);
    assert_eq!(two.exit, Some(0), "{}{}", two.stdout, two.stderr);
    assert!(two.stdout.contains("by on call, release desk"), "{}", two.stdout);
}

/// The payload of a record changed, and everything around it made to fit: signed anew by a key that counts.
fn forge(folder: &tempfile::TempDir, change: impl Fn(&mut Value)) {
    let records = PathBuf::from(path(folder, "records"));
    let pem = project::text(&folder.path().join("desk.key"));
    let key = golive::record::SigningKey::read(&pem).expect("a key");
    let old = records_of(&records);
    let (whole, mut statement) = (payload_text(&old), payload(&old));
    change(&mut statement);
    let mut text = format!("{statement:#}\n");
    // Where nothing but a text is changed, the order of the members stays.
    if let Some(title) = statement["predicate"]["decision"]["controls"][0]["title"].as_str().filter(|t| !whole.contains(*t)) {
        text = whole.replace("Production install path is reproducible", title);
    }
    let digest = golive::text::sha256(text.as_bytes());
    let seal = |kind: &str, text: &str| {
        let mut envelope = golive::record::Envelope::new(kind, text);
        envelope.sign(&key);
        envelope.write()
    };
    std::fs::remove_file(&old).expect("a record");
    let sealed = seal("application/vnd.in-toto+json", &text);
    project::write(&records.join(format!("records/00000001-{digest}.json")), &sealed);
    let head = golive::record::Head::new("prod", 1, &digest).write();
    project::write(&records.join("head.json"), &seal("application/vnd.golive.head+json", &head));
    std::fs::remove_file(records.join("decision.json")).expect("a summary");
}

fn records_of(folder: &Path) -> PathBuf {
    records(folder).into_iter().next().expect("a record")
}

#[test]
fn what_a_signer_claims_must_come_out_the_same() {
    let mut differences = Differences::default();
    for (what, pointer, value) in [
        ("a longer forecast", "/predicate/holds/until", Value::from("2027-03-23T14:00:00Z")),
        ("no end at all", "/predicate/holds/until", Value::Null),
        ("other words of an end", "/predicate/holds/ended_by", serde_json::json!(["nothing"])),
        ("another title", "/predicate/decision/controls/0/title", Value::from("All is well")),
    ] {
        let folder = signed();
        forge(&folder, |statement| *statement.pointer_mut(pointer).expect("a place") = value.clone());
        let asked = ask(&folder, ("prod", "0.1.1", AT), &[]);
        differences.equal(format!("{what}: verify, with {}", asked.stderr), &Some(7), &asked.exit);
        differences.hold(!asked.stdout.contains("GO: release"), || format!("{what}: {}", asked.stdout));
        let (records, trust, key) = (path(&folder, "records"), path(&folder, "trust.yaml"), path(&folder, "second.key"));
        assert_eq!(plain(&["record", "keygen", "second", "-o", &key, "--at", AT]).exit, Some(0));
        let replay = plain(&["record", "replay", &records, "--trust", &trust]);
        differences.equal(format!("{what}: replay, with {}{}", replay.stdout, replay.stderr), &Some(7), &replay.exit);
        differences.equal(format!("{what}: report"), &Some(7), &plain(&["report", &records]).exit);
        let second = plain(&["record", "sign", &records, "--signing-key", &key]);
        differences.equal(format!("{what}: sign, with {}", second.stderr), &Some(7), &second.exit);
    }
    differences.end("claims of signers");
}

#[test]
fn another_checklist_or_other_parameters_let_nothing_go_live() {
    let folder = signed();
    let (records, trust, key) = (path(&folder, "records"), path(&folder, "trust.yaml"), path(&folder, "desk.key"));
    let ask = |more: &[&str]| {
        let args = ["record", "verify", &records, "--trust", &trust, "--environment", "prod", "--release", "0.1.1", "--at", AT];
        plain(&[&args[..], more].concat())
    };
    let run = ask(&[]);
    assert!(run.exit == Some(7) && run.stderr.contains("other parameters"), "{}{}", run.stdout, run.stderr);
    let other = tempfile::tempdir().expect("a temporary folder");
    project::copy(&["policies", "schemas"], other.path());
    let policy = other.path().join("policies/controls/backups/scheduled.rego");
    project::write(&policy, &format!("{}\n# another\n", project::text(&policy)));
    let checklist = other.path().to_string_lossy().into_owned();
    let facts = "fixtures/deployments/claw-go/facts.json";
    let tour = ["-c", "docs/tour/golive.toml"];
    let made = ["check", facts, "--at", AT, "--record", &records, "--signing-key", &key, "--checklist", &checklist];
    assert_eq!(plain(&[&made[..], &tour].concat()).exit, Some(0));
    let run = ask(&tour);
    assert!(run.exit == Some(7) && run.stderr.contains("under the checklist"), "{}{}", run.stdout, run.stderr);
    let run = ask(&[&tour[..], &["--checklist", &checklist]].concat());
    assert_eq!(run.exit, Some(0), "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_key_that_does_not_count_signs_nothing_and_is_never_shown() {
    let folder = signed();
    let (records, trust) = (path(&folder, "records"), path(&folder, "trust.yaml"));
    let stranger = path(&folder, "stranger.key");
    assert_eq!(plain(&["record", "keygen", "stranger", "-o", &stranger, "--at", AT]).exit, Some(0));
    let facts = "fixtures/deployments/claw-go/facts.json";
    let args = ["check", facts, "-c", "docs/tour/golive.toml", "--at", AT, "--record", &records, "--trust", &trust, "--signing-key"];
    let run = plain(&[&args[..], &[&stranger]].concat());
    assert_eq!((run.exit, run.stdout.as_str()), (Some(6), ""), "{}", run.stderr);
    let pem = project::text(Path::new(&stranger));
    let body = pem.lines().nth(1).expect("a key's text");
    for given in [pem.as_str(), body] {
        for args in [
            vec!["check", facts, "-c", "docs/tour/golive.toml", "--at", AT, "--record", &records, "--signing-key", given],
            vec!["record", "verify", &records, "--trust", given],
            vec!["record", "verify", &records, "--trust", &trust, "--head", given],
            vec!["record", "sign", &records, "--signing-key", given],
        ] {
            let run = plain(&args);
            assert!(run.exit.is_some_and(|exit| exit > 1), "{:?}", run.exit);
            let told = format!("{}{}", run.stdout, run.stderr);
            let plain: String = told.chars().filter(char::is_ascii_alphanumeric).collect();
            let secret: String = body[24..40].chars().filter(char::is_ascii_alphanumeric).collect();
            assert!(!plain.contains(&secret), "{told}");
        }
    }
}
