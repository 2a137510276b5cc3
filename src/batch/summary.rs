//! What all lines of a batch come to.

use super::line::{Ending, Marks};
use crate::model::Gate;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// More environments than this are counted together.
const MOST_ENVIRONMENTS: usize = 10_000;

/// How many documents ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// GO.
    pub go: u64,
    /// `NO_GO`.
    pub no_go: u64,
    /// Refused.
    pub refused: u64,
    /// Without a decision.
    pub no_decision: u64,
}

/// How many documents gave a control which outcome: pass, waived, fail, unknown, error.
type Outcomes = [u64; 5];

const LETTERS: &str = "pwfue";

/// Counts of all lines.
#[derive(Debug, Clone)]
pub struct Summary {
    controls: Vec<String>,
    counts: Counts,
    outcomes: Vec<Outcomes>,
    environments: BTreeMap<Option<String>, Counts>,
}

impl Counts {
    /// All documents.
    pub fn documents(&self) -> u64 {
        self.go + self.no_go + self.refused + self.no_decision
    }

    fn add(&mut self, ending: Ending) {
        match ending {
            Ending::Go => self.go += 1,
            Ending::NoGo => self.no_go += 1,
            Ending::Refused => self.refused += 1,
            Ending::NoDecision | Ending::Differs => self.no_decision += 1,
        }
    }

    fn json(&self) -> Value {
        json!({"documents": self.documents(), "GO": self.go, "NO_GO": self.no_go, "refused": self.refused, "no_decision": self.no_decision})
    }

    /// The same in words.
    pub fn words(&self) -> String {
        let plural = if self.documents() == 1 { "" } else { "s" };
        let mut out = format!("{} document{plural}: {} GO, {} NO_GO", self.documents(), self.go, self.no_go);
        for (count, what) in [(self.refused, "refused"), (self.no_decision, "without a decision")] {
            if count > 0 {
                out.push_str(&format!(", {count} {what}"));
            }
        }
        out
    }
}

impl Summary {
    /// Nothing yet, for a checklist's controls in order.
    pub fn new(controls: Vec<String>) -> Self {
        let outcomes = vec![[0; 5]; controls.len()];
        Self { controls, counts: Counts::default(), outcomes, environments: BTreeMap::new() }
    }

    /// How the documents ended.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Counts one line.
    pub fn add(&mut self, marks: &Marks) {
        self.counts.add(marks.ending);
        for (counts, letter) in self.outcomes.iter_mut().zip(marks.outcomes.chars()) {
            if let Some(at) = LETTERS.find(letter) {
                counts[at] += 1;
            }
        }
        let full = self.environments.len() >= MOST_ENVIRONMENTS;
        match self.environments.get_mut(&marks.environment) {
            Some(counts) => counts.add(marks.ending),
            None => {
                let key = if full { Some("(others)".to_owned()) } else { marks.environment.clone() };
                self.environments.entry(key).or_default().add(marks.ending);
            }
        }
    }

    /// Counts a line that was written by an earlier run.
    pub fn add_written(&mut self, line: &[u8]) -> Option<()> {
        let written: Written = serde_json::from_slice(line).ok()?;
        let ending = match (written.decision.as_deref(), &written.problem) {
            (Some(word), _) if word == Gate::Go.word() => Ending::Go,
            (Some(_), _) => Ending::NoGo,
            (None, Some(problem)) if problem.kind == "refused" => Ending::Refused,
            (None, _) => Ending::NoDecision,
        };
        let outcome = |id: &String| match written.verdicts.get(id).map(String::as_str) {
            _ if written.waived.contains(id) => 'w',
            Some("pass") => 'p',
            Some("fail") => 'f',
            Some("unknown") => 'u',
            _ => 'e',
        };
        let outcomes = if written.verdicts.is_empty() { String::new() } else { self.controls.iter().map(outcome).collect() };
        self.add(&Marks { ending, outcomes, environment: written.environment });
        Some(())
    }

    /// The controls by how many documents they block, most first; then in the checklist's order.
    fn ranked_controls(&self) -> Vec<(&str, &Outcomes)> {
        let mut out: Vec<_> = self.controls.iter().map(String::as_str).zip(&self.outcomes).collect();
        out.sort_by_key(|(_, o)| std::cmp::Reverse(o[2] + o[3] + o[4]));
        out
    }

    /// The environments by how many of their documents are no GO, most first; then by name.
    fn ranked_environments(&self) -> Vec<(&str, &Counts)> {
        let mut out: Vec<_> = self.environments.iter().map(|(name, c)| (name.as_deref().unwrap_or("(unknown)"), c)).collect();
        out.sort_by_key(|(_, c)| std::cmp::Reverse(c.documents() - c.go));
        out
    }

    /// For programs.
    pub fn json(&self, at: &str, clock_given: bool, plan: &str, checklist: &str) -> String {
        let controls = self.ranked_controls().into_iter().map(|(id, [pass, waived, fail, unknown, error])| {
            json!({"id": id, "blocking": fail + unknown + error, "pass": pass, "waived": waived, "fail": fail, "unknown": unknown, "error": error})
        });
        let environments = self.ranked_environments().into_iter().map(|(name, counts)| {
            let mut row = Map::from_iter([("environment".to_owned(), Value::from(name))]);
            row.extend(counts.json().as_object().cloned().unwrap_or_default());
            Value::Object(row)
        });
        let summary = json!({
            "format": "golive.summary/1",
            "evaluated_at": at,
            "clock": if clock_given { "given" } else { "system" },
            "plan": plan,
            "checklist": checklist,
            "documents": self.counts.json(),
            "controls": controls.collect::<Vec<_>>(),
            "environments": environments.collect::<Vec<_>>(),
        });
        format!("{summary:#}\n")
    }

    /// For people: counts per control and per environment, worst first.
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", self.counts.words());
        if self.counts.go + self.counts.no_go + self.counts.no_decision > 0 {
            let header = ["control", "blocking", "fail", "unknown", "error", "waived", "pass"].map(str::to_owned);
            let rows = self.ranked_controls().into_iter().map(|(id, [pass, waived, fail, unknown, error])| {
                let counts = [fail + unknown + error, *fail, *unknown, *error, *waived, *pass];
                std::iter::once(id.to_owned()).chain(counts.map(|n| n.to_string())).collect::<Vec<_>>()
            });
            table(&std::iter::once(header.to_vec()).chain(rows).collect::<Vec<_>>(), &mut out);
        }
        let ranked = self.ranked_environments();
        let header = ["environment", "documents", "GO", "NO_GO", "refused", "no decision"].map(str::to_owned);
        let rows = ranked.iter().take(20).map(|(name, c)| {
            let counts = [c.documents(), c.go, c.no_go, c.refused, c.no_decision];
            std::iter::once(crate::text::visible(name)).chain(counts.map(|n| n.to_string())).collect::<Vec<_>>()
        });
        table(&std::iter::once(header.to_vec()).chain(rows).collect::<Vec<_>>(), &mut out);
        if ranked.len() > 20 {
            out.push_str(&format!("and {} environments more\n", ranked.len() - 20));
        }
        out
    }
}

/// The parts of a line that are counted.
#[derive(Deserialize)]
struct Written {
    environment: Option<String>,
    decision: Option<String>,
    waived: Vec<String>,
    verdicts: BTreeMap<String, String>,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    kind: String,
}

/// Columns beside each other, numbers to the right.
fn table(rows: &[Vec<String>], out: &mut String) {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |at: usize| rows.iter().filter_map(|r| r.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(at, (cell, width))| if at == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") });
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
}
