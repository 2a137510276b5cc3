//! An installation: what was run, by which method, and what stands there now.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Exhibit, Need, read};
use crate::collect::context::Context;
use crate::collect::formats::claw_checks;
use crate::collect::{Command, Output, document};
use crate::model::Trust;
use semver::Version;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "install",
    about: "one installation: its record, the binary's version and digest, the product's own checks",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// What was run to install, written while it was run: `golive schema install-record`.
    record: PathBuf,
    /// The installed program.
    program: String,
    /// Arguments that make it print its version; where several are given, all must agree.
    version: Vec<Vec<String>>,
    /// The product's checks of itself.
    checks: Vec<Check>,
    /// Where the program is started.
    directory: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    /// Arguments of the program.
    arguments: Vec<String>,
    /// How its output is read.
    format: Format,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Format {
    /// One check, which passed where the exit code is 0.
    Exit,
    /// `claw doctor --json`.
    ClawDoctor,
    /// `claw admin preflight`.
    ClawPreflight,
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Path(self.record.clone()), Need::Program(self.program.clone())]
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let (record, seen) = document::read(at, &self.record, "install-record")?;
        let host = record["host"].as_str().unwrap_or_default();
        if host != at.host() {
            return Err(Absent::new(format!("the install record is about the machine `{host}`, this one is `{}`", at.host())));
        }
        let mut exhibits = vec![at.exhibit("install-record.json", seen.bytes)];
        let mut digests = vec![record["binary_sha256"].as_str().unwrap_or_default().to_owned()];
        let mut versions = Vec::new();
        for arguments in &self.version {
            let output = self.run(at, arguments, &mut exhibits)?;
            versions.push(if output.code() == Some(0) { version(output.text()?) } else { None });
            digests.push(output.sha256);
        }
        let mut checks = Vec::new();
        for check in &self.checks {
            let output = self.run(at, &check.arguments, &mut exhibits)?;
            checks.extend(check.read(&output)?);
            digests.push(output.sha256);
        }
        digests.dedup();
        let [binary] = &digests[..] else {
            let reason = format!("the program `{}` is not the one that the install record names: its digest differs", self.program);
            return Err(Absent::new(reason).help("install again and keep the record of that, or name the right program"));
        };
        let value = json!({
            "installations": [{
                "host": host, "procedure": record["procedure"], "method": record["method"],
                "steps": record["steps"], "steps_total": record["steps_total"],
                "version": agreed(versions), "binary_sha256": binary,
                "checks_total": checks.len(), "checks": checks,
            }],
            "installations_total": 1,
        });
        let mut out = Collected::new(value, format!("{}, and what {} says of itself", self.record.display(), self.program));
        out.exhibits = exhibits;
        Ok(out)
    }
}

impl Settings {
    fn run(&self, at: &Context, arguments: &[String], exhibits: &mut Vec<Exhibit>) -> Result<Output, Absent> {
        let argv = std::iter::once(&self.program).chain(arguments).cloned().collect();
        let output = at.run(&Command { argv, cwd: self.directory.clone(), limit: Duration::from_secs(3600) })?;
        exhibits.push(at.exhibit("run.json", output.exhibit().to_string()));
        Ok(output)
    }
}

impl Check {
    fn read(&self, output: &Output) -> Result<Vec<Value>, Absent> {
        let name = self.arguments.join(" ");
        let broken = |e: String| Absent::new(format!("`{}`: {}", output.line(), crate::text::visible(&e)));
        let ended = json!({ "state": "ran", "name": format!("{name} ends with 0"), "result": if output.code() == Some(0) { "passed" } else { "failed" } });
        let mut checks = match self.format {
            Format::Exit => return Ok(vec![ended]),
            Format::ClawDoctor => claw_checks::doctor(output.text()?).map_err(broken)?,
            Format::ClawPreflight => claw_checks::preflight(output.text()?).map_err(broken)?,
        };
        // A program that lists only good checks and fails all the same has something to say that it did not list.
        if output.code() != Some(0) {
            checks.push(ended);
        }
        Ok(checks)
    }
}

/// The version in a program's answer: a JSON object's `version`, or the only word of the text that is one.
pub(super) fn version(text: &str) -> Option<String> {
    let told = match serde_json::from_str::<Value>(text) {
        Ok(value) => value["version"].as_str().map(str::to_owned),
        Err(_) => None,
    };
    let words: Vec<&str> = match &told {
        Some(version) => vec![version.as_str()],
        None => text.split_whitespace().collect(),
    };
    let bare = |word: &str| word.strip_prefix('v').unwrap_or(word).to_owned();
    let mut found = words.into_iter().map(bare).filter(|word| Version::parse(word).is_ok());
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

fn agreed(versions: Vec<Option<String>>) -> Value {
    let mut versions = versions.into_iter();
    match versions.next().flatten() {
        Some(first) if versions.all(|other| other.as_ref() == Some(&first)) => json!({ "state": "reported", "value": first }),
        _ => json!({ "state": "unknown" }),
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read_exactly() {
        for (text, want) in [
            ("claw 0.1.1\n", Some("0.1.1")),
            ("claw v0.1.2-beta.1", Some("0.1.2-beta.1")),
            ("{\"name\":\"claw\",\"version\":\"0.1.1\"}", Some("0.1.1")),
            ("claw 0.1.1 (was 0.1.0)", Some("0.1.1")),
            ("claw 0.1.1 with libfoo 1.2.3", None),
            ("claw 0.1", None),
            ("", None),
        ] {
            assert_eq!(version(text).as_deref(), want, "{text}");
        }
    }
}
