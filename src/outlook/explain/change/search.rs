//! Looks for the smallest set of changes.
//!
//! A criterion that is not met stays so while nothing changes that its run has looked at, and so does a violation that holds.
//! Each set that works therefore holds a change of one of these places, and only those are tried: nothing smaller is missed.

use super::greedy::some_set;
use super::suggest::suggest;
use super::universe::universe;
use super::{Because, Change, Court, Kind, Report, Sight};
use crate::model::Verdict;
use crate::outlook::explain::place::{Place, place, value_at};
use crate::rego::trace::{Look, Trace};
use crate::workbench::suite::Case;
use crate::workbench::trial::trial;
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// Sets of more changes are not tried.
const LARGEST: usize = 4;

/// So many documents are judged for one question, so many more with whole lists, and so many for a set that is larger.
const MOST_TRIED: usize = 800;
const MOST_WITH_LISTS: usize = 100;
const MOST_WITHOUT_PROOF: usize = 300;

/// In larger facts than this fewer documents are tried: each takes longer.
const USUAL_BYTES: usize = 60_000;

/// So many single changes are considered, and so many values of one place.
const MOST_CHANGES: usize = 1500;
const MOST_VALUES: usize = 12;

/// Changes that suggest themselves after others are considered, those that do so after these are not.
const LAST_GENERATION: u8 = 1;

/// So many sets are shown, and so many are looked for so that the best can be.
const SHOWN: usize = 3;
const SOUGHT: usize = 24;

/// The smallest sets of changes with which the control passes.
pub(in crate::outlook::explain) fn find(court: &Court<'_>, document: &Json, sight: &Sight, trace: &Trace, passes: &[&Json]) -> Report {
    let shapes = court.control.text.facts.keys();
    let shapes = shapes.filter_map(|name| Some((name.as_str(), &court.checklist.groups.get(name)?.shape))).collect();
    let mut search = Search {
        court,
        document,
        sight,
        changes: Vec::new(),
        known: HashSet::new(),
        visited: HashSet::new(),
        nodes: HashMap::new(),
        found: Vec::new(),
        tried: 0,
        limit: 0,
        share: document.to_string().len().div_ceil(USUAL_BYTES).max(1),
        cut: false,
        kinds: Kind::Leaf,
    };
    search.learn(suggest(trace, document, court.now));
    let (changes, cut) = universe(&shapes, document, passes, MOST_CHANGES);
    search.cut = cut;
    search.learn(changes);
    let (mut largest, mut exhausted) = search.deepen();
    if search.found.is_empty() {
        search.kinds = Kind::Dropped;
        search.limit = search.tried + MOST_WITHOUT_PROOF / search.share;
        if let Some(set) = some_set(&mut search) {
            (largest, exhausted) = (set.len(), exhausted && set.len() == LARGEST + 1);
            search.found.push(set);
        }
    }
    let whole = !search.cut;
    search.report(largest, exhausted && whole)
}

/// Places in the document that were looked at, each as a whole or for its members only.
pub(super) type Looks = Vec<(Vec<String>, bool)>;

/// How good a change is as advice: the smaller the better.
pub(super) type Rank = Option<(bool, Kind, Because)>;

/// What becomes of the document with a set of changes.
#[derive(Clone)]
pub(super) enum Node {
    /// The control passes, by the reference.
    Passes,
    /// It does not, for each of these reasons.
    Stopped(Rc<[Looks]>),
    /// It is no document, or nothing is known.
    Dead,
}

pub(super) struct Search<'s> {
    court: &'s Court<'s>,
    document: &'s Json,
    sight: &'s Sight,
    changes: Vec<Change>,
    known: HashSet<String>,
    visited: HashSet<Vec<usize>>,
    nodes: HashMap<Vec<usize>, Node>,
    found: Vec<Vec<usize>>,
    tried: usize,
    limit: usize,
    /// One in so many of the documents that are usual is tried.
    share: usize,
    /// There are changes that are not considered.
    cut: bool,
    /// Kinds beyond this one are not considered now.
    kinds: Kind,
}

