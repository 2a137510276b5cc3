//! The form of a case.

use super::chain::Records;
use super::signed::Signed;
use golive::text::{Limits, Source, read_yaml};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// One hostile input and what golive must do with it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub id: String,
    #[serde(skip)]
    pub area: String,
    /// One line: what would go wrong.
    #[expect(dead_code, reason = "for people")]
    pub why: String,
    /// The facts document, `facts.json`.
    #[serde(default)]
    pub facts: Content,
    /// Arguments instead of `check facts.json`; what follows from the other keys is put behind them.
    #[serde(default)]
    pub run: Option<Vec<Word>>,
    /// Nothing is put behind the arguments.
    #[serde(default)]
    pub bare: bool,
    /// Put behind everything else.
    #[serde(default)]
    pub args: Vec<Word>,
    /// Given instead of the deployment's; empty means not given.
    #[serde(default)]
    pub environment: Option<String>,
    #[serde(default)]
    pub release: Option<String>,
    #[serde(default)]
    pub at: Option<String>,
    /// The `-o` flags; by default `human`, and `json` into the file `decision.json`.
    #[serde(default)]
    pub output: Option<Vec<String>>,
    #[serde(default)]
    pub waivers: Option<Exceptions>,
    #[serde(default)]
    pub remediations: Option<Exceptions>,
    /// Keys, `trust.json` and signatures.
    #[serde(default)]
    pub signed: Signed,
    /// Folders of records, and what is done to them.
    #[serde(default)]
    pub records: Records,
    /// Changes of the deployment's parameters.
    #[serde(default)]
    pub parameters: Content,
    /// Edits of a copy of the checklist, which is then given with `--checklist`.
    #[serde(default)]
    pub checklist: Vec<Edit>,
    /// Where that copy lies.
    #[serde(default)]
    pub checklist_at: Option<String>,
    /// Further files; a name may hold `\xHH`.
    #[serde(default)]
    pub files: BTreeMap<String, Content>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Runs as a user who may not read everything, where the suite itself may.
    #[serde(default)]
    pub unprivileged: bool,
    #[serde(default)]
    pub stdin: Stdin,
    #[serde(default)]
    pub stdout: Stdout,
    /// The working directory is gone when golive starts.
    #[serde(default)]
    pub nowhere: bool,
    /// How many processes do this at the same time, in the same folder.
    #[serde(default)]
    pub together: Option<usize>,
    /// Further variants: each is laid over the case, lists are joined.
    #[serde(default)]
    pub each: Vec<Value>,
    /// The same again with these keys laid over: stdout, stderr and files must be the same bytes.
    #[serde(default)]
    pub again: Vec<Value>,
    pub expect: Expect,
    /// The case as it was written.
    #[serde(skip)]
    written: Value,
}

/// An argument, or many of the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Word {
    One(String),
    Many { repeat: String, times: usize },
}

/// What a file holds. Without `text`, `parts`, `symlink` and `folder` it is the deployment's own document, changed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Content {
    /// Only these groups of the facts.
    pub keep: Option<Vec<String>>,
    /// RFC 6902.
    pub patch: Vec<Value>,
    /// Members under another key.
    pub rename: Vec<Rename>,
    /// Changes of the written text.
    pub replace: Vec<Replace>,
    pub text: Option<String>,
    pub parts: Vec<Part>,
    pub symlink: Option<String>,
    pub folder: bool,
    /// Not there at all.
    pub absent: bool,
    /// Octal.
    pub mode: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    pub path: String,
    pub to: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replace {
    pub find: String,
    pub with: String,
}

/// A piece of a file, so many times; `%d` is the count.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub hex: String,
    #[serde(default = "once")]
    pub times: usize,
}

fn once() -> usize {
    1
}

/// Waivers or remediations: valid entries, changed, or any text.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Exceptions {
    pub entries: Vec<Entry>,
    /// Each entry in a file of its own, the folder is given.
    pub apart: bool,
    /// Any file instead.
    pub content: Option<Content>,
    /// The file's name.
    pub name: Option<String>,
}

/// A valid entry, changed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub control: String,
    #[serde(default)]
    pub findings: Vec<String>,
    #[serde(default)]
    pub patch: Vec<Value>,
}

