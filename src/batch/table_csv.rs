//! The table as CSV, for spreadsheets.

use super::table::{COLUMNS, rows};
use crate::text::spreadsheet;
use std::io::{self, BufRead, Write};

/// Writes the rows of a file of verdict lines.
///
/// # Errors
/// The lines cannot be read, or the table cannot be written.
pub fn write(lines: impl BufRead, to: impl Write) -> io::Result<()> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(to);
    out.write_record(COLUMNS.iter().chain(&["findings"]))?;
    rows(lines, |row| {
        let cells = row.cells.iter().map(|cell| cell.map_or_else(String::new, spreadsheet));
        let findings = std::iter::once(spreadsheet(&row.findings.join("; ")));
        Ok(out.write_record(cells.chain(findings))?)
    })?;
    out.flush()
}
