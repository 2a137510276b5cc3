//! One control's view of facts: what it is given, and how its policy runs on that.

use crate::checklist::{Checklist, Control};
use crate::evaluate::{View, view};
use crate::facts::{Ages, Assessment, Facts, FactsDocument, Plan, Stated, assess, group_of};
use crate::model::Instant;
use crate::rego::checks::Context;
use crate::rego::trace::{Trace, trace};
use crate::text::{Document, Source, Tree};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A control, and the policies around it.
pub(super) struct Court<'c> {
    pub checklist: &'c Checklist,
    pub control: &'c Control,
    pub context: Context<'c>,
    /// The control's place in the checklist: that of its module too.
    pub index: usize,
    pub plan: &'c Plan,
    pub now: Instant,
}

/// What a control sees of a document.
pub(super) struct Sight {
    pub groups: BTreeMap<String, Assessment>,
    pub view: View,
}

impl Court<'_> {
    /// What the control sees of facts.
    pub fn see(&self, facts: &Facts) -> Sight {
        let names = self.control.text.facts.keys();
        let groups = names.filter_map(|name| Some((name.clone(), self.assess(facts, name)?))).collect();
        self.sight(facts, groups)
    }

    /// The same where only some groups have changed since.
    pub fn see_again(&self, facts: &Facts, before: &Sight, changed: &BTreeSet<&str>) -> Sight {
        let names = self.control.text.facts.keys();
        let again = |name: &String| match before.groups.get(name) {
            Some(known) if !changed.contains(name.as_str()) => Some((name.clone(), known.clone())),
            _ => Some((name.clone(), self.assess(facts, name)?)),
        };
        self.sight(facts, names.filter_map(again).collect())
    }

    fn sight(&self, facts: &Facts, groups: BTreeMap<String, Assessment>) -> Sight {
        let seen: BTreeMap<&str, &Assessment> = groups.iter().map(|(name, a)| (name.as_str(), a)).collect();
        let view = view(self.control, facts, &seen, self.now);
        Sight { groups, view }
    }

    fn assess(&self, facts: &Facts, name: &str) -> Option<Assessment> {
        let parameters = &self.checklist.parameters;
        let ages = Ages { now: self.now, skew: parameters.clock_skew(), max_age: parameters.max_age(name) };
        Some(assess(facts, name, self.checklist.groups.get(name)?, &ages))
    }

    /// How the policy runs on what it is given; none where that cannot be followed.
    pub fn trace(&self, sight: &Sight) -> Option<Trace> {
        trace(&self.context, self.index, &sight.view.input, &self.checklist.parameters.value)
    }

    /// The groups of the control as one facts document.
    pub fn document(&self, facts: &Facts) -> Json {
        let groups: serde_json::Map<String, Json> = self
            .control
            .text
            .facts
            .keys()
            .filter_map(|name| {
                let stated = facts.groups.get(name)?;
                let whole = &facts.documents.get(stated.document)?.document.value;
                Some((name.clone(), whole["facts"][name].clone()))
            })
            .collect();
        json!({ "format": "golive.facts/1", "environment": facts.plan.environment, "release": facts.plan.release, "facts": groups })
    }

    /// The facts that a document states.
    pub fn facts(&self, document: &Json) -> Facts {
        let groups = document["facts"].as_object().into_iter().flatten();
        let groups = groups.filter_map(|(name, envelope)| Some((name.clone(), Stated { group: group_of(envelope)?, document: 0 })));
        let empty = Document { source: Arc::new(Source::new("facts", "")), value: Json::Null, places: Tree::default() };
        let documents = vec![FactsDocument { document: empty, digest: String::new() }];
        Facts { plan: self.plan.clone(), documents, groups: groups.collect() }
    }
}
