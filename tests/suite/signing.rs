//! Keys as files, and `golive waiver sign`: what is written, what is refused, and that no private key is ever shown.

use crate::project::{self, Run};
use golive::record::{Role, SigningKey, Trust, VerifyingKey};
use golive::text::Source;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
const AT: &str = "2026-11-22T00:00:00Z";
const NOW: &str = "2026-11-23T15:00:00Z";

/// Runs golive in a folder, and looks that nothing of these keys comes out.
fn golive(folder: &Path, args: &[&str]) -> Run {
    let mut command = project::golive(200);
    let run = project::run(command.current_dir(folder).args(args).args(["--color", "never"]), LIMIT);
    for key in project::files(folder).iter().filter(|path| path.extension().is_some_and(|e| e == "key")) {
        let Ok(text) = fs::read_to_string(key) else { continue };
        for line in text.lines().filter(|line| line.len() > 20 && !line.starts_with("-----")) {
            assert!(!run.stdout.contains(line) && !run.stderr.contains(line), "{args:?} shows a private key");
        }
    }
    run
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn keygen(folder: &Path, name: &str, role: &str) -> Run {
    golive(folder, &["record", "keygen", name, "--role", role, "--at", "2026-11-01T00:00:00.5Z"])
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

fn permit(path: &Path, bits: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).expect("permissions");
}

/// A file of waivers, each approved by one of these.
fn waivers(path: &Path, approvers: &[&str]) {
    let entry = |(index, approver): (usize, &&str)| {
        json!({
            "id": format!("W-{index}"), "control": "auth.enforced", "environment": "prod", "release": format!("0.1.{index}"),
            "findings": ["no-header-accepted[claw-1:50151]"], "reason": "the risk is accepted", "ticket": "RISK-1",
            "requested_by": "lee@example.test", "approved_by": approver,
            "created_at": "2026-11-20T00:00:00Z", "expires_at": "2026-12-10T00:00:00Z",
            "remediation": {"owner": "lee", "action": "mend it", "target_date": "2026-12-10T00:00:00Z"},
        })
    };
    let entries: Vec<_> = approvers.iter().enumerate().map(entry).collect();
    project::write(path, &json!({"format": "golive.waivers/1", "waivers": entries}).to_string());
}

#[test]
fn a_new_key_is_for_its_owner_alone_and_counts_as_it_says() {
    let folder = folder();
    let here = folder.path();
    let run = golive(
        here,
        &["record", "keygen", "Riley \"R\" Ng", "-o", "r.key", "--role", "waiver", "--role", "decision", "--valid", "P30D", "--at", AT],
    );
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    assert_eq!((mode(&here.join("r.key")), mode(&here.join("r.pub"))), (0o600, 0o644));
    let private = SigningKey::read(&project::text(&here.join("r.key"))).expect("a private key");
    let public = VerifyingKey::read(&project::text(&here.join("r.pub"))).expect("a public key");
    assert_eq!(*private.public(), public);
    let trust = Trust::read(Arc::new(Source::new("trust.yaml", run.stdout))).expect("a trust file");
    let key = &trust.keys[0];
    assert_eq!((key.name.as_str(), &key.key, key.roles.as_slice()), ("Riley \"R\" Ng", &public, &Role::ALL[..]));
    assert_eq!((key.not_before.to_string(), key.not_after.to_string()), (AT.to_owned(), "2026-12-22T00:00:00Z".to_owned()));
    let again = keygen(here, "riley", "waiver");
    let third = keygen(here, "kim", "waiver");
    assert_eq!((again.exit, third.exit), (Some(0), Some(0)));
    assert_ne!(project::text(&here.join("riley.key")), project::text(&here.join("kim.key")), "two keys are two keys");
}

#[test]
fn what_is_there_stays_and_half_a_pair_is_none() {
    let folder = folder();
    let here = folder.path();
    for (there, gone) in [("a.key", "a.pub"), ("b.pub", "b.key")] {
        project::write(&here.join(there), "mine");
        let run = golive(here, &["record", "keygen", &there[..1]]);
        assert_eq!((run.exit, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
        assert!(run.stderr.contains("is there already"), "{}", run.stderr);
        assert_eq!(project::text(&here.join(there)), "mine");
        assert!(!here.join(gone).exists(), "{gone} was left behind");
    }
    for args in [
        &["record", "keygen", ""][..],
        &["record", "keygen", "\u{200b}"],
        &["record", "keygen", "a\u{202e}b"],
        &["record", "keygen", "../a"],
        &["record", "keygen", ".a"],
        &["record", "keygen", "a b"],
        &["record", "keygen", "a", "-o", "a.pub"],
        &["record", "keygen", "a", "-o", ".."],
        &["record", "keygen", "a", "--valid", "P0D"],
        &["record", "keygen", "a", "--valid", "30"],
        &["record", "keygen", "a", "--valid", "P999999999D"],
        &["record", "keygen", "a", "--role", "admin"],
    ] {
        let run = golive(here, args);
        assert_eq!((run.exit, run.stdout.as_str()), (Some(2), ""), "{args:?}: {}", run.stderr);
    }
    let run = golive(here, &["record", "keygen", "c", "-o", "nowhere/c.key"]);
    assert_eq!((run.exit, run.stdout.as_str()), (Some(6), ""), "{}", run.stderr);
    assert_eq!(project::files(here).len(), 2, "something was left behind");
}

#[test]
fn openssl_reads_what_is_written_and_writes_what_is_read() {
    let openssl = |args: &[&str], folder: &Path| Command::new("openssl").args(args).current_dir(folder).stdin(Stdio::null()).output().ok();
    let folder = folder();
    let here = folder.path();
    if openssl(&["version"], here).is_none_or(|o| !o.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "openssl is missing");
        return project::tell("signing: openssl is not there, and was not asked");
    }
    assert_eq!(keygen(here, "riley", "waiver").exit, Some(0));
    let public = openssl(&["pkey", "-in", "riley.key", "-pubout"], here).expect("openssl");
    assert_eq!(
        String::from_utf8_lossy(&public.stdout),
        project::text(&here.join("riley.pub")),
        "{}",
        String::from_utf8_lossy(&public.stderr)
    );
    let made = openssl(&["genpkey", "-algorithm", "ed25519", "-out", "kim.key"], here).expect("openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    permit(&here.join("kim.key"), 0o600);
    let spki = openssl(&["pkey", "-in", "kim.key", "-pubout"], here).expect("openssl");
    let public = VerifyingKey::read(&String::from_utf8(spki.stdout).expect("PEM")).expect("openssl's public key");
    assert_eq!(SigningKey::read(&project::text(&here.join("kim.key"))).expect("openssl's private key").public(), &public);
    // The same signature, made by another program over the same bytes.
    waivers(&here.join("w.json"), &["riley"]);
    assert_eq!(golive(here, &["waiver", "sign", "w.json", "--key", "riley.key", "--at", AT]).exit, Some(0));
    let source = Arc::new(Source::new("w", project::text(&here.join("w.json.dsse.json"))));
    let envelope = golive::record::Envelope::read(source).expect("an envelope");
    fs::write(here.join("bytes"), envelope.signed_bytes()).expect("a file");
    fs::write(here.join("sig"), &envelope.signatures[0].sig).expect("a file");
    let args = ["pkeyutl", "-verify", "-pubin", "-inkey", "riley.pub", "-rawin", "-in", "bytes", "-sigfile", "sig"];
    let verified = openssl(&args, here).expect("openssl");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn a_key_that_others_can_read_is_not_read() {
    let folder = folder();
    let here = folder.path();
    assert_eq!(keygen(here, "riley", "waiver").exit, Some(0));
    waivers(&here.join("w.json"), &["riley"]);
    let key = here.join("riley.key");
    let sign = |file: &str| golive(here, &["waiver", "sign", "w.json", "--key", file, "--at", AT]);
    for bits in [0o640, 0o604, 0o644, 0o620, 0o602, 0o610, 0o601, 0o660, 0o777] {
        permit(&key, bits);
        let run = sign("riley.key");
        assert_eq!(run.exit, Some(3), "{bits:o}: {}", run.stderr);
        assert!(run.stderr.contains("permission") && run.stderr.contains(&format!("{bits:04o}")), "{bits:o}: {}", run.stderr);
    }
    // Not read at all: what is in it does not matter.
    project::write(&here.join("open.key"), "CANARY");
    permit(&here.join("open.key"), 0o644);
    assert!(sign("open.key").stderr.contains("permission"));
    for (name, text, exit, words) in [
        ("text.key", "CANARY-4242424242424242424242", 3, "no Ed25519 private key"),
        ("public.key", &project::text(&here.join("riley.pub")), 3, "no Ed25519 private key"),
        ("rsa.key", "-----BEGIN RSA PRIVATE KEY-----\nCANARYCANARYCANARYCANARYCANA\n-----END RSA PRIVATE KEY-----\n", 3, "no Ed25519"),
        ("cut.key", project::text(&key).split_at(70).0, 3, "no Ed25519 private key"),
        ("empty.key", "", 3, "no Ed25519 private key"),
    ] {
        project::write(&here.join(name), text);
        permit(&here.join(name), 0o600);
        let run = sign(name);
        assert_eq!(run.exit, Some(exit), "{name}: {}", run.stderr);
        assert!(run.stderr.contains(words) && run.stderr.contains("could not sign"), "{name}: {}", run.stderr);
        assert!(!run.stderr.contains("CANARY"), "{name}: {}", run.stderr);
    }
    fs::create_dir(here.join("folder")).expect("a folder");
    for (name, exit) in [("nowhere.key", 6), ("folder", 3), ("/dev/null", 3)] {
        let run = sign(name);
        assert_eq!(run.exit, Some(exit), "{name}: {}", run.stderr);
        assert!(run.stderr.contains("could not sign"), "{name}: {}", run.stderr);
    }
    assert!(!here.join("w.json.dsse.json").exists(), "something was signed");
    permit(&key, 0o400);
    assert_eq!(sign("riley.key").exit, Some(0));
}

#[test]
fn a_private_key_in_the_wrong_place_is_not_shown() {
    let folder = folder();
    let here = folder.path();
    assert_eq!(keygen(here, "riley", "waiver").exit, Some(0));
    waivers(&here.join("w.json"), &["riley"]);
    let facts = project::root().join("fixtures/deployments/claw-go/facts.json");
    let facts = facts.to_str().expect("a path");
    let plan = ["--environment", "prod", "--release", "0.1.1", "--at", NOW];
    for args in [
        &["check", "riley.key"][..],
        &["check", facts, "--waivers", "riley.key"],
        &["check", facts, "--remediations", "riley.key"],
        &["check", facts, "--parameters", "riley.key"],
        &["check", facts, "-c", "riley.key"],
        &["check", facts, "--waivers", "w.json", "--trust", "riley.key"],
        &["waiver", "sign", "riley.key", "--key", "riley.key"],
        &["batch", "riley.key"],
    ] {
        let plan = if args[0] == "waiver" { &plan[4..] } else { &plan[..] };
        let private = project::text(&here.join("riley.key"));
        if args.contains(&"--trust") {
            // Signatures are looked at where there are some.
            project::write(&here.join("w.json.dsse.json"), "{}");
        }
        let run = golive(here, &[args, plan].concat());
        assert!(!matches!(run.exit, Some(0 | 1) | None), "{args:?}: {:?}", run.exit);
        assert_eq!(private, project::text(&here.join("riley.key")));
    }
}

#[test]
fn approvers_sign_one_after_the_other() {
    let folder = folder();
    let here = folder.path();
    let mut keys = String::new();
    for name in ["riley", "kim"] {
        let run = keygen(here, name, "waiver");
        keys.push_str(run.stdout.split_once("keys:\n").expect("keys").1);
    }
    project::write(&here.join("trust.yaml"), &format!("format: golive.trust/1\nthreshold: 1\nkeys:\n{keys}"));
    project::write(
        &here.join("golive.toml"),
        "environment = \"prod\"\nrelease = \"0.1.1\"\nwaivers = \"w.json\"\n[signing]\ntrust = \"trust.yaml\"\nwaivers = \"required\"\n",
    );
    waivers(&here.join("w.json"), &["riley", "kim"]);
    let facts = project::root().join("fixtures/deployments/claw-go/facts.json");
    let parameters = project::root().join("fixtures/deployments/claw-go/parameters.json");
    let given = ["--parameters", parameters.to_str().expect("a path"), "--at", NOW];
    let facts = facts.to_str().expect("a path");
    let check = || golive(here, &[&["check", facts][..], &given].concat());
    let sign = |args: &[&str]| golive(here, &[&["waiver", "sign", "w.json"][..], args].concat());
    assert_eq!(check().exit, Some(3));
    let run = sign(&["--key", "riley.key", "--at", AT]);
    assert!(run.exit == Some(0) && run.stdout.contains("w.json.dsse.json: 2 waivers signed with sha256:"), "{} {}", run.stdout, run.stderr);
    let one = project::text(&here.join("w.json.dsse.json"));
    let run = check();
    assert!(run.exit == Some(3) && run.stderr.contains("the signature of `kim` is missing"), "{}", run.stderr);
    let run = sign(&["--key", "kim.key", "--at", "2026-11-22T05:00:00Z"]);
    assert!(run.exit == Some(0) && run.stdout.contains("2 signatures"), "{} {}", run.stdout, run.stderr);
    let both = project::text(&here.join("w.json.dsse.json"));
    assert_eq!(sign(&["--key", "kim.key", "--at", NOW]).exit, Some(0));
    assert_eq!(both, project::text(&here.join("w.json.dsse.json")), "who has signed has signed");
    assert!(both.starts_with(&one[..one.len() - 4]), "what was signed stays as it was");
    for (command, exit) in [("check", 0), ("batch", 0)] {
        let run = golive(here, &[&[command, facts][..], &given].concat());
        assert_eq!(run.exit, Some(exit), "{command}: {}", run.stderr);
    }
    let run = golive(here, &[&["policy", "impact", facts, "--base-parameters", given[1]][..], &given].concat());
    assert_eq!(run.exit, Some(0), "impact: {}", run.stderr);
    // Another byte, another file.
    let text = project::text(&here.join("w.json"));
    project::write(&here.join("w.json"), &text.replace("RISK-1", "RISK-2"));
    let run = sign(&["--key", "riley.key", "--at", NOW]);
    assert!(run.exit == Some(3) && run.stderr.contains("other bytes"), "{}", run.stderr);
    for args in [&["check", facts][..], &["batch", facts], &["worker"], &["policy", "impact", facts, "--base-parameters", given[1]]] {
        let run = golive(here, &[args, &given[..]].concat());
        assert!(
            run.exit == Some(3) && run.stdout.is_empty() && run.stderr.contains("signature"),
            "{args:?}: {:?} {}",
            run.exit,
            run.stderr
        );
    }
    assert_eq!(sign(&["--key", "riley.key", "--at", AT, "--renew"]).exit, Some(0));
    let run = check();
    assert!(run.exit == Some(3) && run.stderr.contains("the signature of `kim` is missing"), "{}", run.stderr);
    let run = sign(&["--key", "riley.key", "--at", "2026-11-19T00:00:00Z", "--renew"]);
    assert!(run.exit == Some(3) && run.stderr.contains("older than the waiver"), "{}", run.stderr);
}
