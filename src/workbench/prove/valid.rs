//! Schema-valid changes: other values for each leaf, other alternatives, other lists.

use super::change::{Change, below};
use crate::model::Instant;
use crate::model::time::parse_duration;
use crate::schema::{Kind, LeafKind, Shape};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Values that a document and its parameters suggest as boundaries.
pub(in crate::workbench) struct Palette {
    times: Vec<Value>,
    durations: Vec<Value>,
    strings: Vec<Value>,
    integers: Vec<i64>,
    /// The values of leaves that were asked for, by their schema.
    known: RefCell<HashMap<String, Vec<Value>>>,
}

impl Palette {
    /// Boundaries around `now` at every duration of the parameters, and every string and integer that occurs.
    pub fn new(document: &Value, parameters: &Value, now: Instant) -> Self {
        let mut lengths: BTreeSet<i64> = [0, 1000].into();
        let mut strings: BTreeSet<String> = ["", "x", "9.9.9", "other"].map(str::to_owned).into();
        strings.extend(["0", "f"].map(|c| c.repeat(64)));
        strings.extend(["0", "f"].map(|c| format!("sha256:{}", c.repeat(64))));
        let mut integers: BTreeSet<i64> = [0, 1, 2, 137].into();
        for source in [document, parameters] {
            below(source, &mut Vec::new(), &mut |path, value| match value {
                Value::String(text) => {
                    lengths.extend(parse_duration(text));
                    if path.first().is_some_and(|p| p != "facts") || path.get(2).is_some_and(|p| p == "value") {
                        strings.insert(text.clone());
                    }
                }
                Value::Number(n) => integers.extend(n.as_i64().filter(|n| n.abs() < 1 << 31)),
                _ => {}
            });
        }
        let skew = parameters["clock_skew_ms"].as_i64().unwrap_or(0);
        let at = |ms: i64| Value::String(Instant { ms: ms.max(0) }.to_string());
        let mut times: Vec<Value> = lengths
            .iter()
            .flat_map(|length| [now.ms - length, now.ms - length - 1])
            .chain([now.ms + skew, now.ms + skew + 1])
            .map(at)
            .collect();
        times.extend([at(0), Value::String("9999-12-31T23:59:59Z".to_owned())]);
        let spans = lengths.iter().flat_map(|ms| [ms / 1000, ms / 1000 + 1]).map(|s| json!(format!("PT{s}S")));
        Self {
            times,
            durations: spans.collect(),
            strings: strings.into_iter().map(Value::String).collect(),
            integers: integers.into_iter().collect(),
            known: RefCell::default(),
        }
    }

    /// The same with every time of the document, and all boundaries around each.
    pub(in crate::workbench) fn around(mut self, document: &Value, parameters: &Value) -> Self {
        let (mut lengths, mut anchors): (BTreeSet<i64>, BTreeSet<i64>) = ([0].into(), BTreeSet::new());
        for source in [document, parameters] {
            below(source, &mut Vec::new(), &mut |_, value| {
                if let Some(text) = value.as_str() {
                    lengths.extend(parse_duration(text));
                    anchors.extend(Instant::parse(text).map(|instant| instant.ms));
                }
            });
        }
        lengths.extend(parameters["clock_skew_ms"].as_i64());
        let around = |at: i64| lengths.iter().flat_map(move |length| [at - length, at + length]);
        let known: BTreeSet<String> = self.times.iter().filter_map(|time| time.as_str().map(str::to_owned)).collect();
        let more: BTreeSet<String> = anchors.iter().flat_map(|at| around(*at)).map(|ms| Instant { ms: ms.max(0) }.to_string()).collect();
        self.times.extend(more.difference(&known).cloned().map(Value::String));
        self
    }

