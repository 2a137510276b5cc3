//! The folder of a chain of records.
//!
//! ```text
//! records/00000001-<sha256 of the payload>.json   one signed envelope each
//! inputs/<sha256>                                 what was judged and what judged it, under the digests of its bytes
//! head.json                                       which record is the newest, signed
//! lock                                            one writer at a time
//! ```

mod append;
mod read;

pub use append::{Last, Writer};
pub use read::{Chain, KeptRecord};

use crate::text::{Problem, sha256, visible};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How a file begins that was not finished.
const UNFINISHED: &str = ".golive-";

/// One file of a chain has at most so many bytes.
const MOST: u64 = 64 << 20;

/// The folder of a chain.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// Why a record was not kept.
#[derive(Debug)]
pub enum StoreError {
    /// A file could not be read or written.
    Io {
        /// What was to be done.
        what: String,
        /// Why it was not.
        error: io::Error,
    },
    /// Another writer has not finished.
    Busy,
    /// What is there already is not as its writer left it.
    Touched(Problem),
    /// The chain is of another environment.
    Environment(String),
}

impl StoreError {
    fn io(verb: &str, path: &Path, error: io::Error) -> Self {
        Self::Io { what: format!("{verb} {}", visible(&path.to_string_lossy())), error }
    }
}

impl Store {
    /// The chain in a folder, which need not be there.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes of an input.
    ///
    /// # Errors
    /// It is not there, is no regular file, or its bytes have another digest.
    pub fn input(&self, digest: &str) -> Result<Vec<u8>, String> {
        if digest.len() != 64 || !digest.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()) {
            return Err("its digest is no sha256".to_owned());
        }
        let path = self.inputs().join(digest);
        let bytes = regular(&path).map_err(|fault| format!("inputs/{digest}: {fault}"))?;
        if sha256(&bytes) == digest { Ok(bytes) } else { Err(format!("inputs/{digest} has another digest: it was changed")) }
    }

    /// The bytes of a file below the folder that a record names, such as kept evidence; none where there is no such file.
    ///
    /// # Errors
    /// It cannot be read, or a link leads to it.
    pub fn beside(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let parts: Vec<&str> = path.split('/').collect();
        if parts.iter().any(|part| part.is_empty() || *part == "." || *part == ".." || part.contains('\\')) {
            return Ok(None);
        }
        let mut place = self.folder.clone();
        for part in parts {
            place.push(part);
            match fs::symlink_metadata(&place) {
                Ok(meta) if meta.is_symlink() => return Err("a link leads to it".to_owned()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(visible(&error.to_string())),
            }
        }
        regular(&place).map(Some)
    }

    fn records(&self) -> PathBuf {
        self.folder.join("records")
    }

    fn inputs(&self) -> PathBuf {
        self.folder.join("inputs")
    }

    fn head(&self) -> PathBuf {
        self.folder.join("head.json")
    }
}

/// The name of the file of a record.
fn file_name(seq: u64, digest: &str) -> String {
    format!("{seq:08}-{digest}.json")
}

/// The number and the digest in the name of a record's file.
fn parse_name(name: &str) -> Option<(u64, &str)> {
    let (seq, digest) = name.strip_suffix(".json")?.split_once('-')?;
    let number: u64 = seq.parse().ok()?;
    let is_digest = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (is_digest && number > 0 && file_name(number, digest) == name).then_some((number, digest))
}

/// The bytes of a regular file, without following a link.
fn regular(path: &Path) -> Result<Vec<u8>, String> {
    let words =
        |error: io::Error| if error.kind() == io::ErrorKind::NotFound { "it is missing".to_owned() } else { visible(&error.to_string()) };
    let meta = fs::symlink_metadata(path).map_err(words)?;
    if !meta.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes)).map_err(words)?;
    if bytes.len() as u64 > MOST { Err("it is larger than 64 MiB".to_owned()) } else { Ok(bytes) }
}

/// Writes a file whole or not at all: its bytes, then its name, then the folder's entry, each synced. What is there already is
/// replaced where that is wanted, and left alone otherwise.
fn write(folder: &Path, name: &str, bytes: &[u8], replace: bool) -> io::Result<()> {
    let file = unfinished(folder, bytes)?;
    file.as_file().sync_all()?;
    let place = folder.join(name);
    let kept = if replace { file.persist(place) } else { file.persist_noclobber(place) };
    kept.map_err(|e| e.error)?;
    sync_folder(folder)
}

/// Bytes in a file that has no name of its own yet.
fn unfinished(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    Ok(file)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
