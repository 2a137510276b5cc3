use super::*;
use crate::record::SigningKey;
use serde_json::json;

const T0: &str = "2026-01-01T00:00:00Z";
const T1: &str = "2027-01-01T00:00:00Z";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn entry(name: &str, seed: u8, roles: &[&str]) -> Value {
    let pem = key(seed).public().write().unwrap();
    json!({"name": name, "public_key": pem, "roles": roles, "not_before": T0, "not_after": T1, "revoked_at": null})
}

fn file(threshold: impl Into<Value>, keys: &[Value]) -> Value {
    json!({"format": "golive.trust/1", "threshold": threshold.into(), "keys": keys})
}

fn read(file: &Value) -> Result<Trust, String> {
    Trust::read(Arc::new(Source::new("trust.json", file.to_string())))
        .map_err(|problems| problems.iter().map(|p| p.message.clone()).collect::<Vec<_>>().join("\n"))
}

fn signed(seeds: &[u8]) -> Envelope {
    let mut envelope = Envelope::new("text/plain", *b"hello");
    for seed in seeds {
        envelope.sign(&key(*seed));
    }
    envelope
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// The names whose signatures count, or the words of the refusal.
fn accepted(file: &Value, seeds: &[u8], role: Role, time: &str) -> Result<Vec<String>, String> {
    let trust = read(file).unwrap();
    let keys = trust.accept(&signed(seeds), role, at(time)).map_err(|r| r.to_string())?;
    Ok(keys.iter().map(|k| k.name.clone()).collect())
}

#[test]
fn a_key_counts_for_its_role_and_its_time() {
    let mut revoked = entry("eve", 3, &["decision"]);
    revoked["revoked_at"] = json!("2026-06-01T00:00:00Z");
    let file = file(1, &[entry("dana", 1, &["decision"]), entry("kim", 2, &["waiver"]), revoked]);
    for (seeds, role, time, want) in [
        (&[1][..], Role::Decision, T0, Ok("dana")),
        (&[1], Role::Decision, "2026-12-31T23:59:59.999Z", Ok("dana")),
        (&[1], Role::Decision, "2025-12-31T23:59:59.999Z", Err("valid from")),
        (&[1], Role::Decision, T1, Err("expired")),
        (&[1], Role::Waiver, T0, Err("role `waiver`")),
        (&[2], Role::Decision, T0, Err("role `decision`")),
        (&[2], Role::Waiver, T0, Ok("kim")),
        (&[3], Role::Decision, "2026-05-31T23:59:59.999Z", Ok("eve")),
        (&[3], Role::Decision, "2026-06-01T00:00:00Z", Err("revoked")),
        (&[4], Role::Decision, T0, Err("no trusted key")),
        (&[], Role::Decision, T0, Err("no signature")),
        (&[4, 2, 1], Role::Decision, T0, Ok("dana")),
    ] {
        let got = accepted(&file, seeds, role, time);
        match want {
            Ok(name) => assert_eq!(got, Ok(vec![name.to_owned()]), "{seeds:?} {role:?} {time}"),
            Err(words) => {
                let got = got.expect_err(words);
                assert!(got.contains(words) && got.contains("signature"), "{seeds:?} {role:?} {time}: {got}");
            }
        }
    }
}

#[test]
fn a_threshold_counts_people() {
    let keys = [entry("dana", 1, &["decision"]), entry("DANA ", 2, &["decision"]), entry("kim", 3, &["decision"])];
    let two = file(2, &keys);
    assert_eq!(accepted(&two, &[1, 3], Role::Decision, T0).unwrap().len(), 2);
    for seeds in [&[1][..], &[1, 2], &[3], &[3, 3, 3], &[1, 2, 4]] {
        let words = accepted(&two, seeds, Role::Decision, T0).unwrap_err();
        assert!(words.contains("threshold of 2"), "{words}");
    }
    let mut copied = signed(&[1]);
    for name in [3, 2] {
        let mut again = copied.signatures[0].clone();
        again.keyid = key(name).public().id().to_owned();
        copied.signatures.push(again);
    }
    let trust = read(&two).unwrap();
    assert!(trust.accept(&copied, Role::Decision, at(T0)).is_err(), "one signature three times is one");
}

#[test]
fn a_changed_payload_names_whose_signature_it_was() {
    let trust = read(&file(1, &[entry("dana", 1, &["decision"])])).unwrap();
    let mut envelope = signed(&[1]);
    envelope.payload[0] ^= 1;
    let words = trust.accept(&envelope, Role::Decision, at(T0)).unwrap_err().to_string();
    assert_eq!(words, "the signature of `dana` does not match: something was changed after it");
    envelope.signatures[0].keyid = "\u{1b}[2J".repeat(100);
    let words = trust.accept(&envelope, Role::Decision, at(T0)).unwrap_err().to_string();
    assert!(words.contains("\\u001b[2J") && words.len() < 300, "{words}");
}

#[test]
fn a_file_that_says_nothing_good_is_refused() {
    let good = entry("dana", 1, &["decision"]);
    let with = |field: &str, value: Value| {
        let mut changed = good.clone();
        changed[field] = value;
        file(1, &[changed])
    };
    let without = |field: &str| {
        let mut changed = good.clone();
        changed.as_object_mut().unwrap().remove(field);
        file(1, &[changed])
    };
    assert!(read(&file(1, std::slice::from_ref(&good))).is_ok());
    for (file, words) in [
        (file(1, &[]), "no trusted key"),
        (file(0, std::slice::from_ref(&good)), "/threshold"),
        (file(2, std::slice::from_ref(&good)), "the threshold for `decision` is 2, its keys are of 1"),
        (file(2, &[good.clone(), entry("Dana", 2, &["decision"])]), "its keys are of 1"),
        (file(json!({"decision": 1}), std::slice::from_ref(&good)), "/threshold"),
        (file(json!({"decision": 1, "waiver": 0}), std::slice::from_ref(&good)), "/threshold"),
        (file("1", std::slice::from_ref(&good)), "/threshold"),
        (file(1, &[good.clone(), entry("kim", 1, &["waiver"])]), "duplicate key: it is the one of `dana`"),
        (with("roles", json!(["admin"])), "/keys/0/roles/0"),
        (with("roles", json!([])), "/keys/0/roles"),
        (with("public_key", json!("x")), "/keys/0/public_key: it is no Ed25519 public key"),
        (with("not_after", json!(T0)), "the key ends before it begins"),
        (with("not_after", json!(null)), "/keys/0/not_after"),
        (with("revoked_at", json!("yesterday")), "/keys/0/revoked_at"),
        (with("name", json!("\u{200b}")), "it is blank"),
        (with("revoked", json!(true)), "revoked"),
        (without("revoked_at"), "revoked_at"),
        (without("roles"), "roles"),
    ] {
        let got = read(&file).expect_err(words);
        assert!(got.contains(words), "{file}: {got}");
    }
}

#[test]
fn a_private_key_in_a_trust_file_is_not_shown() {
    let pem = key(1).write().unwrap().to_string();
    let secret = pem.lines().nth(1).unwrap();
    let mut leaked = entry("dana", 1, &["decision"]);
    leaked["public_key"] = json!(pem);
    for (name, text) in [("trust.json", file(1, &[leaked]).to_string()), ("trust.yaml", format!("keys: [\n{pem}")), ("key", pem.clone())] {
        let problems = Trust::read(Arc::new(Source::new(name, text))).unwrap_err();
        let shown = format!("{:?}", problems.iter().map(|p| miette::Report::new(p.clone())).collect::<Vec<_>>());
        assert!(shown.contains("private key") && !shown.contains(secret), "{shown}");
    }
}

#[test]
fn yaml_is_read_too() {
    let pem = key(1).public().write().unwrap().lines().map(|line| format!("      {line}\n")).collect::<String>();
    let text = format!(
        "format: golive.trust/1\nthreshold: {{decision: 1, waiver: 3}}\nkeys:\n  - name: dana\n    public_key: |\n{pem}    \
         roles: [decision]\n    not_before: {T0}\n    not_after: {T1}\n    revoked_at: null\n"
    );
    let trust = Trust::read(Arc::new(Source::new("trust.yaml", text))).unwrap();
    assert_eq!((trust.keys[0].name.as_str(), trust.threshold(Role::Waiver)), ("dana", 3));
    let refusal = trust.accept(&signed(&[1]), Role::Waiver, at(T0)).unwrap_err();
    assert!(refusal.to_string().contains("role"), "a role without keys is never fulfilled");
}
