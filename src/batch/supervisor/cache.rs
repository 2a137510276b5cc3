//! Verdict lines between runs, on disk: a folder for each thing that was asked, in it one generation for each run, in that
//! two files for each worker: records, and where each of them lies.
//!
//! A record is believed where its checksum holds; whatever else is found there is as if it were not.

use super::super::memory::{Memory, Remembered};
use crate::model::Window;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Bytes of records that are written at once.
const ENOUGH: usize = 256 << 10;

/// Bytes of one entry of an index: the beginning of a digest, and the place of its record.
const ENTRY: usize = 16;

/// Longer records are not kept.
const LONGEST: usize = 1 << 20;

/// Folders of other things that were asked: more are not kept.
const MOST_FOLDERS: usize = 8;

/// Where one run looks and writes.
#[derive(Debug, Clone)]
pub struct CacheFolder {
    /// The folder of what was asked.
    pub folder: PathBuf,
    /// This run's generation.
    pub generation: u64,
}

impl CacheFolder {
    /// The folder for a key below a folder that somebody gave; the run's generation comes behind all that are there.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(root: &Path, key: &str) -> io::Result<Self> {
        let folder = root.join(key);
        fs::create_dir_all(&folder)?;
        let generation = generations(&folder)?.into_iter().max().unwrap_or(0) + 1;
        fs::create_dir(folder.join(generation.to_string()))?;
        Ok(Self { folder, generation })
    }

    /// The run is complete: what it did not touch is not needed any more, nor what was asked long ago.
    ///
    /// # Errors
    /// Something cannot be removed.
    pub fn complete(&self) -> io::Result<()> {
        for old in generations(&self.folder)?.into_iter().filter(|g| *g < self.generation) {
            fs::remove_dir_all(self.folder.join(old.to_string()))?;
        }
        let Some(root) = self.folder.parent() else { return Ok(()) };
        let mut others = Vec::new();
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            if is_key(&entry.file_name().to_string_lossy()) && entry.path() != self.folder {
                others.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        others.sort();
        others.iter().rev().skip(MOST_FOLDERS).try_for_each(|(_, path)| fs::remove_dir_all(path))
    }
}

/// Whether a name is one that [`key`] gives.
fn is_key(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The name of the folder of what was asked: `asked` is the digest of everything that lines depend on beside their document
/// and the time, and the program itself is part of it.
///
/// # Errors
/// The program cannot be read.
pub fn key(asked: &str) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open("/proc/self/exe")?, &mut hash)?;
    hash.update(asked.as_bytes());
    Ok(super::super::setting::hex(&hash.finalize()))
}

fn generations(folder: &Path) -> io::Result<Vec<u64>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().parse().ok()));
    names.collect::<io::Result<Vec<Option<u64>>>>().map(|all| all.into_iter().flatten().collect())
}

/// One worker's view: everything that was kept before, and what it keeps itself.
pub struct Cache {
    files: Vec<File>,
    /// The first eight bytes of a digest, and where its record lies: the file, and the place in it. Sorted.
    index: Vec<(u64, u64)>,
    records: File,
    entries: File,
    written: u64,
    pending: Vec<u8>,
    pending_entries: Vec<u8>,
    broken: bool,
}

impl Cache {
    /// Opens what is there, and files of its own to write.
    ///
    /// # Errors
    /// The folder cannot be read, or nothing can be written there.
    pub fn open(place: &CacheFolder) -> io::Result<Self> {
        let (mut files, mut index) = (Vec::new(), Vec::new());
        let mut older = generations(&place.folder)?;
        older.retain(|generation| *generation < place.generation);
        older.sort_unstable();
        for generation in older {
            for entry in fs::read_dir(place.folder.join(generation.to_string()))? {
                let path = entry?.path();
                if path.extension().is_some_and(|e| e == "index") && files.len() < usize::from(u16::MAX) {
                    read_index(&path, files.len() as u64, &mut index)?;
                    files.push(File::open(path.with_extension("records"))?);
                }
            }
        }
        // Of two records of one document the later run's comes first.
        index.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        let own = place.folder.join(place.generation.to_string()).join(std::process::id().to_string());
        Ok(Self {
            files,
            index,
            records: File::create(own.with_extension("records"))?,
            entries: File::create(own.with_extension("index"))?,
            written: 0,
            pending: Vec::with_capacity(ENOUGH),
            pending_entries: Vec::new(),
            broken: false,
        })
    }

