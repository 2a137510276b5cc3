//! Reading from the outside: regular files, folders, stdin.

use super::approvals;
use crate::checklist::Files;
use crate::text::{Limits, Problem, Source, decode, visible};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

/// What is told of a path that cannot be read.
pub fn cannot(path: &Path, error: &io::Error) -> Problem {
    Problem::new("golive::input::unreadable", format!("cannot read {}: {}", shown(path), visible(&error.to_string())))
}

/// Reads a regular file as UTF-8 text within the size limit. A pipe, a device or a folder is refused, not waited for.
pub fn read_text(path: &Path) -> Result<Arc<Source>, Problem> {
    let meta = fs::metadata(path).map_err(|e| cannot(path, &e))?;
    if !meta.is_file() {
        let message = format!("{} is not a regular file", shown(path));
        return Err(Problem::new("golive::input::kind", message).help("a file is wanted; `-` reads stdin"));
    }
    let file = fs::File::open(path).map_err(|e| cannot(path, &e))?;
    read(&path.to_string_lossy(), file).map_err(|e| e.unwrap_or_else(|e| cannot(path, &e)))
}

/// Reads stdin; a terminal is refused, because nobody would know that it waits.
pub fn read_stdin() -> Result<Arc<Source>, Problem> {
    read("<stdin>", io::stdin().lock()).map_err(|e| e.unwrap_or_else(|e| cannot(Path::new("<stdin>"), &e)))
}

/// Whether stdin is a terminal.
pub fn stdin_is_terminal() -> bool {
    io::stdin().is_terminal()
}

fn read(name: &str, from: impl Read) -> Result<Arc<Source>, Result<Problem, io::Error>> {
    let limits = Limits::default();
    let mut bytes = Vec::new();
    from.take(limits.bytes as u64 + 1).read_to_end(&mut bytes).map_err(Err)?;
    decode(name, bytes, &limits).map_err(Ok)
}

/// Refuses a list of arguments that reads stdin twice, or from a terminal.
pub fn once(paths: &[PathBuf]) -> Result<(), &'static str> {
    match paths.iter().filter(|path| path.as_os_str() == "-").count() {
        0 => Ok(()),
        1 if !stdin_is_terminal() => Ok(()),
        _ => Err("`-` reads facts from stdin, once, and not from a terminal"),
    }
}

/// A text that was read, and the file that it was read from; none where that is stdin.
pub type Found = (Option<PathBuf>, Arc<Source>);

/// The facts documents that a list of arguments stands for, in order; a folder stands for its `*.json`, sorted.
pub fn facts(paths: &[PathBuf]) -> Result<Vec<Arc<Source>>, Vec<Problem>> {
    Ok(documents(paths, &["json"], "facts")?.into_iter().map(|(_, source)| source).collect())
}

/// How names of files end that hold waivers or remediations.
pub const EXCEPTIONS: [&str; 3] = ["json", "yaml", "yml"];

/// The documents of one exceptions flag.
pub fn exceptions(path: Option<&PathBuf>, what: &str) -> Result<Vec<Found>, Vec<Problem>> {
    documents(path.map(std::slice::from_ref).unwrap_or_default(), &EXCEPTIONS, what)
}

