//! Which policies a control leads to.

use crate::checklist::Checklist;
use crate::rego::syntax::Module;
use std::collections::{BTreeMap, BTreeSet};

/// For each file of a control or of shared functions, by its source's name, the controls that lead to it.
pub fn leading(checklist: &Checklist, modules: &[Module]) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // A control's index is its module's.
    for (start, control) in checklist.controls.iter().enumerate() {
        for module in reached(modules, start).into_iter().filter_map(|index| modules.get(index)) {
            out.entry(module.source.name.clone()).or_default().push(control.text.id.clone());
        }
    }
    out
}

/// The modules that one of them leads to by its imports, itself included.
fn reached(modules: &[Module], start: usize) -> BTreeSet<usize> {
    let (mut seen, mut todo) = (BTreeSet::new(), vec![start]);
    while let Some(index) = todo.pop() {
        if !seen.insert(index) {
            continue;
        }
        for import in modules.get(index).into_iter().flat_map(|module| &module.imports) {
            let package = import.path.get(1..).unwrap_or_default();
            todo.extend(modules.iter().position(|module| module.package == package));
        }
    }
    seen
}
