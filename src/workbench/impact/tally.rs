//! What changed, counted document by document. Two tallies become one in any order.

use super::matrix::{Matrix, Witness, Word};
use crate::batch::{Ending, Line};
use serde::Deserialize;
use std::collections::BTreeMap;

/// So many documents that are not judged are named.
const NAMED: usize = 20;

/// What a verdict line says: both versions are compared by the very lines that a batch would print.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    sha256: Option<String>,
    environment: Option<String>,
    release: Option<String>,
    blocking: Vec<String>,
    verdicts: BTreeMap<String, Word>,
    findings: BTreeMap<String, Vec<String>>,
    problem: Option<Trouble>,
}

/// Why a document has no decision.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Trouble {
    /// A stable code.
    pub code: String,
    /// Words for people.
    pub message: String,
}

impl Answer {
    pub(super) fn read(line: &Line) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&line.text)
    }

    /// What keeps the gate closed, or why nothing was decided.
    fn against(&self) -> Vec<String> {
        let trouble = self.problem.iter().map(|t| format!("{}: {}", t.code, t.message));
        self.blocking.iter().cloned().chain(trouble).collect()
    }

    /// Whether some group was too old.
    fn is_stale(&self) -> bool {
        self.findings.values().flatten().any(|id| id.starts_with("facts:") && id.ends_with(":stale"))
    }
}

/// What both versions say of one document.
#[derive(Debug)]
pub struct Comparison {
    pub(super) endings: (Ending, Ending),
    pub(super) base: Answer,
    pub(super) head: Answer,
}

impl Comparison {
    /// How both ended.
    pub fn endings(&self) -> (Ending, Ending) {
        self.endings
    }

    /// The verdicts of every control that both versions judged: before and afterwards.
    pub fn verdicts(&self) -> impl Iterator<Item = (&str, Word, Word)> {
        self.base.verdicts.iter().filter_map(|(id, from)| Some((id.as_str(), *from, *self.head.verdicts.get(id)?)))
    }
}

/// What one document is called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    /// Its place in the order of the inputs.
    pub place: u64,
    pub source: &'a str,
    pub bytes: usize,
}

/// How one control's verdicts change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shift {
    /// From verdict to verdict.
    pub verdicts: Matrix<Word>,
    /// In so many documents the verdict stayed and its findings did not: waivers list findings.
    pub findings: u64,
    /// The verdicts of a control that only one version has.
    pub alone: BTreeMap<Word, u64>,
}

/// A document of which at least one version decides nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// Where it stands.
    pub source: String,
    /// Why.
    pub trouble: Trouble,
}

/// What changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// All documents, whether they are judged or not.
    pub documents: u64,
    /// Documents in which at least one verdict or the gate changes.
    pub changed: u64,
    /// From decision to decision.
    pub gates: Matrix<Ending>,
    /// By control.
    pub controls: BTreeMap<String, Shift>,
    /// Documents that at least one version refuses.
    pub refused: u64,
    /// Documents on which at least one version does not come to a decision.
    pub undecided: u64,
    /// Documents of which both versions find a group too old: no gate can open on them, whatever was changed.
    pub stale: u64,
    /// The first documents of these two kinds, by their place in the order of the inputs.
    pub named: BTreeMap<u64, Undecided>,
}

impl Tally {
    /// Counts one document. True where it is now one that the report names: what is said of it must be confirmed.
    pub(super) fn add(&mut self, name: Name<'_>, comparison: &Comparison) -> bool {
        let Comparison { endings, base, head } = comparison;
        self.documents += 1;
        let witness = |against: (Vec<String>, Vec<String>)| Witness {
            bytes: name.bytes,
            source: name.source.to_owned(),
            sha256: base.sha256.clone(),
            environment: base.environment.clone(),
            release: base.release.clone(),
            base: against.0,
            head: against.1,
        };
        let mut is_named = self.gates.add(endings.0, endings.1, || witness((base.against(), head.against())));
        let mut differs = endings.0 != endings.1;
        let either = |ending| endings.0 == ending || endings.1 == ending;
        self.refused += u64::from(either(Ending::Refused));
        self.undecided += u64::from(either(Ending::NoDecision));
        self.stale += u64::from(base.is_stale() && head.is_stale());
        self.name(name, [base, head].into_iter().find_map(|a| a.problem.clone()));
        // Of a document that one version refuses there is nothing to compare.
        if !either(Ending::Refused) {
            for id in base.verdicts.keys().chain(head.verdicts.keys().filter(|id| !base.verdicts.contains_key(*id))) {
                let (is_new, changes) = self.control(id, base, head, &witness);
                is_named |= is_new;
                differs |= changes;
            }
        }
        self.changed += u64::from(differs);
        is_named
    }

    /// Counts one control. Whether the document is now named for it, and whether its verdict changes.
    fn control(&mut self, id: &str, base: &Answer, head: &Answer, witness: &dyn Fn((Vec<String>, Vec<String>)) -> Witness) -> (bool, bool) {
        let shift = match self.controls.get_mut(id) {
            Some(shift) => shift,
            None => self.controls.entry(id.to_owned()).or_default(),
        };
        let (from, to) = match (base.verdicts.get(id), head.verdicts.get(id)) {
            (Some(from), Some(to)) => (*from, *to),
            (Some(word), None) | (None, Some(word)) => {
                *shift.alone.entry(*word).or_default() += 1;
                return (false, false);
            }
            (None, None) => return (false, false),
        };
        let findings = |answer: &Answer| answer.findings.get(id).cloned().unwrap_or_default();
        let is_named = shift.verdicts.add(from, to, || witness((findings(base), findings(head))));
        shift.findings += u64::from(from == to && base.findings.get(id) != head.findings.get(id));
        (is_named, from != to)
    }

    fn name(&mut self, name: Name<'_>, trouble: Option<Trouble>) {
        if let Some(trouble) = trouble {
            self.named.insert(name.place, Undecided { source: name.source.to_owned(), trouble });
            self.forget();
        }
    }

    /// Leaves the first names only.
    fn forget(&mut self) {
        while self.named.len() > NAMED {
            self.named.pop_last();
        }
    }

    /// Counts what another has counted, too.
    pub(super) fn merge(&mut self, other: Self) {
        self.documents += other.documents;
        self.changed += other.changed;
        self.refused += other.refused;
        self.undecided += other.undecided;
        self.stale += other.stale;
        self.gates.merge(other.gates);
        for (id, shift) in other.controls {
            let own = self.controls.entry(id).or_default();
            own.verdicts.merge(shift.verdicts);
            own.findings += shift.findings;
            for (word, documents) in shift.alone {
                *own.alone.entry(word).or_default() += documents;
            }
        }
        self.named.extend(other.named);
        self.forget();
    }
}
