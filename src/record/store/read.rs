//! A chain as it lies there: every record, and the head.

use super::{Store, UNFINISHED, parse_name, regular};
use crate::model::Record;
use crate::record::dsse::Envelope;
use crate::record::{Head, head, statement};
use crate::text::{Limits, Problem, Source, decode, sha256, visible};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// A chain as it lies there.
#[derive(Debug)]
pub struct Chain {
    /// The records, in the order of the numbers in their names.
    pub records: Vec<KeptRecord>,
    /// The head and its envelope.
    pub head: Option<Result<(Envelope, Head), Problem>>,
}

/// One record as it lies there.
#[derive(Debug)]
pub struct KeptRecord {
    /// The number in its name.
    pub seq: u64,
    /// The digest in its name.
    pub digest: String,
    /// The name of its file.
    pub name: String,
    /// Its envelope; or why the file holds none.
    pub envelope: Result<Envelope, Problem>,
    /// What the envelope holds, where its digest is that of the name; or why it is no record.
    pub record: Result<Record, Problem>,
}

impl Store {
    /// Reads the whole chain.
    ///
    /// # Errors
    /// The folder cannot be read, or holds among its records what is none (`golive::record::folder`).
    pub fn chain(&self) -> Result<Chain, Problem> {
        self.own()?;
        let names = self.names()?;
        let records = names.iter().map(|(seq, digest, name)| self.record(*seq, digest, name)).collect();
        let head = self.read_head().transpose();
        Ok(Chain { records, head })
    }

    /// Refuses folders of the chain that are links: what they lead to is no part of it.
    pub(super) fn own(&self) -> Result<(), Problem> {
        for folder in [self.records(), self.inputs()] {
            if fs::symlink_metadata(&folder).is_ok_and(|meta| !meta.is_dir()) {
                return Err(Problem::new("golive::record::folder", format!("{} is no folder, or a link to one", shown(&folder))));
            }
        }
        Ok(())
    }

    /// Numbers, digests and names of the files of records, by number. Files that a stopped writer did not finish are passed over.
    pub(super) fn names(&self) -> Result<Vec<(u64, String, String)>, Problem> {
        let folder = self.records();
        let refuse = |message: String| Problem::new("golive::record::folder", message);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries.collect::<Result<Vec<_>, _>>(),
            Err(error) => Err(error),
        };
        let entries = entries.map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Problem::new("golive::record::none", format!("no records in {}", shown(&self.folder)))
                .help("a folder of records is one that `golive run` or `golive check --record` has written"),
            _ => refuse(format!("cannot read {}: {e}", shown(&folder))),
        })?;
        let mut out = Vec::new();
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(UNFINISHED) {
                continue;
            }
            match parse_name(&name) {
                Some((seq, digest)) => out.push((seq, digest.to_owned(), name.clone())),
                None => return Err(refuse(format!("{} holds `{}`, which is no record", shown(&folder), visible(&name)))),
            }
        }
        out.sort();
        Ok(out)
    }

    /// One record, by its name.
    pub(super) fn record(&self, seq: u64, digest: &str, name: &str) -> KeptRecord {
        let envelope = envelope(&self.records().join(name), &format!("records/{name}"));
        let record = match &envelope {
            Ok(envelope) => opened(envelope, seq, digest, name),
            Err(problem) => Err(problem.clone()),
        };
        KeptRecord { seq, digest: digest.to_owned(), name: name.to_owned(), envelope, record }
    }

    /// The head; none where there is none.
    pub(super) fn read_head(&self) -> Result<Option<(Envelope, Head)>, Problem> {
        let path = self.head();
        if fs::symlink_metadata(&path).is_err() {
            return Ok(None);
        }
        let envelope = envelope(&path, "head.json")?;
        if envelope.payload_type != head::PAYLOAD_TYPE {
            return Err(Problem::new("golive::record::head", format!("head.json is of the type `{}`", visible(&envelope.payload_type))));
        }
        let head = Head::read(&text(&envelope, "head.json")?)?;
        Ok(Some((envelope, head)))
    }
}

/// The record in an envelope whose payload has the digest of the file's name.
fn opened(envelope: &Envelope, seq: u64, digest: &str, name: &str) -> Result<Record, Problem> {
    if envelope.payload_type != statement::PAYLOAD_TYPE {
        let message = format!("records/{name}: its payload is of the type `{}`", visible(&envelope.payload_type));
        return Err(Problem::new("golive::record::form", message));
    }
    if sha256(&envelope.payload) != digest {
        let message =
            format!("records/{name}: its payload was changed: its digest is not that of its name, and no signature of it can hold");
        return Err(Problem::new("golive::record::payload", message));
    }
    let record = statement::read(&text(envelope, name)?)?;
    if record.seq == seq {
        Ok(record)
    } else {
        Err(Problem::new("golive::record::chain", format!("records/{name} says that it is the record {}", record.seq)))
    }
}

fn text(envelope: &Envelope, name: &str) -> Result<Arc<Source>, Problem> {
    decode(&format!("payload of {name}"), envelope.payload.clone(), &Limits::default())
}

fn envelope(path: &Path, name: &str) -> Result<Envelope, Problem> {
    let bytes = regular(path).map_err(|words| Problem::new("golive::record::file", format!("{name}: {words}")))?;
    Envelope::read(decode(name, bytes, &Limits::default())?)
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}
