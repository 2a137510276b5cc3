//! From bytes to a text that a reader may look at, and to their digest.

use super::{Limits, Problem, Source, visible};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The bytes of one document as UTF-8 text.
///
/// # Errors
/// More bytes than the limits allow, compressed bytes, bytes that are not UTF-8.
pub fn decode(name: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Arc<Source>, Problem> {
    if bytes.len() > limits.bytes {
        return Err(super::json::too_large(name, limits.bytes));
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let problem = Problem::new("golive::text::gzip", format!("{} is compressed (gzip), not JSON", visible(name)));
        return Err(problem.help("unpack it first"));
    }
    // Told before anything reads it: what is wrong with a text is shown with the lines around it.
    if bytes.trim_ascii_start().starts_with(b"-----BEGIN") && first_line(&bytes).ends_with(b"PRIVATE KEY-----") {
        let problem = Problem::new("golive::text::private_key", format!("{} is a private key, not a document", visible(name)));
        return Err(problem.help("nothing of it was shown; a flag names the wrong file"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::new(Source::new(name, text))),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            Err(Problem::new("golive::text::utf8", format!("{} is not UTF-8: byte {at} cannot be read", visible(name))))
        }
    }
}

/// The sha256 of bytes, as 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |out, byte| out + &format!("{byte:02x}"))
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_start().split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii_end()
}
