//! What a person states about one group: the document that `golive attest` writes and the collector `attestation` reads.

use crate::model::{Evidence, Instant, Millis};
use serde_json::{Value, json};

/// The longest time for which a statement holds: 90 days.
pub const LONGEST: Millis = 90 * 86_400_000;

/// A statement of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The group that it states.
    pub group: String,
    /// The environment that it is about.
    pub environment: String,
    /// The release that it is about.
    pub release: String,
    /// Who states it.
    pub stated_by: String,
    /// When.
    pub stated_at: Instant,
    /// From this moment on it no longer holds.
    pub expires_at: Instant,
    /// What backs it.
    pub evidence: Vec<Evidence>,
    /// The group's value.
    pub value: Value,
}

impl Statement {
    /// A statement from a document that the contract `statement` has accepted.
    pub fn of(document: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let evidence =
            document["evidence"].as_array()?.iter().map(|e| Some(Evidence { uri: text(&e["uri"])?, sha256: text(&e["sha256"])? }));
        Some(Self {
            group: text(&document["group"])?,
            environment: text(&document["environment"])?,
            release: text(&document["release"])?,
            stated_by: text(&document["stated_by"])?,
            stated_at: Instant::parse(document["stated_at"].as_str()?)?,
            expires_at: Instant::parse(document["expires_at"].as_str()?)?,
            evidence: evidence.collect::<Option<_>>()?,
            value: document["value"].clone(),
        })
    }

    /// The document's text.
    pub fn write(&self) -> String {
        let document = json!({
            "format": "golive.statement/1",
            "group": self.group,
            "environment": self.environment,
            "release": self.release,
            "stated_by": self.stated_by,
            "stated_at": self.stated_at.to_string(),
            "expires_at": self.expires_at.to_string(),
            "evidence": self.evidence,
            "value": self.value,
        });
        format!("{document:#}\n")
    }

    /// What is wrong with its term, whatever the time is now.
    pub fn term_fault(&self) -> Option<String> {
        let term = self.expires_at.ms - self.stated_at.ms;
        if term <= 0 {
            return Some(format!("it ends at {}, not after it was stated at {}", self.expires_at, self.stated_at));
        }
        (term > LONGEST).then(|| format!("it would hold from {} to {}, longer than the 90 days allowed", self.stated_at, self.expires_at))
    }
}
