//! Any group of facts from a program or a file that holds its value as JSON: the door for facts that golive never heard of.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::files::MOST_BYTES;
use crate::collect::{Command, redact};
use crate::model::Trust;
use crate::text::{Limits, Source, read_json, visible};
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "json",
    about: "any group, from a program or a file that holds its value as JSON",
    trust: Trust::Observed,
    read: read::<Settings>,
};

/// Exactly one of `command` and `file`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Prints the value on stdout and exits with 0.
    command: Option<Vec<String>>,
    /// The working directory of `command`.
    directory: Option<PathBuf>,
    /// Holds the value.
    file: Option<PathBuf>,
    /// What a file says was measured by somebody only where this says so; otherwise it is somebody's word.
    trust: Option<Trust>,
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let program = self.command.iter().flatten().take(1).map(|p| Need::Program(p.clone()));
        program.chain(self.file.clone().map(Need::Path)).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        match (&self.command, &self.file) {
            (Some(argv), None) => self.run(argv, at),
            (None, Some(file)) => {
                let seen = at.files().read(file, MOST_BYTES)?;
                let source = file.to_string_lossy().into_owned();
                let mut out = Collected::new(value(&source, &seen.bytes)?, source);
                // A file says nothing newer than itself.
                out.collected_at = seen.modified;
                out.trust = Some(self.trust.unwrap_or(Trust::Attested));
                Ok(out.with(at.exhibit(&name_of(file), seen.bytes)))
            }
            _ => Err(Absent::new("exactly one of `command` and `file` is wanted")),
        }
    }
}

impl Settings {
    fn run(&self, argv: &[String], at: &Context) -> Result<Collected, Absent> {
        let command = Command { argv: argv.to_vec(), cwd: self.directory.clone(), limit: Duration::from_secs(3600) };
        let output = at.run(&command)?;
        if output.code() != Some(0) {
            return Err(Absent::new(format!("`{}` ended with {:?}", output.line(), output.ended)));
        }
        let mut out = Collected::new(value(&output.line(), &output.stdout)?, redact::line(argv));
        out.trust = self.trust;
        // A recorded run is as old as it is.
        out.collected_at = Some(output.started_at);
        Ok(out.with(at.exhibit("output.json", output.exhibit().to_string())))
    }
}

fn value(name: &str, bytes: &[u8]) -> Result<Value, Absent> {
    let text = std::str::from_utf8(bytes).map_err(|_| Absent::new(format!("{} is not UTF-8", visible(name))))?;
    let document = read_json(Arc::new(Source::new(name, text)), &Limits::default());
    document.map(|d| d.value).map_err(|p| Absent::new(format!("{}: {}", visible(name), p.message)))
}

fn name_of(file: &std::path::Path) -> String {
    file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
