//! `golive policy`: the workbench.

use super::args::{Common, PolicyArgs};
use super::exit::Exit;

/// Runs the command.
pub fn run(_args: &PolicyArgs, _common: &Common) -> Exit {
    Exit::Bug
}
