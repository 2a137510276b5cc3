//! Where the places that findings point at stand in the texts of facts documents.

use crate::facts::Facts;
use crate::model::Decision;
use crate::model::dossier::Spot;
use crate::text::{Source, Span};
use std::collections::BTreeMap;

/// Beyond so many places the rest is left out: a format then names the document alone.
const MOST: usize = 5_000;

/// The place of each pointer of a finding.
pub(super) fn spots(facts: &Facts, decision: &Decision) -> BTreeMap<String, Spot> {
    let lines: Vec<Lines<'_>> = facts.documents.iter().map(|document| Lines::of(&document.document.source)).collect();
    let findings = decision.rows.iter().flat_map(|row| &row.judgement.findings);
    let mut out = BTreeMap::new();
    for pointer in findings.flat_map(|finding| &finding.pointers).take(MOST) {
        let group = pointer.split('/').nth(2).map(|part| part.replace("~1", "/").replace("~0", "~"));
        let index = group.and_then(|group| facts.groups.get(&group)).map_or(0, |stated| stated.document);
        let (Some(document), Some(lines)) = (facts.documents.get(index), lines.get(index)) else { continue };
        out.insert(pointer.clone(), lines.spot(&document.document.locate(pointer).value));
    }
    out
}

/// A text with the bytes at which its lines begin.
struct Lines<'s> {
    source: &'s Source,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    fn of(source: &'s Source) -> Self {
        let ends = memchr::memchr_iter(b'\n', source.text.as_bytes());
        Self { source, starts: std::iter::once(0).chain(ends.map(|end| end + 1)).collect() }
    }

    fn spot(&self, span: &Span) -> Spot {
        Spot { document: self.source.name.clone(), start: self.position(span.start), end: self.position(span.end.max(span.start + 1)) }
    }

    fn position(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before = self.source.text.get(start..at.min(self.source.text.len())).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_those_of_the_source() {
        let source = Source::new("f", "a\nöb\n\nc");
        let lines = Lines::of(&source);
        for at in (0..=source.text.len()).filter(|at| source.text.is_char_boundary(*at)) {
            let position = source.position(at);
            assert_eq!(lines.position(at), (position.line, position.column), "{at}");
        }
    }
}
