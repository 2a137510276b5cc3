//! golive against real daemons and files on loopback: `GOLIVE_CLAW` names the binary of claw 0.1.1, else nothing is tried.
//!
//! Each scenario builds a deployment in a folder of its own, makes one thing wrong, and asks for the finding that this must lead to.

#![expect(clippy::expect_used, clippy::panic, reason = "a test whose ground is not as it must be ends with a panic, and says so")]

mod certificates;
mod claw;
mod documents;
mod faults;
mod recorded;
mod scenarios;
mod signer;
mod template;
mod world;

use std::io::Write;
use std::path::PathBuf;

/// claw's binary, or nothing: the suite then says that it was skipped. In CI it must be there.
fn claw_binary() -> Option<PathBuf> {
    let path = std::env::var_os("GOLIVE_CLAW").map(PathBuf::from);
    if path.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "in CI, GOLIVE_CLAW must name the binary of claw 0.1.1");
        tell("skipped: GOLIVE_CLAW does not name claw 0.1.1");
    }
    path
}

/// Says something that is read even where the test passes.
fn tell(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}
