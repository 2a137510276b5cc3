//! Files below one root: no symbolic link and no `..` leaves it, and each is read once, within a limit.

use super::collector::Absent;
use super::context::sha256;
use crate::model::Instant;
use crate::text::visible;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// A file as it was read.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its path, as the settings give it.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Digest of these very bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// When it was last changed, as the file system says.
    pub modified: Option<Instant>,
}

/// The folder that collectors may look into.
pub struct Root {
    dir: Dir,
    place: PathBuf,
    base: PathBuf,
}

/// No file of settings, reports or manifests is larger.
pub const MOST_BYTES: u64 = 64 << 20;

impl Root {
    /// Opens a root; relative paths start at `base`, which lies below it. Both are absolute.
    ///
    /// # Errors
    /// The root cannot be opened.
    pub fn open(root: &Path, base: &Path) -> io::Result<Self> {
        Ok(Self { dir: Dir::open_ambient_dir(root, ambient_authority())?, place: root.to_owned(), base: base.to_owned() })
    }

    /// A path of the settings as a path below the root.
    ///
    /// # Errors
    /// It leads out of the root.
    pub fn inside(&self, path: &Path) -> Result<PathBuf, Absent> {
        let mut full = PathBuf::new();
        for part in self.base.join(path).components() {
            match part {
                Component::ParentDir => drop(full.pop()),
                Component::CurDir => {}
                other => full.push(other),
            }
        }
        let inside = full.strip_prefix(&self.place).map_err(|_| {
            let reason = format!("{} lies outside of the root {}", shown(path), shown(&self.place));
            Absent::new(reason).help("[collect] root in golive.toml names the folder that collectors may look into")
        })?;
        Ok(if inside.as_os_str().is_empty() { PathBuf::from(".") } else { inside.to_owned() })
    }

    /// The path as the operating system knows it, for programs that are handed one.
    ///
    /// # Errors
    /// It leads out of the root.
    pub fn outside(&self, path: &Path) -> Result<PathBuf, Absent> {
        Ok(self.place.join(self.inside(path)?))
    }

    /// Reads a regular file whole.
    ///
    /// # Errors
    /// It is missing, no regular file, unreadable, larger than `limit`, or leads out of the root.
    pub fn read(&self, path: &Path, limit: u64) -> Result<Seen, Absent> {
        let inside = self.inside(path)?;
        let failed = |e: &io::Error| unreadable(path, e);
        // A pipe would be waited for: what it is, is asked before it is opened.
        if !self.dir.metadata(&inside).map_err(|e| failed(&e))?.is_file() {
            return Err(Absent::new(format!("{} is no regular file", shown(path))));
        }
        let mut file = self.dir.open(&inside).map_err(|e| failed(&e))?;
        let about = file.metadata().map_err(|e| failed(&e))?;
        if !about.is_file() || about.len() > limit {
            return Err(Absent::new(format!("{} is no regular file of at most {limit} bytes", shown(path))));
        }
        let mut bytes = Vec::new();
        (&mut file).take(limit + 1).read_to_end(&mut bytes).map_err(|e| failed(&e))?;
        if bytes.len() as u64 > limit {
            return Err(Absent::new(format!("{} grew beyond {limit} bytes while it was read", shown(path))));
        }
        Ok(Seen { path: path.to_owned(), sha256: sha256(&bytes), bytes, modified: modified(&about) })
    }

    /// Reads a regular file as UTF-8 text.
    ///
    /// # Errors
    /// As [`Root::read`], or it is no UTF-8.
    pub fn text(&self, path: &Path) -> Result<(String, Seen), Absent> {
        let seen = self.read(path, MOST_BYTES)?;
        match String::from_utf8(seen.bytes.clone()) {
            Ok(text) => Ok((text, seen)),
            Err(_) => Err(Absent::new(format!("{} is not UTF-8 text", shown(path)))),
        }
    }

    /// Opens a folder, in which nothing leads out of it either.
    ///
    /// # Errors
    /// It is missing, unreadable, no folder, or leads out of the root.
    pub fn folder(&self, path: &Path) -> Result<Dir, Absent> {
        let inside = self.inside(path)?;
        self.dir.open_dir(inside).map_err(|e| unreadable(path, &e))
    }

    /// Whether nothing stands at a path: what is there and cannot be read is not missing.
    ///
    /// # Errors
    /// It leads out of the root.
    pub fn is_missing(&self, path: &Path) -> Result<bool, Absent> {
        let inside = self.inside(path)?;
        Ok(self.dir.symlink_metadata(inside).is_err_and(|e| e.kind() == io::ErrorKind::NotFound))
    }

    /// Opens a folder for records, and makes it where it is missing.
    ///
    /// # Errors
    /// As [`Root::folder`], or it cannot be made.
    pub fn make_folder(&self, path: &Path) -> Result<Dir, Absent> {
        let inside = self.inside(path)?;
        self.dir.create_dir_all(&inside).map_err(|e| Absent::new(format!("cannot make {}: {}", shown(path), visible(&e.to_string()))))?;
        self.folder(path)
    }

    /// What the file system says of a path, links followed.
    ///
    /// # Errors
    /// As [`Root::folder`].
    pub fn about(&self, path: &Path) -> Result<Metadata, Absent> {
        let inside = self.inside(path)?;
        self.dir.metadata(inside).map_err(|e| unreadable(path, &e))
    }
}

/// When something was last changed.
pub fn modified(about: &Metadata) -> Option<Instant> {
    let since = about.modified().ok()?.into_std().duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Instant { ms: i64::try_from(since.as_millis()).ok()? })
}

/// A path as people may see it.
pub fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

fn unreadable(path: &Path, error: &io::Error) -> Absent {
    if error.kind() == io::ErrorKind::NotFound {
        return Absent::new(format!("{} does not exist", shown(path)));
    }
    Absent::new(format!("cannot read {}: {}", shown(path), visible(&error.to_string())))
}
