//! Where verdict lines go: stdout, or a file that a later run of the same command can go on with.

use super::super::state::{Run, State};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Where the lines go.
pub enum Output {
    /// To a stream, once.
    Stream(Box<dyn Write + Send>, String),
    /// To a file that is finished at the end.
    Durable(Box<Durable>),
}

/// A file that grows beside its final place.
pub struct Durable {
    path: PathBuf,
    part: File,
    state: State,
}

/// Why an output cannot be used.
#[derive(Debug)]
pub enum Fault {
    /// It cannot be written, in words.
    Write(String),
    /// What is there belongs to another run, in words.
    Other(String),
}

/// What stands beside the final place while a run is not finished.
pub fn part_of(path: &Path) -> PathBuf {
    beside(path, ".part")
}

/// What a run was asked.
pub fn state_of(path: &Path) -> PathBuf {
    beside(path, ".state.json")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Words for a write that failed.
pub fn words(path: &Path, error: &io::Error) -> String {
    let name = match error.kind() {
        io::ErrorKind::StorageFull => " (ENOSPC)",
        io::ErrorKind::QuotaExceeded => " (EDQUOT)",
        _ => "",
    };
    format!("could not write {}: {error}{name}", crate::text::visible(&path.to_string_lossy()))
}

/// Whether a path leads to what is no regular file: such a place is written to directly.
pub fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir())
}

/// What an earlier run has left.
///
/// # Errors
/// Something that cannot be gone on with.
pub fn earlier(path: &Path) -> Result<Run, Fault> {
    let state = fs::read_to_string(state_of(path)).ok();
    let part = fs::metadata(part_of(path)).ok();
    match (state.as_deref().map(State::read), part) {
        (None, None) => Ok(Run::New),
        (None, Some(part)) if part.len() == 0 => Ok(Run::New),
        (Some(Some(state)), None) if state.complete.is_some() && path.is_file() => Ok(Run::Complete(state)),
        (Some(Some(state)), _) => Ok(Run::Begun(state)),
        (None | Some(None), _) => {
            let name = crate::text::visible(&path.to_string_lossy());
            Err(Fault::Other(format!("an earlier run has left {name}.part, and what it was asked cannot be read")))
        }
    }
}

impl Durable {
    /// Opens the growing file. A run that begins writes what it was asked.
    ///
    /// # Errors
    /// It cannot be written, or another run is at work on it.
    pub fn open(path: &Path, state: State, new: bool) -> Result<Self, Fault> {
        let fault = |at: &Path, e: &io::Error| Fault::Write(words(at, e));
        let part_path = part_of(path);
        if path.is_dir() {
            return Err(Fault::Write(words(path, &io::Error::from(io::ErrorKind::IsADirectory))));
        }
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).clone();
        let part = options.open(&part_path).map_err(|e| fault(&part_path, &e))?;
        match part.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let name = crate::text::visible(&path.to_string_lossy());
                return Err(Fault::Write(format!("could not write {name}: another run is at work on it")));
            }
            Err(TryLockError::Error(error)) => return Err(fault(&part_path, &error)),
        }
        let durable = Self { path: path.to_owned(), part, state };
        if new {
            durable.part.set_len(0).map_err(|e| fault(&part_path, &e))?;
            durable.write_state().map_err(|e| fault(&state_of(path), &e))?;
        }
        Ok(durable)
    }

    fn write_state(&self) -> io::Result<()> {
        let target = state_of(&self.path);
        let folder = folder(&target);
        let mut file = tempfile::Builder::new().prefix(".golive-").tempfile_in(&folder)?;
        file.write_all(self.state.write().as_bytes())?;
        file.as_file().sync_all()?;
        readable(file.as_file())?;
        file.persist(&target).map_err(|e| e.error)?;
        File::open(folder)?.sync_all()
    }

    /// The file that grows, to be read from its beginning.
    ///
    /// # Errors
    /// What the file system says.
    pub fn lines(&mut self) -> io::Result<File> {
        self.part.seek(SeekFrom::Start(0))?;
        self.part.try_clone()
    }

    /// Cuts off what is beyond the whole lines, and goes on behind them.
    ///
    /// # Errors
    /// What the file system says.
    pub fn go_on(&mut self, whole: u64) -> io::Result<()> {
        self.part.set_len(whole)?;
        self.part.seek(SeekFrom::Start(whole)).map(|_| ())
    }
}

fn folder(path: &Path) -> PathBuf {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Everybody may read it, as it is with files that a shell writes.
pub(super) fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

impl Output {
    /// Writes lines.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stream(to, _) => to.write_all(bytes).and_then(|()| to.flush()),
            Self::Durable(durable) => durable.part.write_all(bytes),
        }
    }

    /// Makes what was written durable.
    ///
    /// # Errors
    /// What the file system says.
    pub fn sync(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(to, _) => to.flush(),
            Self::Durable(durable) => durable.part.sync_data(),
        }
    }

    /// Puts the finished file into its place.
    ///
    /// # Errors
    /// What the file system says.
    pub fn finish(&mut self, lines: u64) -> io::Result<()> {
        match self {
            Self::Stream(to, _) => to.flush(),
            Self::Durable(durable) => {
                durable.part.sync_all()?;
                durable.state.complete = Some(lines);
                durable.write_state()?;
                readable(&durable.part)?;
                fs::rename(part_of(&durable.path), &durable.path)?;
                File::open(folder(&durable.path))?.sync_all()
            }
        }
    }

    /// The place's name in messages.
    pub fn path(&self) -> PathBuf {
        match self {
            Self::Stream(_, name) => PathBuf::from(name),
            Self::Durable(durable) => part_of(&durable.path),
        }
    }

    /// Whether the same command can go on where this ends.
    pub fn is_durable(&self) -> bool {
        matches!(self, Self::Durable(_))
    }
}

/// Whether stdout was closed before the start: the standard library has then put `/dev/null` in its place, open for reading
/// and writing. A shell's `>/dev/null` is open for writing only.
pub fn stdout_was_closed() -> bool {
    let stdout = io::stdout();
    let null = fs::metadata("/dev/null").map(|m| std::os::unix::fs::MetadataExt::rdev(&m)).ok();
    let is_null = rustix::fs::fstat(&stdout).is_ok_and(|stat| Some(stat.st_rdev) == null);
    is_null && rustix::fs::fcntl_getfl(&stdout).is_ok_and(|flags| flags & rustix::fs::OFlags::RWMODE == rustix::fs::OFlags::RDWR)
}
