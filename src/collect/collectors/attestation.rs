//! Any group that people state: a document of `golive attest`, for this environment and release, that has not expired.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Exhibit, Need, read};
use crate::collect::context::Context;
use crate::collect::document;
use crate::collect::files::shown;
use crate::facts::Statement;
use crate::model::{Millis, Trust};
use crate::text::visible;
use serde::Deserialize;
use std::path::PathBuf;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "attestation",
    about: "any group that people state, from a document of `golive attest`",
    trust: Trust::Attested,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// What `golive attest GROUP` wrote: `golive schema statement`.
    file: PathBuf,
}

/// Clocks of two machines may differ by this much.
const SKEW: Millis = 300_000;

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Path(self.file.clone())]
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let (document, seen) = document::read(at, &self.file, "statement")?;
        let file = shown(&self.file);
        let statement = Statement::of(&document).ok_or_else(|| Absent::new(format!("{file} is no statement")))?;
        holds(&statement, at, &file)?;
        let said = format!("{} states it in {file}, until {}", statement.stated_by, statement.expires_at);
        let mut out = Collected::new(statement.value, said);
        out.collected_at = Some(statement.stated_at);
        out.exhibits.push(at.exhibit("statement.json", seen.bytes));
        out.exhibits.extend(statement.evidence.into_iter().map(|e| Exhibit::link(e.uri, e.sha256)));
        Ok(out)
    }
}

/// Whether it is about what is planned, and holds now.
fn holds(statement: &Statement, at: &Context, file: &str) -> Result<(), Absent> {
    let plan = at.plan();
    let about = [
        ("group", &statement.group, &at.group),
        ("environment", &statement.environment, &plan.environment),
        ("release", &statement.release, &plan.release),
    ];
    let anew = format!("`golive attest {}` states it anew", at.group);
    let refuse = |why: String| Err(Absent::new(format!("{file}: {why}")).help(anew.clone()));
    for (what, stated, wanted) in about {
        if stated != wanted {
            return refuse(format!("it is about the {what} `{}`, wanted is `{}`", visible(stated), visible(wanted)));
        }
    }
    if let Some(fault) = statement.term_fault() {
        return refuse(fault);
    }
    let now = at.now();
    if statement.stated_at.ms > now.ms + SKEW {
        return refuse(format!("it was stated at {}, which is yet to come", statement.stated_at));
    }
    if statement.expires_at <= now {
        return refuse(format!("it expired at {}", statement.expires_at));
    }
    Ok(())
}