/// An edit of a checklist's file: `text` writes it anew, `find` and `with` change it once, else it is removed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    pub file: String,
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub find: Option<String>,
    #[serde(default)]
    pub with: String,
    /// How often `with` stands there.
    #[serde(default = "once")]
    pub times: usize,
    #[serde(default)]
    pub symlink: Option<String>,
    #[serde(default)]
    pub mode: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stdin {
    #[default]
    Empty,
    /// `facts.json`.
    Facts,
    Terminal,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stdout {
    #[default]
    Kept,
    /// A device that takes nothing.
    Full,
    /// A pipe whose reader has gone.
    Broken,
}

/// What must come out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub exit: Numbers,
    /// GO, `NO_GO` or none.
    #[serde(default)]
    pub gate: Option<String>,
    /// Verdict or outcome by control; `*` is every control not named.
    #[serde(default)]
    pub verdicts: BTreeMap<String, Words>,
    /// Ids that must be among the findings.
    #[serde(default)]
    pub findings: BTreeMap<String, Vec<String>>,
    /// What one of the streams must hold, and none may.
    #[serde(default)]
    pub says: Vec<String>,
    #[serde(default)]
    pub lacks: Vec<String>,
    /// What stdout may not hold outside of Markdown's code spans.
    #[serde(default)]
    pub prose_lacks: Vec<String>,
    #[serde(default)]
    pub stdout: Vec<String>,
    #[serde(default)]
    pub stderr: Vec<String>,
    /// Bytes that no stream and no file may hold, in hexadecimal.
    #[serde(default)]
    pub no_bytes: Vec<String>,
    /// Files that must not be there.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Files that must hold one whole decision.
    #[serde(default)]
    pub whole: Vec<String>,
    #[serde(default)]
    pub seconds: Option<u64>,
    /// How many controls were judged, where it is not the built-in eleven.
    #[serde(default)]
    pub controls: Option<usize>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Numbers {
    One(i32),
    Any(Vec<i32>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Words {
    One(String),
    Any(Vec<String>),
}

impl Numbers {
    pub fn list(&self) -> Vec<i32> {
        match self {
            Self::One(n) => vec![*n],
            Self::Any(list) => list.clone(),
        }
    }
}

impl Words {
    pub fn list(&self) -> Vec<String> {
        match self {
            Self::One(word) => vec![word.clone()],
            Self::Any(list) => list.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    #[expect(dead_code, reason = "for people")]
    about: String,
    cases: Vec<Value>,
}

/// All cases, by area and file.
pub fn read_all(folder: &Path) -> Vec<Case> {
    let mut out = Vec::new();
    for area in sorted(folder).into_iter().filter(|p| p.is_dir()) {
        for file in sorted(&area) {
            let name = area.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let read: Area = yaml(&file);
            for written in read.cases {
                let mut case: Case =
                    serde_json::from_value(written.clone()).unwrap_or_else(|e| panic!("{}: {e} in {written:#}", file.display()));
                case.area.clone_from(&name);
                case.written = written;
                out.push(case);
            }
        }
    }
    assert!(!out.is_empty(), "{} holds no cases", folder.display());
    out
}

fn sorted(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut out: Vec<_> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    out.sort();
    out
}

/// A YAML file, or a panic that names it.
pub fn yaml<T: DeserializeOwned>(file: &Path) -> T {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let document = read_yaml(Arc::new(Source::new(file.to_string_lossy(), text)), &Limits::default()).unwrap_or_else(|e| {
        let line = e.labels.as_ref().map_or(0, |(source, labels)| source.text[..labels[0].0.start].lines().count());
        panic!("{}:{line}: {e}", file.display())
    });
    serde_json::from_value(document.value).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

impl Case {
    /// The case itself, or each of its variants.
    pub fn variants(&self) -> Vec<Self> {
        if self.each.is_empty() {
            return vec![self.clone()];
        }
        let numbered = self.each.iter().enumerate();
        numbered.map(|(index, over)| Self { id: format!("{}#{}", self.id, index + 1), ..self.with(over) }).collect()
    }

    /// The case with other keys laid over.
    pub fn with(&self, over: &Value) -> Self {
        let mut written = self.written.clone();
        for key in ["each", "again"] {
            if let Some(members) = written.as_object_mut() {
                members.remove(key);
            }
        }
        lay(&mut written, over);
        let mut out: Self = serde_json::from_value(written.clone()).unwrap_or_else(|e| panic!("{}: {e} in {written:#}", self.id));
        out.area.clone_from(&self.area);
        out.written = written;
        out
    }
}

/// Objects are joined, lists are joined, anything else is replaced.
fn lay(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                lay(below.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(below), Value::Array(above)) => below.extend(above.iter().cloned()),
        (below, above) => *below = above.clone(),
    }
}
