//! What is meant by RECORD: a folder of records and its newest, one of them by its number, or one by its file.

use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::session::refuse;
use crate::record::Store;
use crate::record::store::{Chain, KeptRecord};
use crate::text::{Problem, visible};
use std::path::{Path, PathBuf};

/// A folder of records, and one of them.
pub struct Place {
    /// The folder.
    pub store: Store,
    /// The number of the record that is meant; none for the newest.
    pub seq: Option<u64>,
}

impl Place {
    /// Reads `DIR`, `DIR@7` or `DIR/records/00000007-….json`.
    pub fn read(text: &Path, common: &Common) -> Result<Self, Exit> {
        if text.is_dir() {
            return Ok(Self { store: Store::at(text), seq: None });
        }
        let found = numbered(text).or_else(|| file(text));
        found.map(|(folder, seq)| Self { store: Store::at(folder), seq: Some(seq) }).ok_or_else(|| {
            let message = format!("{} is neither a folder of records nor a record in one", visible(&text.to_string_lossy()));
            let help = "name the folder, FOLDER@7 for its record 7, or the record's file; an archive is unpacked first";
            refuse(common, &[Problem::new("golive::record::place", message).help(help)], Exit::Input)
        })
    }

    /// Reads the chain.
    pub fn chain(&self, common: &Common) -> Result<Chain, Exit> {
        let chain = self.store.chain().map_err(|problem| {
            let exit = if problem.code == "golive::record::folder" { Exit::Record } else { Exit::Input };
            refuse(common, &[problem], exit)
        })?;
        if chain.records.is_empty() {
            let message = format!("no records in {}", visible(&self.store.folder().to_string_lossy()));
            return Err(refuse(common, &[Problem::new("golive::record::none", message)], Exit::Input));
        }
        Ok(chain)
    }

    /// The record that is meant.
    pub fn kept<'c>(&self, chain: &'c Chain, common: &Common) -> Result<&'c KeptRecord, Exit> {
        let found = match self.seq {
            Some(seq) => chain.records.iter().find(|kept| kept.seq == seq),
            None => chain.records.last(),
        };
        found.ok_or_else(|| {
            let message =
                format!("there is no record {} in {}", self.seq.unwrap_or_default(), visible(&self.store.folder().to_string_lossy()));
            refuse(common, &[Problem::new("golive::record::none", message)], Exit::Input)
        })
    }
}

/// `DIR@7`.
fn numbered(text: &Path) -> Option<(PathBuf, u64)> {
    let (folder, seq) = text.to_str()?.rsplit_once('@')?;
    let folder = PathBuf::from(folder);
    folder.is_dir().then_some(())?;
    Some((folder, seq.parse().ok()?))
}

/// A file in the folder `records` of a store.
fn file(text: &Path) -> Option<(PathBuf, u64)> {
    let folder = text.parent().filter(|p| p.file_name().is_some_and(|name| name == "records"))?;
    let seq = text.file_name()?.to_str()?.split_once('-')?.0.parse().ok()?;
    let store = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    text.is_file().then(|| (store.to_owned(), seq))
}
