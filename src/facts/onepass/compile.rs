//! Makes schemas ready for one pass. What this does not know for sure is refused here, so that nothing is guessed later.

use super::plan::{ByType, Field, Head, List, Node, NumberRule, Plan, Record, Records, TextRule, Word};
use crate::model::time::parse_duration;
use crate::schema::{Kind, LeafKind, PlainPattern, Schema, Shape, kind_of, millis_key};
use crate::text::{Problem, pointer_of};
use crate::tree::Keys;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Integers up to here are the same number as a float.
const EXACT: u64 = 1 << 53;

/// Keywords that say nothing of what is valid. A schema that names another dialect is refused where it is the root.
const SILENT: &[&str] = &["title", "description", "x-golive", "$schema"];
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

const DIGEST: &str = "^[0-9a-f]{64}$";

/// A schema while it is made ready.
pub(super) struct Compiler<'s> {
    schema: &'s Schema,
    path: Vec<String>,
}

type Made<T> = Result<T, Problem>;

impl<'s> Compiler<'s> {
    pub fn new(schema: &'s Schema) -> Self {
        Self { schema, path: Vec::new() }
    }

    /// The schema's tree and its document.
    pub fn root(&self) -> (&'s Shape, &'s Value) {
        (&self.schema.shape, &self.schema.document.value)
    }

    /// The whole schema as one node.
    pub fn whole(mut self) -> Made<Node> {
        let (shape, schema) = self.root();
        self.node(shape, schema)
    }

    pub fn refuse<T>(&self, why: &str) -> Made<T> {
        let document = &self.schema.document;
        let place = document.locate(&pointer_of(&self.path));
        let problem = Problem::new("golive::facts::onepass", format!("facts cannot be read in one pass by this schema: {why}"));
        Err(problem.at(&document.source, place.key.unwrap_or(place.value), "here"))
    }

    /// Does something further down.
    pub fn below<T>(&mut self, tokens: &[&str], make: impl FnOnce(&mut Self) -> Made<T>) -> Made<T> {
        self.path.extend(tokens.iter().map(|t| (*t).to_owned()));
        let made = make(self);
        self.path.truncate(self.path.len() - tokens.len());
        made
    }

