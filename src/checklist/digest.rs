//! One digest over everything that a verdict depends on, beside the facts.

use super::files::Files;
use sha2::{Digest, Sha256};

/// `sha256:…` over policies, group schemas, parameters and their schema: path, length and bytes of each, by path.
pub(super) fn digest(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (path, source) in files.judging() {
        hash.update((path.len() as u64).to_be_bytes());
        hash.update(path.as_bytes());
        hash.update((source.text.len() as u64).to_be_bytes());
        hash.update(source.text.as_bytes());
    }
    sha256(hash)
}

fn sha256(hash: Sha256) -> String {
    hash.finalize().iter().fold("sha256:".to_owned(), |out, byte| format!("{out}{byte:02x}"))
}
