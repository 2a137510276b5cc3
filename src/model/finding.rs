//! Why a control is not `pass`.

use serde::Serialize;
use std::fmt;

/// What is wrong with a whole group of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Not in the document.
    Missing,
    /// Off its schema.
    Invalid,
    /// Older than its `max_age`.
    Stale,
    /// Collected later than now and the clock skew.
    Future,
    /// Without evidence.
    NoEvidence,
    /// Of too little trust for this control.
    Untrusted,
}

impl Fault {
    /// The word in a finding's id.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Invalid => "invalid",
            Self::Stale => "stale",
            Self::Future => "future",
            Self::NoEvidence => "no-evidence",
            Self::Untrusted => "untrusted",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One reason why a control is not `pass`. Waivers name findings by `id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// `<code>`, `<code>[<subject>]`, `unproven:<criterion>`, `facts:<group>:<fault>` or `error`.
    pub id: String,
    /// The criterion that it denies or leaves open, where it is about one.
    pub criterion: Option<String>,
    /// Words that a person can act on.
    pub message: String,
    /// RFC 6901 pointers into the facts document.
    pub pointers: Vec<String>,
}
