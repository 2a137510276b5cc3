//! One record more: under a lock, the record before the head, each synced before the next.

use super::{Store, StoreError, UNFINISHED, file_name, sync_folder, unfinished, write};
use crate::model::Instant;
use crate::record::dsse::Envelope;
use crate::record::{Head, head, statement};
use crate::text::{Problem, sha256};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

/// How long a writer waits for another one: each step is one wait.
const STEP: Duration = Duration::from_millis(50);
const STEPS: u32 = 1200;

/// The one writer of a chain, for as long as it lives.
#[derive(Debug)]
pub struct Writer<'s> {
    store: &'s Store,
    last: Option<Last>,
    /// The head does not name the newest record yet.
    behind: bool,
    _lock: File,
}

/// The newest record of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// Its number.
    pub seq: u64,
    /// The digest of its payload.
    pub digest: String,
    /// Its environment: that of the chain.
    pub environment: String,
    /// When it was decided.
    pub evaluated_at: Instant,
}

impl Store {
    /// Becomes the chain's writer; waits a minute for another one. Files that a stopped writer did not finish are removed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn writer(&self) -> Result<Writer<'_>, StoreError> {
        for folder in [self.folder.clone(), self.records(), self.inputs()] {
            fs::create_dir_all(&folder).map_err(|e| StoreError::io("make the folder", &folder, e))?;
        }
        self.own().map_err(StoreError::Touched)?;
        let path = self.folder.join("lock");
        if fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_file()) {
            // A pipe would be waited for.
            return Err(StoreError::io("lock", &path, std::io::Error::other("it is no regular file")));
        }
        let open = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = open.map_err(|e| StoreError::io("open", &path, e))?;
        wait(&lock, &path)?;
        for folder in [self.folder.clone(), self.records(), self.inputs()] {
            sweep(&folder).map_err(|e| StoreError::io("clean", &folder, e))?;
        }
        let (last, behind) = self.last()?;
        Ok(Writer { store: self, last, behind, _lock: lock })
    }

    /// The newest record, held against its name and the head; and whether the head does not name it yet.
    fn last(&self) -> Result<(Option<Last>, bool), StoreError> {
        let names = self.names().map_err(StoreError::Touched)?;
        let head = self.read_head().map_err(StoreError::Touched)?;
        let touched = |message: &str| StoreError::Touched(Problem::new("golive::record::chain", message.to_owned()));
        let Some((seq, digest, name)) = names.last() else {
            return if head.is_some() {
                Err(touched("the head names a record, and there is none: records were removed"))
            } else {
                Ok((None, false))
            };
        };
        if names.len() as u64 != *seq {
            return Err(touched("there is a gap in the numbers of the records"));
        }
        let kept = self.record(*seq, digest, name);
        let record = kept.record.map_err(StoreError::Touched)?;
        let newest = head.as_ref().is_some_and(|(_, head)| head.seq == *seq && head.digest == *digest);
        // A writer that was stopped between the two leaves one record that the head does not name yet.
        let one_ahead = match &head {
            Some((_, head)) => head.seq + 1 == *seq && record.prev.as_deref() == Some(head.digest.as_str()),
            None => *seq == 1,
        };
        if !newest && !one_ahead {
            return Err(touched("the head does not name the newest record: records were removed or put there"));
        }
        let last = Last { seq: *seq, digest: digest.clone(), environment: record.environment, evaluated_at: record.evaluated_at };
        Ok((Some(last), !newest))
    }
}

impl Writer<'_> {
    /// The newest record before this one.
    pub fn last(&self) -> Option<&Last> {
        self.last.as_ref()
    }

    /// Keeps the bytes of inputs under their digests.
    ///
    /// # Errors
    /// They cannot be written, or what is kept under a digest was changed.
    pub fn keep(&self, inputs: &[&[u8]]) -> Result<(), StoreError> {
        let folder = self.store.inputs();
        let io = |error| StoreError::io("write into", &folder, error);
        let mut fresh = BTreeMap::new();
        for bytes in inputs {
            let digest = sha256(bytes);
            if fs::symlink_metadata(folder.join(&digest)).is_ok() {
                let kept = self.store.input(&digest).map(|_| ());
                kept.map_err(|words| StoreError::Touched(Problem::new("golive::record::input", words)))?;
            } else if let Entry::Vacant(place) = fresh.entry(digest) {
                place.insert(unfinished(&folder, bytes).map_err(io)?);
            }
        }
        // All are written before the first is synced: one sync then carries most of the others.
        for file in fresh.values() {
            file.as_file().sync_all().map_err(io)?;
        }
        for (digest, file) in fresh {
            file.persist_noclobber(folder.join(digest)).map_err(|e| io(e.error))?;
        }
        sync_folder(&folder).map_err(io)
    }

    /// Adds a signature to a record that is there: its payload, its digest and its name stay.
    ///
    /// # Errors
    /// It is not there, was changed, or cannot be written.
    pub fn countersign(&self, seq: u64, digest: &str, seal: &dyn Fn(&mut Envelope)) -> Result<usize, StoreError> {
        let name = file_name(seq, digest);
        let kept = self.store.record(seq, digest, &name);
        kept.record.map_err(StoreError::Touched)?;
        let mut envelope = kept.envelope.map_err(StoreError::Touched)?;
        seal(&mut envelope);
        let folder = self.store.records();
        write(&folder, &name, envelope.write().as_bytes(), true).map_err(|e| StoreError::io("write", &folder.join(&name), e))?;
        Ok(envelope.signatures.len())
    }

    /// Appends a record whose payload is this, then moves the head; `seal` signs an envelope. Both are on the disk when it returns.
    ///
    /// # Errors
    /// The environment is not that of the chain, or something cannot be written.
    pub fn append(
        &mut self,
        environment: &str,
        evaluated_at: Instant,
        payload: &str,
        seal: &dyn Fn(&mut Envelope),
    ) -> Result<(u64, String), StoreError> {
        if let Some(last) = self.last.as_ref().filter(|last| last.environment != environment) {
            return Err(StoreError::Environment(last.environment.clone()));
        }
        let seq = self.last.as_ref().map_or(1, |last| last.seq + 1);
        let digest = sha256(payload.as_bytes());
        let sealed = |kind: &str, payload: &str| {
            let mut envelope = Envelope::new(kind, payload.as_bytes().to_vec());
            seal(&mut envelope);
            envelope.write()
        };
        let head = |seq, digest: &str| {
            let text = sealed(head::PAYLOAD_TYPE, &Head::new(environment, seq, digest).write());
            write(&self.store.folder, "head.json", text.as_bytes(), true).map_err(|e| StoreError::io("write", &self.store.head(), e))
        };
        // What a stopped writer left undone comes first, so that a head is never more than one record behind.
        if let Some(last) = self.last.as_ref().filter(|_| self.behind) {
            head(last.seq, &last.digest)?;
        }
        let folder = self.store.records();
        let name = file_name(seq, &digest);
        let text = sealed(statement::PAYLOAD_TYPE, payload);
        write(&folder, &name, text.as_bytes(), false).map_err(|e| StoreError::io("write", &folder.join(&name), e))?;
        head(seq, &digest)?;
        self.behind = false;
        self.last = Some(Last { seq, digest: digest.clone(), environment: environment.to_owned(), evaluated_at });
        Ok((seq, digest))
    }
}

fn wait(lock: &File, path: &Path) -> Result<(), StoreError> {
    for _ in 0..STEPS {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(STEP),
            Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", path, error)),
        }
    }
    Err(StoreError::Busy)
}

fn sweep(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
