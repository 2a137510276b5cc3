//! From a deployment to facts: collectors, one file each, and the frame that runs them side by side.
//!
//! A collector states what it saw and never judges. What it could not learn is absent, with the reason; nothing is guessed.

mod backups;
mod collector;
mod collectors;
mod context;
mod document;
mod files;
mod formats;
mod frame;
mod host;
mod monitoring;
mod net;
mod programs;
mod recording;
mod redact;
mod rpc;
mod runbooks;
mod schedule;
mod settings;
#[cfg(test)]
mod tests;

pub use collector::{Absent, Collected, Collector, Entry, Exhibit, Need};
pub use collectors::COLLECTORS;
pub use context::{Clock, Context, Shared, sha256};
pub use document::Contracts;
pub use files::Root;
pub use frame::{Gathered, Group, gather};
pub use programs::{Command, Ended, Live, Output, Programs, search_path};
pub use recording::{Keeping, Recording};
pub use redact::{SecretSource, Secrets, is_secret_name};
pub use settings::{Configured, configured, secrets};
