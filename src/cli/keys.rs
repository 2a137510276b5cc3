//! Private keys, from files that nobody else can read.

use super::args::Common;
use super::exit::Exit;
use crate::record::SigningKey;
use std::path::Path;

/// Reads a private key.
pub fn read(_path: &Path, _common: &Common) -> Result<SigningKey, Exit> {
    Err(Exit::Write)
}
