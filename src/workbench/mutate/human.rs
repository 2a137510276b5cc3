//! Mutants for people: the survivors, each with what a test would have to say, then counts for each file.

use super::{Fate, Report, Tried};
use crate::report::Look;
use crate::report::page::{BAD, GOOD, HELD, Page, Part};

/// The report as text.
pub fn human(report: &Report, look: &Look) -> String {
    let mut page = Page::new(look);
    for tried in report.survivors() {
        survivor(tried, &mut page);
    }
    for entry in &report.stale {
        page.put(
            0,
            2,
            &[
                Part::words("STALE").styled(HELD),
                Part::words(format!("{} {}:", entry.file, entry.rule)),
                Part::words("it is listed and does not survive"),
            ],
        );
        page.put(2, 4, &[Part::whole("-"), Part::words(entry.from.clone())]);
        page.put(2, 4, &[Part::whole("+"), Part::words(entry.to.clone())]);
    }
    table(report, &mut page);
    let [killed, refused, explained, survived] = counts(report.tried.iter());
    let style = if report.is_good() { GOOD } else { BAD };
    let total = format!("{} mutants: {killed} killed by tests, {refused} refused at load, {explained} explained,", report.tried.len());
    page.put(0, 2, &[Part::words(total), Part::words(format!("{survived} survived")).styled(style)]);
    page.finish()
}

fn survivor(tried: &Tried, page: &mut Page) {
    let mutant = &tried.mutant;
    let place = format!("{}:{}", mutant.file, mutant.line());
    page.put(
        0,
        2,
        &[
            Part::words("SURVIVED").styled(BAD),
            Part::whole(place),
            Part::words(mutant.rule.clone()),
            Part::words(format!("({})", mutant.kind.word())),
        ],
    );
    let (from, to) = mutant.lines();
    page.put(2, 4, &[Part::whole("-"), Part::words(from)]);
    page.put(2, 4, &[Part::whole("+"), Part::words(if to.is_empty() { "(nothing)".to_owned() } else { to })]);
    page.put(2, 4, &[Part::words("wanted:"), Part::words(mutant.wanted.clone())]);
    if let Some(witness) = &tried.witness {
        let changes = witness.changes.join(", ");
        page.put(
            2,
            4,
            &[
                Part::words("such as:"),
                Part::whole(format!("{}/{}", witness.control, witness.case)),
                Part::words(format!("with {changes}:")),
            ],
        );
        page.put(
            4,
            4,
            &[
                Part::words(witness.original.clone()),
                Part::words("by the original,"),
                Part::words(witness.mutated.clone()),
                Part::words("by the mutant"),
            ],
        );
    }
}

/// Killed by tests, refused at load, explained, survived.
pub fn counts<'t>(tried: impl Iterator<Item = &'t Tried>) -> [usize; 4] {
    let mut out = [0; 4];
    for tried in tried {
        let [killed, refused, explained, survived] = &mut out;
        *match (&tried.fate, &tried.reason) {
            (Fate::Killed(_), _) => killed,
            (Fate::Refused(_), _) => refused,
            (Fate::Survived, Some(_)) => explained,
            (Fate::Survived, None) => survived,
        } += 1;
    }
    out
}

/// The groups in their order, each once.
pub(super) fn groups(report: &Report) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for tried in &report.tried {
        if out.last() != Some(&tried.group.as_str()) {
            out.push(&tried.group);
        }
    }
    out
}

fn table(report: &Report, page: &mut Page) {
    let groups = groups(report);
    let widest = groups.iter().map(|group| group.chars().count()).max().unwrap_or_default().max(7);
    page.put_row(&format!("{:widest$}  mutants  killed  refused  explained  survived", "control"), 0, &[]);
    for group in groups {
        let of: Vec<&Tried> = report.tried.iter().filter(|tried| tried.group == group).collect();
        let [killed, refused, explained, survived] = counts(of.iter().copied());
        let shown = crate::report::encode::terminal(group);
        page.put_row(&format!("{shown:widest$}  {:7}  {killed:6}  {refused:7}  {explained:9}  {survived:8}", of.len()), 0, &[]);
    }
}
