//! A fleet's facts documents, made up by a seed: for the benchmark, for tests, and for people (`examples/fleet.rs`).
//!
//! Each document is the recorded deployment `fixtures/deployments/claw-go` with another environment, release, host, times
//! and counts. One in three passes every control under [`Fleet::parameters`]; the others have one to five faults, most of them
//! the patches of `fixtures/controls/`. Seed and index alone make a document: a million can be made one by one, in any order.

pub mod defects;
pub mod mutant;
pub mod mutate;
pub mod names;
pub mod palette;
pub mod random;
pub mod vary;

use defects::Defect;
use golive::checklist::Files;
use golive::schema::Schema;
use golive::text::{Limits, read_json};
use names::Names;
use random::Random;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The clock that the documents are made for.
pub const NOW: &str = "2026-11-23T15:00:00Z";

/// The environments that the documents are about.
pub const ENVIRONMENTS: &[&str] = &["prod-eu", "prod-us", "staging", "edge"];

/// A seeded fleet.
pub struct Fleet {
    seed: u64,
    base: Value,
    names: Names,
    defects: Vec<Defect>,
    schemas: BTreeMap<String, Schema>,
    parameters: Value,
}

impl Fleet {
    /// A fleet of its own for each seed.
    pub fn new(seed: u64) -> Self {
        let base = names::shortened(&text("fixtures/deployments/claw-go/facts.json"));
        let base: Value = serde_json::from_str(&base).expect("the recorded deployment is JSON");
        let files = Files::embedded();
        let schemas = files.under("schemas/facts/").map(|(path, source)| {
            let name = path.trim_start_matches("schemas/facts/").trim_end_matches(".schema.json");
            let document = read_json(Arc::clone(source), &Limits::default()).expect("an embedded schema can be read");
            (name.to_owned(), Schema::new(document, false).expect("an embedded schema is in the dialect"))
        });
        let source = files.get("policies/parameters.json").expect("the checklist has parameters");
        let defaults: Value = serde_json::from_str(&source.text).expect("the parameters are JSON");
        Self {
            seed,
            names: Names::new(&base),
            base,
            defects: defects::all(),
            schemas: schemas.collect(),
            parameters: json!([defaults, Self::parameters()]),
        }
    }

    /// The parameters that the documents are made for, laid over the checklist's defaults.
    pub fn parameters() -> Value {
        serde_json::from_str(include_str!("parameters.json")).expect("the fleet's parameters are JSON")
    }

    /// How many kinds of faults there are.
    pub fn kinds(&self) -> usize {
        self.defects.len()
    }

    /// One facts document, compact, in the order in which collectors write its keys.
    pub fn document(&self, index: u64) -> String {
        self.value(index).to_string()
    }

    /// The same document in a later round: in `percent` of the documents one group was collected again.
    pub fn changed(&self, index: u64, round: u64, percent: usize) -> String {
        let mut random = Random::at(self.seed, "changed", index ^ round.rotate_left(40));
        if random.below(100) >= percent {
            return self.document(index);
        }
        let mut document = self.value(index);
        let names: Vec<String> = document["facts"].as_object().into_iter().flat_map(|groups| groups.keys().cloned()).collect();
        let Some(name) = (!names.is_empty()).then(|| random.pick(&names)) else { return document.to_string() };
        let mut other = document.clone();
        if random.once_in(2) && random.pick(&self.defects).apply(&mut other, &mut random) {
            let differs = |name: &&String| document["facts"].get(name.as_str()) != other["facts"].get(name.as_str());
            if let (Some(name), Some(groups)) = (names.iter().find(differs), other["facts"].as_object_mut()) {
                let taken = groups.remove(name);
                let groups = document["facts"].as_object_mut().expect("the groups of a document");
                match taken {
                    Some(mut group) => {
                        defects::mend_totals(&mut group);
                        groups.insert(name.clone(), group);
                    }
                    None => drop(groups.remove(name)),
                }
                return document.to_string();
            }
        }
        let evidence = &mut document["facts"][name]["evidence"];
        match evidence.get_mut(0) {
            Some(first) => first["sha256"] = json!(names::digest(self.seed ^ round, &index.to_string())),
            None => *evidence = json!([{ "sha256": names::digest(self.seed ^ round, name), "uri": "https://ev.test/again" }]),
        }
        document.to_string()
    }

    /// A document with changes that its schemas suggest: boundaries of times and numbers, other words and alternatives, lists
    /// of other lengths, odd texts, envelopes that prove nothing. Most of them are valid, some are not.
    pub fn mutant(&self, index: u64) -> String {
        let mut random = Random::at(self.seed, "mutant", index);
        let mut document = self.value(random.below(1 << 20) as u64);
        mutant::change(&mut document, &self.schemas, &self.parameters, &mut random);
        document.to_string()
    }

    /// Whether every group of a document is valid for its schema.
    pub fn is_valid(&self, document: &Value) -> bool {
        let groups = document["facts"].as_object().into_iter().flatten();
        let mut known = groups.filter_map(|(name, group)| Some((self.schemas.get(name)?, &group["value"])));
        known.all(|(schema, value)| schema.accepts(value))
    }

    fn value(&self, index: u64) -> Value {
        let mut random = Random::at(self.seed, "document", index);
        let mut document = self.base.clone();
        vary::vary(&mut document["facts"], &mut random);
        if !random.once_in(3) {
            let wanted = 1 + random.below(5);
            defects::damage(&mut document, &self.defects, wanted, &mut random);
        }
        self.names.rename(&mut document, self.seed, index, &mut random);
        document
    }
}

/// A text below the project's root.
fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
