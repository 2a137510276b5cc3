//! Reviews of runbooks, as the runbooks themselves state them in their front matter; git says whether the text is still that one.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::files::shown;
use crate::collect::runbooks::git::{self, History};
use crate::collect::runbooks::{self, Runbook, markdown};
use crate::model::{Instant, Trust};
use crate::text::visible;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "front_matter_reviews",
    about: "reviews of runbooks from their front matter: reviewed_for, reviewed_on, reviewer",
    trust: Trust::Attested,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The runbooks' folder, in a git repository.
    folder: PathBuf,
    /// Files and folders in it that are no runbooks.
    #[serde(default)]
    ignored: Vec<PathBuf>,
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        vec![runbooks::need(&self.folder), Need::Program("git".to_owned())]
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let (books, _) = runbooks::read(at, &self.folder, &self.ignored, &BTreeMap::new())?;
        let history = History::open(at, &self.folder)?;
        let mut reviews = Vec::new();
        let mut notes = Vec::new();
        for book in &books {
            match review(book, &history)? {
                Ok(review) => reviews.push(review),
                Err(why) => notes.push(json!({ "path": book.path, "sha256": book.seen.sha256, "not_counted": why })),
            }
        }
        let seen = json!({ "folder": shown(&self.folder), "reviews": reviews, "without": notes });
        let left_out = if notes.is_empty() { String::new() } else { format!(", {} without a review that counts", notes.len()) };
        let value = json!({ "reviews_total": reviews.len(), "reviews": reviews });
        let source = format!("front matter of {} runbooks in {}{left_out}", books.len(), shown(&self.folder));
        let mut out = Collected::new(value, source).with(at.exhibit("reviews.json", format!("{seen:#}\n")));
        out.collected_at = history.since();
        Ok(out)
    }
}

/// The review of one runbook, or why it has none that counts.
fn review(book: &Runbook, history: &History<'_>) -> Result<Result<Value, String>, Absent> {
    let fault = |why: String| Absent::new(format!("{}: {}", book.path, visible(&why)));
    let Some(stamp) = markdown::stamp(&book.path, &book.text).map_err(fault)? else {
        return Ok(Err("its front matter states no review".to_owned()));
    };
    if !["current", "outdated"].contains(&stamp.result.as_str()) {
        return Err(fault(format!("`review_result` is `current` or `outdated`, not `{}`", stamp.result)));
    }
    let day = stamp.on.get(..10).unwrap_or(&stamp.on);
    let begin = Instant::parse(&format!("{day}T00:00:00Z"));
    let moment = if stamp.on.len() == 10 { begin } else { Instant::parse(&stamp.on) };
    let (Some(begin), Some(moment)) = (begin, moment) else {
        return Err(fault(format!("`reviewed_on` is a day such as 2026-11-20, or a time that ends in Z, not `{}`", stamp.on)));
    };
    let end = Instant { ms: begin.ms + 86_400_000 };
    // An objection stands in the text, whoever changed it since.
    if stamp.result == "current"
        && let Some(why) = git::objection(history, &book.inside, &book.text, end)?
    {
        return Ok(Err(format!("reviewed on {}, but {why}", stamp.on)));
    }
    Ok(Ok(json!({
        "path": book.path, "sha256": book.seen.sha256, "release": stamp.release, "reviewer": stamp.reviewer,
        "reviewed_at": moment.to_string(), "result": stamp.result,
    })))
}
