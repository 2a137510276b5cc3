//! The quick answer to "is it valid?" against the validator: what the first accepts, the second accepts.

use crate::project;
use golive::checklist::{Files, contract};
use golive::model::time::{Instant, parse_duration};
use golive::schema::Schema;
use golive::text::{Limits, Source, read_json};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// A schema, a validator made for it apart from golive, and what both said.
struct Pair {
    name: String,
    schema: Schema,
    validator: jsonschema::Validator,
    told: Told,
}

#[derive(Default)]
struct Told {
    both: usize,
    neither: usize,
    left_open: usize,
    wrong: String,
}

impl Pair {
    fn new(name: &str, document: &str) -> Option<Self> {
        let document = read_json(Arc::new(Source::new(name, document)), &Limits::default()).ok()?;
        let schema = Schema::new(document, true).ok()?;
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .with_format("date-time", |text: &str| Instant::parse(text).is_some())
            .with_format("duration", |text: &str| parse_duration(text).is_some())
            .build(&schema.document.value)
            .ok()?;
        Some(Self { name: name.to_owned(), schema, validator, told: Told::default() })
    }

    fn embedded(path: &str) -> Self {
        let source = Files::embedded_file(path).expect("the file is embedded");
        Self::new(path, &source.text).expect("an embedded schema can be used")
    }

    fn ask(&mut self, value: &Value) {
        match (self.schema.plainly_accepts(value), self.validator.is_valid(value)) {
            (true, true) => self.told.both += 1,
            (false, false) => self.told.neither += 1,
            (false, true) => self.told.left_open += 1,
            (true, false) => {
                let _ = writeln!(self.told.wrong, "{}: accepted by the quick answer alone: {value}", self.name);
            }
        }
    }

    /// The value, and the value with each single damage.
    fn ask_damaged(&mut self, value: &Value) {
        self.ask(value);
        for pointer in pointers(value) {
            for other in others() {
                let mut damaged = value.clone();
                if let Some(place) = damaged.pointer_mut(&pointer) {
                    *place = other;
                    self.ask(&damaged);
                }
            }
            for harm in [lose, double, add] {
                let mut damaged = value.clone();
                damaged.pointer_mut(&pointer).into_iter().for_each(harm);
                self.ask(&damaged);
            }
        }
    }
}

pub fn pointers(value: &Value) -> Vec<String> {
    let below = |key: &str, value: &Value| {
        let key = key.replace('~', "~0").replace('/', "~1");
        pointers(value).into_iter().map(move |p| format!("/{key}{p}")).collect::<Vec<_>>()
    };
    let mut out = vec![String::new()];
    match value {
        Value::Object(members) => out.extend(members.iter().flat_map(|(key, value)| below(key, value))),
        Value::Array(items) => out.extend(items.iter().enumerate().flat_map(|(index, value)| below(&index.to_string(), value))),
        _ => {}
    }
    out
}

pub fn others() -> Vec<Value> {
    let mut out: Vec<Value> = TEXTS.iter().map(|text| json!(text)).collect();
    out.extend([json!("0".repeat(64)), json!("F".repeat(64)), json!("x".repeat(5000)), json!("é".repeat(200))]);
    out.extend([json!(null), json!(true), json!(false), json!([]), json!({}), json!([null]), json!([[]]), json!({"": 1})]);
    out.extend([
        json!(0),
        json!(-1),
        json!(1),
        json!(99),
        json!(1.0),
        json!(0.5),
        json!(-0.0),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
    ]);
    out.extend([json!(9_007_199_254_740_991_i64), json!(9_007_199_254_740_992_i64), json!(9_007_199_254_740_993_i64)]);
    out
}

