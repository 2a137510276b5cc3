//! Values that a document, the parameters and the clock suggest as boundaries.

use super::random::Random;
use golive::model::Instant;
use golive::model::time::parse_duration;
use golive::schema::{Kind, LeafKind, Shape};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Times, lengths, texts and numbers to choose from.
pub struct Palette {
    times: Vec<i64>,
    lengths: Vec<i64>,
    texts: Vec<String>,
}

impl Palette {
    /// From a facts document, the parameters in force and the clock.
    pub fn new(facts: &Value, parameters: &Value, now: Instant) -> Self {
        let mut lengths: BTreeSet<i64> = [0, 1_000].into();
        let mut texts: BTreeSet<String> = ["", "other", "v0.1.1", "0.1.1-rc.1"].map(str::to_owned).into();
        let mut known: BTreeSet<i64> = [now.ms].into();
        for source in [facts, parameters] {
            each_text(source, &mut |text| match (Instant::parse(text), parse_duration(text)) {
                (Some(time), _) => drop(known.insert(time.ms)),
                (_, Some(length)) => drop(lengths.insert(length)),
                _ => drop(texts.insert(text.to_owned())),
            });
        }
        let mut times: BTreeSet<i64> = known.iter().flat_map(|t| [t - 1, *t, t + 1]).collect();
        let far = lengths.iter().flat_map(|l| [now.ms - l, now.ms + l]);
        times.extend(far.flat_map(|t| [t - 1_000, t - 1, t, t + 1, t + 1_000]));
        Self { times: times.into_iter().collect(), lengths: lengths.into_iter().collect(), texts: texts.into_iter().collect() }
    }

    /// Another value for a leaf; most of them fit its schema.
    pub fn leaf(&self, shape: &Shape, here: &Value, random: &mut Random) -> Value {
        match &shape.kind {
            Kind::Leaf(LeafKind::Const(value)) => value.clone(),
            Kind::Leaf(LeafKind::Enum(values)) => random.pick(values).clone(),
            Kind::Leaf(LeafKind::Time) => json!(self.time(random)),
            Kind::Leaf(LeafKind::Duration) => json!(format!("PT{}S", random.pick(&self.lengths) / 1000 + i64::from(random.once_in(2)))),
            Kind::Leaf(LeafKind::Plain(types)) => match random.pick(types).as_str() {
                "boolean" => json!(random.once_in(2)),
                "null" => Value::Null,
                "string" => self.text(shape, here, random),
                _ => number(shape, here, random),
            },
            _ => here.clone(),
        }
    }

    /// A time around the clock, around another time, or at a limit's distance from the clock.
    pub fn time(&self, random: &mut Random) -> String {
        Instant { ms: (*random.pick(&self.times)).max(0) }.to_string()
    }

    /// A text that occurs somewhere, or the one here with another end.
    fn text(&self, shape: &Shape, here: &Value, random: &mut Random) -> Value {
        let schema = jsonschema::validator_for(&shape.schema).expect("a leaf's schema");
        let fitting: Vec<&String> = self.texts.iter().filter(|text| schema.is_valid(&json!(text))).collect();
        let here = here.as_str().unwrap_or_default();
        match here.char_indices().last() {
            Some((at, last)) if fitting.is_empty() || random.once_in(4) => {
                json!(format!("{}{}", &here[..at], if last == '0' { '1' } else { '0' }))
            }
            _ if fitting.is_empty() => json!(here),
            _ => json!(*random.pick(&fitting)),
        }
    }

    /// A small value of a shape that stood nowhere: an alternative that was not taken, an element of an empty list.
    pub fn sample(&self, shape: &Shape, random: &mut Random) -> Value {
        match &shape.kind {
            Kind::Leaf(_) => {
                let mut tries = (0..20).map(|_| self.leaf(shape, &json!("0".repeat(64)), random));
                tries.find(|value| jsonschema::is_valid(&shape.schema, value)).unwrap_or_else(|| json!("0".repeat(64)))
            }
            Kind::Choice(shapes) => self.sample(random.pick(shapes), random),
            Kind::List { items, .. } => (0..random.below(3)).map(|_| self.sample(items, random)).collect(),
            Kind::Map(_) => json!({}),
            Kind::Object(properties) => {
                let mut members: Map<String, Value> = properties.iter().map(|(name, p)| (name.clone(), self.sample(p, random))).collect();
                set_totals(&mut members);
                Value::Object(members)
            }
        }
    }
}

/// Every `<name>_total` beside a list `<name>` says its length.
pub fn set_totals(members: &mut Map<String, Value>) {
    let lengths: Vec<(String, usize)> =
        members.iter().filter_map(|(name, v)| Some((format!("{name}_total"), v.as_array()?.len()))).collect();
    for (name, length) in lengths {
        if let Some(total) = members.get_mut(&name) {
            *total = json!(length);
        }
    }
}

fn number(shape: &Shape, here: &Value, random: &mut Random) -> Value {
    let here = here.as_i64().unwrap_or(0);
    let bound = |name: &str, or: i64| shape.schema.get(name).and_then(Value::as_i64).unwrap_or(or);
    let (least, most) = (bound("minimum", -1), bound("maximum", (1 << 53) - 1));
    json!(*random.pick(&[least, most, 0, 1, 2, here - 1, here + 1, least - 1]))
}

fn each_text(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|v| each_text(v, see)),
        Value::Object(members) => members.values().for_each(|v| each_text(v, see)),
        _ => {}
    }
}
