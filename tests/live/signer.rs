//! A minisign key pair of our own.

use crate::template::sha256;
use minisign::KeyPair;

/// Who signs the release.
pub struct Signer(KeyPair);

impl Signer {
    /// A new key.
    pub fn new() -> Self {
        Self(KeyPair::generate_unencrypted_keypair().expect("a key"))
    }

    /// The public key as minisign writes it.
    pub fn public(&self) -> String {
        self.0.pk.to_box().expect("a public key").to_string()
    }

    /// The key's id: the digest of its 32 bytes.
    pub fn id(&self) -> String {
        let bytes = self.0.pk.to_bytes();
        format!("sha256:{}", sha256(&bytes[bytes.len() - 32..]))
    }

    /// A signature over bytes.
    pub fn sign(&self, bytes: &[u8]) -> String {
        let comment = Some("golive test");
        minisign::sign(Some(&self.0.pk), &self.0.sk, std::io::Cursor::new(bytes), comment, comment).expect("a signature").to_string()
    }
}