pub const TEXTS: &[&str] = &[
    "",
    " ",
    "\n",
    "\u{a0}",
    "\u{feff}",
    "x",
    "a",
    "b",
    "ab",
    "aab",
    "a-b",
    "aa",
    "aaa",
    "a.b",
    "axb",
    "a\n",
    "Z",
    "Z\n",
    "unknown",
    "observed",
    "2026-11-23T12:00:00Z",
    "2026-11-23T12:00:00+01:00",
    "2026-02-30T12:00:00Z",
    "2026-11-23",
    "PT1H",
    "P1Y",
    "PT",
    "0",
    "1.2.3",
    "v1",
    "-",
    "$",
    "^",
    "]",
    "ä",
    "é",
    "sha256:",
    "sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "runbooks.current",
    "A.b",
];

pub const PATTERNS: &[&str] = &[
    "^a$",
    "a",
    "a$",
    "^a",
    "^[ab]$",
    "^[^a]$",
    "^[a-]+$",
    "^[-a]+$",
    "^[a-c-e]*$",
    "^[!-~]+$",
    "^a?b$",
    "^a*b$",
    "^a*ab$",
    "^a{2}$",
    "^a{1,2}$",
    "^a{1,}$",
    "^a{,2}$",
    "^a{2,1}$",
    "^(a)?$",
    "^(a|b)?$",
    "^(a)?(b)?$",
    "^(a.b)?$",
    "^a|b$",
    "^a$|^b$",
    "^a\\.b$",
    "^a.b$",
    "^\\w+$",
    "^\\$",
    "\\S",
    "\\s",
    "^\\S$",
    "Z$",
    "\\$",
    "$",
    "^$",
    "^^a$",
    "^a$$",
    "^[a&&b]+$",
    "^[[:alpha:]]+$",
    "^[\\d]$",
    "^a+?$",
    "^a++$",
    "^é$",
    "^[é]$",
    "^ $",
    "^\n$",
    "(?i)^A$",
    "^(?i)A$",
    "^[a]{1}b{0}$",
    "^[$]$",
    "^[\\]]$",
    "^[]]$",
    "^a{1}{2}$",
    "^a{0}$",
    "^[a--]$",
    "^[+--]$",
    "^([a-z]{0,3})?$",
];

pub fn lose(value: &mut Value) {
    match value {
        Value::Object(members) => drop(members.keys().next().cloned().and_then(|key| members.remove(&key))),
        Value::Array(items) => drop(items.pop()),
        _ => *value = Value::Null,
    }
}

pub fn double(value: &mut Value) {
    match value {
        Value::Array(items) => items.extend(items.clone()),
        Value::String(text) => *text = text.repeat(2),
        _ => {}
    }
}

pub fn add(value: &mut Value) {
    match value {
        Value::Object(members) => drop(members.insert("unheard-of".to_owned(), json!(1))),
        Value::Array(items) => items.push(json!(1)),
        Value::String(text) => text.push('\n'),
        _ => {}
    }
}

fn end(pairs: Vec<Pair>, what: &str) {
    let mut all = Told::default();
    for pair in pairs {
        all.both += pair.told.both;
        all.neither += pair.told.neither;
        all.left_open += pair.told.left_open;
        all.wrong.push_str(&pair.told.wrong);
    }
    project::tell(&format!(
        "{what}: valid for both {}, for neither {}, left to the validator {} (of {} that it accepts)",
        all.both,
        all.neither,
        all.left_open,
        all.both + all.left_open
    ));
    assert!(all.wrong.is_empty(), "{}", all.wrong);
    assert!(all.both > 0 && all.neither > 0, "nothing was compared");
}

/// The values of each group in the facts below a folder; those of cases named `pass` are damaged too.
fn ask_facts(folder: &Path, damaged: bool, groups: &mut [Pair], seen: &mut BTreeSet<String>) {
    for path in project::files(folder).iter().filter(|p| p.file_name().is_some_and(|n| n == "facts.json")) {
        let Ok(document) = serde_json::from_str::<Value>(&project::text(path)) else { continue };
        let stated = document["facts"].as_object().cloned().unwrap_or_else(Map::new);
        for pair in groups.iter_mut() {
            let Some(value) = stated.get(&pair.name).map(|group| &group["value"]) else { continue };
            if seen.insert(format!("{}{value}", pair.name)) {
                if damaged { pair.ask_damaged(value) } else { pair.ask(value) }
            }
        }
    }
}

