//! Tables that follow from the finished lines.

use super::super::table_csv;
#[cfg(feature = "parquet")]
use super::super::table_parquet;
use super::output::is_stream;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

/// A table that follows from verdict lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// For spreadsheets.
    Csv,
    /// For engines that read columns.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Table {
    /// The table's name for `--output`.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            #[cfg(feature = "parquet")]
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// Makes a table from a finished file of verdict lines: whole or not at all.
///
/// # Errors
/// What the file system says.
pub fn derive(table: Table, lines: &Path, path: &Path) -> io::Result<()> {
    let from = BufReader::with_capacity(1 << 18, File::open(lines)?);
    if is_stream(path) {
        return write(table, from, OpenOptions::new().write(true).open(path)?).map(|_| ());
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::Builder::new().prefix(".golive-").tempfile_in(folder)?;
    let written = write(table, from, file.as_file().try_clone()?)?;
    super::output::readable(&written)?;
    written.sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    File::open(folder)?.sync_all()
}

fn write(table: Table, from: BufReader<File>, to: File) -> io::Result<File> {
    let mut to = BufWriter::with_capacity(1 << 18, to);
    match table {
        Table::Csv => table_csv::write(from, &mut to)?,
        #[cfg(feature = "parquet")]
        Table::Parquet => table_parquet::write(from, &mut to)?,
    }
    to.flush()?;
    to.into_inner().map_err(io::IntoInnerError::into_error)
}
