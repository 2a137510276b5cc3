//! A checklist as Markdown for those who have to believe it: per control its criteria in words and in Rego, what denies each of
//! them, what it reads and who collects that, its parameters, and examples that are judged while the page is made.
//!
//! Everything is derived from METADATA, policies, schemas, parameters and fixtures; nothing is written twice.

mod control;
mod examples;
mod index;
mod libraries;
mod pack;
mod parameters;
mod rego;

pub use pack::{Trials, pack};
pub use parameters::named as parameters_of;
pub use rego::Rules;

use super::suite::Suite;
use crate::checklist::{Checklist, Files};
use crate::report::sheet::Sheet;
use serde_json::Value;
use std::collections::BTreeMap;

/// What every page begins with.
pub const MADE_BY: &str = "<!-- Made by `golive policy docs`";

/// The file of the table of contents.
pub const INDEX: &str = "README.md";

/// The file of the policies that controls share.
const LIBRARIES: &str = "policies.md";

/// What pages are made of.
pub struct Material<'m> {
    /// The checklist under the parameters of its fixtures.
    pub checklist: &'m Checklist,
    /// Its files.
    pub files: &'m Files,
    /// Its fixtures.
    pub suite: &'m Suite,
    /// Who can collect each group of facts.
    pub collectors: &'m BTreeMap<String, Vec<CollectorText>>,
}

/// A collector that can state a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorText {
    /// Its name in `golive.toml`.
    pub name: String,
    /// What it states, in one line.
    pub about: String,
}

/// The pages, by the names of their files: the table of contents, what controls share, and one for each control whose id begins with `prefix`.
pub fn pages(material: &Material<'_>, prefix: &str) -> Vec<(String, String)> {
    let modules = material.checklist.engine.modules();
    let mut out = Vec::new();
    if prefix.is_empty() {
        out.push((INDEX.to_owned(), index::page(material)));
        out.push((LIBRARIES.to_owned(), libraries::page(material)));
    }
    // A control's index is its module's.
    for (control, module) in material.checklist.controls.iter().zip(&modules) {
        if control.text.id.starts_with(prefix) {
            out.push((format!("{}.md", control.text.id), control::page(material, control, module)));
        }
    }
    out
}

/// A new page, that says where it comes from.
fn sheet() -> Sheet {
    let mut sheet = Sheet::default();
    sheet.line(format!("{MADE_BY} from policies, schemas, parameters and fixtures. Do not edit. -->"));
    sheet
}

/// A file of the checklist that holds JSON.
fn json(files: &Files, path: &str) -> Value {
    files.get(path).and_then(|source| serde_json::from_str(&source.text).ok()).unwrap_or_default()
}

/// The title of a group of facts, from its schema.
fn group_schema(files: &Files, group: &str) -> Value {
    json(files, &format!("schemas/facts/{group}.schema.json"))
}
