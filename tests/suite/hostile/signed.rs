//! Keys, trust files and signatures of a case. Everybody's private key follows from a number, and none is kept.

use golive::model::Instant;
use golive::record::{Approval, Envelope, SigningKey};
use golive::text::{Limits, Source, read_by_name};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

/// What is laid out beside the facts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signed {
    /// `trust.json`: these people, for a year around the deployment's time.
    pub trust: Option<Trusted>,
    /// Private keys as files.
    pub keys: Vec<KeyFile>,
    /// Signatures beside files of waivers.
    pub approvals: Vec<Signatures>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trusted {
    pub people: Vec<Person>,
    /// RFC 6902.
    pub patch: Vec<Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: String,
    pub key: u8,
    pub roles: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    pub file: String,
    pub key: u8,
    /// Octal; 0600 where nothing is said.
    #[serde(default)]
    pub mode: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatures {
    pub of: String,
    pub by: Vec<u8>,
    pub at: String,
    /// Changes of what is signed, before it is signed.
    #[serde(default)]
    pub payload: Vec<Change>,
    /// Changes of the written envelope.
    #[serde(default)]
    pub written: Vec<Change>,
    /// Changes of the file, after it was signed.
    #[serde(default)]
    pub file: Vec<Change>,
    /// A bit of the payload that is turned, after it was signed.
    #[serde(default)]
    pub flip: Option<usize>,
    /// Where they are written instead.
    #[serde(default)]
    pub to: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub find: String,
    pub with: String,
}

/// The key of a number.
pub fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32])
}

/// Writes the private key of a number; 0600 where nothing else is said.
pub fn write_key(path: &Path, number: u8, mode: Option<&str>) {
    fs::write(path, key(number).write().expect("a key").as_bytes()).expect("a key");
    let bits = u32::from_str_radix(mode.unwrap_or("0600"), 8).expect("an octal mode");
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).expect("permissions");
}

impl Signed {
    /// Writes it all.
    pub fn lay(&self, here: &Path) {
        if let Some(trust) = &self.trust {
            fs::write(here.join("trust.json"), trust.text()).expect("a trust file");
        }
        for file in &self.keys {
            write_key(&here.join(&file.file), file.key, file.mode.as_deref());
        }
        for signatures in &self.approvals {
            signatures.lay(here);
        }
    }
}

impl Trusted {
    fn text(&self) -> String {
        let entry = |person: &Person| {
            let pem = key(person.key).public().write().expect("a public key");
            let (since, until) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
            json!({
                "name": person.name, "public_key": pem, "roles": person.roles, "not_before": since, "not_after": until,
                "revoked_at": null,
            })
        };
        let keys: Vec<Value> = self.people.iter().map(entry).collect();
        let mut file = json!({"format": "golive.trust/1", "threshold": 1, "keys": keys});
        super::stage::patched(&mut file, &self.patch);
        file.to_string()
    }
}

impl Signatures {
    fn lay(&self, here: &Path) {
        let path = here.join(&self.of);
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let document = read_by_name(Arc::new(Source::new(self.of.as_str(), text.as_str())), &Limits::default()).expect("waivers");
        let approval = Approval::of(&document, Instant::parse(&self.at).expect("a time")).expect("waivers that can be signed");
        let unsigned = approval.envelope(&self.of);
        let payload = changed(String::from_utf8(unsigned.payload).expect("JSON"), &self.payload);
        let mut envelope = Envelope::new(unsigned.payload_type, payload);
        for number in &self.by {
            envelope.sign(&key(*number));
        }
        if let Some(bit) = self.flip {
            envelope.payload[bit / 8] ^= 1 << (bit % 8);
        }
        let to = self.to.clone().unwrap_or_else(|| format!("{}.dsse.json", self.of));
        fs::write(here.join(to), changed(envelope.write(), &self.written)).expect("signatures");
        if !self.file.is_empty() {
            fs::write(&path, changed(text, &self.file)).expect("the file");
        }
    }
}

/// Each change, once.
pub fn changed(mut text: String, changes: &[Change]) -> String {
    for change in changes {
        assert!(text.contains(&change.find), "`{}` is not in {text}", change.find);
        text = text.replacen(&change.find, &change.with, 1);
    }
    text
}
