//! Minisign: public keys, and signatures over whole files.

use crate::collect::context::sha256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minisign_verify::{Error, PublicKey, Signature};

/// A public key with its fingerprint: what a signature says of its key is never believed.
pub struct Key {
    key: PublicKey,
    /// `sha256:` and the digest of the raw key.
    pub fingerprint: String,
}

/// What became of a signature.
#[derive(Debug, PartialEq, Eq)]
pub enum Checked {
    /// It fits the bytes and the key with this fingerprint.
    Valid(String),
    /// It does not fit the bytes and the key that it names.
    Invalid(String),
    /// It was made by another key than those at hand.
    Stranger,
    /// There is none: the file is empty.
    Missing,
    /// It is no minisign signature, or spelt as minisign does not spell it.
    Unsupported,
}

/// An algorithm of two letters, an id of eight bytes, and the key itself.
const KEY_BYTES: usize = 2 + 8 + 32;

impl Key {
    /// Reads a key: its one line of base64, or the file `*.pub` with its comment above it.
    pub fn read(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        let line = match lines[..] {
            [line] => line,
            [comment, line] if comment.starts_with("untrusted comment:") => line,
            _ => return None,
        };
        let key = PublicKey::from_base64(line).ok()?;
        let raw = STANDARD.decode(line).ok().filter(|raw| raw.len() == KEY_BYTES)?;
        Some(Self { key, fingerprint: format!("sha256:{}", sha256(&raw[KEY_BYTES - 32..])) })
    }
}

/// Checks a signature over `bytes` with each of the keys.
pub fn check(bytes: &[u8], signature: &[u8], keys: &[Key]) -> Checked {
    let Ok(text) = std::str::from_utf8(signature) else { return Checked::Unsupported };
    if text.trim().is_empty() {
        return Checked::Missing;
    }
    // Four lines: what stands below them would be read by nobody.
    let (4, Ok(signature)) = (text.lines().count(), Signature::decode(text)) else { return Checked::Unsupported };
    let mut out = Checked::Stranger;
    for key in keys {
        match key.key.verify(bytes, &signature, true) {
            Ok(()) => return Checked::Valid(key.fingerprint.clone()),
            Err(Error::UnexpectedKeyId) => {}
            Err(_) => out = Checked::Invalid(key.fingerprint.clone()),
        }
    }
    out
}
