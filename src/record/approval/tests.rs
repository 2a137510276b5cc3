use super::*;
use crate::record::SigningKey;
use crate::text::read_by_name;

const CREATED: &str = "2026-11-20T00:00:00Z";
const SIGNED: &str = "2026-11-21T00:00:00Z";
const NOW: &str = "2026-11-23T00:00:00Z";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn waivers(approvers: &[&str]) -> Document {
    let entry = |(index, approver): (usize, &&str)| {
        json!({
            "id": format!("W-{index}"), "control": "auth.enforced", "environment": "prod", "release": "1", "findings": ["x"],
            "reason": "r", "ticket": "t", "requested_by": "lee", "approved_by": approver, "created_at": CREATED,
            "expires_at": "2026-12-20T00:00:00Z", "remediation": {"owner": "o", "action": "a", "target_date": "2026-12-20T00:00:00Z"},
        })
    };
    let entries: Vec<Value> = approvers.iter().enumerate().map(entry).collect();
    document(&json!({"format": "golive.waivers/1", "waivers": entries}).to_string())
}

fn document(text: &str) -> Document {
    read_by_name(Arc::new(Source::new("waivers.json", text)), &Limits::default()).unwrap()
}

fn trust() -> Trust {
    let entry = |name: &str, seed: u8, role: &str| {
        json!({
            "name": name, "public_key": key(seed).public().write().unwrap(), "roles": [role],
            "not_before": "2026-11-01T00:00:00Z", "not_after": "2026-11-22T00:00:00Z", "revoked_at": null,
        })
    };
    let keys = [entry("Dana@example.test", 1, "waiver"), entry("kim", 2, "waiver"), entry("ci", 3, "decision")];
    let file = json!({"format": "golive.trust/1", "threshold": 1, "keys": keys});
    Trust::read(Arc::new(Source::new("trust.json", file.to_string()))).unwrap()
}

fn signed(document: &Document, time: &str, seeds: &[u8]) -> Envelope {
    let mut envelope = Approval::of(document, at(time)).unwrap().envelope("waivers.json");
    for seed in seeds {
        envelope.sign(&key(*seed));
    }
    envelope
}

fn verify(document: &Document, envelope: &Envelope, now: &str) -> Result<Approval, String> {
    let sidecar = Arc::new(Source::new("waivers.json.dsse.json", envelope.write()));
    let words = |problems: Vec<Problem>| problems.iter().map(|p| p.message.clone()).collect::<Vec<_>>().join("\n");
    Approval::verify(document, sidecar, &trust(), at(now)).map_err(words)
}

#[test]
fn approvers_sign_what_they_approve() {
    for (approvers, seeds) in [(&["dana@example.test"][..], &[1][..]), (&[" DANA@example.test", "kim"], &[2, 1]), (&["kim"], &[1, 2])] {
        let document = waivers(approvers);
        let approval = verify(&document, &signed(&document, SIGNED, seeds), NOW).unwrap();
        assert_eq!((approval.waivers.len(), approval.signed_at), (approvers.len(), at(SIGNED)));
    }
}

#[test]
fn no_other_signature_counts() {
    let document = waivers(&["dana@example.test", "kim"]);
    let good = signed(&document, SIGNED, &[1, 2]);
    let payload = |from: &str, to: &str, seeds: &[u8]| {
        let text = String::from_utf8(good.payload.clone()).unwrap();
        assert!(text.contains(from), "{from} in {text}");
        let mut other = Envelope::new(PAYLOAD_TYPE, text.replacen(from, to, 1));
        seeds.iter().map(|seed| key(*seed)).for_each(|key| other.sign(&key));
        other
    };
    let mut kind = Envelope::new("application/json", good.payload.clone());
    kind.sign(&key(1));
    for (envelope, words) in [
        (signed(&document, SIGNED, &[]), "there is no signature"),
        (signed(&document, SIGNED, &[9]), "of no trusted key"),
        (signed(&document, SIGNED, &[3]), "has not the role `waiver`"),
        (signed(&document, SIGNED, &[1]), "/waivers/1/approved_by: the signature of `kim` is missing: signed by `Dana@example.test`"),
        (signed(&document, "2026-11-22T00:00:00Z", &[1, 2]), "expired"),
        (signed(&waivers(&["dana@example.test", "kim", "kim"]), SIGNED, &[1, 2]), "other bytes"),
        (payload("W-1", "W-2", &[1, 2]), "other waivers"),
        (payload("W-1", "W-2", &[]), "there is no signature"),
        (payload("\"predicate\"", "\"predicate\":{},\"predicate\"", &[1, 2]), "duplicate key"),
        (payload("\"subject\":[", "\"subject\":[{\"digest\":{\"sha256\":\"00\"},\"name\":\"x\"},", &[1, 2]), "/subject"),
        (payload("waiver-approval:1", "waiver-approval:2", &[1, 2]), "/predicateType"),
        (kind, "its payload is `application/json`"),
    ] {
        let got = verify(&document, &envelope, NOW).expect_err(words);
        assert!(got.contains(words), "{words}: {got}");
    }
    let got = verify(&document, &good, "2026-11-20T23:59:59Z").unwrap_err();
    assert!(got.contains("which has not come"), "{got}");
}

#[test]
fn nobody_approves_what_has_not_begun() {
    let waiver = waivers(&["kim"]);
    let early = at("2026-11-19T23:59:59.999Z");
    let problems = Approval::of(&waiver, early).unwrap_err();
    assert!(problems[0].message.contains("the signature of 2026-11-19T23:59:59.999Z is older than the waiver"), "{}", problems[0].message);
    let mut envelope = Approval { signed_at: early, ..Approval::of(&waiver, at(SIGNED)).unwrap() }.envelope("w");
    envelope.sign(&key(2));
    assert!(verify(&waiver, &envelope, NOW).unwrap_err().contains("older than the waiver"));
    assert!(Approval::of(&document(r#"{"format":"golive.waivers/1","waivers":[{"id":"x"}]}"#), at(SIGNED)).is_err());
}
