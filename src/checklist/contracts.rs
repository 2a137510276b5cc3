//! The host's own schemas: what it accepts from people. They come with the binary, never from an edited checklist.

use super::files::Files;
use crate::schema::Schema;
use crate::text::{Limits, Problem, read_json};
use std::collections::BTreeMap;
use std::sync::Mutex;

static READ: Mutex<BTreeMap<String, &'static Schema>> = Mutex::new(BTreeMap::new());

/// A schema of the host, such as `envelope` or `waivers`, by its name under `schemas/`.
///
/// # Errors
/// Only where the binary was built with a broken schema.
pub fn contract(name: &str) -> Result<&'static Schema, Vec<Problem>> {
    let bug = |message: String| vec![Problem::new("golive::bug", message)];
    let mut read = READ.lock().map_err(|_| bug("a thread died while it read a schema".to_owned()))?;
    if let Some(schema) = read.get(name) {
        return Ok(schema);
    }
    let path = format!("schemas/{name}.schema.json");
    let Some(source) = Files::embedded_file(&path) else {
        return Err(bug(format!("the binary carries no {path}")));
    };
    let document = read_json(source, &Limits::default()).map_err(|p| vec![p])?;
    // A handful of small schemas, needed until the end: they are never given back.
    let schema: &'static Schema = Box::leak(Box::new(Schema::new(document, true)?));
    read.insert(name.to_owned(), schema);
    Ok(schema)
}
