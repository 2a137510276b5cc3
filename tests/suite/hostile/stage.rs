//! A folder with everything that a case needs, and the arguments that go with it.

use super::case::{Case, Content, Edit, Entry, Exceptions, Part, Word};
use super::chain::{Chains, Ground};
use golive::model::Instant;
use serde_json::{Map, Value, json};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// A deployment that is GO, and the root of the project.
pub struct Base {
    root: PathBuf,
    facts: Value,
    parameters: Value,
    environment: String,
    release: String,
    at: String,
    chains: Chains,
}

/// A case laid out in a folder.
pub struct Stage {
    pub folder: tempfile::TempDir,
    pub args: Vec<OsString>,
}

impl Stage {
    /// Where golive runs.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("here")
    }

    /// Gives back the permissions that the folder needs to be removed.
    pub fn unlock(&self) {
        fn open(folder: &Path) {
            let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o755));
            for path in fs::read_dir(folder).into_iter().flatten().filter_map(|e| Some(e.ok()?.path())) {
                if path.is_dir() && !path.is_symlink() {
                    open(&path);
                }
            }
        }
        open(&self.path());
    }

    /// Where what it writes to its streams goes.
    pub fn aside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Base {
    /// `fixtures/deployments/claw-go`.
    pub fn load(root: &Path) -> Self {
        let folder = root.join("fixtures/deployments/claw-go");
        let args = read(&folder.join("args"));
        let lines: Vec<&str> = args.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
        let flag = |name: &str| {
            let inline = lines.iter().find_map(|l| l.strip_prefix(&format!("{name}=")));
            let next = || lines.iter().position(|l| *l == name).and_then(|at| lines.get(at + 1).copied());
            let split = || lines.iter().find_map(|l| l.strip_prefix(&format!("{name} ")));
            inline.or_else(next).or_else(split).unwrap_or_else(|| panic!("{}: no {name}", folder.display())).trim().to_owned()
        };
        Self {
            root: root.to_owned(),
            facts: parse(&folder.join("facts.json")),
            parameters: parse(&root.join(flag("--parameters"))),
            environment: flag("--environment"),
            release: flag("--release"),
            at: flag("--at"),
            chains: Chains::default(),
        }
    }

    /// Lays a case out.
    pub fn stage(&self, case: &Case) -> Stage {
        let folder = tempfile::Builder::new().prefix("golive-hostile-").tempdir().expect("a temporary folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("a folder for everybody");
        let stage = Stage { folder, args: Vec::new() };
        let here = stage.path();
        fs::create_dir(&here).expect("a folder");
        fs::set_permissions(&here, fs::Permissions::from_mode(0o777)).expect("a folder for everybody");
        put(&here.join("facts.json"), &case.facts, &self.facts);
        let parameters = case.parameters.text.clone().map_or("parameters.json", |_| "parameters.yaml");
        put(&here.join(parameters), &case.parameters, &self.parameters);
        for (name, content) in &case.files {
            put(&here.join(PathBuf::from(escaped(name))), content, &self.facts);
        }
        let mut args: Vec<OsString> = match &case.run {
            Some(words) => spell(words, &here),
            None => vec!["check".into(), "facts.json".into()],
        };
        if !case.bare {
            let mut flag = |name: &str, value: &str| {
                if !value.is_empty() {
                    args.extend([OsString::from(name), escaped(value)]);
                }
            };
            flag("--environment", case.environment.as_ref().unwrap_or(&self.environment));
            flag("--release", case.release.as_ref().unwrap_or(&self.release));
            flag("--at", case.at.as_ref().unwrap_or(&self.at));
            if !case.parameters.absent {
                flag("--parameters", parameters);
            }
            let outputs = case.output.clone().unwrap_or_else(|| vec!["human".to_owned(), "json=decision.json".to_owned()]);
            for output in &outputs {
                flag("-o", output);
            }
        }
        for (kind, given) in [("waivers", &case.waivers), ("remediations", &case.remediations)] {
            if let Some(given) = given {
                let name = self.exceptions(&here, kind, given);
                if !case.bare {
                    args.extend([OsString::from(format!("--{kind}")), name.into()]);
                }
            }
        }
        case.signed.lay(&here);
        let (environment, release, at) = (&self.environment, &self.release, &self.at);
        let ground = Ground { facts: &self.facts, parameters: &self.parameters, environment, release, at };
        self.chains.lay(&case.records, &ground, &here);
        if !case.checklist.is_empty() {
            let name = case.checklist_at.clone().unwrap_or_else(|| "checklist".to_owned());
            self.checklist(&here.join(&name), &case.checklist);
            if !case.bare {
                args.extend([OsString::from("--checklist"), name.into()]);
            }
        }
        args.extend(spell(&case.args, &here));
        Stage { args, ..stage }
    }

    /// Writes waivers or remediations and gives the path to name.
    fn exceptions(&self, here: &Path, kind: &str, given: &Exceptions) -> String {
        if let Some(content) = &given.content {
            let name = given.name.clone().unwrap_or_else(|| format!("{kind}.yaml"));
            put(&here.join(&name), content, &Value::Null);
            return name;
        }
        let entries: Vec<Value> = given.entries.iter().enumerate().map(|(index, entry)| self.entry(kind, index, entry)).collect();
        let document = |entries: &[Value]| json!({"format": format!("golive.{kind}/1"), kind: entries}).to_string();
        let name = given.name.clone().unwrap_or_else(|| format!("{kind}.json"));
        if given.apart {
            fs::create_dir(here.join(kind)).expect("a folder");
            for (index, entry) in entries.iter().enumerate() {
                fs::write(here.join(kind).join(format!("{index}.json")), document(std::slice::from_ref(entry))).expect("a file");
            }
            return kind.to_owned();
        }
        fs::write(here.join(&name), document(&entries)).expect("a file");
        name
    }

    /// A waiver or remediation that nothing is wrong with: begun three days ago, for thirty days.
    fn entry(&self, kind: &str, index: usize, entry: &Entry) -> Value {
        let now = Instant::parse(&self.at).expect("the deployment's time").ms;
        let day = |days: i64| Instant { ms: now + days * 86_400_000 }.to_string();
        let mend = json!({"owner": "Dana Okoye", "action": "mend what the findings name", "target_date": day(20)});
        let mut out = json!({"control": entry.control, "environment": self.environment, "release": self.release});
        let members = out.as_object_mut().expect("an object");
        if kind == "waivers" {
            members.extend(object(json!({
                "id": format!("W-{}", index + 1),
                "findings": entry.findings,
                "reason": "the risk is accepted until the repair",
                "ticket": format!("RISK-{}", 41 + index),
                "requested_by": "dana@example.test",
                "approved_by": "riley@example.test",
                "created_at": day(-3),
                "expires_at": day(27),
                "remediation": mend,
            })));
        } else {
            members.extend(object(mend));
        }
        patched(&mut out, &entry.patch);
        out
    }

    /// A copy of policies and schemas, edited.
    fn checklist(&self, to: &Path, edits: &[Edit]) {
        for folder in ["policies", "schemas"] {
            copy(&self.root.join(folder), &to.join(folder));
        }
        for edit in edits {
            let file = to.join(&edit.file);
            if let Some(target) = &edit.symlink {
                let _ = fs::remove_file(&file);
                symlink(target, &file).expect("a symbolic link");
            } else if let Some(text) = &edit.text {
                fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
                fs::write(&file, text.repeat(edit.times)).expect("a file");
            } else if let Some(find) = &edit.find {
                let text = read(&file);
                assert_eq!(text.matches(find.as_str()).count(), 1, "{} holds `{find}` so often", edit.file);
                fs::write(&file, text.replacen(find.as_str(), &edit.with.repeat(edit.times), 1)).expect("a file");
            } else if edit.mode.is_none() {
                if file.is_dir() { fs::remove_dir_all(&file) } else { fs::remove_file(&file) }
                    .unwrap_or_else(|e| panic!("{}: {e}", edit.file));
            }
            mode(&file, edit.mode.as_deref());
        }
    }
}

fn put(path: &Path, content: &Content, good: &Value) {
    if content.absent {
        return;
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).expect("a folder");
    }
    if let Some(target) = &content.symlink {
        symlink(target, path).expect("a symbolic link");
        return;
    }
    if content.folder {
        fs::create_dir(path).expect("a folder");
    } else {
        fs::write(path, bytes(content, good)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
    mode(path, content.mode.as_deref());
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn parse(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

fn mode(path: &Path, octal: Option<&str>) {
    if let Some(octal) = octal {
        let bits = u32::from_str_radix(octal, 8).expect("an octal mode");
        fs::set_permissions(path, fs::Permissions::from_mode(bits)).expect("permissions");
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn bytes(content: &Content, good: &Value) -> Vec<u8> {
    if let Some(text) = &content.text {
        return text.clone().into_bytes();
    }
    if !content.parts.is_empty() {
        return content.parts.iter().flat_map(part).collect();
    }
    let mut document = good.clone();
    if let Some(keep) = &content.keep {
        let groups = document["facts"].as_object_mut().expect("groups of facts");
        groups.retain(|name, _| keep.contains(name));
        assert_eq!(groups.len(), keep.len(), "groups to keep: {keep:?}");
    }
    patched(&mut document, &content.patch);
    for rename in &content.rename {
        let (parent, key) = rename.path.rsplit_once('/').expect("a pointer");
        let members = document.pointer_mut(parent).and_then(Value::as_object_mut).unwrap_or_else(|| panic!("nothing at {parent}"));
        let value = members.remove(key).unwrap_or_else(|| panic!("nothing at {}", rename.path));
        members.insert(rename.to.clone(), value);
    }
    let mut text = serde_json::to_string_pretty(&document).expect("JSON");
    for change in &content.replace {
        assert_eq!(text.matches(&change.find).count(), 1, "the text holds `{}` so often", change.find);
        text = text.replacen(&change.find, &change.with, 1);
    }
    text.into_bytes()
}

/// Changes a document; a change that changes nothing is a mistake.
pub fn patched(document: &mut Value, patch: &[Value]) {
    if patch.is_empty() {
        return;
    }
    let before = document.clone();
    let operations: json_patch::Patch = serde_json::from_value(patch.to_vec().into()).unwrap_or_else(|e| panic!("{e} in {patch:?}"));
    json_patch::patch(document, &operations).unwrap_or_else(|e| panic!("{e} in {patch:?}"));
    assert_ne!(*document, before, "the patch changes nothing: {patch:?}");
}

fn part(part: &Part) -> Vec<u8> {
    let hex: Vec<u8> = (0..part.hex.len() / 2).map(|i| u8::from_str_radix(&part.hex[2 * i..2 * i + 2], 16).expect("hexadecimal")).collect();
    let counted = part.text.contains("%d");
    let one = |n: usize| if counted { part.text.replace("%d", &n.to_string()).into_bytes() } else { part.text.clone().into_bytes() };
    (0..part.times).flat_map(|n| [one(n), hex.clone()].concat()).collect()
}

/// `{here}` is the folder's path.
fn spell(words: &[Word], here: &Path) -> Vec<OsString> {
    let here = here.to_string_lossy();
    words
        .iter()
        .flat_map(|word| match word {
            Word::One(text) => vec![escaped(&text.replace("{here}", &here))],
            Word::Many { repeat, times } => vec![escaped(repeat); *times],
        })
        .collect()
}

/// `\xHH` is that byte.
pub fn escaped(text: &str) -> OsString {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        out.extend_from_slice(before.as_bytes());
        out.push(u8::from_str_radix(&after[..2], 16).expect("two hexadecimal digits"));
        rest = &after[2..];
    }
    out.extend_from_slice(rest.as_bytes());
    OsString::from_vec(out)
}
