//! The command lines that make a page again.

use super::args::ExceptionArgs;
use super::session::Session;
use crate::facts::Plan;
use crate::model::Instant;
use std::path::{Path, PathBuf};

/// The `golive check` that comes to the same decision: everything that it depends on, as flags for a shell.
pub fn check_line(session: &Session<'_>, plan: &Plan, now: Instant, facts: &[PathBuf], exceptions: &ExceptionArgs) -> String {
    let mut words = vec!["golive".to_owned(), "check".to_owned()];
    words.extend(facts.iter().map(|path| path.to_string_lossy().into_owned()));
    let mut flag = |name: &str, value: String| words.extend([name.to_owned(), value]);
    flag("--environment", plan.environment.clone());
    flag("--release", plan.release.clone());
    flag("--at", now.to_string());
    let (common, config) = (session.common, &session.config);
    for (name, path) in [
        ("--checklist", session.checklist_folder().as_ref()),
        ("--parameters", common.parameters.as_ref().or(config.parameters.as_ref())),
        ("--waivers", exceptions.waivers.as_ref().or(config.waivers.as_ref())),
        ("--remediations", exceptions.remediations.as_ref().or(config.remediations.as_ref())),
        ("--trust", exceptions.trust.as_ref().or(config.signing.trust.as_ref())),
    ] {
        if let Some(path) = path {
            flag(name, path.to_string_lossy().into_owned());
        }
    }
    flag("-o", "html".to_owned());
    quoted(&words)
}

/// The `golive report` of a record.
pub fn report_line(folder: &Path, seq: u64) -> String {
    let record = format!("{}@{seq}", folder.to_string_lossy());
    quoted(&["golive".to_owned(), "report".to_owned(), record, "-o".to_owned(), "html".to_owned()])
}

fn quoted(words: &[String]) -> String {
    let quoted = words.iter().map(|word| shlex::try_quote(word).map_or_else(|_| word.clone(), std::borrow::Cow::into_owned));
    quoted.collect::<Vec<_>>().join(" ")
}
