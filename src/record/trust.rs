//! The trust file: whose signatures count, for what, and from when until when.

use super::dsse::Envelope;
use super::keys::VerifyingKey;
use crate::checklist::contract;
use crate::model::Instant;
use crate::text::{Document, Limits, Problem, Source, folded, read_by_name, visible};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// What a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Decision records.
    Decision,
    /// Files of waivers.
    Waiver,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 2] = [Self::Decision, Self::Waiver];

    /// The role's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Waiver => "waiver",
        }
    }
}

/// A key and when it counts for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// Whose key it is.
    pub name: String,
    /// The key.
    pub key: VerifyingKey,
    /// What it may sign.
    pub roles: Vec<Role>,
    /// From when.
    pub not_before: Instant,
    /// Until when, exclusive.
    pub not_after: Instant,
    /// Since when it is revoked.
    pub revoked_at: Option<Instant>,
}

impl TrustedKey {
    /// Why a signature of this key does not count for what was signed at a time; nothing where it counts.
    fn fault(&self, role: Role, at: Instant) -> Option<Reason> {
        let name = || self.name.clone();
        if !self.roles.contains(&role) {
            return Some(Reason::WrongRole { name: name(), role });
        }
        match self.revoked_at {
            Some(since) if at >= since => Some(Reason::Revoked { name: name(), since }),
            _ if at < self.not_before => Some(Reason::NotYetValid { name: name(), since: self.not_before, at }),
            _ if at >= self.not_after => Some(Reason::Expired { name: name(), since: self.not_after, at }),
            _ => None,
        }
    }
}

/// The keys that count.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The keys, as the file lists them.
    pub keys: Vec<TrustedKey>,
    thresholds: [usize; 2],
}

/// Why one signature, or all of them together, do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nobody signed.
    NoSignature,
    /// The file names a key, but these are not the bytes that it signed.
    Broken {
        /// Whose key it is.
        name: String,
    },
    /// No key of the file made the signature.
    UnknownKey {
        /// What the signature says of itself.
        keyid: String,
    },
    /// The key may not sign this.
    WrongRole {
        /// Whose key it is.
        name: String,
        /// The role that was wanted.
        role: Role,
    },
    /// The key was not valid yet.
    NotYetValid {
        /// Whose key it is.
        name: String,
        /// From when it is.
        since: Instant,
        /// When it signed.
        at: Instant,
    },
    /// The key was valid no longer.
    Expired {
        /// Whose key it is.
        name: String,
        /// Since when it is not.
        since: Instant,
        /// When it signed.
        at: Instant,
    },
    /// The key was revoked.
    Revoked {
        /// Whose key it is.
        name: String,
        /// Since when.
        since: Instant,
    },
    /// Some signatures count, but not enough.
    TooFew {
        /// How many people signed with keys that count.
        have: usize,
        /// How many must.
        want: usize,
        /// The role that was wanted.
        role: Role,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSignature => write!(f, "there is no signature"),
            Self::Broken { name } => write!(f, "the signature of `{}` does not match: something was changed after it", visible(name)),
            Self::UnknownKey { keyid } => {
                let short: String = keyid.chars().take(80).collect();
                write!(f, "the signature of `{}` is of no trusted key", visible(&short))
            }
            Self::WrongRole { name, role } => {
                write!(f, "the signature of `{}` does not count: its key has not the role `{}`", visible(name), role.word())
            }
            Self::NotYetValid { name, since, at } => {
                write!(f, "the signature of `{}` does not count: signed at {at}, the key is valid from {since}", visible(name))
            }
            Self::Expired { name, since, at } => {
                write!(f, "the signature of `{}` does not count: signed at {at}, the key has expired at {since}", visible(name))
            }
            Self::Revoked { name, since } => {
                write!(f, "the signature of `{}` does not count: the key was revoked at {since}", visible(name))
            }
            Self::TooFew { have, want, role } => {
                write!(f, "the threshold of {want} signatures for `{}` is not reached: {have} of them count", role.word())
            }
        }
    }
}

/// Why an envelope is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// One reason for each signature that does not count, and one for all of them together.
    pub reasons: Vec<Reason>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.reasons.iter().map(ToString::to_string).collect();
        f.write_str(&words.join("; "))
    }
}

impl std::error::Error for Refusal {}

impl Trust {
    /// The code of the problem that a file without any key is refused with.
    pub const NO_KEY: &'static str = "golive::trust::none";

