//! One random change of a value that a schema describes.

use super::palette::{Palette, set_totals};
use super::random::Random;
use golive::schema::{Kind, Shape};
use serde_json::Value;

/// Changes one place of a value and gives its path.
pub fn mutate(shape: &Shape, value: &mut Value, palette: &Palette, random: &mut Random) -> String {
    if let Kind::Choice(shapes) = &shape.kind {
        if random.once_in(4) {
            *value = palette.sample(random.pick(shapes), random);
            return String::new();
        }
        return mutate(shape.alternative(value), value, palette, random);
    }
    match (&shape.kind, value) {
        (Kind::Object(properties), Value::Object(members)) if !properties.is_empty() => {
            let names: Vec<&String> = properties.keys().filter(|name| !name.ends_with("_total") || random.once_in(40)).collect();
            if names.is_empty() {
                return String::new();
            }
            let name = *random.pick(&names);
            let Some(member) = members.get_mut(name) else { return String::new() };
            let below = mutate(&properties[name], member, palette, random);
            if !name.ends_with("_total") {
                set_totals(members);
            }
            format!("/{name}{below}")
        }
        (Kind::List { items, .. }, Value::Array(elements)) => list(items, elements, palette, random),
        (_, value) => {
            *value = palette.leaf(shape, value, random);
            String::new()
        }
    }
}

fn list(items: &Shape, elements: &mut Vec<Value>, palette: &Palette, random: &mut Random) -> String {
    if elements.is_empty() {
        elements.push(palette.sample(items, random));
        return "/0".to_owned();
    }
    let index = random.below(elements.len());
    match random.below(10) {
        0 => drop(elements.remove(index)),
        1 => elements.push(elements[index].clone()),
        2 => elements.push(palette.sample(items, random)),
        3 => {
            let mut twin = elements[index].clone();
            mutate(items, &mut twin, palette, random);
            elements.push(twin);
        }
        4 => elements.reverse(),
        5 => elements.clear(),
        _ => return format!("/{index}{}", mutate(items, &mut elements[index], palette, random)),
    }
    String::new()
}
