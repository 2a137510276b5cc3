//! Records that golive or people keep in a folder: read strictly, each against its published schema.

use super::entries;
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::collect::files::{MOST_BYTES, Seen, shown};
use crate::schema::Schema;
use crate::text::{Document, Limits, Problem, Source, read_by_name, read_json};
use std::path::Path;
use std::sync::Arc;

/// A published schema: the file below `schemas/`, as the binary carries it.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    name: &'static str,
    schema: &'static str,
}

/// A record of a backup verification.
pub const VERIFICATION: Form =
    Form { name: "verification-record", schema: include_str!("../../../schemas/verification-record.schema.json") };
/// A record of a rollback drill.
pub const DRILL: Form = Form { name: "rollback-drill", schema: include_str!("../../../schemas/rollback-drill.schema.json") };
/// A line of the log of a backup job.
pub const RUN: Form = Form { name: "backup-run", schema: include_str!("../../../schemas/backup-run.schema.json") };

/// More records than this are not read.
const MOST_RECORDS: usize = 10_000;

impl Form {
    /// The schema, made ready once for many documents.
    ///
    /// # Errors
    /// Only where the binary was built with a broken schema.
    pub fn schema(self) -> Result<Reader, Absent> {
        let broken = |p: &[Problem]| Absent::new(format!("golive's own schema {} is broken: {}", self.name, said(p)));
        let source = Arc::new(Source::new(self.name, self.schema));
        let document = read_json(source, &Limits::default()).map_err(|p| broken(&[p]))?;
        let schema = Schema::new(document, true).map_err(|p| broken(&p))?;
        Ok(Reader { form: self, schema })
    }
}

/// A schema that is ready.
pub struct Reader {
    form: Form,
    schema: Schema,
}

impl Reader {
    /// Reads one document.
    ///
    /// # Errors
    /// It is not UTF-8, has no one reading, or does not fit; with its name and the place in it.
    pub fn read(&self, name: &str, bytes: &[u8]) -> Result<Document, Absent> {
        let wrong =
            |what: String| Absent::new(format!("{name} {what}")).help(format!("`golive schema {}` prints what is wanted", self.form.name));
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("is not UTF-8 text".to_owned()))?;
        let document = read_by_name(Arc::new(Source::new(name, text)), &Limits::default()).map_err(|p| wrong(said(&[p])))?;
        let problems = self.schema.problems("golive::collect::record", &document.value, &document, "");
        if problems.is_empty() { Ok(document) } else { Err(wrong(said(&problems))) }
    }
}

/// The first faults, each with its line.
fn said(problems: &[Problem]) -> String {
    let line = |p: &Problem| {
        let (source, labels) = p.labels.as_ref()?;
        let start = labels.first()?.0.start;
        source.text.get(..start).map(|before| before.matches('\n').count() + 1)
    };
    let one = |p: &Problem| line(p).map_or_else(|| p.message.clone(), |line| format!("line {line}: {}", p.message));
    let mut out: Vec<String> = problems.iter().take(3).map(one).collect();
    if problems.len() > 3 {
        out.push(format!("and {} faults more", problems.len() - 3));
    }
    out.join("; ")
}

/// Every record of a folder by name, with the path that people know. Names that begin with a dot are none: files on their way.
///
/// # Errors
/// The folder cannot be read, or holds what is no record: leaving something out could hide a bad result.
pub fn folder(path: &Path, endings: &[&str], at: &Context) -> Result<Vec<(String, Seen)>, Absent> {
    let mut out = Vec::new();
    for (name, about) in entries(&at.files().folder(path)?, path)? {
        if name.starts_with('.') {
            continue;
        }
        let inside = path.join(&name);
        let what = if about.is_symlink() {
            Some("a symlink, which is not followed")
        } else if !about.is_file() {
            Some("no regular file")
        } else if !endings.iter().any(|e| name.ends_with(e)) {
            Some("no record by its name")
        } else {
            None
        };
        if let Some(what) = what {
            let reason = format!("{} is {what}", shown(&inside));
            return Err(Absent::new(reason).help(format!("the folder is for records only: {}", endings.join(", "))));
        }
        out.push((shown(&inside), at.files().read(&inside, MOST_BYTES)?));
        if out.len() > MOST_RECORDS {
            return Err(Absent::new(format!("{} holds more than {MOST_RECORDS} records", shown(path))));
        }
    }
    Ok(out)
}
