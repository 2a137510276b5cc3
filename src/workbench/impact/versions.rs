//! The two versions, and how they differ before any document is looked at.

use crate::batch::{Refusal, Setting};
use crate::checklist::{Checklist, Files, LoadError, environments, load};
use crate::model;
use crate::rego::Limits;
use crate::text::pointer_of;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One version.
#[derive(Debug, Clone)]
pub struct Version {
    /// The checklist, and what of its parameters is not its default.
    pub about: model::Checklist,
    /// Its controls in order: id and title.
    pub controls: Vec<(String, String)>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChange {
    /// Only the head has it.
    Added,
    /// Both have it, with different texts.
    Changed,
    /// Only the base has it.
    Removed,
}

impl FileChange {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// A parameter in force that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterChange {
    /// The environment, where it differs from what all others have.
    pub environment: Option<String>,
    /// RFC 6901 pointer into the parameters.
    pub pointer: String,
    /// What was in force; null where the parameter did not exist.
    pub base: Value,
    /// What is in force.
    pub head: Value,
}

/// Both versions, and how they differ.
#[derive(Debug, Clone)]
pub struct Versions {
    /// What is in force.
    pub base: Version,
    /// What is proposed.
    pub head: Version,
    /// Files of the checklists, by their paths.
    pub files: Vec<(String, FileChange)>,
    /// Parameters: for all environments, then for those that have their own.
    pub parameters: Vec<ParameterChange>,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// What is in force.
    Base,
    /// What is proposed.
    Head,
}

impl Which {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Head => "head",
        }
    }
}

impl Versions {
    /// Loads both.
    ///
    /// # Errors
    /// All that is wrong with one of them.
    pub fn of(base: &Setting, head: &Setting) -> Result<Self, (Which, Refusal)> {
        let (before, after) =
            (common(base).map_err(|refusal| (Which::Base, refusal))?, common(head).map_err(|refusal| (Which::Head, refusal))?);
        let mut parameters = Vec::new();
        differences(None, &before.parameters.value, &after.parameters.value, &mut parameters);
        let everywhere = parameters.clone();
        let own = |setting: &Setting| environments(&setting.files, setting.overlay.as_ref());
        for environment in own(base).union(&own(head)) {
            // An environment that one of the two would call misspelt is refused document by document.
            let (Some(before), Some(after)) = (open(base, environment).ok(), open(head, environment).ok()) else { continue };
            let mut found = Vec::new();
            differences(Some(environment), &before.parameters.value, &after.parameters.value, &mut found);
            let is_common =
                |p: &ParameterChange| everywhere.iter().any(|e| (&e.pointer, &e.base, &e.head) == (&p.pointer, &p.base, &p.head));
            parameters.extend(found.into_iter().filter(|p| !is_common(p)));
        }
        Ok(Self { base: version(&before), head: version(&after), files: files(&base.files, &head.files), parameters })
    }

    /// Every control: its id, its title and which versions have it. Those of the base first, each in its checklist's order.
    pub fn controls(&self) -> Vec<(&str, &str, Option<Which>)> {
        let has = |version: &Version, id: &str| version.controls.iter().any(|(own, _)| own == id);
        let base = self.base.controls.iter().map(|(id, title)| {
            let only = (!has(&self.head, id)).then_some(Which::Base);
            (id.as_str(), title.as_str(), only)
        });
        let head = self.head.controls.iter().filter(|(id, _)| !has(&self.base, id));
        base.chain(head.map(|(id, title)| (id.as_str(), title.as_str(), Some(Which::Head)))).collect()
    }
}

fn version(checklist: &Checklist) -> Version {
    let controls = checklist.controls.iter().map(|c| (c.text.id.clone(), c.text.title.clone())).collect();
    Version { about: checklist.about.clone(), controls }
}

/// With the parameters of all environments that have none of their own.
fn common(setting: &Setting) -> Result<Checklist, Refusal> {
    open(setting, "")
}

fn open(setting: &Setting, environment: &str) -> Result<Checklist, Refusal> {
    load(&setting.files, setting.overlay.as_ref(), environment, Limits::default()).map_err(|error| match error {
        LoadError::Checklist(problems) => Refusal::Checklist(problems),
        LoadError::Parameters(problems) => Refusal::Input(problems),
    })
}

fn files(base: &Files, head: &Files) -> Vec<(String, FileChange)> {
    let texts = |files: &Files| -> BTreeMap<String, String> {
        files.under("").map(|(path, source)| (path.to_owned(), source.text.clone())).collect()
    };
    let (base, head) = (texts(base), texts(head));
    let paths: BTreeSet<&String> = base.keys().chain(head.keys()).collect();
    let change = |path: &String| match (base.get(path), head.get(path)) {
        (Some(a), Some(b)) => (a != b).then_some(FileChange::Changed),
        (Some(_), None) => Some(FileChange::Removed),
        (None, _) => Some(FileChange::Added),
    };
    paths.into_iter().filter_map(|path| Some((path.clone(), change(path)?))).collect()
}

/// The leaves that differ.
fn differences(environment: Option<&str>, base: &Value, head: &Value, out: &mut Vec<ParameterChange>) {
    fn walk(base: &Value, head: &Value, path: &mut Vec<String>, out: &mut Vec<(String, Value, Value)>) {
        let (Value::Object(a), Value::Object(b)) = (base, head) else {
            if base != head {
                out.push((pointer_of(path.iter()), base.clone(), head.clone()));
            }
            return;
        };
        let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            // The host's own number beside a duration says the same once more.
            if key.strip_suffix("_ms").is_some_and(|name| a.contains_key(name) || b.contains_key(name)) {
                continue;
            }
            path.push(key.clone());
            walk(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), path, out);
            path.pop();
        }
    }
    let mut found = Vec::new();
    walk(base, head, &mut Vec::new(), &mut found);
    let environment = environment.map(str::to_owned);
    out.extend(found.into_iter().map(|(pointer, base, head)| ParameterChange { environment: environment.clone(), pointer, base, head }));
}