fn documents(paths: &[PathBuf], endings: &[&str], what: &str) -> Result<Vec<Found>, Vec<Problem>> {
    let mut out = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            match read_stdin() {
                Ok(source) => out.push((None, source)),
                Err(problem) => problems.push(problem),
            }
        } else if path.is_dir() {
            match folder(path, endings, what) {
                Ok(files) => read_all(files, &mut out, &mut problems),
                Err(found) => problems.extend(found),
            }
        } else {
            read_all(vec![path.clone()], &mut out, &mut problems);
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

fn read_all(files: Vec<PathBuf>, out: &mut Vec<Found>, problems: &mut Vec<Problem>) {
    for file in files {
        match read_text(&file) {
            Ok(source) => out.push((Some(file), source)),
            Err(problem) => problems.push(problem),
        }
    }
}

fn folder(path: &Path, endings: &[&str], what: &str) -> Result<Vec<PathBuf>, Vec<Problem>> {
    let listed = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|e| vec![cannot(path, &e)])?;
    let mut files: Vec<PathBuf> = listed.iter().map(fs::DirEntry::path).collect();
    files.sort();
    if what == "waivers" {
        set_apart(&mut files)?;
    }
    let wanted = |p: &PathBuf| p.extension().and_then(|e| e.to_str()).is_some_and(|e| endings.contains(&e));
    let (taken, skipped): (Vec<PathBuf>, Vec<PathBuf>) = files.into_iter().partition(wanted);
    if taken.is_empty() {
        let message = format!("no {what} files in {} ({} skipped)", shown(path), skipped.len());
        let help = format!("{what} files end in {}", endings.iter().map(|e| format!(".{e}")).collect::<Vec<_>>().join(", "));
        return Err(vec![Problem::new("golive::input::none", message).help(help)]);
    }
    Ok(taken)
}

/// Signatures lie beside the files that they are of: they are read with them, and none stands there alone.
fn set_apart(files: &mut Vec<PathBuf>) -> Result<(), Vec<Problem>> {
    let owned: BTreeSet<PathBuf> = files.iter().map(|file| approvals::sidecar(file)).collect();
    let is_signature = |file: &PathBuf| file.as_os_str().as_encoded_bytes().ends_with(approvals::ENDING.as_bytes());
    let orphans: Vec<Problem> =
        files.iter().filter(|file| is_signature(file) && !owned.contains(*file)).map(|file| approvals::orphan(file)).collect();
    files.retain(|file| !is_signature(file));
    if orphans.is_empty() { Ok(()) } else { Err(orphans) }
}

/// A checklist from a folder: the one that holds `policies/`, or that folder itself with `schemas/` beside it.
pub fn checklist(folder: &Path) -> Result<Files, Vec<Problem>> {
    let listed = fs::metadata(folder).map_err(|e| vec![cannot(folder, &e)])?;
    if !listed.is_dir() {
        return Err(vec![Problem::new("golive::checklist::file", format!("{} is not a folder", shown(folder)))]);
    }
    let root = root(folder);
    let policies = if root == folder { folder.join("policies") } else { folder.to_owned() };
    let mut files = BTreeMap::new();
    let mut problems = Vec::new();
    if fs::metadata(&policies).is_err() {
        let message = format!("{} holds no `policies` folder", shown(folder));
        return Err(vec![Problem::new("golive::checklist::file", message)]);
    }
    gather(&policies, "policies", &mut files, &mut problems);
    let schemas = root.join("schemas");
    if fs::symlink_metadata(&schemas).is_ok() {
        gather(&schemas, "schemas", &mut files, &mut problems);
    }
    if problems.is_empty() { Ok(Files::new(shown(folder), files)) } else { Err(problems) }
}

/// The folder that holds `policies/`, where it or that folder itself is named.
pub fn root(folder: &Path) -> PathBuf {
    match (folder.join("policies").is_dir(), folder.join("manifest.json").is_file()) {
        (false, true) => folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned(),
        _ => folder.to_owned(),
    }
}

/// Every `*.rego` and `*.json` below a folder, by its path with `prefix` before it.
pub fn gather(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Arc<Source>>, problems: &mut Vec<Problem>) {
    let entries = match fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(entries) => entries,
        Err(error) => return problems.push(cannot(folder, &error)),
    };
    for entry in entries {
        let path = entry.path();
        let own = entry.file_name().to_string_lossy().into_owned();
        let name = if prefix.is_empty() { own } else { format!("{prefix}/{own}") };
        if path.is_dir() && !path.is_symlink() {
            gather(&path, &name, files, problems);
        } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("rego") || e.eq_ignore_ascii_case("json")) {
            match read_text(&path) {
                Ok(source) => drop(files.insert(name, source)),
                Err(problem) => problems.push(problem),
            }
        }
    }
}
