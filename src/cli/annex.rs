//! What stands behind a decision, made only where a format that was asked for shows it.

use super::output::{self, Target};
use super::session::Session;
use crate::checklist::{Checklist, Files};
use crate::facts::{Facts, Plan};
use crate::model::{Annex, Decision, Instant};
use crate::outlook::annex::{Ground, annex};
use crate::text::Document;
use std::path::PathBuf;

/// What a checklist was loaded from.
pub struct Basis {
    /// Its files.
    pub files: Files,
    /// The parameters that are laid over its defaults.
    pub overlay: Option<Document>,
}

impl Basis {
    /// The annex, where one of the formats wants it. `command` is the command line that makes the same page again.
    pub fn annex(
        &self,
        targets: &[Target],
        (checklist, facts, decision): (&Checklist, &Facts, &Decision),
        command: impl FnOnce() -> String,
    ) -> Option<Annex> {
        let ground = Ground { checklist, files: &self.files, overlay: self.overlay.as_ref(), facts, decision };
        output::wants_annex(targets).then(|| annex(ground, command()))
    }
}

/// The `golive check` that comes to the same decision: everything that it depends on, as flags for a shell.
pub fn check_line(
    session: &Session<'_>,
    plan: &Plan,
    now: Instant,
    facts: &[PathBuf],
    exceptions: (Option<&PathBuf>, Option<&PathBuf>),
) -> String {
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
        ("--waivers", exceptions.0.or(config.waivers.as_ref())),
        ("--remediations", exceptions.1.or(config.remediations.as_ref())),
    ] {
        if let Some(path) = path {
            flag(name, path.to_string_lossy().into_owned());
        }
    }
    flag("-o", "html".to_owned());
    let quoted = words.iter().map(|word| shlex::try_quote(word).map_or_else(|_| word.clone(), std::borrow::Cow::into_owned));
    quoted.collect::<Vec<_>>().join(" ")
}
