//! What a path of facts, envelopes and parameters leads to in the schemas of a checklist, and words for it.
//!
//! Schemas are looked at as they stand: while one of them is being typed the others still help.

use super::chain::{Chain, ELEMENT};
use crate::checklist::{Files, contract};
use crate::workbench::docs::CollectorText;
use serde_json::Value;
use std::collections::BTreeMap;

const ENDING: &str = ".schema.json";

/// Who can collect each group of facts.
pub type Collectors = BTreeMap<String, Vec<CollectorText>>;

/// The schemas of a checklist.
pub struct Atlas<'c> {
    groups: BTreeMap<String, Value>,
    envelope: Value,
    parameters: Value,
    defaults: Value,
    collectors: &'c Collectors,
}

/// What stands at the end of a path.
pub enum Node<'a> {
    /// Something of golive's own, with names below it.
    Fixed(&'static str, Vec<(String, String)>),
    /// One node of a schema, or its alternatives.
    Schemas(Vec<&'a Value>),
    /// The number beside a time or a duration.
    Millis(Vec<&'a Value>),
}

/// A name that may stand behind a path.
pub struct Member {
    /// The name.
    pub name: String,
    /// What it holds, in a few words.
    pub kind: String,
    /// What it is.
    pub about: String,
}

impl<'c> Atlas<'c> {
    /// The schemas of a checklist's files.
    pub fn new(files: &Files, collectors: &'c Collectors) -> Self {
        let json = |path: &str| files.get(path).and_then(|source| serde_json::from_str(&source.text).ok()).unwrap_or_default();
        let group = |path: &str| Some((path.strip_prefix("schemas/facts/")?.strip_suffix(ENDING)?.to_owned(), json(path)));
        let envelope = contract("envelope").map(|schema| serde_json::from_str::<Value>(&schema.document.source.text).unwrap_or_default());
        let mut envelope = envelope.unwrap_or_default()["properties"]["facts"]["additionalProperties"].take();
        if let Some(properties) = envelope["properties"].as_object_mut() {
            properties.remove("value");
        }
        Self {
            groups: files.under("schemas/facts/").filter_map(|(path, _)| group(path)).collect(),
            envelope,
            parameters: json("schemas/parameters.schema.json"),
            defaults: json("policies/parameters.json"),
            collectors,
        }
    }

    /// What a path leads to; none where it leads nowhere.
    pub fn at(&self, chain: &[String]) -> Option<Node<'_>> {
        let words: Vec<&str> = chain.iter().map(String::as_str).collect();
        match words[..] {
            ["input"] => Some(Node::Fixed("what a control sees", fixed(INPUT))),
            ["input", "facts" | "envelope"] => Some(Node::Fixed("the groups of facts", self.group_names())),
            ["input", "facts", ELEMENT, ref rest @ ..] => below(self.groups.values().collect(), rest),
            ["input", "envelope", ELEMENT, ref rest @ ..] => below(vec![&self.envelope], rest),
            ["input", "facts", group, ref rest @ ..] => below(vec![self.groups.get(group)?], rest),
            ["input", "envelope", group, ref rest @ ..] => self.groups.get(group).and_then(|_| below(vec![&self.envelope], rest)),
            ["input", name] => Some(Node::Fixed(INPUT.iter().find(|(own, _)| *own == name)?.1, Vec::new())),
            ["data"] => Some(Node::Fixed("what the checklist provides", fixed(DATA))),
            ["data", "parameters", ref rest @ ..] => below(vec![&self.parameters], rest),
            _ => None,
        }
    }

    fn group_names(&self) -> Vec<(String, String)> {
        self.groups.iter().map(|(name, schema)| (name.clone(), text(schema, "title"))).collect()
    }

    /// The names that may stand behind a path.
    pub fn members(&self, chain: &[String]) -> Vec<Member> {
        match self.at(chain) {
            Some(Node::Fixed(_, names)) => names.into_iter().map(|(name, about)| Member { name, kind: String::new(), about }).collect(),
            Some(Node::Schemas(schemas)) => self.properties(chain, &schemas),
            Some(Node::Millis(_)) | None => Vec::new(),
        }
    }

    fn properties(&self, chain: &[String], schemas: &[&Value]) -> Vec<Member> {
        let mut out: BTreeMap<String, Member> = BTreeMap::new();
        let mut put = |name: &str, property: &Value| {
            let path: Chain = chain.iter().cloned().chain([name.to_owned()]).collect();
            let (kind, about) = (kind(property), about(&path, property));
            if is_timed(property) {
                let name = format!("{name}_ms");
                let words = format!("The same in milliseconds: {about}");
                out.insert(name.clone(), Member { name, kind: "integer".to_owned(), about: words });
            }
            out.entry(name.to_owned()).or_insert(Member { name: name.to_owned(), kind, about });
        };
        for schema in flat(schemas) {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                put(name, property);
            }
            // An object with free keys: those that the checklist's own parameters have.
            if schema["additionalProperties"].is_object() {
                let own = self.default(chain).and_then(Value::as_object);
                own.into_iter().flatten().for_each(|(name, _)| put(name, &schema["additionalProperties"]));
            }
        }
        out.into_values().collect()
    }

    /// The checklist's default of a parameter.
    fn default(&self, chain: &[String]) -> Option<&Value> {
        let [data, parameters, rest @ ..] = chain else { return None };
        if data != "data" || parameters != "parameters" {
            return None;
        }
        rest.iter().try_fold(&self.defaults, |value, name| value.get(name))
    }

    /// The words that a value at a path may be.
    pub fn words(&self, chain: &[String]) -> Vec<(String, String)> {
        let Some(Node::Schemas(schemas)) = self.at(chain) else { return Vec::new() };
        let about = |schema: &Value| text(schema, "description");
        let mut out: Vec<(String, String)> = Vec::new();
        for schema in flat(&schemas) {
            let values = schema["enum"].as_array().into_iter().flatten().chain(schema.get("const"));
            for word in values.filter_map(Value::as_str) {
                if !out.iter().any(|(known, _)| known == word) {
                    out.push((word.to_owned(), about(schema)));
                }
            }
        }
        out
    }

    /// Everything that is known of a path, as Markdown.
    pub fn page(&self, chain: &[String]) -> Option<String> {
        let title = format!("`{}`", chain.join(".").replace(".*", "[_]"));
        let mut lines = vec![];
        match self.at(chain)? {
            Node::Fixed(about, _) => lines.push(format!("{title}: {about}")),
            Node::Schemas(schemas) => {
                lines.push(format!("{title}: {}", kinds(&schemas)));
                for schema in &schemas {
                    lines.push(about(chain, schema));
                    lines.extend(marks(schema));
                }
            }
            Node::Millis(schemas) => {
                lines.push(format!("{title}: integer, the milliseconds of a {}", kinds(&schemas)));
                lines.extend(schemas.iter().map(|schema| text(schema, "description")));
            }
        }
        let plain: Chain = match chain.split_last() {
            Some((last, before)) => before.iter().cloned().chain([last.trim_end_matches("_ms").to_owned()]).collect(),
            None => Chain::new(),
        };
        let default = self.default(chain).or_else(|| self.default(&plain)).filter(|value| !value.is_object());
        lines.extend(default.map(|value| format!("Default: `{value}`")));
        lines.extend(self.origin(chain));
        lines.retain(|line| !line.is_empty());
        lines.dedup();
        Some(lines.join("\n\n"))
    }

    /// Which group a path belongs to, and who can collect it.
    fn origin(&self, chain: &[String]) -> Option<String> {
        let ["input", "facts" | "envelope", group, ..] = chain.iter().map(String::as_str).collect::<Vec<_>>()[..] else { return None };
        let title = text(self.groups.get(group)?, "title");
        let names: Vec<String> =
            self.collectors.get(group).into_iter().flatten().map(|collector| format!("`{}`", collector.name)).collect();
        let names = if names.is_empty() { "`json`".to_owned() } else { names.join(", ") };
        Some(format!("Group `{group}` ({title}); collectors: {names}"))
    }
}

