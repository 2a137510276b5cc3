//! golive against real daemons and files on loopback: `GOLIVE_CLAW` names the binary of claw 0.1.1, else nothing is tried.
//!
//! Each scenario builds a deployment in a folder of its own, makes one thing wrong, and asks for the finding that this must lead to.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test whose ground is not as it must be ends with a panic, and says so"
)]

mod certificates;
mod claw;
mod scenarios;
mod signer;
mod template;
mod world;

use std::path::PathBuf;

/// claw's binary, or nothing: the suite then says that it was skipped.
fn claw_binary() -> Option<PathBuf> {
    let path = std::env::var_os("GOLIVE_CLAW").map(PathBuf::from);
    if path.is_none() {
        eprintln!("skipped: GOLIVE_CLAW does not name claw 0.1.1");
    }
    path
}