    /// Values that fit a leaf's schema.
    fn leaf(&self, shape: &Shape, value: &Value) -> Vec<Value> {
        let text = shape.schema.to_string();
        let numeric = matches!(&shape.kind, Kind::Leaf(LeafKind::Plain(types)) if types.iter().any(|t| t == "integer"));
        if let (false, Some(known)) = (numeric, self.known.borrow().get(&text)) {
            return known.clone();
        }
        let mut out = self.candidates(shape, value);
        if matches!(&shape.kind, Kind::Leaf(LeafKind::Plain(_))) {
            let validator = jsonschema::validator_for(&shape.schema);
            out.retain(|v| validator.as_ref().is_ok_and(|known| known.is_valid(v)));
        }
        if !numeric {
            self.known.borrow_mut().insert(text, out.clone());
        }
        out
    }

    fn candidates(&self, shape: &Shape, value: &Value) -> Vec<Value> {
        match &shape.kind {
            Kind::Leaf(LeafKind::Time) => self.times.clone(),
            Kind::Leaf(LeafKind::Duration) => self.durations.clone(),
            Kind::Leaf(LeafKind::Enum(values)) => values.clone(),
            Kind::Leaf(LeafKind::Plain(types)) => types.iter().flat_map(|t| self.plain(t, shape, value)).collect(),
            _ => Vec::new(),
        }
    }

    fn plain(&self, kind: &str, shape: &Shape, value: &Value) -> Vec<Value> {
        match kind {
            "boolean" => vec![json!(true), json!(false)],
            "null" => vec![Value::Null],
            "string" => self.strings.clone(),
            _ => {
                let bounds = ["minimum", "maximum"].into_iter().filter_map(|b| shape.schema.get(b)?.as_i64());
                let here = value.as_i64().unwrap_or(0);
                let near = [here - 1, here + 1];
                self.integers.iter().copied().chain(bounds).chain(near).map(|n| json!(n)).collect()
            }
        }
    }

    /// A small value of a shape, for a list's new element or an alternative that was not taken.
    fn sample(&self, shape: &Shape) -> Value {
        match &shape.kind {
            Kind::Leaf(LeafKind::Const(value)) => value.clone(),
            Kind::Leaf(_) => self.leaf(shape, &Value::Null).into_iter().next().unwrap_or(Value::Null),
            Kind::Choice(shapes) => shapes.first().map_or(Value::Null, |s| self.sample(s)),
            Kind::List { .. } => json!([]),
            Kind::Map(_) => json!({}),
            Kind::Object(properties) => {
                let members = properties.iter().map(|(name, p)| {
                    let total = name.strip_suffix("_total").is_some_and(|list| properties.contains_key(list));
                    (name.clone(), if total { json!(0) } else { self.sample(p) })
                });
                Value::Object(members.collect())
            }
        }
    }
}

/// One leaf of a fixture and the values that could stand there instead.
pub(in crate::workbench) struct Leaf {
    /// The path in the document, from `facts` on.
    pub path: Vec<String>,
    /// The path in the schema, such as `facts/backups/artifacts/*/files`.
    pub place: String,
    /// Marked as informative.
    pub informative: bool,
    /// The changes.
    pub others: Vec<Change>,
}

/// Every leaf of a group's value, with its other values.
pub(in crate::workbench) fn leaves(group: &str, shape: &Shape, value: &Value, palette: &Palette) -> Vec<Leaf> {
    let mut out = Vec::new();
    let path = vec!["facts".to_owned(), group.to_owned(), "value".to_owned()];
    walk(shape, value, &path, &format!("facts/{group}"), false, &mut |path, place, shape, value, informative| {
        let others = palette.leaf(shape, value).into_iter().filter(|v| v != value).map(|v| Change::Set(path.to_vec(), v));
        out.push(Leaf { path: path.to_vec(), place: place.to_owned(), informative, others: others.collect() });
    });
    out
}

type See<'a> = dyn FnMut(&[String], &str, &Shape, &Value, bool) + 'a;

