//! What is the same for every document of a batch.

use crate::checklist::Files;
use crate::model::Instant;
use crate::text::Document;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What is the same for every document of a batch, beside the time.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The checklist's files.
    pub files: Files,
    /// Parameters laid over the checklist's defaults.
    pub overlay: Option<Document>,
    /// Files of waivers.
    pub waivers: Vec<Document>,
    /// Files of remediations.
    pub remediations: Vec<Document>,
    /// The planned environment; without it each document is judged for its own.
    pub environment: Option<String>,
    /// The planned release; without it each document is judged for its own.
    pub release: Option<String>,
}

/// Everything that a verdict line depends on beside its document, as digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// The program's version.
    pub golive: String,
    /// The checklist's digest.
    pub checklist: String,
    /// Digest of the given parameters.
    pub parameters: Option<String>,
    /// Digest of the given waivers.
    pub waivers: Option<String>,
    /// Digest of the given remediations.
    pub remediations: Option<String>,
    /// The planned environment.
    pub environment: Option<String>,
    /// The planned release.
    pub release: Option<String>,
    /// The evaluation's time.
    pub at: String,
}

impl Setting {
    /// The fingerprint at a time; `checklist` is the checklist's digest.
    pub fn fingerprint(&self, checklist: &str, at: Instant) -> Fingerprint {
        Fingerprint {
            golive: env!("CARGO_PKG_VERSION").to_owned(),
            checklist: checklist.to_owned(),
            parameters: digest(self.overlay.as_slice()),
            waivers: digest(&self.waivers),
            remediations: digest(&self.remediations),
            environment: self.environment.clone(),
            release: self.release.clone(),
            at: at.to_string(),
        }
    }

    /// Where the plan of each document comes from, in words.
    pub fn plan_words(&self) -> String {
        match (&self.environment, &self.release) {
            (Some(environment), Some(release)) => format!("environment {environment}, release {release}"),
            (Some(environment), None) => format!("environment {environment}, release from the documents"),
            (None, Some(release)) => format!("environment from the documents, release {release}"),
            (None, None) => "from the documents".to_owned(),
        }
    }
}

impl Fingerprint {
    /// One digest over all of it.
    pub fn digest(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        format!("sha256:{}", hex(&Sha256::digest(text.as_bytes())))
    }
}

/// One digest over the texts of documents; none where there are none.
fn digest(documents: &[Document]) -> Option<String> {
    if documents.is_empty() {
        return None;
    }
    let mut hash = Sha256::new();
    for document in documents {
        hash.update((document.source.text.len() as u64).to_be_bytes());
        hash.update(document.source.text.as_bytes());
    }
    Some(format!("sha256:{}", hex(&hash.finalize())))
}

/// The digits of a digest.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n & 15)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}
