//! One scripted edit: what is changed, and what that is known to do.

use super::effect::{Effect, Said};
use crate::fleet::Fleet;
use crate::project;
use golive::batch::Setting;
use golive::checklist::Files;
use golive::text::{Document, Limits, Source, read_json};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file of `fixtures/impact/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The file's name.
    #[serde(skip)]
    pub name: String,
    /// What it is, in words.
    #[expect(dead_code, reason = "for people")]
    about: String,
    /// Parameters of the head, laid over those of the fleet.
    pub overlay: Option<Value>,
    /// Edits of files; each text stands once in its file.
    #[serde(default, rename = "edit")]
    texts: Vec<Text>,
    /// What the edits of files do to the rows of the judge by hand.
    #[serde(default)]
    effect: Vec<Effect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    file: String,
    find: String,
    replace: String,
}

/// All of them.
pub fn all() -> Vec<Edit> {
    let files = project::files(&project::root().join("fixtures/impact")).into_iter();
    let read = |path: std::path::PathBuf| {
        let edit: Edit = serde_json::from_value(project::json(&path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        assert!(edit.overlay.is_some() == edit.texts.is_empty(), "{name}: either `overlay` or `edit`");
        Edit { name, ..edit }
    };
    files.map(read).collect()
}

/// Parameters as a file would hold them.
pub fn document(parameters: &Value) -> Document {
    let source = Arc::new(Source::new("parameters.json", parameters.to_string()));
    read_json(source, &Limits::default()).unwrap_or_else(|p| panic!("{p}"))
}

fn setting(files: Files, parameters: &Value) -> Setting {
    Setting { files, overlay: Some(document(parameters)), waivers: Vec::new(), remediations: Vec::new(), environment: None, release: None }
}

/// What is in force: the built-in checklist under the fleet's parameters.
pub fn base() -> Setting {
    setting(Files::embedded(), &Fleet::parameters())
}

impl Edit {
    /// What is proposed.
    pub fn head(&self) -> Setting {
        let mut parameters = Fleet::parameters();
        if let Some(overlay) = &self.overlay {
            lay(&mut parameters, overlay);
        }
        if self.texts.is_empty() {
            return setting(Files::embedded(), &parameters);
        }
        let embedded = Files::embedded();
        let own = |(path, source): (&str, &Arc<Source>)| (path.to_owned(), source.text.clone());
        let mut texts: BTreeMap<String, String> = embedded.under("policies/").chain(embedded.under("schemas/")).map(own).collect();
        for Text { file, find, replace } in &self.texts {
            let text = texts.get_mut(file).unwrap_or_else(|| panic!("{}: there is no {file}", self.name));
            assert_eq!(text.matches(find.as_str()).count(), 1, "{}: this must stand once in {file}: {find}", self.name);
            *text = text.replacen(find.as_str(), replace, 1);
        }
        let sources = texts.into_iter().map(|(path, text)| (path.clone(), Arc::new(Source::new(path, text))));
        setting(Files::new("edited", sources.collect()), &parameters)
    }

    /// The verdicts that this makes of a document's rows; `again` judges another text in the same way.
    pub fn verdicts(&self, text: &str, rows: Vec<Said>, again: impl Fn(&str) -> Vec<Said>) -> Vec<(&'static str, &'static str)> {
        let facts: Value = if self.effect.is_empty() { Value::Null } else { serde_json::from_str(text).expect("a document is JSON") };
        let mut rows = rows;
        for effect in &self.effect {
            effect.apply(&facts, &mut rows, &again);
        }
        rows.into_iter().map(|said| (said.control, said.verdict())).collect()
    }

    /// Whether the gate stays closed for a document, whatever its controls say.
    pub fn closes(&self, text: &str) -> bool {
        self.effect.iter().any(|effect| effect.closes(text))
    }
}

/// Objects are laid over each other member by member; anything else replaces what was there.
fn lay(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                lay(below.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above.clone(),
    }
}
