//! A whole facts document: the envelope, and in it each group by its own schema.

use super::any::is_reserved;
use super::compile::Compiler;
use super::moment;
use super::plan::{Field, Node, Plan};
use super::read::{Key, Reader};
use crate::model::{Instant, Trust};
use crate::schema::{Kind, LeafKind, Schema, Shape, millis_key};
use crate::text::{Limits, Problem, Source, read_json};
use crate::tree::{Keys, Record, Value};
use bumpalo::Bump;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stands around a group, as controls see it.
const AROUND: [&str; 5] = ["collected_at", "collector", "evidence", "source", "trust"];
const VALUE: &str = "value";
const COLLECTED_AT: &str = "collected_at";
/// The types of JSON: a group's value may be any of them, and has its own schema.
const TYPES: [&str; 6] = ["array", "boolean", "null", "number", "object", "string"];
/// Levels of a document above a group's value: the document, its facts, the group.
const LEVELS: usize = 3;

/// Schemas of facts documents, made ready for one pass.
#[derive(Debug)]
pub struct Onepass {
    root: Plan,
    around: Plan,
    keys: Keys,
    /// The slots of `trust` and `evidence`.
    judged: (usize, usize),
    /// The known groups in the order of their names; each has its own schema as its node.
    groups: Plan,
    /// No key is known.
    nothing: Plan,
    /// The groups' schemas, which have the last word on a value that is not plainly valid.
    schemas: Vec<Schema>,
    limits: Limits,
}

/// A facts document that is plainly valid.
#[derive(Debug, Clone, Copy)]
pub struct ReadFacts<'a> {
    /// The environment that it is about.
    pub environment: &'a str,
    /// The release that it is about.
    pub release: &'a str,
    /// Each known group in the order of their names, where it is stated.
    pub groups: &'a [Option<Group<'a>>],
    /// The names of all other groups, sorted; nothing but their envelope was held against a schema, and no control reads them.
    pub unknown: &'a [&'a str],
}

/// A group that was read: for its age, its evidence and its trust the same questions are asked as of every group.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// When it was collected.
    pub collected_at: Instant,
    /// How it was learnt.
    pub trust: Trust,
    /// How many links to evidence back it.
    pub evidence: usize,
    /// What stands around it, as controls see it.
    pub envelope: Value<'a>,
    /// Its value, as controls see it; none where it is off its schema.
    pub value: Option<Value<'a>>,
}

impl Onepass {
    /// Makes the contract `envelope` and the schemas of the groups ready.
    ///
    /// # Errors
    /// A schema is written in a way that is not known here: its documents are for the strict reader and the validator.
    pub fn new(envelope: &Schema, groups: &BTreeMap<String, Schema>) -> Result<Self, Problem> {
        let limits = Limits::default();
        let keys = envelope_keys();
        let mut compiler = Compiler::new(envelope);
        let (root, around) = compiler.envelope(&keys)?;
        let (mut fields, mut schemas) = (Vec::new(), Vec::new());
        for (slot, (name, schema)) in groups.iter().enumerate() {
            if LEVELS + depth(&schema.shape) > limits.depth || slot >= usize::from(u8::MAX) {
                return Compiler::new(schema).refuse("it is nested too deep, or there are too many groups");
            }
            fields.push(Field::new(name, slot, None, Compiler::new(schema).whole()?));
            schemas.push(schema.again());
        }
        let Some(judged) = keys.slot("trust").zip(keys.slot("evidence")) else { return compiler.refuse("it has no trust") };
        Ok(Self {
            root,
            around,
            keys,
            judged,
            groups: Plan::new(fields, Vec::new()),
            nothing: Plan::new(Vec::new(), Vec::new()),
            schemas,
            limits,
        })
    }