    fn flush(&mut self) {
        // An entry is written behind its record, so that it never points at nothing.
        let written = self.records.write_all(&self.pending).and_then(|()| self.entries.write_all(&self.pending_entries));
        self.broken |= written.is_err();
        self.pending.clear();
        self.pending_entries.clear();
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Memory for Cache {
    fn recall(&mut self, digest: &[u8; 32]) -> Option<Remembered> {
        let prefix = prefix(digest);
        let start = self.index.partition_point(|(known, _)| *known < prefix);
        let candidates = self.index.get(start..)?.iter().take_while(|(known, _)| *known == prefix);
        candidates.into_iter().find_map(|(_, place)| {
            let file = self.files.get(usize::try_from(place >> 48).ok()?)?;
            record(file, place & ((1 << 48) - 1), digest)
        })
    }

    fn keep(&mut self, digest: &[u8; 32], remembered: &Remembered) {
        let body = encode(digest, remembered);
        if self.broken || body.len() > LONGEST {
            return;
        }
        let place = self.written;
        self.pending_entries.extend_from_slice(&prefix(digest).to_le_bytes());
        self.pending_entries.extend_from_slice(&place.to_le_bytes());
        for part in [&length(&body)[..], &checksum(&body), &body] {
            self.pending.extend_from_slice(part);
            self.written += part.len() as u64;
        }
        if self.pending.len() >= ENOUGH {
            self.flush();
        }
    }
}

fn read_index(path: &Path, file: u64, index: &mut Vec<(u64, u64)>) -> io::Result<()> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    for entry in bytes.chunks_exact(ENTRY) {
        let (prefix, place) = entry.split_at(8);
        index.push((number(prefix), file << 48 | number(place) & ((1 << 48) - 1)));
    }
    Ok(())
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn prefix(digest: &[u8; 32]) -> u64 {
    number(&digest[..8])
}

fn length(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes()
}

fn checksum(body: &[u8]) -> [u8; 8] {
    let mut out = [0; 8];
    out.copy_from_slice(&Sha256::digest(body)[..8]);
    out
}

/// The record at a place, if it is whole and is this document's.
fn record(file: &File, place: u64, digest: &[u8; 32]) -> Option<Remembered> {
    let mut buffer = [0; 4096];
    let read = file.read_at(&mut buffer, place).ok()?;
    let head = buffer.get(..read)?;
    let (length, rest) = head.split_at_checked(4)?;
    let length = usize::try_from(number(length)).ok().filter(|n| *n <= LONGEST)?;
    let (sum, rest) = rest.split_at_checked(8)?;
    match rest.get(..length) {
        Some(body) => (checksum(body) == *sum).then(|| decode(body, digest))?,
        None => {
            let mut body = vec![0; length];
            file.read_exact_at(&mut body, place + 12).ok()?;
            (checksum(&body) == *sum).then(|| decode(&body, digest))?
        }
    }
}

fn encode(digest: &[u8; 32], remembered: &Remembered) -> Vec<u8> {
    let Remembered { window, environment, release, marks, tail } = remembered;
    let mut out = Vec::with_capacity(128 + tail.len());
    out.extend_from_slice(digest);
    out.extend_from_slice(&window.since.to_le_bytes());
    out.extend_from_slice(&window.until.to_le_bytes());
    for text in [environment, release, marks, tail] {
        out.extend_from_slice(&length(text.as_bytes()));
        out.extend_from_slice(text.as_bytes());
    }
    out
}

fn decode(body: &[u8], wanted: &[u8; 32]) -> Option<Remembered> {
    let mut rest = body.strip_prefix(wanted)?;
    let mut take = |count: usize| {
        let (taken, behind) = rest.split_at_checked(count)?;
        rest = behind;
        Some(taken)
    };
    let window = Window { since: number(take(8)?).cast_signed(), until: number(take(8)?).cast_signed() };
    let mut text = || {
        let length = usize::try_from(number(take(4)?)).ok()?;
        String::from_utf8(take(length)?.to_vec()).ok()
    };
    let (environment, release, marks, tail) = (text()?, text()?, text()?, text()?);
    rest.is_empty().then_some(Remembered { window, environment, release, marks, tail })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(tail: &str) -> Remembered {
        let window = Window { since: -5, until: i64::MAX };
        Remembered { window, environment: "prod\n".to_owned(), release: "1".to_owned(), marks: "Gpp".to_owned(), tail: tail.to_owned() }
    }

    #[test]
    fn what_is_kept_is_recalled_by_the_next_run_alone_and_whole() {
        let root = tempfile::tempdir().unwrap();
        let first = CacheFolder::open(root.path(), "key").unwrap();
        let long = "x".repeat(9000);
        {
            let mut cache = Cache::open(&first).unwrap();
            cache.keep(&[1; 32], &remembered("short"));
            cache.keep(&[2; 32], &remembered(&long));
            assert_eq!(cache.recall(&[1; 32]), None, "a run does not read what it writes");
        }
        let second = CacheFolder::open(root.path(), "key").unwrap();
        let mut cache = Cache::open(&second).unwrap();
        assert_eq!(cache.recall(&[1; 32]), Some(remembered("short")));
        assert_eq!(cache.recall(&[2; 32]), Some(remembered(&long)));
        let mut near = [1; 32];
        near[31] = 2;
        assert_eq!(cache.recall(&near), None, "the same beginning is not the same digest");
        second.complete().unwrap();
        assert!(!first.folder.join("1").exists());
    }

    #[test]
    fn a_record_that_was_touched_is_none() {
        let root = tempfile::tempdir().unwrap();
        let first = CacheFolder::open(root.path(), "key").unwrap();
        Cache::open(&first).unwrap().keep(&[1; 32], &remembered("NO_GO"));
        let records = first.folder.join("1").join(format!("{}.records", std::process::id()));
        let whole = fs::read(&records).unwrap();
        for at in 0..whole.len() {
            let mut touched = whole.clone();
            touched[at] ^= 1;
            fs::write(&records, &touched).unwrap();
            let place = CacheFolder { folder: first.folder.clone(), generation: 2 };
            fs::create_dir_all(place.folder.join("2")).unwrap();
            assert_eq!(Cache::open(&place).unwrap().recall(&[1; 32]), None, "byte {at}");
            fs::write(&records, &whole[..at]).unwrap();
            assert_eq!(Cache::open(&place).unwrap().recall(&[1; 32]), None, "cut at {at}");
        }
    }
}
