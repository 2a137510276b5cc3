//! Ed25519 keys: PKCS#8 PEM for the private one, SPKI PEM for the public one, and an id that follows from the public bytes.

use crate::text::sha256;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, KeypairBytes};
use ed25519_dalek::{Signature, Signer};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// Why a text is no key that golive takes; no variant holds any of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyFault {
    /// It is not what its first line says, or another kind of key.
    #[error("it is no Ed25519 private key in PKCS#8 PEM")]
    Private,
    /// It is not what its first line says, or another kind of key.
    #[error("it is no Ed25519 public key in PEM (`-----BEGIN PUBLIC KEY-----`)")]
    Public,
    /// A private key stands where a public one belongs.
    #[error("it is a private key: a public key is wanted, and this one is private no longer")]
    Leaked,
    /// Signatures of such a key can be made by anybody.
    #[error("it is a weak key: anybody can sign with it")]
    Weak,
}

/// A private key. Its bytes are wiped when it goes, and nothing prints them.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    public: VerifyingKey,
}

impl SigningKey {
    /// The key that 32 random bytes make.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = VerifyingKey::of(key.verifying_key());
        Self { key, public }
    }

    /// Reads PKCS#8 PEM.
    ///
    /// # Errors
    /// Anything else.
    pub fn read(pem: &str) -> Result<Self, KeyFault> {
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(pem.trim_ascii_end()).map_err(|_| KeyFault::Private)?;
        let public = VerifyingKey::of(key.verifying_key());
        Ok(Self { key, public })
    }

    /// The key as PKCS#8 PEM, in the version that every reader knows.
    ///
    /// # Errors
    /// Only where the encoder has a bug.
    pub fn write(&self) -> Result<Zeroizing<String>, KeyFault> {
        let bytes = KeypairBytes { secret_key: self.key.to_bytes(), public_key: None };
        bytes.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyFault::Private)
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The signature of some bytes.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.key.sign(bytes).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public.id)
    }
}

/// A public key and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    key: ed25519_dalek::VerifyingKey,
    id: String,
}

impl VerifyingKey {
    fn of(key: ed25519_dalek::VerifyingKey) -> Self {
        Self { key, id: format!("sha256:{}", sha256(key.as_bytes())) }
    }

    /// Reads SPKI PEM, in the one form that [`Self::write`] gives it.
    ///
    /// # Errors
    /// A private key, a weak key, another spelling of the same key, anything else.
    pub fn read(pem: &str) -> Result<Self, KeyFault> {
        if pem.contains("PRIVATE KEY") {
            return Err(KeyFault::Leaked);
        }
        let pem = pem.trim_ascii().replace("\r\n", "\n");
        let key = ed25519_dalek::VerifyingKey::from_public_key_pem(&pem).map_err(|_| KeyFault::Public)?;
        if key.is_weak() {
            return Err(KeyFault::Weak);
        }
        // A point has a second spelling where its coordinate is reduced: as bytes, that would be another key.
        let reduced = key.to_edwards().compress().to_bytes() == key.to_bytes();
        let key = Self::of(key);
        if reduced && key.write()?.trim_ascii() == pem { Ok(key) } else { Err(KeyFault::Public) }
    }

    /// The key as SPKI PEM.
    ///
    /// # Errors
    /// Only where the encoder has a bug.
    pub fn write(&self) -> Result<String, KeyFault> {
        self.key.to_public_key_pem(LineEnding::LF).map_err(|_| KeyFault::Public)
    }

    /// `sha256:…` of the 32 public bytes.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether this key signed exactly these bytes.
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.key.verify_strict(bytes, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::pkcs8::PublicKeyBytes;

    fn pem(bytes: [u8; 32]) -> String {
        PublicKeyBytes(bytes).to_public_key_pem(LineEnding::LF).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let key = SigningKey::from_seed(&[7; 32]);
        let again = SigningKey::read(&key.write().unwrap()).unwrap();
        assert_eq!(key.sign(b"x"), again.sign(b"x"));
        assert_eq!(VerifyingKey::read(&key.public().write().unwrap()), Ok(key.public().clone()));
        assert!(key.public().verifies(b"x", &again.sign(b"x")));
        assert!(!key.public().verifies(b"y", &again.sign(b"x")));
    }

    #[test]
    fn both_versions_of_pkcs8_are_read() {
        let dalek = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
        let second = dalek.to_pkcs8_pem(LineEnding::LF).unwrap();
        assert_eq!(SigningKey::read(&second).unwrap().public(), SigningKey::from_seed(&[9; 32]).public());
        let mismatched = KeypairBytes { secret_key: [9; 32], public_key: Some(PublicKeyBytes([1; 32])) };
        assert_eq!(SigningKey::read(&mismatched.to_pkcs8_pem(LineEnding::LF).unwrap()).unwrap_err(), KeyFault::Private);
    }

    #[test]
    fn a_key_never_shows_its_private_bytes() {
        let key = SigningKey::from_seed(&[0xab; 32]);
        let shown = format!("{key:?} {:?} {:#?}", key.public(), key.public());
        let digits = "171, ".repeat(4);
        for secret in ["abababab", "q6urq6ur", digits.as_str()] {
            assert!(!shown.to_lowercase().contains(&secret.to_lowercase()), "{shown}");
        }
    }

    #[test]
    fn weak_foreign_and_misspelt_keys_are_refused() {
        let good = SigningKey::from_seed(&[7; 32]).public().write().unwrap();
        for (text, fault) in [
            (pem([0; 32]), KeyFault::Weak),
            (pem([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), KeyFault::Weak),
            (pem(unreduced()), KeyFault::Public),
            (good.replace("PUBLIC", "RSA PUBLIC"), KeyFault::Public),
            (format!("a word before it\n{good}"), KeyFault::Public),
            (format!("{good}{good}"), KeyFault::Public),
            (good.replace("MCow", "MCo w"), KeyFault::Public),
            (SigningKey::from_seed(&[7; 32]).write().unwrap().to_string(), KeyFault::Leaked),
            (String::new(), KeyFault::Public),
        ] {
            assert_eq!(VerifyingKey::read(&text), Err(fault), "{text}");
        }
        assert!(VerifyingKey::read(&good.replace('\n', "\r\n")).is_ok());
        assert_eq!(SigningKey::read(&good).unwrap_err(), KeyFault::Private);
    }

    /// A point of a large order whose coordinate is written as `y + p`.
    fn unreduced() -> [u8; 32] {
        let spelt = |y: u8| {
            let mut bytes = [0xff; 32];
            bytes[0] = 0xed + y;
            bytes[31] = 0x7f;
            bytes
        };
        let usable = |bytes: &[u8; 32]| ed25519_dalek::VerifyingKey::from_bytes(bytes).is_ok_and(|key| !key.is_weak());
        (2..19).map(spelt).find(usable).expect("such a point")
    }
}
