//! One group of facts with what stands around it.

use super::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a fact was learnt. `Attested < Observed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// Stated by a person.
    Attested,
    /// Measured by a collector.
    Observed,
}

impl Trust {
    /// The word in documents and METADATA.
    pub fn word(self) -> &'static str {
        match self {
            Self::Attested => "attested",
            Self::Observed => "observed",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Attested, Self::Observed].into_iter().find(|t| t.word() == word)
    }
}

/// Who stated a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collector {
    /// The collector's name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A link and a digest that back a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Where the evidence lies. Never opened by the evaluation.
    pub uri: String,
    /// Its sha256, 64 hexadecimal digits.
    pub sha256: String,
}

/// A group of facts: its envelope and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// When it was collected.
    pub collected_at: Instant,
    /// By whom.
    pub collector: Collector,
    /// From where, for people.
    pub source: String,
    /// What backs it.
    pub evidence: Vec<Evidence>,
    /// How it was learnt.
    pub trust: Trust,
    /// The facts, as the group's schema describes them.
    pub value: Value,
}
