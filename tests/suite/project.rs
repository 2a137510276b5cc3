//! The project's files, and its binary run in a scrubbed environment.

use serde_json::Value;
use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The project's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A text, or a panic that names the file.
pub fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A JSON document, or a panic that names the file.
pub fn json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Says something that is read even where the test passes: the harness keeps back what `println!` says.
pub fn tell(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("a file stands in a folder");
    fs::create_dir_all(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

/// Every file below a folder, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("a folder's entry").path();
            if path.is_dir() { todo.push(path) } else { out.push(path) }
        }
    }
    out.sort();
    out
}

/// Copies some of the project's folders to a place of their own.
pub fn copy(folders: &[&str], to: &Path) {
    for folder in folders {
        for file in files(&root().join(folder)) {
            let inside = file.strip_prefix(root()).expect("a file of the project");
            write(&to.join(inside), &text(&file));
        }
    }
}

/// The arguments in a file: one a line, empty lines and comments skipped.
pub fn arguments(path: &Path) -> Vec<String> {
    let text = text(path);
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// The binary, from the project's root, in an environment that holds `COLUMNS` alone.
pub fn golive(columns: usize) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_golive"));
    command.current_dir(root()).env_clear().env("COLUMNS", columns.to_string()).stdin(Stdio::null());
    command
}

/// How a run of the binary ended.
pub struct Run {
    /// The exit code; none where a signal or the time limit ended it.
    pub exit: Option<i32>,
    /// What it wrote as its result.
    pub stdout: String,
    /// What it wrote as diagnostics.
    pub stderr: String,
}

/// Runs a command; one that is still at work after `limit` is killed.
pub fn run(command: &mut Command, limit: Duration) -> Run {
    let [mut stdout, mut stderr] = [0; 2].map(|_| tempfile::tempfile().expect("a temporary file"));
    let copy = |file: &File| Stdio::from(file.try_clone().expect("a second handle"));
    let mut child = command.stdout(copy(&stdout)).stderr(copy(&stderr)).spawn().expect("the binary starts");
    let started = Instant::now();
    let exit = loop {
        match child.try_wait().expect("a child to wait for") {
            Some(status) => break status.code(),
            None if started.elapsed() > limit => {
                child.kill().expect("a child to kill");
                child.wait().expect("a child to wait for");
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    Run { exit, stdout: words(&mut stdout), stderr: words(&mut stderr) }
}

fn words(file: &mut File) -> String {
    let mut out = String::new();
    file.rewind().expect("a file that can be read again");
    file.read_to_string(&mut out).expect("output is UTF-8");
    out
}
