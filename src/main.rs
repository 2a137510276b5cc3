//! The `golive` binary: everything else is in the library.

#![forbid(unsafe_code)]

use mimalloc::MiMalloc;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    golive::cli::main()
}
