//! Decisions that can be run again: what was decided, on which bytes, by whom, in a chain of signed records.
//!
//! [`dsse`] is the envelope around signed bytes, [`keys`] are Ed25519 keys, and [`trust`] is the file that says which key counts
//! for what, and from when until when. [`statement`] is what an envelope holds, [`store`] the folder of a chain: only it touches
//! files. [`approval`] is what approvers of waivers sign. [`mod@verify`], [`mod@ask`], [`mod@restore`] and [`mod@replay`] are what an auditor and a deploy job want to know of one.

pub mod approval;
pub mod ask;
pub mod diff;
pub mod dsse;
mod evidence;
mod exceptions;
pub mod head;
pub mod history;
pub mod keys;
pub mod replay;
pub mod restore;
pub mod statement;
pub mod store;
pub mod tell;
pub mod trust;
pub mod verify;

pub use approval::Approval;
pub use dsse::{Envelope, Signature};
pub use head::Head;
pub use keys::{KeyFault, SigningKey, VerifyingKey};
pub use store::{Store, StoreError};
pub use trust::{Refusal, Role, Trust, TrustedKey};