impl Search<'_> {
    /// Larger and larger sets; whole lists last, because a list that is replaced says little. The largest size, and whether all
    /// smaller sets were ruled out.
    fn deepen(&mut self) -> (usize, bool) {
        let mut exhausted = true;
        for (most, largest, more) in [(Kind::Dropped, LARGEST, MOST_TRIED), (Kind::List, 2, MOST_WITH_LISTS)] {
            self.limit = self.tried + more / self.share;
            for size in 1..=largest {
                self.kinds = Kind::Leaf;
                self.size(size);
                // Beside leaves, what else of the same size would do.
                self.kinds = most;
                self.size(size);
                if let Some(least) = self.found.iter().map(Vec::len).min() {
                    return (least, exhausted && self.tried < self.limit);
                }
                exhausted &= self.tried < self.limit;
            }
        }
        (LARGEST, exhausted)
    }

    /// All sets of up to a size; a set that was looked at suggests changes which smaller sets did not know.
    fn size(&mut self, size: usize) {
        let most = self.found.len() + SOUGHT;
        let mut known = 0;
        while known != self.changes.len() && self.tried < self.limit {
            known = self.changes.len();
            let before = self.found.len();
            for depth in 1..=size {
                self.visited.clear();
                self.level(&mut Vec::new(), depth, most);
                if self.found.len() > before {
                    return;
                }
            }
        }
    }

    fn level(&mut self, chosen: &mut Vec<usize>, left: usize, most: usize) {
        let mut key = chosen.clone();
        key.sort_unstable();
        if self.found.len() >= most || !self.visited.insert(key.clone()) {
            return;
        }
        match self.node(&key) {
            Node::Passes if self.found.contains(&key) => {}
            Node::Passes => self.found.push(key),
            Node::Stopped(conflicts) if left > 0 => {
                let options = conflicts.iter().map(|looks| self.options(looks, chosen)).min_by_key(Vec::len);
                for option in options.unwrap_or_default() {
                    chosen.push(option);
                    self.level(chosen, left - 1, most);
                    chosen.pop();
                }
            }
            Node::Dead | Node::Stopped(_) => {}
        }
    }

    /// What becomes of the document with a set of changes; found out once.
    pub fn node(&mut self, key: &[usize]) -> Node {
        if let Some(known) = self.nodes.get(key) {
            return known.clone();
        }
        if self.tried >= self.limit {
            return Node::Dead;
        }
        self.tried += 1;
        let node = self.look(key);
        self.nodes.insert(key.to_vec(), node.clone());
        node
    }

    fn look(&mut self, key: &[usize]) -> Node {
        let Some((document, sight)) = self.under(key) else { return Node::Dead };
        if !sight.view.bad.is_empty() {
            return Node::Dead;
        }
        let Some(trace) = self.court.trace(&sight) else { return Node::Dead };
        let generation = key.iter().filter_map(|i| Some(self.changes.get(*i)?.generation + 1)).max().unwrap_or_default();
        if generation <= LAST_GENERATION {
            let suggested = suggest(&trace, &document, self.court.now).into_iter();
            self.learn(suggested.map(|change| Change { generation, ..change }).collect());
        }
        let conflicts = conflicts(self.court, &trace);
        if conflicts.is_empty() {
            return if self.passes(&document) { Node::Passes } else { Node::Dead };
        }
        let facts = |look: &Look| match place(&look.path, &document)? {
            Place::Fact(path) => Some((path, look.deep)),
            _ => None,
        };
        Node::Stopped(conflicts.iter().map(|looks| looks.iter().filter_map(facts).collect()).collect())
    }

    /// The document with some changes, and what the control sees of it; none where they do not apply.
    fn under(&self, chosen: &[usize]) -> Option<(Json, Sight)> {
        let mut document = self.document.clone();
        let mut changed = BTreeSet::new();
        for change in chosen.iter().filter_map(|index| self.changes.get(*index)) {
            if !change.apply(&mut document) {
                return None;
            }
            changed.insert(change.group());
        }
        let sight = self.court.see_again(&self.court.facts(&document), self.sight, &changed);
        Some((document, sight))
    }

    /// The changes of what was looked at that can be made beside those that were chosen.
    pub fn options(&self, looks: &Looks, chosen: &[usize]) -> Vec<usize> {
        let touches = |change: &Change| looks.iter().any(|(place, deep)| change.touches(place, *deep));
        let free = |change: &Change| chosen.iter().filter_map(|i| self.changes.get(*i)).all(|other| !other.overlaps(change));
        let fits = |change: &Change| change.kind <= self.kinds;
        let indices = self.changes.iter().enumerate().filter(|(_, change)| fits(change) && touches(change) && free(change));
        indices.map(|(index, _)| index).collect()
    }

    /// How good a change is as advice.
    pub fn rank(&self, change: usize) -> Rank {
        self.changes.get(change).map(|change| (change.renames(), change.kind, change.because))
    }

    /// The reference's word, from the document as text: strict reader, schemas, interpreter.
    fn passes(&self, document: &Json) -> bool {
        let case = Case {
            control: self.court.control.text.id.clone(),
            name: "changed".to_owned(),
            facts: document.clone(),
            at: self.court.now,
            plan: self.court.plan.clone(),
            expected: None,
        };
        let judgement = trial(self.court.checklist, &case);
        judgement.is_ok_and(|judgement| judgement.is_some_and(|j| Verdict::is_pass(j.verdict)))
    }

    /// Changes of the document as it was given.
    fn learn(&mut self, changes: Vec<Change>) {
        for mut change in changes {
            let Some(here) = value_at(self.document, &change.path) else { continue };
            if change.kind == Kind::Leaf {
                change.from = here.clone();
            }
            let same = change.patch.iter().all(|e| value_at(self.document, &e.tokens) == Some(&e.value));
            let word = serde_json::to_string(&change.patch).unwrap_or_default();
            let values = self.changes.iter().filter(|known| known.kind == Kind::Leaf && known.path == change.path).count();
            self.cut |= self.changes.len() >= MOST_CHANGES;
            let room = self.changes.len() < MOST_CHANGES && (change.kind != Kind::Leaf || values < MOST_VALUES);
            if !same && room && self.known.insert(word) {
                self.changes.push(change);
            }
        }
    }

    fn report(self, largest: usize, exhausted: bool) -> Report {
        let least = self.found.iter().map(Vec::len).min().unwrap_or_default();
        let mut sets: Vec<Vec<Change>> = self
            .found
            .iter()
            .filter(|set| set.len() == least)
            .map(|set| {
                let mut set: Vec<Change> = set.iter().filter_map(|index| self.changes.get(*index).cloned()).collect();
                set.sort_by(|a, b| a.pointer.cmp(&b.pointer));
                set
            })
            .collect();
        sets.sort_by_key(|set| {
            let rank: Vec<_> = set.iter().map(|change| (change.kind, change.because)).collect();
            let worst = rank.iter().max().copied();
            (
                set.iter().filter(|change| change.renames()).count(),
                worst,
                rank,
                set.iter().map(|change| change.pointer.clone()).collect::<Vec<_>>(),
            )
        });
        // Another value in the same places is no other answer.
        let mut seen = HashSet::new();
        sets.retain(|set| seen.insert(set.iter().map(|c| (c.kind, c.pointer.clone())).collect::<Vec<_>>()));
        // What stands in lists may be the better advice: one such set is shown where there is one.
        if let Some(other) = sets.iter().position(|set| set.iter().any(|c| c.kind != Kind::Leaf)).filter(|at| *at >= SHOWN) {
            sets.swap(SHOWN - 1, other);
        }
        sets.truncate(SHOWN);
        Report { sets, largest, tried: self.tried, exhausted, not_sought: None, universe: self.changes }
    }
}

/// For each criterion that is not met, and each violation that holds: what it has looked at.
fn conflicts(court: &Court<'_>, trace: &Trace) -> Vec<BTreeSet<Look>> {
    let mut out = Vec::new();
    for (id, _) in &court.control.text.criteria {
        let rules = || trace.criteria.iter().filter(|entry| entry.name == *id);
        if rules().all(|entry| entry.holds.is_empty()) {
            out.push(rules().flat_map(|entry| entry.looked.iter().cloned()).collect());
        }
    }
    out.extend(trace.violations.iter().flat_map(|entry| &entry.holds).map(|held| held.looked.clone()));
    out
}
