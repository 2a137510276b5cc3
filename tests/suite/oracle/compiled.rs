//! The compiled path against the interpreter, control by control.

use golive::checklist::{Checklist, Compiled, Control};
use golive::rego::compiled::{Bounds, Halt, Machine};
use golive::schema::{Kind, Shape};
use golive::tree::{Keys, Record, Value};
use serde_json::Value as Json;
use std::time::Duration;

/// Nothing that these tests judge comes near them.
pub const BOUNDS: Bounds = Bounds { time: Duration::from_secs(60), memory: 256 << 20 };

/// The compiled policies of the built-in checklist: all of them are in the dialect.
pub fn compiled(checklist: &Checklist) -> Compiled {
    let compiled = checklist.compiled();
    for (program, control) in compiled.controls.iter().zip(&checklist.controls) {
        if let Err(outside) = program {
            panic!("{}: {outside} at {:?} of module {}", control.text.id, outside.span, outside.module);
        }
    }
    if let Err(outside) = &compiled.gate {
        panic!("gate: {outside}");
    }
    compiled
}

/// What a compiled control answers: `violations` and `met`, each sorted as text; none where it asks the interpreter.
pub fn answer(checklist: &Checklist, compiled: &Compiled, control: &Control, input: &Json) -> Option<[Vec<String>; 2]> {
    let index = checklist.controls.iter().position(|c| c.text.id == control.text.id).expect("a control of the checklist");
    let program = compiled.controls[index].as_ref().expect("it is compiled");
    let arena = bumpalo::Bump::new();
    let mut machine = Machine::new(program, tree(checklist, control, input), &arena, BOUNDS);
    let mut members = |entry| match machine.members(entry) {
        Ok(members) => {
            let mut words: Vec<String> = members.iter().map(|m| m.to_json().expect("a whole value").to_string()).collect();
            words.sort();
            words.dedup();
            Some(words)
        }
        Err(Halt::Ask) => None,
        Err(halt) => panic!("{halt:?}"),
    };
    Some([members(0)?, members(1)?])
}

/// The input of one control as a tree.
fn tree(checklist: &Checklist, control: &Control, input: &Json) -> Value<'static> {
    let groups = |json: &Json, grow: &dyn Fn(&str, &Json) -> Value<'static>| {
        let names = control.text.facts.keys().map(String::as_str);
        let members = names.map(|name| json.get(name).map_or(Value::Undefined, |value| grow(name, value)));
        record(Keys::new(control.text.facts.keys().map(String::as_str)), members.collect())
    };
    let facts = groups(&input["facts"], &|name, value| grow(&checklist.groups[name].shape, value));
    let envelope = groups(&input["envelope"], &|_, value| plain(value));
    let keys = Keys::new(["envelope", "environment", "facts", "now_ms", "release"]);
    record(keys, vec![envelope, plain(&input["environment"]), facts, plain(&input["now_ms"]), plain(&input["release"])])
}

fn record(keys: Keys, values: Vec<Value<'static>>) -> Value<'static> {
    let mut words = vec![Value::Keys(Box::leak(Box::new(keys)))];
    words.extend(values);
    Value::Object(Record::new(words.leak()))
}

/// A value whose objects have the keys that their schema gives them.
pub fn grow(shape: &Shape, value: &Json) -> Value<'static> {
    let chosen = shape.alternative(value);
    match (&chosen.kind, value) {
        (Kind::Object(properties), Json::Object(members)) => {
            let keys = shape.keys().expect("an object's keys");
            let of = |name: &str| members.get(name).map(|value| properties.get(name).map_or_else(|| plain(value), |p| grow(p, value)));
            let values = keys.names().map(|name| of(name).unwrap_or(Value::Undefined)).collect();
            record(keys, values)
        }
        (Kind::List { items, .. }, Json::Array(elements)) => {
            Value::List(elements.iter().map(|e| grow(items, e)).collect::<Vec<_>>().leak())
        }
        _ => plain(value),
    }
}

/// A value without a schema: an object has the keys that it has.
pub fn plain(value: &Json) -> Value<'static> {
    match value {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::from(*b),
        Json::Number(n) => n.as_i64().map_or_else(|| Value::Float(n.as_f64().expect("a float")), Value::Int),
        Json::String(s) => Value::Text(s.clone().leak()),
        Json::Array(items) => Value::List(items.iter().map(plain).collect::<Vec<_>>().leak()),
        Json::Object(members) => {
            let keys = Keys::new(members.keys().map(String::as_str));
            let values = keys.names().map(|name| plain(&members[name])).collect();
            record(keys, values)
        }
    }
}
