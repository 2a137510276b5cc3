//! What tells one document from another: environment, release, host, digests, and when it all was.

use super::ENVIRONMENTS;
use super::random::Random;
use golive::model::Instant;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Words of the recorded deployment, shorter. Twenty-two groups with their evidence need nearly 20 KB even so.
const SHORTER: &[(&str, &str)] = &[
    ("https://ci.example.test/evidence/prod/", "https://ev/"),
    ("https://ci.example.test/docs/", "https://docs.test/"),
    ("https://docs.example.test/claw/", "https://docs.test/"),
    ("https://ops.example.test/runbooks/", "https://ops.test/"),
    ("https://grafana.example.test/d/", "https://g.test/"),
    ("daemon-start-stop-health.md", "start.md"),
    ("backup-and-restore.md", "backup.md"),
    ("emergency-rollback.md", "rollback.md"),
    ("ops/runbooks/", "rb/"),
    (" --backup-id <backup-id>", ""),
    (" \\\"<new-token>\\\" --profile default --base-url <url>", ""),
    ("claw operations, primary and secondary", "operations"),
    ("-x86_64-unknown-linux-gnu", ""),
    ("claw operations", "operations"),
    ("claw-vcs-0.1.1/src/", "src/"),
];

/// Groups whose digests belong to the release: documents of one release share them.
const OF_THE_RELEASE: &[&str] = &["release_manifest", "runbooks", "compatibility_guarantees", "slos"];

const RELEASES: &[&str] = &["0.1.1", "0.1.2", "0.2.0", "0.2.1", "0.3.0", "1.0.0"];

/// Replaces long words of the recorded deployment and of its patches.
pub fn shortened(text: &str) -> String {
    SHORTER.iter().fold(text.to_owned(), |text, (long, short)| text.replace(long, short))
}

/// What is renamed in every document.
pub struct Names {
    shared: BTreeSet<String>,
}

/// One document's own names.
struct Own<'n> {
    names: &'n Names,
    release: &'static str,
    host: String,
    salts: [u64; 2],
    earlier_ms: i64,
}

impl Names {
    /// Learns which digests belong to the release.
    pub fn new(base: &Value) -> Self {
        let mut shared = BTreeSet::new();
        for group in OF_THE_RELEASE {
            digests(&base["facts"][group]["value"], &mut shared);
        }
        Self { shared }
    }

    /// Gives a document its environment, release, host, digests and times.
    pub fn rename(&self, document: &mut Value, seed: u64, index: u64, random: &mut Random) {
        let environment = *random.pick(ENVIRONMENTS);
        let release = *random.pick(RELEASES);
        // Half of the documents keep the recorded times, so that limits are met to the millisecond.
        let earlier_ms = if random.once_in(2) { 0 } else { i64::try_from(random.below(40 * 60_000)).expect("less than an hour") };
        let of_release = Random::new(seed, release).bits();
        let own = Own {
            names: self,
            release,
            host: format!("vcs{}-", random.below(900)),
            salts: [of_release, Random::at(seed, "digests", index).bits()],
            earlier_ms,
        };
        own.walk(&mut document["facts"]);
        document["environment"] = json!(environment);
        document["release"] = json!(release);
    }
}

impl Own<'_> {
    fn walk(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.word(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.walk(member)),
            _ => {}
        }
    }

    fn word(&self, text: &mut String) {
        if is_digest(text) {
            let salt = self.salts[usize::from(!self.names.shared.contains(text))];
            *text = digest(salt, text);
        } else if text.ends_with('Z') && text.len() >= 20 && text.as_bytes()[4] == b'-' {
            if let Some(time) = Instant::parse(text).filter(|_| self.earlier_ms > 0) {
                *text = Instant { ms: (time.ms - self.earlier_ms).max(0) }.to_string();
            }
        } else {
            for (from, to) in [("claw-1", format!("{}1", self.host)), ("claw-2", format!("{}2", self.host))] {
                if text.contains(from) {
                    *text = text.replace(from, &to);
                }
            }
            if text.contains("0.1.1") && !text.contains(".0.1.1") {
                *text = text.replace("0.1.1", self.release);
            }
        }
    }
}

fn digests(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_digest(text) => drop(out.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| digests(item, out)),
        Value::Object(members) => members.values().for_each(|member| digests(member, out)),
        _ => {}
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// 64 hexadecimal digits that stand for a text.
pub fn digest(salt: u64, text: &str) -> String {
    let mut random = Random::new(salt, text);
    format!("{:016x}{:016x}{:016x}{:016x}", random.bits(), random.bits(), random.bits(), random.bits())
}
