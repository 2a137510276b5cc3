//! The table as Parquet, for engines that read columns.

use super::table::{COLUMNS, TableRow, rows};
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use std::io::{self, BufRead, Write};
use std::sync::Arc;

/// Rows of one row group: what is held at a time.
const GROUP: usize = 20_000;

/// Texts of one column with their levels.
#[derive(Default)]
struct Column {
    values: Vec<ByteArray>,
    definition: Vec<i16>,
    repetition: Vec<i16>,
}

impl Column {
    fn put(&mut self, value: Option<&str>, repetition: i16) {
        self.definition.push(i16::from(value.is_some()));
        self.repetition.push(repetition);
        self.values.extend(value.map(ByteArray::from));
    }
}

/// Writes the rows of a file of verdict lines.
///
/// # Errors
/// The lines cannot be read, or the table cannot be written.
pub fn write(lines: impl BufRead, to: impl Write + Send) -> io::Result<()> {
    let schema = schema().map_err(other)?;
    let mut out = SerializedFileWriter::new(to, schema, Arc::new(WriterProperties::default())).map_err(other)?;
    let mut group = Group::default();
    rows(lines, |row| {
        group.add(row);
        if group.rows == GROUP { std::mem::take(&mut group).write(&mut out).map_err(other) } else { Ok(()) }
    })?;
    group.write(&mut out).map_err(other)?;
    out.close().map(|_| ()).map_err(other)
}

fn other(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(inner) => io::Error::other(inner),
        },
        error => io::Error::other(error),
    }
}

fn schema() -> Result<TypePtr, ParquetError> {
    let text = |name: &str, repetition: Repetition| {
        let text = Type::primitive_type_builder(name, Physical::BYTE_ARRAY);
        text.with_repetition(repetition).with_logical_type(Some(LogicalType::String)).build().map(Arc::new)
    };
    let mut fields: Vec<TypePtr> = COLUMNS.iter().map(|name| text(name, Repetition::OPTIONAL)).collect::<Result<_, _>>()?;
    let element = text("element", Repetition::REQUIRED)?;
    let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED).with_fields(vec![element]).build()?;
    let findings = Type::group_type_builder("findings").with_repetition(Repetition::REQUIRED);
    fields.push(Arc::new(findings.with_logical_type(Some(LogicalType::List)).with_fields(vec![Arc::new(list)]).build()?));
    Type::group_type_builder("verdicts").with_fields(fields).build().map(Arc::new)
}

#[derive(Default)]
struct Group {
    rows: usize,
    columns: [Column; COLUMNS.len()],
    findings: Column,
}

impl Group {
    fn add(&mut self, row: &TableRow<'_>) {
        self.rows += 1;
        for (column, cell) in self.columns.iter_mut().zip(row.cells) {
            column.put(cell, 0);
        }
        if row.findings.is_empty() {
            self.findings.put(None, 0);
        }
        for (index, finding) in row.findings.iter().enumerate() {
            self.findings.put(Some(finding), i16::from(index > 0));
        }
    }

    fn write(self, out: &mut SerializedFileWriter<impl Write + Send>) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = out.next_row_group()?;
        for (index, column) in self.columns.iter().chain([&self.findings]).enumerate() {
            let Some(mut writer) = group.next_column()? else { continue };
            let repetition = (index == COLUMNS.len()).then_some(column.repetition.as_slice());
            writer.typed::<ByteArrayType>().write_batch(&column.values, Some(&column.definition), repetition)?;
            writer.close()?;
        }
        group.close().map(|_| ())
    }
}
