//! Changes that a document's schemas suggest.

use super::NOW;
use super::defects::{FAULTS, mend_totals};
use super::mutate::mutate;
use super::palette::Palette;
use super::random::Random;
use golive::model::Instant;
use golive::schema::Schema;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Texts that readers, comparisons and sorts stumble over.
const ODD: &[&str] = &[
    "",
    " ",
    "é",
    "e\u{301}",
    "Straße",
    "\u{202e}abc",
    "a\u{0}b",
    "\u{1f600}\u{1f468}\u{200d}\u{1f469}",
    "\\\"/\u{8}\u{c}\n\r\t",
    "\u{feff}x",
    "\u{10ffff}",
    "<undefined>",
    "null",
    "a/b~1c",
    "0.1.1 ",
    "I\u{307}",
];

/// Values that no schema of a group allows in most places.
fn foreign(random: &mut Random) -> Value {
    let values = [json!(null), json!(true), json!([]), json!({}), json!("x"), json!(-1), json!(0.5), json!(9_007_199_254_740_991_i64)];
    random.pick(&values).clone()
}

/// Changes a document in one to four places.
pub fn change(document: &mut Value, schemas: &BTreeMap<String, Schema>, parameters: &Value, random: &mut Random) {
    let now = Instant::parse(NOW).expect("the fleet's clock");
    let palette = Palette::new(document, parameters, now);
    for _ in 0..=random.below(4) {
        let Some(groups) = document["facts"].as_object_mut() else { return };
        let names: Vec<String> = groups.keys().cloned().collect();
        if names.is_empty() {
            return;
        }
        let name = random.pick(&names);
        match random.below(36) {
            0 => drop(random.pick(FAULTS).apply(groups, random)),
            1 => groups[name]["collected_at"] = json!(palette.time(random)),
            2 => one(&mut groups[name]["value"], random, &|value| value.is_string(), &mut |value, random| {
                *value = json!(*random.pick(ODD));
            }),
            3 => one(&mut groups[name]["value"], random, &|_| true, &mut |value, random| *value = foreign(random)),
            4 => one(&mut groups[name]["value"], random, &Value::is_object, &mut member),
            5 => {
                one(&mut groups[name]["value"], random, &Value::is_array, &mut length);
                if random.once_in(2) {
                    mend_totals(&mut groups[name]["value"]);
                }
            }
            6 => one(&mut groups[name]["value"], random, &Value::is_u64, &mut |value, random| {
                let here = value.as_i64().unwrap_or(0);
                *value = json!(*random.pick(&[here - 1, here + 1, 0, 1, 9_007_199_254_740_991]));
            }),
            _ => {
                if let Some(schema) = schemas.get(name) {
                    mutate(&schema.shape, &mut groups[name]["value"], &palette, random);
                }
            }
        }
    }
}

/// A member too many, or one too few.
fn member(value: &mut Value, random: &mut Random) {
    let Some(members) = value.as_object_mut() else { return };
    let names: Vec<String> = members.keys().cloned().collect();
    if names.is_empty() || random.once_in(2) {
        members.insert(random.pick(&["more", "_", "state", "id", "é"]).to_string(), json!(1));
    } else {
        members.remove(random.pick(&names));
    }
}

/// Another length, whatever the total beside the list says.
fn length(value: &mut Value, random: &mut Random) {
    let Some(items) = value.as_array_mut() else { return };
    match random.below(4) {
        0 => items.clear(),
        1 => drop(items.pop()),
        2 => items.reverse(),
        _ => items.extend(items.clone()),
    }
}

/// Changes one of the places that fit, each as likely as the others.
fn one(value: &mut Value, random: &mut Random, fits: &dyn Fn(&Value) -> bool, with: &mut dyn FnMut(&mut Value, &mut Random)) {
    let mut paths = Vec::new();
    places(value, &mut String::new(), fits, &mut paths);
    if paths.is_empty() {
        return;
    }
    let path = random.pick(&paths);
    if let Some(place) = value.pointer_mut(path) {
        with(place, random);
    }
}

fn places(value: &Value, path: &mut String, fits: &dyn Fn(&Value) -> bool, out: &mut Vec<String>) {
    if fits(value) {
        out.push(path.clone());
    }
    let mut below = |key: &str, value: &Value| {
        let length = path.len();
        path.push('/');
        path.push_str(&key.replace('~', "~0").replace('/', "~1"));
        places(value, path, fits, out);
        path.truncate(length);
    };
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| below(&at.to_string(), item)),
        Value::Object(members) => object(members, &mut below),
        _ => {}
    }
}

fn object(members: &Map<String, Value>, below: &mut dyn FnMut(&str, &Value)) {
    for (key, value) in members {
        below(key, value);
    }
}
