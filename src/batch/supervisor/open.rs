//! Regular files, opened without waiting and looked at once they are open.

use crate::text::{Limits, Problem, visible};
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

fn cannot(path: &Path, error: &io::Error) -> Problem {
    Problem::new("golive::input::unreadable", format!("cannot read {}: {}", shown(path), visible(&error.to_string())))
}

/// Opens a regular file. A pipe, a device or a folder is refused, and never waited for.
pub fn regular(path: &Path) -> Result<File, Problem> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let opened = open(path, flags, Mode::empty()).map_err(|e| cannot(path, &e.into()))?;
    let meta = fstat(&opened).map_err(|e| cannot(path, &e.into()))?;
    if FileType::from_raw_mode(meta.st_mode) != FileType::RegularFile {
        let message = format!("{} is not a regular file", shown(path));
        return Err(Problem::new("golive::input::kind", message).help("a file is wanted; `-` reads stdin"));
    }
    Ok(File::from(opened))
}

/// Reads a regular file as a whole into `out`, unless it is too large to be a document.
///
/// # Errors
/// It cannot be read, is no regular file, or is too large.
pub fn document(path: &Path, out: &mut Vec<u8>) -> Result<(), Problem> {
    let limit = Limits::default().bytes;
    let too_large = || Problem::new("golive::text::size", format!("{} is too large: more than {limit} bytes", shown(path)));
    let file = regular(path)?;
    out.clear();
    if file.metadata().is_ok_and(|m| m.len() > limit as u64) {
        return Err(too_large());
    }
    file.take(limit as u64 + 1).read_to_end(out).map_err(|e| cannot(path, &e))?;
    if out.len() > limit { Err(too_large()) } else { Ok(()) }
}
