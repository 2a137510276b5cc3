//! Records that golive or people keep in a folder.

use super::entries;
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::collect::files::{Seen, shown};
use std::path::Path;

/// More records than this are not read.
const MOST_RECORDS: usize = 10_000;

/// Every record of a folder by name, with its text. Names that begin with a dot are none: files on their way.
///
/// # Errors
/// The folder cannot be read, or holds what is no record: leaving something out could hide a bad result.
pub fn folder(path: &Path, endings: &[&str], at: &Context) -> Result<Vec<(String, String, Seen)>, Absent> {
    let mut out = Vec::new();
    for (name, about) in entries(&at.files().folder(path)?, path)? {
        if name.starts_with('.') {
            continue;
        }
        let inside = path.join(&name);
        let what = if about.is_symlink() {
            Some("a symlink, which is not followed")
        } else if !about.is_file() {
            Some("no regular file")
        } else if !endings.iter().any(|e| name.ends_with(e)) {
            Some("no record by its name")
        } else {
            None
        };
        if let Some(what) = what {
            let reason = format!("{} is {what}", shown(&inside));
            return Err(Absent::new(reason).help(format!("the folder is for records only: {}", endings.join(", "))));
        }
        let (text, seen) = at.files().text(&inside)?;
        out.push((shown(&inside), text, seen));
        if out.len() > MOST_RECORDS {
            return Err(Absent::new(format!("{} holds more than {MOST_RECORDS} records", shown(path))));
        }
    }
    Ok(out)
}
