//! Runs the binary on a case that was laid out.

use super::case::{Case, Stdin, Stdout};
use super::stage::Stage;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How a run ended.
pub struct Run {
    /// None where a signal or the time limit ended it.
    pub exit: Option<i32>,
    pub signal: Option<i32>,
    pub late: bool,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Nobody in particular.
const STRANGER: u32 = 65534;

/// Runs the case, as often at the same time as it wants.
#[expect(clippy::needless_collect, reason = "all are started before the first is waited for")]
pub fn run(case: &Case, stage: &Stage, limit: Duration) -> Vec<Run> {
    let started = Instant::now();
    let children: Vec<(Child, [PathBuf; 2])> = (0..case.together.unwrap_or(1)).map(|n| start(case, stage, n)).collect();
    children.into_iter().map(|(child, streams)| finish(child, &streams, started, limit)).collect()
}

fn start(case: &Case, stage: &Stage, number: usize) -> (Child, [PathBuf; 2]) {
    let here = stage.path();
    let mut command = command(case, stage);
    command.current_dir(&here).env_clear().env("COLUMNS", "200").envs(&case.env);
    if case.unprivileged && fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0) {
        command.uid(STRANGER).gid(STRANGER);
    }
    command.stdin(match case.stdin {
        Stdin::Facts => Stdio::from(File::open(here.join("facts.json")).expect("facts.json")),
        Stdin::Empty | Stdin::Terminal => Stdio::null(),
    });
    let streams = ["stdout", "stderr"].map(|name| stage.aside(&format!("{name}-{number}")));
    let [out, err] = [0, 1].map(|at| File::create(&streams[at]).expect("a file for a stream"));
    command.stderr(err).stdout(match case.stdout {
        Stdout::Kept => Stdio::from(out),
        Stdout::Full => Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full")),
        Stdout::Broken => {
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            Stdio::from(writer)
        }
    });
    (command.spawn().expect("the binary starts"), streams)
}

fn command(case: &Case, stage: &Stage) -> Command {
    let binary = binary(case, stage);
    if case.stdin == Stdin::Terminal {
        // `script` of util-linux gives its child a terminal and passes its exit code on.
        let words: Vec<String> = std::iter::once(quoted(binary.as_os_str())).chain(stage.args.iter().map(|a| quoted(a))).collect();
        let mut command = Command::new("/usr/bin/script");
        command.args(["-q", "-e", "-f", "-c", &words.join(" "), "/dev/null"]).env("SHELL", "/bin/sh");
        return command;
    }
    if case.nowhere {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "mkdir gone && cd gone && rmdir ../gone && exec \"$@\"", "sh"]).arg(binary).args(&stage.args);
        return command;
    }
    let mut command = Command::new(binary);
    command.args(&stage.args);
    command
}

/// The binary, or a copy where another user could not reach it.
fn binary(case: &Case, stage: &Stage) -> PathBuf {
    let built = PathBuf::from(env!("CARGO_BIN_EXE_golive"));
    if !case.unprivileged {
        return built;
    }
    let near = stage.aside("golive");
    if !near.exists() && fs::hard_link(&built, &near).is_err() {
        fs::copy(&built, &near).expect("a copy of the binary");
    }
    near
}

fn finish(mut child: Child, streams: &[PathBuf; 2], started: Instant, limit: Duration) -> Run {
    let (status, late) = loop {
        if let Some(status) = child.try_wait().expect("a child to wait for") {
            break (status, started.elapsed() > limit);
        }
        if started.elapsed() > limit {
            child.kill().expect("a child to kill");
            break (child.wait().expect("a child to wait for"), true);
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    let read = |path: &Path| fs::read(path).expect("a stream's file");
    Run { exit: status.code(), signal: status.signal(), late, stdout: read(&streams[0]), stderr: read(&streams[1]) }
}

/// The command for a shell.
pub fn spelled(case: &Case, stage: &Stage) -> String {
    let mut words = vec!["cd".to_owned(), quoted(stage.path().as_os_str()), "&& env -i COLUMNS=200".to_owned()];
    words.extend(case.env.iter().map(|(key, value)| format!("{key}={}", quoted(OsStr::new(value)))));
    words.push(quoted(OsStr::new(env!("CARGO_BIN_EXE_golive"))));
    let shown = stage.args.iter().take(60).map(|a| quoted(a));
    words.extend(shown);
    if stage.args.len() > 60 {
        words.push(format!("… ({} arguments)", stage.args.len()));
    }
    words.join(" ")
}

fn quoted(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.into_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