    /// Reads a document. None says nothing about it.
    pub fn read<'a>(&'a self, bytes: &'a [u8], arena: &'a Bump) -> Option<ReadFacts<'a>> {
        if bytes.len() > self.limits.bytes {
            return None;
        }
        let mut reader = Reader::new(std::str::from_utf8(bytes).ok()?, &self.nothing, arena, self.limits.keys);
        reader.cursor.space();
        let groups = arena.alloc_slice_fill_copy(self.groups.fields.len(), None);
        let (mut environment, mut release, mut unknown, mut seen) = (None, None, None, 0_u8);
        reader.members(&self.root, |reader, key| {
            let Key::Known(index, field) = key else { return None };
            let twice = seen >> index & 1 == 1;
            seen |= 1 << index;
            match &*field.key.text {
                "facts" => unknown = Some(self.groups(reader, groups)?),
                name => {
                    let mut value = Value::Undefined;
                    reader.value(&field.node, &mut value)?;
                    match (name, value) {
                        ("environment", Value::Text(text)) => environment = Some(text),
                        ("release", Value::Text(text)) => release = Some(text),
                        _ => {}
                    }
                }
            }
            (!twice).then_some(())
        })?;
        reader.cursor.space();
        let whole = seen.count_ones() as usize == self.root.fields.len() && reader.cursor.at_end();
        if whole { Some(ReadFacts { environment: environment?, release: release?, groups, unknown: unknown? }) } else { None }
    }

    /// Reads the groups; the names of those that are not known come out sorted.
    fn groups<'a>(&'a self, reader: &mut Reader<'a>, groups: &mut [Option<Group<'a>>]) -> Option<&'a [&'a str]> {
        let mut unknown: Vec<&'a str> = Vec::new();
        reader.members(&self.groups, |reader, key| match key {
            Key::Known(index, field) => {
                let place = groups.get_mut(index)?;
                if place.is_some() {
                    return None;
                }
                *place = Some(self.group(reader, Some((&field.node, self.schemas.get(index)?)))?);
                Some(())
            }
            Key::Other(name) => {
                unknown.push(name);
                if is_reserved(name) { None } else { self.group(reader, None).map(|_| ()) }
            }
        })?;
        unknown.sort_unstable();
        let twice = unknown.windows(2).any(|pair| pair[0] == pair[1]);
        if twice { None } else { Some(reader.arena.alloc_slice_copy(&unknown)) }
    }

    /// Reads a group; the value of one that is not known may be anything.
    fn group<'a>(&'a self, reader: &mut Reader<'a>, known: Option<(&'a Node, &Schema)>) -> Option<Group<'a>> {
        let words = reader.arena.alloc_slice_fill_copy(self.keys.len() + 1, Value::Undefined);
        *words.first_mut()? = Value::Keys(&self.keys);
        let (mut value, mut collected_at, mut seen) = (None, None, 0_u8);
        reader.members(&self.around, |reader, key| {
            let Key::Known(index, field) = key else { return None };
            let twice = seen >> index & 1 == 1;
            seen |= 1 << index;
            if field.is_elsewhere() {
                self.value(reader, known, &mut value)?;
            } else {
                reader.field(field, &field.node, words)?;
                if field.millis.is_some() {
                    collected_at = Some(one_spelling(reader, words.get_mut(field.slot + 1)?)?);
                }
            }
            (!twice).then_some(())
        })?;
        if seen.count_ones() as usize != self.around.fields.len() {
            return None;
        }
        let record = Record::new(words);
        let (trust, evidence) = self.judged;
        let (Value::Text(trust), Value::List(evidence)) = (record.slot(trust), record.slot(evidence)) else { return None };
        Some(Group {
            collected_at: collected_at?,
            trust: Trust::from_word(trust)?,
            evidence: evidence.len(),
            envelope: Value::Object(record),
            value,
        })
    }

    /// Reads a group's value; it stays absent where it is surely off its schema: the schema itself was asked.
    fn value<'a>(&self, reader: &mut Reader<'a>, known: Option<(&'a Node, &Schema)>, out: &mut Option<Value<'a>>) -> Option<()> {
        let before = reader.mark();
        if let Some((node, _)) = known
            && reader.value(node, out.insert(Value::Undefined)).is_some()
        {
            return Some(());
        }
        *out = None;
        reader.go_back(before);
        let text = reader.any_text(self.limits.depth.saturating_sub(LEVELS))?;
        let Some((_, schema)) = known else { return Some(()) };
        let document = read_json(Arc::new(Source::new("", text)), &self.limits).ok()?;
        // Valid, but not plainly so: the whole document is for the strict reader.
        if schema.accepts(&document.value) { None } else { Some(()) }
    }
}

