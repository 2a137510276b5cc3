//! The judge that was written by hand.

use super::{Engine, Entry, Prepared, Said, Spoken};
use crate::ground::{Ground, line};
use crate::native::{Row, judge, read};

pub const ENTRY: Entry = Entry {
    name: "by hand",
    note: "the same controls in plain Rust, for these eleven controls alone: typed structures that borrow from the text, ages, verdict line; \
           no digest, no limits of lengths, no diagnostics",
    make: |ground| Ok(Box::new(ByHand { ground, last: Vec::new(), line: String::new() })),
};

struct ByHand<'g> {
    ground: &'g Ground,
    last: Vec<(Row, &'static str)>,
    line: String,
}

impl Engine for ByHand<'_> {
    fn prepare(&self, document: &str) -> Prepared {
        Prepared { text: document.to_owned(), ..Prepared::default() }
    }

    fn judge(&mut self, prepared: &Prepared) {
        let ground = self.ground;
        let rows = read(&prepared.text, |facts| judge(facts, &ground.court(facts.environment()).limits, ground.now.ms));
        self.last = rows.expect("a document of the fleet has the right form");
        let go = self.last.iter().all(|(_, verdict)| *verdict == "pass");
        line(&mut self.line, "", go, self.last.iter().map(|(row, verdict)| (row.control, *verdict)));
    }

    fn said(&self, _: &Prepared) -> Option<Said> {
        let go = self.last.iter().all(|(_, verdict)| *verdict == "pass");
        let spoken = self.last.iter().map(|(row, verdict)| Spoken {
            verdict: (*verdict).to_owned(),
            met: Some(row.met.iter().map(|id| (*id).to_owned()).collect()),
            findings: row.findings.iter().cloned().collect(),
        });
        Some(Said { go, rows: spoken.collect() })
    }
}
