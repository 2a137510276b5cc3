//! What was judged before: a verdict line without what differs between two runs, and the times at which it holds.

use super::line::{Ending, Head, Line, Marks};
use crate::model::{Instant, Window};

/// Where lines are kept between runs. It is made for one checklist, one set of parameters, waivers and remediations, one
/// plan, and one build of this program.
pub trait Memory {
    /// What is remembered of a document with this digest.
    fn recall(&mut self, digest: &[u8; 32]) -> Option<Remembered>;

    /// Keeps what was judged. That it could not be kept costs nothing but time in the next run.
    fn keep(&mut self, digest: &[u8; 32], remembered: &Remembered);
}

/// What is remembered of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The times at which it is so.
    pub window: Window,
    /// Its environment.
    pub environment: String,
    /// Its release.
    pub release: String,
    /// What its line says for counting.
    pub marks: String,
    /// The line from its decision on.
    pub tail: String,
}

impl Remembered {
    /// What is worth remembering of a line that holds in a window.
    pub fn of(line: &Line, head: &Head<'_>, window: Window) -> Option<Self> {
        if !matches!(line.marks.ending, Ending::Go | Ending::NoGo) {
            return None;
        }
        let mut marks = Vec::new();
        Marks { environment: None, ..line.marks.clone() }.write(&mut marks);
        Some(Self {
            window,
            environment: head.environment?.to_owned(),
            release: head.release?.to_owned(),
            marks: String::from_utf8(marks).ok()?,
            tail: line.text.get(head.written().len()..)?.to_owned(),
        })
    }

    /// The line at another time, of the same bytes under whatever name; none where it does not hold.
    pub fn line(&self, source: &str, sha256: &str, (at, checklist): (&str, &str), now: Instant) -> Option<Line> {
        if !self.window.holds(now) {
            return None;
        }
        let (environment, release) = (Some(self.environment.as_str()), Some(self.release.as_str()));
        let head = Head { source, sha256: Some(sha256), environment, release, at, checklist };
        let mut text = head.written();
        text.push_str(&self.tail);
        let marks = Marks { environment: Some(self.environment.clone()), ..Marks::read(self.marks.as_bytes())? };
        Some(Line { marks, text })
    }
}
