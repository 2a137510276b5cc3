//! Workflow commands of GitHub: what blocks as errors, what is waived as warnings, a GO as a notice.

use super::encode::{github_line as line, github_property as property};
use super::{Format, Look, words};
use crate::model::{Dossier, Finding, Gate, Outcome, Row};
use crate::text::visible;

/// GitHub shows so many annotations of one kind in one step; those beyond are not shown at all.
const SHOWN: usize = 10;

/// For the log of a workflow.
pub struct Github;

impl Format for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn about(&self) -> &'static str {
        "annotations of a GitHub workflow: errors for what blocks, warnings for what is waived, a notice for a GO"
    }

    fn wants_annex(&self) -> bool {
        true
    }

    fn render(&self, dossier: &Dossier<'_>, _look: &Look) -> String {
        let decision = dossier.decision;
        let headline = words::headline(decision);
        let basis = words::basis(decision).into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let first = Note { title: headline, place: String::new(), lines: basis };
        let of = |outcome: Outcome| notes(dossier, outcome);
        let (mut errors, mut notices) = (Vec::new(), Vec::new());
        match decision.gate {
            Gate::Go => notices.push(first),
            Gate::NoGo => errors.push(first),
        }
        errors.extend(words::closing(decision).into_iter().map(|(by, reason)| Note {
            title: by.to_owned(),
            place: String::new(),
            lines: vec![reason.to_owned()],
        }));
        errors.extend(of(Outcome::Blocking));
        [("error", errors), ("warning", of(Outcome::Waived)), ("notice", notices)].map(|(kind, notes)| commands(kind, &notes)).concat()
    }
}

/// One annotation.
struct Note {
    title: String,
    place: String,
    lines: Vec<String>,
}

impl Note {
    /// The whole of it as lines.
    fn all(&self) -> Vec<String> {
        std::iter::once(self.title.clone()).chain(self.lines.iter().map(|line| format!("  {line}"))).collect()
    }
}

/// One annotation for each finding of the controls with an outcome.
fn notes(dossier: &Dossier<'_>, outcome: Outcome) -> Vec<Note> {
    let rows = dossier.decision.rows.iter().filter(|row| row.outcome == outcome);
    rows.flat_map(|row| row.judgement.findings.iter().map(|finding| note(dossier, row, finding))).collect()
}

fn note(dossier: &Dossier<'_>, row: &Row, finding: &Finding) -> Note {
    let spot = finding.pointers.iter().find_map(|pointer| dossier.annex?.spots.get(pointer));
    let place = spot.map(|spot| {
        let file = spot.document.strip_prefix("./").unwrap_or(&spot.document);
        format!("file={},line={},endLine={},", property(&visible(file)), spot.start.0, spot.end.0)
    });
    let mut lines = vec![format!("{}: {}", finding.id, finding.message)];
    lines.extend(finding.pointers.iter().map(|pointer| format!("at {pointer}")));
    lines.extend(row.waiver.as_ref().map(|waiver| format!("waived by {} until {}", waiver.id, waiver.ends_at())));
    let title = format!("{} {}", row.text.id, words::mark(row.judgement.verdict));
    Note { title, place: place.unwrap_or_default(), lines }
}

/// One command a line; what GitHub would not show is summed up in the last one that it does show.
fn commands(kind: &str, notes: &[Note]) -> String {
    let alone = if notes.len() > SHOWN { SHOWN - 1 } else { notes.len() };
    let (shown, rest) = notes.split_at(alone);
    let mut out: String = shown.iter().map(|note| command(kind, note)).collect();
    if !rest.is_empty() {
        let title = format!("{} more", rest.len());
        out.push_str(&command(kind, &Note { title, place: String::new(), lines: rest.iter().flat_map(Note::all).collect() }));
    }
    out
}

fn command(kind: &str, note: &Note) -> String {
    // A line break of our own is `%0A`; those of others were made visible before.
    let text = note.lines.iter().map(|text| line(text)).collect::<Vec<_>>().join("%0A");
    format!("::{kind} {}title={}::{text}\n", note.place, property(&visible(&note.title)))
}
