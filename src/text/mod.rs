//! Text with positions: strict readers of JSON and YAML, and the problems that point into them.
//!
//! Nothing here knows what a document means. A reader answers with plain data ([`serde_json::Value`]) and with the place
//! of each value, so that whoever refuses a value can underline it.

mod bytes;
mod escape;
mod fold;
mod json;
mod json_scan;
mod problem;
mod source;
mod yaml;

pub use bytes::{decode, sha256};
pub use escape::{is_plain, json_string, spreadsheet, visible};
pub use fold::folded;
pub use json::read_json;
pub use problem::{Problem, Severity};
pub use source::{Limits, Place, Position, Source, Span, Tree, pointer_of};
pub use yaml::{read_yaml, read_yaml_part};

use serde_json::Value;
use std::sync::Arc;

/// A document that was read strictly: its value, and where each part of it stands.
#[derive(Debug, Clone)]
pub struct Document {
    /// The text and its name.
    pub source: Arc<Source>,
    /// What the text says.
    pub value: Value,
    /// Where each value stands in the text.
    pub places: Tree,
}

impl Document {
    /// The place of the value at an RFC 6901 pointer, or of its nearest ancestor that exists.
    pub fn locate(&self, pointer: &str) -> Place {
        self.places.locate(pointer)
    }
}

/// Reads JSON or YAML by the file's name: `.yaml` and `.yml` are YAML, everything else is JSON.
///
/// # Errors
/// The first fault of the text, as [`read_json`] and [`read_yaml`] give it.
pub fn read_by_name(source: Arc<Source>, limits: &Limits) -> Result<Document, Problem> {
    let lower = source.name.to_ascii_lowercase();
    if lower.ends_with(".yaml") || lower.ends_with(".yml") { read_yaml(source, limits) } else { read_json(source, limits) }
}
