//! A language server for those who write checklists: diagnostics while they type, what can stand at a place and what it means, and what the
//! fixtures of a control come to.
//!
//! Everything here is a function of messages and of the files that a [`Disk`] holds; streams and files are the command line's.

mod ask;
mod diagnostics;
mod lens;
mod place;
mod project;
mod server;

pub use project::{Disk, Stored};
pub use server::Server;