const INPUT: &[(&str, &str)] = &[
    ("facts", "The values of the groups that METADATA names."),
    ("envelope", "What stands around the value of each group: when, by whom, evidence, trust."),
    ("environment", "The planned environment."),
    ("release", "The planned release."),
    ("now_ms", "The clock of the evaluation, in milliseconds since 1970."),
];

const DATA: &[(&str, &str)] = &[("parameters", "The organisation's thresholds."), ("golive", "The checklist's own policies.")];

fn fixed(names: &[(&str, &str)]) -> Vec<(String, String)> {
    names.iter().map(|(name, about)| ((*name).to_owned(), (*about).to_owned())).collect()
}

/// What a node says of itself.
fn about(chain: &[String], schema: &Value) -> String {
    match chain.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["data", "parameters", "max_age", group] => format!("How old the group {group} may be when it is judged."),
        _ => text(schema, "description"),
    }
}

/// What stands below some nodes.
fn below<'a>(mut here: Vec<&'a Value>, path: &[&str]) -> Option<Node<'a>> {
    for (index, name) in path.iter().enumerate() {
        let next: Vec<&Value> = flat(&here).into_iter().flat_map(|schema| step(schema, name)).collect();
        if next.is_empty() {
            let plain = name.strip_suffix("_ms").filter(|_| index + 1 == path.len())?;
            let timed: Vec<&Value> = flat(&here).into_iter().flat_map(|schema| step(schema, plain)).filter(|s| is_timed(s)).collect();
            return (!timed.is_empty()).then_some(Node::Millis(timed));
        }
        here = next;
    }
    Some(Node::Schemas(here))
}

