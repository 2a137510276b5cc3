//! Facts that tell a survivor from the original: searched among schema-valid changes of the fixtures, judged by both.

use super::kill::Ground;
use super::{Fate, Report, Tried};
use crate::checklist::Checklist;
use crate::evaluate::Quick;
use crate::facts::onepass::Onepass;
use crate::model::Standing;
use crate::workbench::laid::{lay_changed, onepass, quick};
use crate::workbench::prove::change::Change;
use crate::workbench::prove::valid::{Palette, leaves, structures};
use crate::workbench::suite::Case;
use bumpalo::Bump;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Pairs of changes that are tried on the fixture `pass`.
const PAIRS: usize = 3000;

/// A fixture with a change that tells a mutant from the original.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// The control.
    pub control: String,
    /// The fixture that was changed.
    pub case: String,
    /// The changes, in words.
    pub changes: Vec<String>,
    /// The facts after them.
    pub facts: Value,
    /// The original's verdict and findings.
    pub standing: Standing,
    /// The same in words.
    pub original: String,
    /// What the mutant says of them.
    pub mutated: String,
}

/// A survivor made ready to be asked.
struct Suspect {
    /// Its place in the report.
    at: usize,
    checklist: Checklist,
    quick: Quick,
    witness: Option<Witness>,
}

/// Looks for facts that tell the survivors that nobody explained from the original.
pub fn witnesses(checklist: &Checklist, ground: &Ground<'_>, report: &mut Report) {
    let Some(onepass) = onepass(checklist) else { return };
    let next = Mutex::new(0..checklist.controls.len());
    let found: Mutex<BTreeMap<usize, Witness>> = Mutex::default();
    let tried = &report.tried;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(control) = next.lock().ok().and_then(|mut next| next.next()).and_then(|at| checklist.controls.get(at)) {
                    let mine = of_control(checklist, ground, &onepass, tried, &control.text.id);
                    if let Ok(mut found) = found.lock() {
                        for (at, witness) in mine {
                            found.entry(at).or_insert(witness);
                        }
                    }
                }
            });
        }
    });
    for (at, witness) in found.into_inner().unwrap_or_default() {
        if let Some(tried) = report.tried.get_mut(at) {
            tried.witness = Some(witness);
        }
    }
}

/// The witnesses among the facts of one control, by the places of their mutants.
fn of_control(checklist: &Checklist, ground: &Ground<'_>, onepass: &Onepass, tried: &[Tried], id: &str) -> Vec<(usize, Witness)> {
    let open = |tried: &Tried| tried.fate == Fate::Survived && tried.reason.is_none() && tried.controls.iter().any(|other| other == id);
    let suspect = |(at, tried): (usize, &Tried)| {
        let checklist = ground.load(&tried.mutant.apply(ground.files), &tried.controls).ok()?;
        let quick = quick(&checklist, &|other| other == id);
        Some(Suspect { at, checklist, quick, witness: None })
    };
    let mut suspects: Vec<Suspect> = tried.iter().enumerate().filter(|(_, tried)| open(tried)).filter_map(suspect).collect();
    let original = quick(checklist, &|other| other == id);
    let search = Search { checklist, onepass, original: &original };
    // The simplest ones first: a witness is read by a person.
    let (plain, others): (Vec<_>, Vec<_>) = ground.suite.of(id).partition(|case| case.name == "pass");
    for case in plain.into_iter().chain(others) {
        search.case(case, &mut suspects);
    }
    suspects.into_iter().filter_map(|suspect| Some((suspect.at, suspect.witness?))).collect()
}

struct Search<'s> {
    checklist: &'s Checklist,
    onepass: &'s Onepass,
    original: &'s Quick,
}

impl Search<'_> {
    /// Changes of one fixture: each alone, and pairs of them where it is `pass`.
    fn case(&self, case: &Case, suspects: &mut [Suspect]) {
        let changes = self.changes(case);
        for change in &changes {
            self.try_changes(case, &[change], suspects);
        }
        if case.name != "pass" {
            return;
        }
        // A walk through the pairs that is the same in every run, whatever else was changed.
        let mut place = 0_usize;
        for step in 0..PAIRS.min(changes.len() * changes.len()) {
            place = (place + 7919 * (step + 1)) % (changes.len() * changes.len());
            let (Some(one), Some(other)) = (changes.get(place / changes.len()), changes.get(place % changes.len())) else { continue };
            if one.path() != other.path() {
                self.try_changes(case, &[one, other], suspects);
            }
        }
    }

    fn changes(&self, case: &Case) -> Vec<Change> {
        let parameters = &self.checklist.parameters.value;
        let palette = Palette::new(&case.facts, parameters, case.at).around(&case.facts, parameters);
        let mut out = Vec::new();
        for (group, envelope) in case.facts["facts"].as_object().into_iter().flatten() {
            let Some(schema) = self.checklist.groups.get(group) else { continue };
            let value = &envelope["value"];
            out.extend(
                leaves(group, &schema.shape, value, &palette).into_iter().filter(|leaf| !leaf.informative).flat_map(|leaf| leaf.others),
            );
            let structures = structures(group, &schema.shape, value, &palette);
            out.extend(structures.single.into_iter().chain(structures.twins));
        }
        out
    }

    fn try_changes(&self, case: &Case, changes: &[&Change], suspects: &mut [Suspect]) {
        if suspects.iter().all(|suspect| suspect.witness.is_some()) {
            return;
        }
        let mut facts = case.facts.clone();
        if !changes.iter().all(|change| change.apply(&mut facts)) {
            return;
        }
        let arena = Bump::new();
        let Some(laid) = lay_changed(self.onepass, self.checklist, case, &facts, &arena) else { return };
        let Some(original) = laid.standing(self.checklist, self.original, &arena) else { return };
        for suspect in suspects.iter_mut().filter(|suspect| suspect.witness.is_none()) {
            let Some(mutated) = laid.standing(&suspect.checklist, &suspect.quick, &arena) else { continue };
            if mutated != original {
                suspect.witness = Some(Witness {
                    control: case.control.clone(),
                    case: case.name.clone(),
                    changes: changes.iter().map(|change| change.words()).collect(),
                    facts: facts.clone(),
                    original: words(&original),
                    mutated: words(&mutated),
                    standing: original.clone(),
                });
            }
        }
    }
}

/// A standing in words.
fn words(standing: &Standing) -> String {
    if standing.findings.is_empty() {
        return standing.verdict.word().to_owned();
    }
    format!("{} [{}]", standing.verdict, standing.findings.join(", "))
}
