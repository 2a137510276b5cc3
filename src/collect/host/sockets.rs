//! The listening sockets of a network namespace.

use super::listeners::{self, Socket};
use super::processes::unreadable;
use crate::collect::collector::Absent;
use procfs::ProcError;
use procfs::process::Process;

/// The listening sockets of this network namespace, read once per look.
pub struct Sockets {
    namespace: u64,
    all: Option<Vec<Socket>>,
}

impl Sockets {
    /// Of the namespace that golive runs in.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn new() -> Result<Self, Absent> {
        let me = Process::myself().map_err(|e| unreadable("/proc/self", &e))?;
        Ok(Self { namespace: network(&me)?, all: None })
    }

    /// All listening sockets of the namespace that a process lives in.
    ///
    /// # Errors
    /// It lives in another one, or they cannot be read.
    pub fn of(&mut self, process: &Process) -> Result<Vec<Socket>, Absent> {
        let pid = process.pid;
        if network(process)? != self.namespace {
            let reason = format!("process {pid} lives in another network namespace: no address of it can be asked from here");
            return Err(Absent::new(reason).help(format!("collect inside of it: `nsenter --target {pid} --net golive …`")));
        }
        if self.all.is_none() {
            self.all = Some(of(process)?);
        }
        Ok(self.all.clone().unwrap_or_default())
    }
}

/// The listening sockets of the namespace that golive runs in.
pub(super) fn own() -> Result<Vec<Socket>, Absent> {
    of(&Process::myself().map_err(|e| unreadable("/proc/self", &e))?)
}

fn of(process: &Process) -> Result<Vec<Socket>, Absent> {
    let read = process.tcp().and_then(|four| Ok(listeners::listening(&four, &process.tcp6().or_else(no_six)?)));
    read.map_err(|e| unreadable(&format!("/proc/{}/net/tcp", process.pid), &e))
}

/// A kernel without IPv6 has no table of it.
fn no_six(e: ProcError) -> Result<Vec<procfs::net::TcpNetEntry>, ProcError> {
    if matches!(e, ProcError::NotFound(_)) { Ok(Vec::new()) } else { Err(e) }
}

fn network(process: &Process) -> Result<u64, Absent> {
    let name = format!("/proc/{}/ns/net", process.pid);
    let spaces = process.namespaces().map_err(|e| unreadable(&name, &e))?;
    let net = spaces.0.get(std::ffi::OsStr::new("net")).map(|net| net.identifier);
    net.ok_or_else(|| Absent::new(format!("{name} is not there")))
}
