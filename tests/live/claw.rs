//! claw's binary: commands that must succeed, and daemons that end with the test.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A daemon on loopback; it is killed when it is dropped.
pub struct Daemon {
    child: Child,
}

/// A port that nobody uses now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port()
}

/// Runs a command that must end with 0; its stdout.
pub fn run(binary: &Path, home: &Path, directory: &Path, arguments: &[&str]) -> String {
    let output = command(binary, home, directory).args(arguments).output().expect("claw starts");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "claw {arguments:?}: {}: {words}", output.status);
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn command(binary: &Path, home: &Path, directory: &Path) -> Command {
    let mut command = Command::new(binary);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.current_dir(directory).env_clear().env("PATH", path).env("HOME", home).stdin(Stdio::null());
    command
}

/// What a daemon is started with.
pub struct Start<'a> {
    /// claw's binary.
    pub binary: &'a Path,
    /// Its HOME, where the token lies.
    pub home: PathBuf,
    /// Its repository.
    pub repository: PathBuf,
    /// Ports of gRPC and health.
    pub ports: (u16, u16),
    /// Further arguments.
    pub arguments: Vec<String>,
}

impl Daemon {
    /// Starts one, and waits until both ports answer.
    pub fn start(start: &Start<'_>) -> Self {
        let (rpc, health) = start.ports;
        let log = start.home.join(format!("daemon-{rpc}.log"));
        let file = fs::File::create(&log).expect("a log");
        let errors = file.try_clone().expect("a second handle");
        let mut command = command(start.binary, &start.home, &start.repository);
        command.args(["daemon", "--listen", &format!("127.0.0.1:{rpc}"), "--health-listen", &format!("127.0.0.1:{health}")]);
        let child = command.args(&start.arguments).stdout(file).stderr(errors).spawn().expect("claw starts");
        let mut daemon = Self { child };
        let begun = Instant::now();
        while [rpc, health].iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_err()) {
            let ended = daemon.child.try_wait().expect("a child to wait for");
            let said = || fs::read_to_string(&log).unwrap_or_default();
            assert!(ended.is_none(), "the daemon ended: {}", said());
            assert!(begun.elapsed() < Duration::from_secs(10), "the daemon does not listen: {}", said());
            std::thread::sleep(Duration::from_millis(20));
        }
        daemon
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
