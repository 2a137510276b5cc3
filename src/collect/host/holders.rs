//! Who holds the listening sockets of the machine: one that nobody can be seen to hold may be that of a daemon that was not found.

use super::listeners::Socket;
use super::processes::{KERNEL_THREAD, unreadable};
use super::sockets;
use crate::collect::collector::Absent;
use procfs::ProcError;
use procfs::process::{FDTarget, Process, all_processes};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::Path;

/// Refuses where a listener belongs to a process that cannot be looked at: whether that one is a daemon under another name cannot be told.
///
/// A listener that the kernel itself holds, such as one of NFS, belongs to no process: where every process can be looked at, it is passed over.
///
/// # Errors
/// There is such a listener, or it cannot be told.
pub(super) fn all_seen() -> Result<(), Absent> {
    let mut strays = strays()?;
    // A socket may be handed from one process to another, or be closed, while both are looked at.
    for _ in 0..2 {
        if strays.is_empty() {
            return Ok(());
        }
        let again = self::strays()?;
        strays.retain(|stray| again.contains(stray));
    }
    match strays.first() {
        None => Ok(()),
        Some(stray) => Err(Absent::new(format!("a listener on {} belongs to a process that this user may not look at", stray.address))
            .help("collect as root, outside of any container")),
    }
}

/// The listening sockets that no process can be seen to hold, where some process can hold them unseen.
fn strays() -> Result<Vec<Socket>, Absent> {
    let mut strays = sockets::own()?;
    let mut unseen = hides_processes()?;
    let mut readable = Vec::new();
    for process in all_processes().map_err(|e| unreadable("/proc", &e))? {
        let process = match process {
            Ok(process) => process,
            Err(ProcError::NotFound(_)) => continue,
            Err(e) => return Err(unreadable("a process in /proc", &e)),
        };
        match held(&process) {
            Ok(inodes) => {
                strays.retain(|s| !inodes.contains(&s.inode));
                readable.push(process);
            }
            Err(_) => unseen = unseen || may_listen(&process),
        }
    }
    // Threads seldom have files of their own, and there are many of them: they are asked for what is left.
    for process in readable.iter().filter(|_| unseen) {
        if strays.is_empty() {
            break;
        }
        if let Ok(inodes) = held_by_threads(process) {
            strays.retain(|s| !inodes.contains(&s.inode));
        }
    }
    if unseen { Ok(strays) } else { Ok(Vec::new()) }
}

/// Whether a process that cannot be looked at may be what listens. The kernel's own threads do not, and one that has ended does not either.
/// The machine's init is what it says: some machines show it to nobody, not even to root.
fn may_listen(process: &Process) -> bool {
    let kernel = process.stat().is_ok_and(|stat| stat.flags & KERNEL_THREAD != 0);
    !kernel && process.pid != 1 && process.is_alive()
}

/// The numbers that the kernel gives to the namespaces that it starts with.
const INITIAL: [(&str, u64); 2] = [("pid", 0xEFFF_FFFC), ("user", 0xEFFF_FFFD)];

/// Whether there may be processes that `/proc` does not show at all: in a container that shares the machine's network, or behind `hidepid`,
/// which spares root only while it has all its rights.
fn hides_processes() -> Result<bool, Absent> {
    let me = Process::myself().map_err(|e| unreadable("/proc/self", &e))?;
    let spaces = me.namespaces().map_err(|e| unreadable("/proc/self/ns", &e))?;
    let initial = |(name, number): (&str, u64)| spaces.0.get(OsStr::new(name)).is_none_or(|space| space.identifier == number);
    Ok(!INITIAL.into_iter().all(initial) || hidepid(&me)?)
}

/// Whether `/proc` is told to hide the processes of others.
pub(super) fn hidepid(me: &Process) -> Result<bool, Absent> {
    let mounts = me.mountinfo().map_err(|e| unreadable("/proc/self/mountinfo", &e))?;
    let hides = |option: &Option<String>| option.as_deref().is_some_and(|value| !["0", "off"].contains(&value));
    Ok(mounts.0.iter().any(|m| m.mount_point == Path::new("/proc") && m.super_options.get("hidepid").is_some_and(hides)))
}

/// The inodes of the sockets that a process holds.
pub(super) fn held(process: &Process) -> Result<BTreeSet<u64>, ProcError> {
    let mut inodes = BTreeSet::new();
    for fd in process.fd()? {
        match fd {
            Ok(fd) => inodes.extend(if let FDTarget::Socket(inode) = fd.target { Some(inode) } else { None }),
            // Closed since it was listed.
            Err(ProcError::NotFound(_)) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(inodes)
}

/// The inodes of the sockets that its threads hold: a thread may have files of its own.
pub(super) fn held_by_threads(process: &Process) -> Result<BTreeSet<u64>, ProcError> {
    let mut inodes = BTreeSet::new();
    for task in process.tasks()? {
        let folder = match task {
            Ok(task) => format!("/proc/{}/task/{}/fd", task.pid, task.tid),
            Err(ProcError::NotFound(_)) => continue,
            Err(e) => return Err(e),
        };
        match sockets_in(Path::new(&folder)) {
            Ok(sockets) => inodes.extend(sockets),
            // The thread has ended since it was listed.
            Err(e) if has_ended(&e) => {}
            Err(e) => return Err(ProcError::from(e)),
        }
    }
    Ok(inodes)
}

fn sockets_in(folder: &Path) -> Result<Vec<u64>, std::io::Error> {
    let mut inodes = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        match std::fs::read_link(entry?.path()) {
            Ok(target) => {
                let number = target.to_str().and_then(|t| t.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
                inodes.extend::<Option<u64>>(number);
            }
            Err(e) if has_ended(&e) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(inodes)
}

fn has_ended(e: &std::io::Error) -> bool {
    e.kind() == ErrorKind::NotFound || e.raw_os_error() == Some(super::processes::NO_SUCH_PROCESS)
}