fn walk(shape: &Shape, value: &Value, path: &[String], place: &str, informative: bool, see: &mut See<'_>) {
    let informative = informative || shape.informative;
    let shape = shape.alternative(value);
    let informative = informative || shape.informative;
    let inner = |token: &str| path.iter().cloned().chain([token.to_owned()]).collect::<Vec<_>>();
    match (&shape.kind, value) {
        (Kind::Object(properties), Value::Object(members)) => {
            for (name, property) in properties {
                if let Some(member) = members.get(name) {
                    walk(property, member, &inner(name), &format!("{place}/{name}"), informative, see);
                }
            }
        }
        (Kind::List { items, .. }, Value::Array(elements)) => {
            for (index, element) in elements.iter().enumerate() {
                walk(items, element, &inner(&index.to_string()), &format!("{place}/*"), informative, see);
            }
        }
        (Kind::Leaf(LeafKind::Const(_)), _) => {}
        (Kind::Leaf(_), value) => see(path, place, shape, value, informative),
        _ => {}
    }
}

/// Changes of lists and alternatives.
#[derive(Default)]
pub(in crate::workbench) struct Structures {
    /// An element twice, one fewer, another order, a new one, or another alternative altogether.
    pub single: Vec<Change>,
    /// An element twice, the second with one other leaf: a pair of changes.
    pub twins: Vec<Change>,
}

/// Every change of a list or an alternative in a group's value.
pub(in crate::workbench) fn structures(group: &str, shape: &Shape, value: &Value, palette: &Palette) -> Structures {
    let mut out = Structures::default();
    let path = vec!["facts".to_owned(), group.to_owned(), "value".to_owned()];
    nodes(shape, value, &path, palette, &mut out);
    out
}

fn nodes(shape: &Shape, value: &Value, path: &[String], palette: &Palette, out: &mut Structures) {
    if let Kind::Choice(shapes) = &shape.kind {
        let taken = shape.alternative(value);
        let others = shapes.iter().filter(|s| !std::ptr::eq(*s, taken)).map(|s| palette.sample(s));
        out.single.extend(others.map(|v| Change::Set(path.to_vec(), v)));
    }
    let shape = shape.alternative(value);
    let inner = |token: &str| path.iter().cloned().chain([token.to_owned()]).collect::<Vec<_>>();
    match (&shape.kind, value) {
        (Kind::Object(properties), Value::Object(members)) => {
            for (name, property) in properties {
                if let Some(member) = members.get(name) {
                    nodes(property, member, &inner(name), palette, out);
                }
            }
        }
        (Kind::List { items, .. }, Value::Array(elements)) => {
            lists(items, elements, path, palette, out);
            for (index, element) in elements.iter().enumerate() {
                nodes(items, element, &inner(&index.to_string()), palette, out);
            }
        }
        _ => {}
    }
}

fn lists(items: &Shape, elements: &[Value], path: &[String], palette: &Palette, out: &mut Structures) {
    let mut list = |elements: Vec<Value>| out.single.push(Change::List(path.to_vec(), elements));
    list(Vec::new());
    list(elements.iter().rev().cloned().collect());
    list(elements.iter().cloned().chain([palette.sample(items)]).collect());
    for (index, element) in elements.iter().enumerate() {
        let mut fewer = elements.to_vec();
        fewer.remove(index);
        list(fewer);
        list(elements.iter().cloned().chain([element.clone()]).collect());
    }
    for element in elements {
        walk(items, element, &[], "", false, &mut |at, _, shape, value, _| {
            for other in palette.leaf(shape, value).into_iter().filter(|v| v != value) {
                let mut twin = element.clone();
                let set = if at.is_empty() {
                    twin = other;
                    true
                } else {
                    Change::Set(at.to_vec(), other).apply(&mut twin)
                };
                if set {
                    out.twins.push(Change::List(path.to_vec(), elements.iter().cloned().chain([twin]).collect()));
                }
            }
        });
    }
}
