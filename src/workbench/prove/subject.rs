//! One control and one fixture, ready to be judged under changes: only the changed group is assessed again.

use super::change::Change;
use super::{Case, Tally};
use crate::checklist::{Checklist, Control, contract};
use crate::evaluate::judge;
use crate::facts::{Ages, Assessment, Facts, FactsDocument, Stated, assess, group_of};
use crate::model::{Fault, Group, Instant, Judgement};
use crate::text::{Document, Source, Tree};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A judged document.
pub(super) struct Tried {
    /// None where the document was refused as a whole.
    pub judgement: Option<Judgement>,
    /// Every group that the control reads is there and valid for its schema.
    pub valid: bool,
}

/// A control and the facts of a fixture.
pub(super) struct Subject<'c> {
    pub checklist: &'c Checklist,
    pub control: &'c Control,
    document: Value,
    at: Instant,
    facts: Facts,
    base: BTreeMap<String, Assessment>,
}

impl<'c> Subject<'c> {
    pub fn new(checklist: &'c Checklist, control: &'c Control, case: &Case) -> Self {
        let groups = case.facts["facts"].as_object().into_iter().flatten();
        let groups = groups.filter_map(|(name, envelope)| Some((name.clone(), Stated { group: group_of(envelope)?, document: 0 })));
        let empty = Document { source: Arc::new(Source::new("facts", "")), value: Value::Null, places: Tree::default() };
        let documents = vec![FactsDocument { document: empty, digest: String::new() }];
        let facts = Facts { plan: case.plan.clone(), documents, groups: groups.collect() };
        let base = control.text.facts.keys().map(|name| (name.clone(), assessment(checklist, &facts, name, case.at))).collect();
        Self { checklist, control, document: case.facts.clone(), at: case.at, facts, base }
    }

    /// Judges the document as it is, at another time.
    pub fn at(&self, now: Instant, tally: &mut Tally) -> Tried {
        let groups: BTreeMap<String, Assessment> =
            self.base.keys().map(|name| (name.clone(), assessment(self.checklist, &self.facts, name, now))).collect();
        self.conclude(&self.document, &self.facts, &BTreeMap::new(), &groups, now, tally)
    }

    /// Judges the document under changes; none where they do not apply.
    pub fn under(&self, changes: &[&Change], tally: &mut Tally) -> Option<Tried> {
        let mut document = self.document.clone();
        if !changes.iter().all(|change| change.apply(&mut document)) {
            return None;
        }
        // The envelope around values is the document's own form: off it, nothing is judged at all.
        let outside = changes.iter().any(|c| c.path().get(2).is_none_or(|token| token != "value"));
        if outside && !contract("envelope").is_ok_and(|schema| schema.accepts(&document)) {
            tally.documents.insert((hash(&document, self.at), false));
            return Some(Tried { judgement: None, valid: false });
        }
        let mut facts = Facts { groups: BTreeMap::new(), plan: self.facts.plan.clone(), documents: self.facts.documents.clone() };
        let changed: BTreeSet<&String> = changes.iter().filter_map(|c| c.path().get(1)).collect();
        for (name, stated) in &self.facts.groups {
            let stated = if changed.contains(name) {
                group_of(&document["facts"][name]).map(|group| Stated { group, document: 0 })
            } else {
                // Only its trust is asked for: the value stands in its assessment already.
                Some(Stated { group: Group { value: Value::Null, ..stated.group.clone() }, document: 0 })
            };
            facts.groups.extend(stated.map(|s| (name.clone(), s)));
        }
        let again = changed.into_iter().filter(|name| self.base.contains_key(*name));
        let again = again.map(|name| (name.clone(), assessment(self.checklist, &facts, name, self.at))).collect();
        Some(self.conclude(&document, &facts, &self.base, &again, self.at, tally))
    }

    /// `over` replaces what `base` says of a group.
    fn conclude(
        &self,
        document: &Value,
        facts: &Facts,
        base: &BTreeMap<String, Assessment>,
        over: &BTreeMap<String, Assessment>,
        now: Instant,
        tally: &mut Tally,
    ) -> Tried {
        let groups: BTreeMap<&str, &Assessment> = base.iter().chain(over).map(|(name, a)| (name.as_str(), a)).collect();
        let valid =
            groups.iter().all(|(name, a)| facts.groups.contains_key(*name) && a.faults.iter().all(|(fault, _)| *fault != Fault::Invalid));
        tally.documents.insert((hash(document, now), valid));
        let judgement = judge(self.checklist, self.control, facts, &groups, now);
        Tried { judgement: Some(judgement), valid }
    }
}

fn assessment(checklist: &Checklist, facts: &Facts, name: &str, now: Instant) -> Assessment {
    let parameters = &checklist.parameters;
    let ages = Ages { now, skew: parameters.clock_skew(), max_age: parameters.max_age(name) };
    checklist.groups.get(name).map_or_else(Assessment::default, |schema| assess(facts, name, schema, &ages))
}

fn hash(document: &Value, now: Instant) -> u64 {
    let mut hasher = DefaultHasher::new();
    document.to_string().hash(&mut hasher);
    now.ms.hash(&mut hasher);
    hasher.finish()
}
