//! A language server for those who write checklists: diagnostics while they type, what can stand at a place and what it means, and what the
//! fixtures of a control come to.
//!
//! Everything here is a function of messages and of the files that a [`Disk`] holds; streams and files are the command line's.

mod ask;
mod atlas;
mod chain;
mod complete;
mod diagnostics;
mod hover;
mod lens;
mod mend;
mod names;
mod place;
mod project;
mod server;
mod spot;
#[cfg(test)]
mod tests;

pub use atlas::Collectors;
pub use project::{Disk, Stored};
pub use server::Server;

use crate::checklist::Files;

/// The control whose policy a file is.
fn control_of(name: &str) -> Option<String> {
    let inside = name.strip_prefix("policies/controls/")?.strip_suffix(".rego")?;
    (!Files::is_test(name)).then(|| inside.replacen('/', ".", 1))
}
