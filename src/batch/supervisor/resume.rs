//! Going on where an earlier run ended.

use super::super::lines::{self, Found};
use super::super::setting::{Fingerprint, hex};
use super::super::state::Written;
use super::super::summary::Summary;
use super::feed::{Feed, Next};
use super::open;
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What an earlier run has done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Done {
    /// Whole lines.
    pub lines: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Holds the written lines against the inputs that stand in their places, and leaves the feed behind them.
///
/// # Errors
/// The file cannot be read, or a line is not the one of its input.
pub fn go_on(written: File, feed: &mut Feed, fingerprint: &Fingerprint, summary: &mut Summary) -> io::Result<Result<Done, String>> {
    let size = written.metadata()?.len();
    let mut from = BufReader::with_capacity(1 << 20, written);
    let mut done = Done::default();
    let (mut line, mut document) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        if lines::next(&mut from, &mut line, usize::MAX - 1)? != Found::Line {
            return Ok(Ok(done));
        }
        let end = done.bytes + line.len() as u64 + 1;
        let Some(written) = Written::read(&line).filter(|_| end <= size) else { return Ok(Ok(done)) };
        document.clear();
        let (source, sha256) = match feed.next(&mut document) {
            None => return Ok(Err(format!("it has more lines than there are documents: line {} is one too many", done.lines + 1))),
            Some(next) => look(next, &mut document),
        };
        if !written.is_of(fingerprint, &source, sha256.as_deref()) {
            let source = crate::text::visible(&source);
            return Ok(Err(format!("line {} is not the line of {source} as it is now", done.lines + 1)));
        }
        if summary.add_written(&line).is_none() {
            return Ok(Ok(done));
        }
        done.lines += 1;
        done.bytes = end;
    }
}

/// The source of a document, and the digest of its bytes as they are now.
fn look(next: Next, document: &mut Vec<u8>) -> (String, Option<String>) {
    match next {
        Next::Line(name, number) => (format!("{name}:{number}"), Some(hex(&Sha256::digest(&*document)))),
        Next::Unread(source, _) => (source, None),
        Next::File(path) => {
            let path = Path::new(OsStr::from_bytes(&path));
            let read = open::document(path, document);
            (path.to_string_lossy().into_owned(), read.is_ok().then(|| hex(&Sha256::digest(&*document))))
        }
    }
}