/// The keys of what stands around a group.
pub(super) fn envelope_keys() -> Keys {
    Keys::new(AROUND.into_iter().chain([millis_key(COLLECTED_AT).as_str()]))
}

/// A time around a group is shown in its one spelling, which is not always the written one.
fn one_spelling<'a>(reader: &Reader<'a>, text: &mut Value<'a>) -> Option<Instant> {
    let instant = Instant { ms: reader.last_millis()? };
    match text {
        Value::Text(written) if moment::is_one_spelling(written) => {}
        other => *other = Value::Text(reader.arena.alloc_str(&instant.to_string())),
    }
    Some(instant)
}

fn depth(shape: &Shape) -> usize {
    let deepest = |shapes: &mut dyn Iterator<Item = &Shape>| shapes.map(depth).max().unwrap_or(0);
    match &shape.kind {
        Kind::Object(properties) => 1 + deepest(&mut properties.values()),
        Kind::List { items, .. } | Kind::Map(items) => 1 + depth(items),
        Kind::Choice(shapes) => deepest(&mut shapes.iter()),
        Kind::Leaf(_) => 0,
    }
}

impl Compiler<'_> {
    /// The contract `envelope` in two plans: the document, and what stands around a group.
    fn envelope(&mut self, keys: &Keys) -> Result<(Plan, Plan), Problem> {
        let (shape, schema) = self.root();
        let Kind::Object(properties) = &shape.kind else { return self.refuse("a document is an object") };
        if !properties.keys().eq(["environment", "facts", "format", "release"]) {
            return self.refuse("its members are not those of a facts document");
        }
        let root_keys = Keys::new(properties.keys().map(String::as_str));
        let mut around = None;
        let root = self.object_with(properties, schema, &root_keys, |compiler, name, shape, schema| {
            let Kind::Map(group) = &shape.kind else { return Ok(false) };
            compiler.keywords(schema, &["type", "additionalProperties"])?;
            if name != "facts" {
                return compiler.refuse("the groups are not below `facts`");
            }
            let schema = &schema["additionalProperties"];
            around = Some(compiler.below(&["additionalProperties"], |c| c.around(group, schema, keys))?);
            Ok(true)
        })?;
        match around {
            Some(around) => Ok((root, around)),
            None => self.refuse("it has no groups"),
        }
    }

    fn around(&mut self, shape: &Shape, schema: &Json, keys: &Keys) -> Result<Plan, Problem> {
        let Kind::Object(properties) = &shape.kind else { return self.refuse("a group is an object") };
        if !properties.keys().map(String::as_str).eq(AROUND.into_iter().chain([VALUE])) {
            return self.refuse("its members are not those of a group");
        }
        for (name, own) in [("collector", &["name", "version"]), ("evidence", &["sha256", "uri"])] {
            let names = match properties.get(name).map(|p| &p.kind) {
                Some(Kind::List { items, .. }) => items.properties(),
                _ => properties.get(name).map(Shape::properties).unwrap_or_default(),
            };
            if names != own {
                return self.refuse("its members are not those that controls see");
            }
        }
        self.object_with(properties, schema, keys, |compiler, name, shape, schema| {
            if name != VALUE {
                return Ok(false);
            }
            compiler.keywords(schema, &["type"])?;
            match &shape.kind {
                Kind::Leaf(LeafKind::Plain(types)) if TYPES.iter().all(|t| types.iter().any(|own| own == t)) => Ok(true),
                _ => compiler.refuse("a group's value is not free"),
            }
        })
    }
}
