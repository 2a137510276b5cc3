//! The host's own schemas: what it accepts from people. They come with the binary, never from an edited checklist.

use super::files::Files;
use crate::schema::Schema;
use crate::text::{Limits, Problem, read_json};
use std::sync::Arc;

/// A schema of the host, such as `envelope` or `waivers`, by its name under `schemas/`.
///
/// # Errors
/// Only where the binary was built with a broken schema.
pub fn contract(name: &str) -> Result<Schema, Vec<Problem>> {
    let path = format!("schemas/{name}.schema.json");
    let files = Files::embedded();
    let Some(source) = files.get(&path) else {
        return Err(vec![Problem::new("golive::bug", format!("the binary carries no {path}"))]);
    };
    let document = read_json(Arc::clone(source), &Limits::default()).map_err(|p| vec![p])?;
    Schema::new(document, true)
}