#[test]
fn groups_accepted_quickly_are_valid() {
    let files = Files::embedded();
    let mut groups: Vec<Pair> = Vec::new();
    for (path, source) in files.under("schemas/facts/") {
        let name = path.trim_start_matches("schemas/facts/").trim_end_matches(".schema.json");
        groups.push(Pair::new(name, &source.text).expect("an embedded schema can be used"));
    }
    let mut seen = BTreeSet::new();
    ask_facts(&project::root().join("fixtures/deployments/claw-go"), true, &mut groups, &mut seen);
    ask_facts(&project::root().join("fixtures"), false, &mut groups, &mut seen);
    for pair in &groups {
        assert!(pair.told.both > 0, "no fixture has a valid value of {}, or none is accepted quickly", pair.name);
    }
    end(groups, "groups");
}

#[test]
fn documents_of_people_accepted_quickly_are_valid() {
    let mut envelope = Pair::embedded("schemas/envelope.schema.json");
    let facts = project::json(&project::root().join("fixtures/controls/backups/verified/pass/facts.json"));
    envelope.ask_damaged(&facts);
    let mut parameters = Pair::embedded("schemas/parameters.schema.json");
    let mut defaults = project::json(&project::root().join("policies/parameters.json"));
    defaults.as_object_mut().map(|members| members.remove("environments"));
    parameters.ask_damaged(&defaults);
    let mut manifest = Pair::embedded("schemas/manifest.schema.json");
    manifest.ask_damaged(&project::json(&project::root().join("policies/manifest.json")));
    assert!(contract("metadata").is_ok(), "every contract is in the dialect");
    end(vec![envelope, parameters, manifest], "documents of people");
}

/// Schemas of every keyword and of many patterns.
pub fn schemas() -> Vec<Value> {
    let patterns = PATTERNS.iter().map(|p| json!({"type": "string", "pattern": p}));
    let others_kinds = ["null", "boolean", "number", "integer", "string"].map(|kind| json!({"type": kind}));
    let plain = [
        json!({"type": ["integer", "null"], "minimum": 0, "maximum": 9_007_199_254_740_991_i64}),
        json!({"type": "number", "minimum": 0.5, "maximum": 99}),
        json!({"type": "number", "minimum": -1.0}),
        json!({"type": ["number", "string"], "maximum": u64::MAX, "minLength": 1, "maxLength": 2}),
        json!({"const": 1}),
        json!({"const": "Z", "minLength": 2}),
        json!({"enum": [0, null, "a", [], {}, 1.0, true]}),
        json!({"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 1}]}),
        json!({"oneOf": [{"type": "string", "maxLength": 1}, {"type": "string", "pattern": "^a"}, {"const": null}]}),
        json!({"oneOf": [{"type": "string", "pattern": "b$"}, {"type": "string", "pattern": "^a"}]}),
        json!({"type": "array", "items": {"type": ["null", "array"], "items": {"const": 1}, "maxItems": 1}, "minItems": 1}),
        json!({"type": "string", "format": "date-time", "pattern": "Z$"}),
        json!({"type": "string", "format": "duration"}),
        json!({"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}),
        json!({"type": "string", "minLength": 1.0, "maxLength": 2.5}),
        json!({"$id": "https://example.org/x", "type": "string"}),
    ];
    patterns.chain(others_kinds).chain(plain).collect()
}

#[test]
fn keywords_and_patterns_accepted_quickly_are_valid() {
    let schemas = schemas().into_iter().map(|schema| schema.to_string());
    let mut pairs: Vec<Pair> = schemas.filter_map(|schema| Pair::new(&schema, &schema)).collect();
    assert!(pairs.len() > 50, "most of the schemas can be used");
    for pair in &mut pairs {
        for value in &others() {
            pair.ask(value);
        }
    }
    end(pairs, "keywords and patterns");
}
