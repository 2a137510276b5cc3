//! What git knows of a file: its last change, and whether it stands in the folder as it was committed.

use super::markdown;
use crate::collect::Command;
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::collect::files::shown;
use crate::model::Instant;
use crate::text::visible;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A folder in a git repository whose history is whole.
pub struct History<'c> {
    at: &'c Context,
    folder: PathBuf,
    since: Cell<Option<Instant>>,
}

/// The last change of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The commit.
    pub commit: String,
    /// When it was committed.
    pub at: Instant,
}

impl<'c> History<'c> {
    /// Opens the history of a folder.
    ///
    /// # Errors
    /// It is in no repository, or in one that was cloned without its history: dates are not known there.
    pub fn open(at: &'c Context, folder: &Path) -> Result<Self, Absent> {
        let history = Self { at, folder: folder.to_owned(), since: Cell::new(None) };
        let answer = history.git(&["rev-parse", "--is-shallow-repository"], "")?;
        match answer.as_deref().map(str::trim) {
            Some("false") => Ok(history),
            Some("true") => {
                let reason = format!("when {} was last changed is not known: the repository is a shallow clone", shown(folder));
                Err(Absent::new(reason).help("clone with the whole history: `git fetch --unshallow`, or `fetch-depth: 0`"))
            }
            _ => Err(Absent::new(format!("when {} was last changed is not known: it is in no git repository", shown(folder)))),
        }
    }

    /// When git was asked first: a recorded answer is as old as it is.
    pub fn since(&self) -> Option<Instant> {
        self.since.get()
    }

    /// The last change of a file; none where it is not committed.
    ///
    /// # Errors
    /// git cannot be asked.
    pub fn last(&self, file: &Path) -> Result<Option<Change>, Absent> {
        let Some(line) = self.git(&["log", "-1", "--no-show-signature", "--format=%H %cI", "--"], &named("./", file)?)? else {
            return Ok(None);
        };
        let Some((commit, time)) = line.trim().split_once(' ') else { return Ok(None) };
        let time = time.parse::<jiff::Timestamp>().map_err(|_| Absent::new(format!("git gives no good time for {}", shown(file))))?;
        Ok(Some(Change { commit: commit.to_owned(), at: Instant { ms: time.as_millisecond() } }))
    }

    /// A file as a commit has it; none where it is not in there.
    ///
    /// # Errors
    /// git cannot be asked.
    pub fn text(&self, commit: &str, file: &Path) -> Result<Option<String>, Absent> {
        self.git(&["cat-file", "blob"], &named(&format!("{commit}:./"), file)?)
    }

    /// What git prints; none where it ends with an error. Nothing in the repository's own settings may start a program.
    fn git(&self, words: &[&str], file: &str) -> Result<Option<String>, Absent> {
        let base = ["git", "--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false"];
        let argv = base.iter().chain(words).copied().chain(Some(file).filter(|f| !f.is_empty())).map(str::to_owned).collect();
        let output = self.at.run(&Command { argv, cwd: Some(self.folder.clone()), limit: Duration::from_secs(10) })?;
        self.since.set(self.since.get().into_iter().chain([output.started_at]).min());
        if output.code() == Some(0) { Ok(Some(output.text()?.to_owned())) } else { Ok(None) }
    }
}

fn named(prefix: &str, file: &Path) -> Result<String, Absent> {
    let name = file.to_str().ok_or_else(|| Absent::new(format!("the name of {} is not UTF-8", shown(file))))?;
    Ok(format!("{prefix}{name}"))
}

/// Why a review does not count for the text as it stands now; none where it does.
///
/// # Errors
/// git cannot be asked.
pub fn objection(history: &History<'_>, file: &Path, text: &str, reviewed_until: Instant) -> Result<Option<String>, Absent> {
    let Some(change) = history.last(file)? else { return Ok(Some("it was never committed".to_owned())) };
    if history.text("HEAD", file)?.as_deref() != Some(text) {
        return Ok(Some("it was changed since it was last committed".to_owned()));
    }
    if change.at >= reviewed_until {
        return Ok(Some(format!("it was changed at {}, after the review", change.at)));
    }
    // The last change must be the one that states the review: what came after it, on the same day too, was not reviewed.
    let before = history.text(&format!("{}^", change.commit), file)?;
    let stamp = |text: &str| markdown::stamp("", text).ok().flatten();
    if before.is_some_and(|before| stamp(&before) == stamp(text)) {
        let commit: String = change.commit.chars().take(12).collect();
        return Ok(Some(format!("its last change, commit {}, states no new review", visible(&commit))));
    }
    Ok(None)
}
