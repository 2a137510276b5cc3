//! Private keys as files: none that others can read is read, and none is ever written over.

use super::diagnostics;
use super::exit::Exit;
use crate::record::SigningKey;
use crate::text::visible;
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// No private key is longer.
const MOST: usize = 16 << 10;

/// Reads the private key at a path. What is told of one that is refused holds nothing of the file.
///
/// # Errors
/// 6 where there is none to sign with, 3 where there is one that must not be used.
pub fn read(path: &Path) -> Result<SigningKey, Exit> {
    let told = |exit: Exit, words: &str| {
        diagnostics::plain(&format!("could not sign: the key {} {words}", shown(path)));
        exit
    };
    // A pipe at this path is not waited for.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let unreadable = |error: &io::Error| told(Exit::Write, &format!("cannot be read: {}", visible(&error.to_string())));
    let file = opened.map_err(|e| unreadable(&e))?;
    let meta = file.metadata().map_err(|e| unreadable(&e))?;
    if !meta.is_file() {
        return Err(told(Exit::Input, "is not a regular file"));
    }
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let words = format!(
            "was not read: its permission bits are {mode:04o}, so that others can use it; make it 0600, and a new key if it was seen"
        );
        return Err(told(Exit::Input, &words));
    }
    // It never grows, so that no copy is left behind.
    let mut text = Zeroizing::new(String::with_capacity(MOST));
    match file.take(MOST as u64).read_to_string(&mut text) {
        Ok(_) => SigningKey::read(&text).map_err(|fault| told(Exit::Input, &format!("is refused: {fault}"))),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(told(Exit::Input, "is refused: it is no text")),
        Err(error) => Err(unreadable(&error)),
    }
}

/// A key that nobody had before.
///
/// # Errors
/// The system gives no randomness.
pub fn generate() -> Result<SigningKey, Exit> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(|error| {
        diagnostics::plain(&format!("could not make a key: the system gives no randomness: {error}"));
        Exit::Write
    })?;
    Ok(SigningKey::from_seed(&seed))
}

/// Writes a private key, and the public one beside it. What is there already stays, and then neither is written.
///
/// # Errors
/// Something is there already, or cannot be written.
pub fn write_pair(key: &SigningKey, private: &Path, public: &Path) -> Result<(), Exit> {
    let bug = |_| Exit::Bug;
    let (secret, open) = (key.write().map_err(bug)?, key.public().write().map_err(bug)?);
    let fault = |path: &Path, error: &io::Error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            diagnostics::plain(&format!("{} is there already, and stays as it is: -o names another place", shown(path)));
            return Exit::Usage;
        }
        diagnostics::plain(&format!("could not write {}: {}", shown(path), visible(&error.to_string())));
        Exit::Write
    };
    let private_file = create(private, 0o600).map_err(|e| fault(private, &e))?;
    let written = create(public, 0o644).map_err(|e| (public, e)).and_then(|public_file| {
        let put = put(public_file, open.as_bytes()).map_err(|e| (public, e));
        let put = put.and_then(|()| self::put(private_file, secret.as_bytes()).map_err(|e| (private, e)));
        put.and_then(|()| settle(private).map_err(|e| (private, e))).inspect_err(|_| remove(public))
    });
    written.map_err(|(path, error)| {
        remove(private);
        fault(path, &error)
    })
}

/// A file that was not there before.
fn create(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

fn put(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

/// The names in the folder are on the disk too.
fn settle(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Half a pair is none; where even this fails there is nothing more to do.
fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}