fn step<'a>(schema: &'a Value, name: &str) -> Vec<&'a Value> {
    let properties = schema["properties"].as_object();
    if name == ELEMENT {
        let all = properties.into_iter().flat_map(|properties| properties.values());
        return schema.get("items").into_iter().chain(all).chain(free(schema)).collect();
    }
    let known = properties.and_then(|properties| properties.get(name));
    let free = free(schema).filter(|schema| !name.ends_with("_ms") || !is_timed(schema));
    known.or(free).into_iter().collect()
}

/// What an object with free keys holds.
fn free(schema: &Value) -> Option<&Value> {
    schema.get("additionalProperties").filter(|schema| schema.is_object())
}

/// The nodes with their alternatives in their place.
fn flat<'a>(schemas: &[&'a Value]) -> Vec<&'a Value> {
    let open = |schema: &&'a Value| match schema["oneOf"].as_array() {
        Some(all) => flat(&all.iter().collect::<Vec<_>>()),
        None => vec![*schema],
    };
    schemas.iter().flat_map(open).collect()
}

fn is_timed(schema: &Value) -> bool {
    flat(&[schema]).iter().any(|schema| matches!(schema["format"].as_str(), Some("date-time" | "duration")))
}

fn text(schema: &Value, key: &str) -> String {
    schema[key].as_str().unwrap_or_default().to_owned()
}

fn kinds(schemas: &[&Value]) -> String {
    let mut all: Vec<String> = flat(schemas).into_iter().map(kind).collect();
    all.dedup();
    all.join(", or ")
}

/// What a value is, in a few words.
fn kind(schema: &Value) -> String {
    let word = |key: &str| schema[key].as_str();
    let list = |values: &Vec<Value>| values.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    if let Some(alternatives) = schema["oneOf"].as_array() {
        return kinds(&alternatives.iter().collect::<Vec<_>>());
    }
    if let Some(values) = schema["enum"].as_array() {
        return list(values);
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    let bounds = |least: &str, most: &str| match (schema.get(least), schema.get(most)) {
        (Some(least), Some(most)) => format!(", {} to {}", plain(least), plain(most)),
        (Some(least), None) => format!(", at least {}", plain(least)),
        (None, Some(most)) => format!(", at most {}", plain(most)),
        (None, None) => String::new(),
    };
    match (word("type"), word("format")) {
        (_, Some("date-time")) => "time".to_owned(),
        (_, Some("duration")) => format!("duration{}", bounds("x-golive-minimum", "x-golive-maximum")),
        (Some("array"), _) => format!("list of {}", kind(&schema["items"])),
        (Some("object"), _) => match word("title") {
            Some(title) => format!("object ({title})"),
            None => "object".to_owned(),
        },
        (Some("string"), _) => match word("pattern") {
            Some(pattern) => format!("string that matches {pattern}"),
            None if schema.get("maxLength").is_some() => format!("string{} characters", bounds("minLength", "maxLength")),
            None => "string".to_owned(),
        },
        (Some(name), _) => format!("{name}{}", bounds("minimum", "maximum")),
        (None, _) => schema["type"].as_array().map_or_else(String::new, list),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What `x-golive` says of a node.
fn marks(schema: &Value) -> Option<String> {
    match schema["x-golive"].as_str() {
        Some("adverse") => Some("Adverse: its members can only harm, and its length stands beside it.".to_owned()),
        Some("informative") => Some("Informative: no verdict depends on it.".to_owned()),
        _ => None,
    }
}
