//! The log that a backup job itself appends to: one line of JSON for each run.

use super::Run;
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::collect::document;
use crate::model::Instant;

/// The newest run of a log, and its line; `None` where the log is empty.
///
/// # Errors
/// A line that is no run, or that is not whole: what it would have said is not known.
pub fn newest(name: &str, text: &str, at: &Context) -> Result<Option<(Run, String)>, Absent> {
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(Absent::new(format!("{name}: its last line is not whole")));
    }
    let mut newest: Option<(Run, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let place = format!("{name} line {}", index + 1);
        let value = document::parse(at, &place, line.to_owned(), "backup-run")?.value;
        let moment =
            |key: &str| value[key].as_str().and_then(Instant::parse).ok_or_else(|| Absent::new(format!("{place}: {key} is no time")));
        let (started_at, finished_at) = (moment("started_at")?, moment("finished_at")?);
        if finished_at < started_at {
            return Err(Absent::new(format!("{place}: the run ended before it was begun")));
        }
        let result = if value["exit"] == 0 { "succeeded" } else { "failed" };
        let run = Run { started_at, finished_at, result, artifact_id: value["artifact_id"].as_str().map(str::to_owned) };
        // Of two that ended together the later line counts.
        if newest.as_ref().is_none_or(|(other, _)| run.finished_at >= other.finished_at) {
            newest = Some((run, line.to_owned()));
        }
    }
    Ok(newest)
}
