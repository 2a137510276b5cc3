//! Both readings of one document: in one pass, and by the strict reader, the validator and the assessment.

use crate::project;
use bumpalo::Bump;
use golive::checklist::{Files, contract};
use golive::facts::onepass::{Layouts, Onepass};
use golive::facts::{Ages, Facts, Plan, assess, combine, read};
use golive::model::Fault;
use golive::schema::{Schema, enrich};
use golive::text::{Limits, Source, read_json};
use golive::tree::Value as Tree;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Some groups and what was said of documents about them.
pub struct Rig {
    pub groups: BTreeMap<String, Schema>,
    pub told: Told,
}

/// How often the two agreed, and where not.
#[derive(Default)]
pub struct Told {
    /// Read by both, and every group is valid.
    pub both: usize,
    /// Read by both, and a group is off its schema.
    pub off: usize,
    pub not_in_one_pass: usize,
    pub wrong: String,
}

impl Told {
    pub fn end(&self, what: &str) {
        project::tell(&format!(
            "{what}: read in one pass {} times, {} times off a schema, not read {} times",
            self.both, self.off, self.not_in_one_pass
        ));
        assert!(self.wrong.is_empty(), "{}", self.wrong);
        assert!(self.both > 0, "nothing was read in one pass");
    }
}

/// A schema of the dialect, if it is one.
pub fn schema(name: &str, text: &str) -> Option<Schema> {
    let document = read_json(Arc::new(Source::new(name, text)), &Limits::default()).ok()?;
    Schema::new(document, false).ok()
}

impl Rig {
    /// All groups of the embedded checklist.
    pub fn embedded() -> Self {
        let files = Files::embedded();
        let mut groups = BTreeMap::new();
        for (path, source) in files.under("schemas/facts/") {
            let name = path.trim_start_matches("schemas/facts/").trim_end_matches(".schema.json");
            groups.insert(name.to_owned(), schema(name, &source.text).expect("an embedded schema can be used"));
        }
        Self { groups, told: Told::default() }
    }

    pub fn onepass(&self) -> Result<Onepass, golive::text::Problem> {
        Onepass::new(contract("envelope").expect("the contract is embedded"), &self.groups)
    }
}

/// The two readers of some groups.
pub struct Readers<'s> {
    pub onepass: &'s Onepass,
    pub layouts: Layouts<'s>,
    pub groups: &'s BTreeMap<String, Schema>,
}

impl<'s> Readers<'s> {
    pub fn new(onepass: &'s Onepass, groups: &'s BTreeMap<String, Schema>) -> Self {
        Self { onepass, layouts: Layouts::new(groups), groups }
    }

    /// What is read in one pass must be what the other says; whether it was.
    pub fn ask(&self, bytes: &[u8], told: &mut Told) -> bool {
        let arena = Bump::new();
        let Some(read) = self.onepass.read(bytes, &arena) else {
            told.not_in_one_pass += 1;
            return false;
        };
        let valid = read.groups.iter().flatten().all(|group| group.value.is_some());
        *(if valid { &mut told.both } else { &mut told.off }) += 1;
        let difference = match Self::reference(bytes) {
            None => Some("accepted in one pass alone".to_owned()),
            Some(facts) => self.compare(&read, &facts, &arena),
        };
        if let Some(difference) = difference {
            let _ = writeln!(told.wrong, "{difference}: {}", String::from_utf8_lossy(bytes));
        }
        true
    }

    /// The facts, where the strict reader and the envelope's schema accept them.
    pub fn reference(bytes: &[u8]) -> Option<Facts> {
        let text = std::str::from_utf8(bytes).ok()?;
        let document = read(Arc::new(Source::new("facts.json", text)), contract("envelope").ok()?, &Limits::default()).ok()?;
        let word = |key: &str| document.document.value[key].as_str().map(str::to_owned);
        let plan = Plan { environment: word("environment")?, release: word("release")? };
        combine(vec![document], &plan).ok()
    }

    fn compare(&self, read: &golive::facts::onepass::ReadFacts<'_>, facts: &Facts, arena: &Bump) -> Option<String> {
        if (read.environment, read.release) != (facts.plan.environment.as_str(), facts.plan.release.as_str()) {
            return Some("another environment or release".to_owned());
        }
        if !facts.groups.keys().filter(|name| !self.groups.contains_key(*name)).eq(read.unknown) {
            return Some("other names of unknown groups".to_owned());
        }
        if read.groups.len() != self.groups.len() {
            return Some("another number of groups".to_owned());
        }
        for ((name, schema), group) in self.groups.iter().zip(read.groups) {
            let stated = facts.groups.get(name).map(|stated| &stated.group);
            let (group, stated) = match (group, stated) {
                (None, None) => continue,
                (Some(group), Some(stated)) => (group, stated),
                _ => return Some(format!("{name} is there for one of the two only")),
            };
            let ages = Ages { now: stated.collected_at, skew: 0, max_age: Some(i64::MAX) };
            let assessed = assess(facts, name, schema, &ages);
            let invalid = assessed.faults.iter().any(|(fault, _)| *fault == Fault::Invalid);
            let Some(own) = group.value.filter(|_| !invalid) else {
                if invalid && group.value.is_none() && json(group.envelope) == assessed.envelope {
                    continue;
                }
                return Some(format!("{name} is off its schema for one of the two only"));
            };
            let mut value = stated.value.clone();
            enrich(&schema.shape, &mut value);
            if assessed.faults.is_empty() == stated.evidence.is_empty() || assessed.value.as_ref().is_some_and(|v| *v != value) {
                return Some(format!("{name} was assessed otherwise"));
            }
            let around = (group.collected_at, group.trust, group.evidence);
            if around != (stated.collected_at, stated.trust, stated.evidence.len()) {
                return Some(format!("{name}: {around:?}"));
            }
            let seen = (json(own), json(group.envelope));
            if seen != (value, assessed.envelope.clone()) {
                return Some(format!("{name}: {seen:?}"));
            }
            let slow = self.layouts.group(name, stated, &assessed, arena);
            if slow.is_none() != stated.evidence.is_empty() || slow.is_some_and(|slow| format!("{slow:?}") != format!("{group:?}")) {
                return Some(format!("{name}: the slow door: {slow:?}, in one pass {group:?}"));
            }
        }
        None
    }
}

/// A tree as JSON.
pub fn json(tree: Tree<'_>) -> Value {
    match tree {
        Tree::Null => Value::Null,
        Tree::Bool(truth) => (truth == golive::tree::Truth::True).into(),
        Tree::Int(n) => n.into(),
        Tree::Float(n) => n.into(),
        Tree::Text(text) => text.into(),
        Tree::List(items) => items.iter().map(|item| json(*item)).collect(),
        Tree::Object(record) => Value::Object(record.members().map(|(name, value)| (name.to_owned(), json(value))).collect::<Map<_, _>>()),
        Tree::Undefined | Tree::Set(_) | Tree::Keys(_) => panic!("no value of a document: {tree:?}"),
    }
}