    /// The members of a schema, which may have these keywords and no others.
    pub fn keywords<'v>(&self, schema: &'v Value, known: &[&str]) -> Made<&'v Map<String, Value>> {
        let Some(members) = schema.as_object() else { return self.refuse("it is no object") };
        if let Some(other) = members.keys().find(|k| !SILENT.contains(&k.as_str()) && !known.contains(&k.as_str())) {
            return self.refuse(&format!("`{other}` is not expected here"));
        }
        if members.get("$schema").is_some_and(|dialect| dialect != DIALECT) {
            return self.refuse("it names another dialect");
        }
        Ok(members)
    }

    pub fn node(&mut self, shape: &Shape, schema: &Value) -> Made<Node> {
        match &shape.kind {
            Kind::Object(properties) => {
                let Some(keys) = shape.keys() else { return self.refuse("it has no keys") };
                let plan = self.object(properties, schema, &keys)?;
                Ok(Node::Record(Record { keys, plan }))
            }
            Kind::List { items, .. } => self.list(items, schema).map(Node::List),
            Kind::Choice(shapes) => self.choice(shape, shapes, schema),
            Kind::Leaf(leaf) => self.leaf(leaf, schema),
            Kind::Map(_) => self.refuse("its keys are free"),
        }
    }

    fn list(&mut self, items: &Shape, schema: &Value) -> Made<List> {
        let members = self.keywords(schema, &["type", "items", "minItems", "maxItems"])?;
        let least = self.count(members, "minItems", 0)?;
        let most = self.count(members, "maxItems", usize::MAX)?;
        let items = self.below(&["items"], |c| c.node(items, members.get("items").unwrap_or(&Value::Null)))?;
        Ok(List { items: Box::new(items), least, most })
    }

    /// A closed object whose properties are all required.
    fn object(&mut self, properties: &BTreeMap<String, Shape>, schema: &Value, keys: &Keys) -> Made<Plan> {
        self.object_with(properties, schema, keys, |_, _, _, _| Ok(false))
    }

    /// The same, where `own` says of a property that whoever asks reads it by other means: it has no place in the record.
    pub fn object_with(
        &mut self,
        properties: &BTreeMap<String, Shape>,
        schema: &Value,
        keys: &Keys,
        mut own: impl FnMut(&mut Self, &str, &Shape, &Value) -> Made<bool>,
    ) -> Made<Plan> {
        let members = self.keywords(schema, &["type", "properties", "required", "additionalProperties"])?;
        let required: Option<BTreeSet<&str>> = match members.get("required") {
            None => Some(BTreeSet::new()),
            Some(names) => names.as_array().and_then(|names| names.iter().map(Value::as_str).collect()),
        };
        let closed = members.get("additionalProperties") == Some(&Value::Bool(false));
        if !closed || required != Some(properties.keys().map(String::as_str).collect()) || properties.len() > 64 {
            return self.refuse("an object must be closed, with at most 64 properties, and require exactly these");
        }
        let mut fields = Vec::new();
        for (name, shape) in properties {
            let schema = &members["properties"][name];
            fields.push(self.below(&["properties", name], |c| {
                if own(c, name, shape, schema)? {
                    return Ok(Field::elsewhere(name));
                }
                let node = c.node(shape, schema)?;
                c.field(name, shape, node, keys)
            })?);
        }
        let mut totals = Vec::new();
        for name in properties.iter().filter(|(_, p)| matches!(p.kind, Kind::List { adverse: true, .. })).map(|(name, _)| name) {
            match (keys.slot(name), keys.slot(&format!("{name}_total"))) {
                (Some(list), Some(total)) if properties.contains_key(&format!("{name}_total")) => totals.push((list, total)),
                _ => return self.refuse("an adverse list has no total"),
            }
        }
        Ok(Plan::new(fields, totals))
    }

    fn field(&self, name: &str, shape: &Shape, node: Node, keys: &Keys) -> Made<Field> {
        let millis = if shape.is_timed() { keys.slot(&millis_key(name)) } else { None };
        match keys.slot(name) {
            Some(slot) if millis.is_some() == shape.is_timed() => Ok(Field::new(name, slot, millis, node)),
            _ => self.refuse("a property has no place"),
        }
    }

    /// Alternatives that the type of a value or a tag tells apart; whatever else could hold twice.
    fn choice(&mut self, whole: &Shape, shapes: &[Shape], schema: &Value) -> Made<Node> {
        let members = self.keywords(schema, &["oneOf"])?;
        let schemas = members.get("oneOf").and_then(Value::as_array).filter(|schemas| schemas.len() == shapes.len());
        let Some(schemas) = schemas else { return self.refuse("its alternatives cannot be counted") };
        let mut out = ByType::default();
        let mut objects = Vec::new();
        for (index, (shape, schema)) in shapes.iter().zip(schemas).enumerate() {
            self.below(&["oneOf", &index.to_string()], |c| {
                match &shape.kind {
                    Kind::Object(properties) => objects.push((properties, schema, index)),
                    Kind::Choice(_) => return c.refuse("an alternative has alternatives of its own"),
                    _ => {
                        let node = c.node(shape, schema)?;
                        return c.join(&mut out, node);
                    }
                }
                Ok(())
            })?;
        }
        out.records = self.records(whole, &objects)?;
        Ok(Node::ByType(Box::new(out)))
    }

    /// Objects beside each other: one, or each with a constant of its own at the same name, and no other constant.
    fn records(&mut self, whole: &Shape, objects: &[(&BTreeMap<String, Shape>, &Value, usize)]) -> Made<Option<Records>> {
        let Some(keys) = whole.keys() else { return Ok(None) };
        let tags: Vec<Option<(&str, &str)>> = objects.iter().map(|(properties, ..)| tag_of(properties)).collect();
        let tag = if objects.len() > 1 { tags.first().copied().flatten().map(|(name, _)| name) } else { None };
        let words: BTreeSet<&str> = tags.iter().flatten().filter(|(name, _)| Some(*name) == tag).map(|(_, word)| *word).collect();
        if objects.len() > 1 && words.len() != objects.len() {
            return self.refuse("its objects are not told apart by one constant");
        }
        let mut plans = Vec::new();
        for ((properties, schema, index), tag) in objects.iter().zip(&tags) {
            let plan = self.below(&["oneOf", &index.to_string()], |c| c.object(properties, schema, &keys))?;
            plans.push((Word::new(tag.map(|(_, word)| word).unwrap_or_default()), plan));
        }
        let names: BTreeSet<&String> = objects.iter().flat_map(|(properties, ..)| properties.keys()).collect();
        let head = |name: &String| {
            let mut having = objects.iter().enumerate().filter(|(_, (properties, ..))| properties.contains_key(name));
            let only = having.next().filter(|_| having.next().is_none()).map(|(index, _)| index);
            Head { key: Word::key(name), only }
        };
        let heads = names.into_iter().map(head).collect();
        Ok(Some(Records { keys, tag: tag.map(Into::into), plans: plans.into(), heads }))
    }

    /// Puts a node beside others, where none stands yet for its type.
    fn join(&self, out: &mut ByType, node: Node) -> Made<()> {
        let mut other = match node {
            Node::ByType(other) => *other,
            Node::Number(rule) => ByType { number: Some(rule), ..ByType::default() },
            Node::List(list) => ByType { list: Some(list), ..ByType::default() },
            node @ (Node::Text(_) | Node::Words(_)) => ByType { text: Some(node), ..ByType::default() },
            Node::Record(_) => return self.refuse("an object stands where none was expected"),
        };
        let mut twice = (out.null && other.null) || (out.yes && other.yes) || (out.no && other.no);
        (out.null, out.yes, out.no) = (out.null || other.null, out.yes || other.yes, out.no || other.no);
        twice |= put(&mut out.number, other.number.take());
        twice |= put(&mut out.text, other.text.take());
        twice |= put(&mut out.list, other.list.take());
        twice |= put(&mut out.records, other.records.take());
        if twice { self.refuse("two alternatives may hold for one value") } else { Ok(()) }
    }

    fn leaf(&mut self, leaf: &LeafKind, schema: &Value) -> Made<Node> {
        match leaf {
            LeafKind::Const(value) => {
                let members = self.keywords(schema, &["const", "type"])?;
                self.values(members, std::slice::from_ref(value))
            }
            LeafKind::Enum(values) => {
                let members = self.keywords(schema, &["enum", "type"])?;
                self.values(members, values)
            }
            LeafKind::Time => {
                let members = self.keywords(schema, &["type", "format"])?;
                self.formatted(members, TextRule::Time)
            }
            LeafKind::Duration => {
                let members = self.keywords(schema, &["type", "format", "x-golive-minimum", "x-golive-maximum"])?;
                let bound = |name: &str, otherwise: i64| match members.get(name) {
                    None => Ok(otherwise),
                    Some(text) => text.as_str().and_then(parse_duration).map_or_else(|| self.refuse("a bound is no duration"), Ok),
                };
                let (least, most) = (bound("x-golive-minimum", i64::MIN)?, bound("x-golive-maximum", i64::MAX)?);
                self.formatted(members, TextRule::Duration { least, most })
            }
            LeafKind::Plain(types) => self.plain(types, schema),
        }
    }

    /// A string with a format, or null where the schema says so.
    fn formatted(&mut self, members: &Map<String, Value>, rule: TextRule) -> Made<Node> {
        let node = Node::Text(rule);
        match types(members).as_slice() {
            ["string"] => Ok(node),
            ["string", "null"] | ["null", "string"] => {
                Ok(Node::ByType(Box::new(ByType { null: true, text: Some(node), ..ByType::default() })))
            }
            _ => self.refuse("a format is for a string, or a string and null"),
        }
    }

    /// Constants: all strings, or each of a type of its own.
    fn values(&self, members: &Map<String, Value>, values: &[Value]) -> Made<Node> {
        if members.contains_key("type") && !values.iter().all(|value| types(members).contains(&kind_of(value))) {
            return self.refuse("a constant is not of its type");
        }
        let (mut words, mut numbers, mut out): (Vec<Word>, Vec<i64>, _) = (Vec::new(), Vec::new(), ByType::default());
        for value in values {
            match value {
                Value::String(word) => words.push(Word::new(word)),
                Value::Null => out.null = true,
                Value::Bool(true) => out.yes = true,
                Value::Bool(false) => out.no = true,
                Value::Number(n) => match n.as_i64().filter(|n| n.unsigned_abs() <= EXACT) {
                    Some(n) => numbers.push(n),
                    None => return self.refuse("a number is not exact"),
                },
                Value::Array(_) | Value::Object(_) => return self.refuse("a value is no leaf"),
            }
        }
        if words.len() == values.len() {
            return Ok(Node::Words(words.into()));
        }
        out.text = (!words.is_empty()).then(|| Node::Words(words.into()));
        if !numbers.is_empty() {
            out.number = Some(NumberRule { whole: true, least: f64::NEG_INFINITY, most: f64::INFINITY, only: Some(numbers.into()) });
        }
        Ok(Node::ByType(Box::new(out)))
    }

    fn plain(&self, types: &[String], schema: &Value) -> Made<Node> {
        let members = self.keywords(schema, &["type", "minLength", "maxLength", "pattern", "minimum", "maximum"])?;
        let has = |name: &str| types.iter().any(|t| t == name);
        if let Some(other) = types.iter().find(|t| !["null", "boolean", "integer", "number", "string"].contains(&t.as_str())) {
            return self.refuse(&format!("`{other}` is not expected here"));
        }
        let number = if has("integer") || has("number") {
            let (least, most) = (self.bound(members, "minimum", f64::NEG_INFINITY)?, self.bound(members, "maximum", f64::INFINITY)?);
            Some(NumberRule { whole: !has("number"), least, most, only: None })
        } else {
            None
        };
        let text = if has("string") { Some(Node::Text(self.text(members)?)) } else { None };
        Ok(match (types.len(), number, text) {
            (1, Some(number), _) => Node::Number(number),
            (1, _, Some(text)) => text,
            (_, number, text) => {
                let (null, yes) = (has("null"), has("boolean"));
                Node::ByType(Box::new(ByType { null, yes, no: yes, number, text, ..ByType::default() }))
            }
        })
    }

    fn text(&self, members: &Map<String, Value>) -> Made<TextRule> {
        let (least, most) = (self.count(members, "minLength", 0)?, self.count(members, "maxLength", usize::MAX)?);
        let pattern = match members.get("pattern") {
            Some(pattern) if pattern == DIGEST && (least..=most).contains(&64) => return Ok(TextRule::Digest),
            None => None,
            Some(pattern) => match pattern.as_str().and_then(PlainPattern::new) {
                None => return self.refuse("a pattern is not plain"),
                some => some,
            },
        };
        Ok(TextRule::Plain { least, most, pattern })
    }

    fn count(&self, members: &Map<String, Value>, name: &str, otherwise: usize) -> Made<usize> {
        match members.get(name) {
            None => Ok(otherwise),
            Some(count) => match count.as_u64().and_then(|n| usize::try_from(n).ok()) {
                Some(count) => Ok(count),
                None => self.refuse(&format!("`{name}` is no count")),
            },
        }
    }

    fn bound(&self, members: &Map<String, Value>, name: &str, otherwise: f64) -> Made<f64> {
        match members.get(name).map(|bound| bound.as_number()) {
            None => Ok(otherwise),
            Some(Some(n)) if n.as_i64().is_none_or(|n| n.unsigned_abs() <= EXACT) && n.as_u64().is_none_or(|n| n <= EXACT) => {
                n.as_f64().map_or_else(|| self.refuse(&format!("`{name}` is no number")), Ok)
            }
            Some(_) => self.refuse(&format!("`{name}` is not exact")),
        }
    }
}

/// The name and word of an object's constant, where it has one only, a string.
fn tag_of(properties: &BTreeMap<String, Shape>) -> Option<(&str, &str)> {
    let mut constants = properties.iter().filter_map(|(name, property)| match &property.kind {
        Kind::Leaf(LeafKind::Const(value)) => Some((name.as_str(), value)),
        _ => None,
    });
    match (constants.next(), constants.next()) {
        (Some((name, Value::String(word))), None) => Some((name, word)),
        _ => None,
    }
}

/// The types that a schema names.
fn types(members: &Map<String, Value>) -> Vec<&str> {
    match members.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        one => one.and_then(Value::as_str).into_iter().collect(),
    }
}

/// Puts a value into its place; true where one stood there.
fn put<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let twice = place.is_some() && value.is_some();
    if let Some(value) = value {
        *place = Some(value);
    }
    twice
}
