//! Changes that do not depend on why a control fails: what a passing fixture says in the same place, and what a schema names.

use super::{Because, Change, Edit, Kind};
use crate::outlook::explain::place::{pointer, value_at};
use crate::schema::{Kind as Shaped, LeafKind, Shape};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// So many values of one place are considered.
const MOST_VALUES: usize = 4;

/// Members of longer lists are not taken away or added one by one: each such change holds the whole list.
const LONGEST_LIST: usize = 200;

/// The first changes, up to so many, that are considered from the beginning, and whether there are more; `passes` are facts documents with
/// which the control passes.
pub(super) fn universe(groups: &BTreeMap<&str, &Shape>, document: &Json, passes: &[&Json], most: usize) -> (Vec<Change>, bool) {
    let mut out = Universe { document, changes: Vec::new(), most, cut: false };
    for (name, shape) in groups {
        let path = vec!["facts".to_owned(), (*name).to_owned(), "value".to_owned()];
        let Some(value) = value_at(document, &path) else { continue };
        let models: Vec<&Json> = passes.iter().filter_map(|pass| value_at(pass, &path)).collect();
        out.walk(shape, value, &path, &models);
    }
    (out.changes, out.cut)
}

struct Universe<'d> {
    document: &'d Json,
    changes: Vec<Change>,
    most: usize,
    cut: bool,
}

impl Universe<'_> {
    fn walk(&mut self, shape: &Shape, value: &Json, path: &[String], models: &[&Json]) {
        let form = shape.alternative(value);
        let alike = |model: &&&Json| std::ptr::eq(shape.alternative(model), form);
        let same: Vec<&Json> = models.iter().filter(alike).copied().collect();
        for other in distinct(models.iter().filter(|model| !alike(model)).copied(), value) {
            let from = value.clone();
            let patch = vec![Edit::new(path.to_vec(), other.clone())];
            let kind = if value.is_object() || other.is_object() { Kind::Form } else { Kind::Leaf };
            self.push(Change {
                kind,
                pointer: pointer(path),
                from,
                to: other,
                because: Because::Fixture,
                patch,
                path: path.to_vec(),
                generation: 0,
            });
        }
        match (&form.kind, value) {
            (Shaped::Object(properties), Json::Object(members)) => {
                for (name, property) in properties {
                    let (Some(member), false) = (members.get(name), is_total(name, properties)) else { continue };
                    let below: Vec<&Json> = same.iter().filter_map(|model| model.get(name)).collect();
                    self.walk(property, member, &join(path, name), &below);
                }
            }
            (Shaped::List { items, .. }, Json::Array(elements)) => self.list(items, elements, path, &same),
            (Shaped::Leaf(kind), _) if !form.informative => {
                let named: Vec<Json> = if let LeafKind::Enum(values) = kind { values.clone() } else { Vec::new() };
                for to in distinct(same.iter().copied(), value) {
                    self.push(Change::leaf(path.to_vec(), value.clone(), to, Because::Fixture));
                }
                for to in distinct(named.iter(), value) {
                    self.push(Change::leaf(path.to_vec(), value.clone(), to, Because::Schema));
                }
            }
            _ => {}
        }
    }

    fn list(&mut self, items: &Shape, elements: &[Json], path: &[String], models: &[&Json]) {
        let lists: Vec<&Vec<Json>> = models.iter().filter_map(|model| model.as_array()).collect();
        for (index, element) in elements.iter().enumerate() {
            if self.changes.len() >= self.most {
                self.cut = true;
                return;
            }
            // The element in the same place first, then the others.
            let corresponding = lists.iter().filter_map(|list| list.get(index));
            let others = lists.iter().flat_map(|list| list.iter().enumerate().filter(move |(i, _)| *i != index).map(|(_, e)| e));
            let below: Vec<&Json> = corresponding.chain(others).collect();
            self.walk(items, element, &join(path, &index.to_string()), &below);
        }
        let short = elements.len() <= LONGEST_LIST;
        self.cut |= !short;
        for (index, element) in elements.iter().enumerate().filter(|_| short) {
            let rest: Vec<Json> = elements.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, e)| e.clone()).collect();
            let shown = (join(path, &index.to_string()), element.clone(), Json::Null);
            self.resized(Kind::Dropped, path, shown, rest);
        }
        for more in distinct(lists.iter().flat_map(|list| list.iter()), &Json::Null) {
            if short && !elements.contains(&more) {
                let all = [elements, std::slice::from_ref(&more)].concat();
                self.resized(Kind::Added, path, (path.to_vec(), Json::Null, more), all);
            }
        }
        let whole = Json::Array(elements.to_vec());
        for other in distinct(models.iter().copied().filter(|model| model.is_array()), &whole) {
            let all = other.as_array().cloned().unwrap_or_default();
            self.resized(Kind::List, path, (path.to_vec(), whole.clone(), other), all);
        }
    }

    /// A list of another length, and the total beside it.
    fn resized(&mut self, kind: Kind, path: &[String], (shown, from, to): (Vec<String>, Json, Json), all: Vec<Json>) {
        let because = if kind == Kind::Dropped { Because::Removed } else { Because::Fixture };
        let change = resized(self.document, kind, path, (shown, from, to), all, because);
        self.push(change);
    }

    fn push(&mut self, change: Change) {
        if self.changes.len() >= self.most {
            self.cut = true;
        } else if !self.changes.iter().any(|known| known.patch == change.patch) {
            self.changes.push(change);
        }
    }
}

/// A list that is replaced, with the total beside it.
pub(super) fn resized(
    document: &Json,
    kind: Kind,
    path: &[String],
    (shown, from, to): (Vec<String>, Json, Json),
    all: Vec<Json>,
    because: Because,
) -> Change {
    let mut patch = Vec::new();
    if let Some((last, parents)) = path.split_last() {
        let total = join(parents, &format!("{last}_total"));
        if value_at(document, &total).is_some() {
            patch.push(Edit::new(total, json!(all.len())));
        }
    }
    patch.insert(0, Edit::new(path.to_vec(), Json::Array(all)));
    Change { kind, pointer: pointer(&shown), from, to, because, patch, path: path.to_vec(), generation: 0 }
}

fn is_total(name: &str, properties: &BTreeMap<String, Shape>) -> bool {
    name.strip_suffix("_total").and_then(|list| properties.get(list)).is_some_and(|shape| matches!(shape.kind, Shaped::List { .. }))
}

/// Values that differ from what is there, each once.
fn distinct<'j>(values: impl Iterator<Item = &'j Json>, here: &Json) -> Vec<Json> {
    let mut out: Vec<Json> = Vec::new();
    for value in values {
        if value != here && !out.contains(value) && out.len() < MOST_VALUES {
            out.push(value.clone());
        }
    }
    out
}

fn join(path: &[String], token: &str) -> Vec<String> {
    path.iter().cloned().chain([token.to_owned()]).collect()
}
