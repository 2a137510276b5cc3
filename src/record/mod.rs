//! Signatures: who stands behind a document, and whether that counts.
//!
//! [`dsse`] is the envelope around signed bytes, [`keys`] are Ed25519 keys, and [`trust`] is the file that says which key
//! counts for what, and from when until when; [`approval`] is what approvers of waivers sign. Nothing here touches files, clock or randomness.

pub mod approval;
pub mod dsse;
pub mod keys;
pub mod trust;

pub use approval::Approval;
pub use dsse::{Envelope, Signature};
pub use keys::{KeyFault, SigningKey, VerifyingKey};
pub use trust::{Refusal, Role, Trust, TrustedKey};