    /// Reads a trust file, JSON or YAML by its name.
    ///
    /// # Errors
    /// Every fault: off its schema, no key, a key that is none, the same key twice, a key that ends before it begins, a
    /// threshold that its keys cannot reach.
    pub fn read(source: Arc<Source>) -> Result<Self, Vec<Problem>> {
        if source.text.contains("PRIVATE KEY") {
            // Said without a place: the lines around it must not be shown.
            let message = format!("{} holds a private key, which is private no longer", visible(&source.name));
            return Err(vec![Problem::new("golive::trust::private", message).help("make a new key; a trust file holds public keys")]);
        }
        let document = read_by_name(source, &Limits { bytes: 4 << 20, keys: 20_000, ..Limits::default() }).map_err(|p| vec![p])?;
        let problems = contract("trust")?.problems("golive::trust::schema", &document.value, &document, "");
        if !problems.is_empty() {
            return Err(problems);
        }
        let entries = document.value["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        if entries.is_empty() {
            let message = format!("{} holds no trusted key", visible(&document.source.name));
            return Err(vec![Problem::new(Self::NO_KEY, message).help("`golive record keygen` makes one")]);
        }
        let mut problems = Vec::new();
        let mut keys: Vec<TrustedKey> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            match trusted(entry, &keys) {
                Ok(key) => keys.push(key),
                Err((field, message)) => problems.push(refused(&document, &format!("/keys/{index}/{field}"), &message)),
            }
        }
        let thresholds = Role::ALL.map(|role| {
            let stated = &document.value["threshold"];
            let own = stated.as_u64().or_else(|| stated[role.word()].as_u64()).and_then(|n| usize::try_from(n).ok());
            own.unwrap_or(usize::MAX)
        });
        let trust = Self { keys, thresholds };
        if problems.is_empty() {
            problems.extend(Role::ALL.iter().filter_map(|role| trust.unreachable(*role)).map(|m| refused(&document, "/threshold", &m)));
        }
        if problems.is_empty() { Ok(trust) } else { Err(problems) }
    }

    /// How many people must sign for a role.
    pub fn threshold(&self, role: Role) -> usize {
        match role {
            Role::Decision => self.thresholds[0],
            Role::Waiver => self.thresholds[1],
        }
    }

    /// Whether any of the keys signed an envelope, whatever it may sign and whenever: what is in it may then be read.
    ///
    /// # Errors
    /// None of them did.
    pub fn known(&self, envelope: &Envelope) -> Result<(), Refusal> {
        let (signers, reasons) = self.signers(envelope);
        if signers.is_empty() { Err(Refusal { reasons }) } else { Ok(()) }
    }

    /// Whose signatures verify, each once, and why the others do not.
    fn signers(&self, envelope: &Envelope) -> (Vec<&TrustedKey>, Vec<Reason>) {
        let bytes = envelope.signed_bytes();
        let mut signers: Vec<&TrustedKey> = Vec::new();
        let mut reasons = Vec::new();
        if envelope.signatures.is_empty() {
            reasons.push(Reason::NoSignature);
        }
        for signature in &envelope.signatures {
            match self.keys.iter().find(|k| k.key.verifies(&bytes, &signature.sig)) {
                Some(key) if signers.contains(&key) => {}
                Some(key) => signers.push(key),
                None => reasons.push(match self.keys.iter().find(|k| k.key.id() == signature.keyid) {
                    Some(key) => Reason::Broken { name: key.name.clone() },
                    None => Reason::UnknownKey { keyid: signature.keyid.clone() },
                }),
            }
        }
        (signers, reasons)
    }

    /// The keys whose signatures of an envelope count, for what was signed at a time.
    ///
    /// # Errors
    /// Fewer people than the threshold signed with keys that have the role and were valid then.
    pub fn accept(&self, envelope: &Envelope, role: Role, at: Instant) -> Result<Vec<&TrustedKey>, Refusal> {
        let (signers, mut reasons) = self.signers(envelope);
        let mut good: Vec<&TrustedKey> = Vec::new();
        for key in signers {
            match key.fault(role, at) {
                Some(reason) => reasons.push(reason),
                None => good.push(key),
            }
        }
        let (have, want) = (people(good.iter().copied()), self.threshold(role));
        if have >= want.max(1) {
            return Ok(good);
        }
        if have > 0 || reasons.is_empty() {
            reasons.push(Reason::TooFew { have, want, role });
        }
        Err(Refusal { reasons })
    }

    /// Words where a role has keys, but of fewer people than its threshold.
    fn unreachable(&self, role: Role) -> Option<String> {
        let (have, want) = (people(self.keys.iter().filter(|k| k.roles.contains(&role))), self.threshold(role));
        let message = || format!("the threshold for `{}` is {want}, its keys are of {have}", role.word());
        (have > 0 && want > have).then(message)
    }
}

/// How many people these keys are of: two keys of one person are not two people.
fn people<'k>(keys: impl Iterator<Item = &'k TrustedKey>) -> usize {
    keys.map(|k| folded(&k.name)).collect::<BTreeSet<_>>().len()
}

fn refused(document: &Document, pointer: &str, message: &str) -> Problem {
    let place = document.locate(pointer).value;
    let span = place.start..place.end.min(place.start + 1);
    Problem::new("golive::trust::refused", format!("{pointer}: {message}")).at(&document.source, span, "here")
}

/// One entry that is valid for the schema, or which field of it is wrong.
fn trusted(entry: &Value, before: &[TrustedKey]) -> Result<TrustedKey, (&'static str, String)> {
    let text = |field: &'static str| entry[field].as_str().unwrap_or_default();
    let time = |field: &'static str| Instant::parse(text(field)).ok_or_else(|| (field, "a time is wanted".to_owned()));
    let name = text("name").to_owned();
    if folded(&name).is_empty() {
        return Err(("name", "it is blank: nothing is written there".to_owned()));
    }
    let key = VerifyingKey::read(text("public_key")).map_err(|fault| ("public_key", fault.to_string()))?;
    if let Some(other) = before.iter().find(|other| other.key == key) {
        return Err(("public_key", format!("duplicate key: it is the one of `{}`", visible(&other.name))));
    }
    let words: Vec<&str> = entry["roles"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| words.contains(&role.word())).collect();
    let (not_before, not_after) = (time("not_before")?, time("not_after")?);
    if not_after <= not_before {
        return Err(("not_after", "the key ends before it begins".to_owned()));
    }
    let revoked_at = if entry["revoked_at"].is_null() { None } else { Some(time("revoked_at")?) };
    Ok(TrustedKey { name, key, roles, not_before, not_after, revoked_at })
}

#[cfg(test)]
mod tests;
