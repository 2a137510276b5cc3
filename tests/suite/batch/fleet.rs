//! A fleet: the two deployments in many environments, each with something else missing.

use crate::project::{self, Run};
use rustix::process::Pid;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// When the deployments were recorded.
pub const AT: &str = "2026-11-23T15:00:00Z";

/// No run takes longer.
pub const LIMIT: Duration = Duration::from_secs(120);

/// A folder with documents below `facts`.
pub struct Fleet {
    folder: tempfile::TempDir,
}

/// Document number `index`: one of the two deployments, its environment, and without one of its groups where the number says so.
pub fn document(index: usize) -> Value {
    let name = if index.is_multiple_of(3) { "claw-no-go" } else { "claw-go" };
    let path = project::root().join("fixtures/deployments").join(name).join("facts.json");
    let mut facts = project::json(&path);
    facts["environment"] = format!("env-{}", index % 5).into();
    if index % 4 == 1 {
        let groups = facts["facts"].as_object_mut().expect("groups");
        let group = groups.keys().nth(index % groups.len()).expect("a group").clone();
        groups.remove(&group);
    }
    facts
}

/// The name of document number `index`.
pub fn name(index: usize) -> String {
    format!("{}/{index:05}.json", if index.is_multiple_of(2) { "a" } else { "b-and-c" })
}

impl Fleet {
    /// So many documents, one a file.
    pub fn of(documents: usize) -> Self {
        let folder = tempfile::Builder::new().prefix("golive-batch-").tempdir().expect("a temporary folder");
        let parameters = project::root().join("fixtures/deployments/claw-go/parameters.json");
        project::write(&folder.path().join("parameters.json"), &project::text(&parameters));
        std::fs::create_dir(folder.path().join("facts")).expect("a folder");
        let fleet = Self { folder };
        // Reading the deployments again for each document would take longer than judging it.
        let kinds: Vec<Value> = (0..60).map(document).collect();
        for index in 0..documents {
            project::write(&fleet.path(&format!("facts/{}", name(index))), &kinds[index % kinds.len()].to_string());
        }
        fleet
    }

    /// Where something of the fleet lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the fleet.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> String {
        project::text(&self.path(name))
    }

    /// `golive batch` in the fleet's folder.
    pub fn batch(&self, arguments: &[&str]) -> Command {
        self.command("batch", arguments)
    }

    /// A command in the fleet's folder, with the time and the parameters of the deployments.
    pub fn command(&self, command: &str, arguments: &[&str]) -> Command {
        let mut out = project::golive(100);
        out.current_dir(self.folder.path()).arg(command).args(arguments).args(["--at", AT, "--parameters", "parameters.json"]);
        out
    }

    /// Runs `golive batch` to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        project::run(&mut self.batch(arguments), LIMIT)
    }
}

/// Starts a command whose streams nobody reads.
pub fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
}

/// The verdict lines of a text.
pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}"))).collect()
}

/// The line of a source.
pub fn line_of<'a>(lines: &'a [Value], source: &str) -> &'a Value {
    let mut found = lines.iter().filter(|line| line["source"] == source);
    let line = found.next().unwrap_or_else(|| panic!("no line of {source}"));
    assert!(found.next().is_none(), "two lines of {source}");
    line
}

/// What `/proc` says of each process: its folder and its `stat`.
fn processes() -> Vec<(PathBuf, String)> {
    let all = std::fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    all.filter_map(|e| Some((e.path(), std::fs::read_to_string(e.path().join("stat")).ok()?))).collect()
}

/// A worker of a batch that is at work or could be.
pub fn worker_of(batch: u32) -> Option<Pid> {
    // The name may hold anything, the state and the parent stand behind its end.
    let parent = |stat: &str| {
        let mut words = stat.rsplit_once(')')?.1.split_whitespace();
        (words.next()? != "Z").then_some(())?;
        words.next()?.parse::<u32>().ok()
    };
    let mut found = processes().into_iter().filter(|(_, stat)| parent(stat) == Some(batch));
    let pid = found.next()?.0.file_name()?.to_str()?.parse().ok()?;
    Pid::from_raw(pid)
}

/// How many processes name a path among their arguments.
pub fn processes_naming(path: &Path) -> usize {
    let wanted = path.to_string_lossy().into_owned();
    let names = |folder: &Path| std::fs::read(folder.join("cmdline")).is_ok_and(|c| String::from_utf8_lossy(&c).contains(&wanted));
    processes().iter().filter(|(folder, _)| names(folder)).count()
}
