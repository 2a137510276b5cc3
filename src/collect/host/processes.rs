//! Processes, as `/proc` shows them. What belongs to a daemon and cannot be read is never passed over.

use super::holders::{held, held_by_threads, hidepid};
use super::listeners::{self, Listener};
use super::sockets::Sockets;
use super::unit;
use super::words::Words;
use super::{Daemon, Find};
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::collect::files::shown;
use crate::model::Instant;
use crate::text::visible;
use procfs::ProcError;
use procfs::process::{Process, Stat, all_processes};
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Whether the file at an executable's path was deleted or replaced since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// It was.
    Yes,
    /// The image that runs is the file that stands there.
    No,
    /// It could not be told.
    Unknown,
}

impl Replaced {
    /// Its word in the facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// How sure it is that a process runs the executable that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    /// It runs it.
    Runs,
    /// It goes by its name, while its file has another: renamed beneath it, or another program. It counts where it listens.
    Named,
    /// Unit or pidfile say that it is one.
    Told,
}

/// A process that is a daemon, not yet read whole.
struct Found {
    process: Process,
    stat: Stat,
    exe: PathBuf,
    matched: Match,
    words: Words,
    words_known: bool,
    listeners: Vec<Listener>,
}

pub(super) fn daemons(find: &Find, at: &Context) -> Result<Vec<Daemon>, Absent> {
    if find.executable.is_none() && find.unit.is_none() && find.pidfile.is_none() {
        return Err(Absent::new("nothing says which processes are daemons").help("`find` takes `executable`, `unit` or `pidfile`"));
    }
    all_visible()?;
    let mut before = None;
    for _ in 0..3 {
        let mut found = scan(find, at)?;
        found.sort_by_key(|f| (f.stat.starttime, f.stat.pid));
        let mark: Vec<_> = found.iter().map(|f| (f.stat.pid, f.stat.starttime, f.listeners.clone())).collect();
        // Two looks agree: no daemon was started, stopped or bound in between, so none slipped through.
        if before.as_ref() == Some(&mark) {
            return read_whole(find, at, found);
        }
        before = Some(mark);
    }
    Err(Absent::new("daemons started, stopped or bound addresses while they were looked at").help("collect again when they run steadily"))
}

/// One look at all processes.
fn scan(find: &Find, at: &Context) -> Result<Vec<Found>, Absent> {
    let mut told = told(find, at)?;
    let mut sockets = Sockets::new()?;
    let mut found = Vec::new();
    for process in all_processes().map_err(|e| unreadable("/proc", &e))? {
        let process = match process {
            Ok(process) => process,
            Err(ProcError::NotFound(_)) => continue,
            Err(e) => return Err(unreadable("a process in /proc", &e)),
        };
        let who = told.remove(&process.pid);
        if let Some(one) = one(find, process, who, &mut sockets)? {
            found.push(one);
        }
    }
    if let Some((pid, teller)) = told.into_iter().next() {
        return Err(Absent::new(format!("{} names process {pid}, which does not run", teller.who)));
    }
    if found.is_empty() {
        let name = find.executable.as_deref().unwrap_or_default();
        let help = "start it, or correct `executable` and `subcommands` of the table `find`";
        return Err(Absent::new(format!("no daemon of the executable `{}` runs on this machine", visible(name))).help(help));
    }
    Ok(found)
}

/// Who says that a process is a daemon, and the words that it was started with where they are known from there.
struct Teller {
    who: String,
    words: Option<Words>,
    /// The process started before this, or it is another one that was given its number.
    written: Option<Instant>,
}

fn told(find: &Find, at: &Context) -> Result<BTreeMap<i32, Teller>, Absent> {
    let mut told = BTreeMap::new();
    if let Some(path) = &find.pidfile {
        let (text, seen) = at.files().text(path)?;
        let pid = text.trim().parse().ok().filter(|pid: &i32| *pid > 0);
        let pid = pid.ok_or_else(|| Absent::new(format!("{} does not hold the number of a process", shown(path))))?;
        told.insert(pid, Teller { who: shown(path), words: None, written: seen.modified });
    }
    if let Some(name) = &find.unit {
        let unit = unit::ask(name, at)?;
        told.insert(unit.pid, Teller { who: format!("the unit {}", visible(name)), words: unit.words, written: None });
    }
    Ok(told)
}

/// Looks at one process: none where it is no daemon.
fn one(find: &Find, process: Process, teller: Option<Teller>, sockets: &mut Sockets) -> Result<Option<Found>, Absent> {
    let pid = process.pid;
    let stat = match process.stat() {
        Ok(stat) => stat,
        Err(e) if gone(&process, &e) => return Ok(None),
        Err(e) => return Err(unreadable(&format!("/proc/{pid}/stat"), &e)),
    };
    if stat.flags & KERNEL_THREAD != 0 || (stat.state == 'Z' && stat.num_threads <= 1) {
        return Ok(None);
    }
    let words = cmdline(&process);
    let named = find.executable.as_deref().is_some_and(|name| goes_by(name, &stat.comm, &words));
    let exe = match process.exe() {
        Ok(exe) => exe,
        Err(e) if gone(&process, &e) => return Ok(None),
        Err(e) if named || teller.is_some() => return Err(unreadable(&format!("/proc/{pid}/exe"), &e)),
        Err(_) => return Ok(None),
    };
    let runs = find.executable.as_deref().is_some_and(|name| runs(name, &process, &exe));
    let matched = match &teller {
        Some(teller) if find.executable.is_some() && !runs => {
            return Err(Absent::new(format!("{} names process {pid}, which runs another executable", teller.who)));
        }
        Some(_) => Match::Told,
        None if runs => Match::Runs,
        None if named && !elsewhere(find, &exe, &words) => Match::Named,
        None => return Ok(None),
    };
    if let Some(Teller { who, written: Some(written), .. }) = &teller
        && started_at(&stat)?.ms > written.ms.saturating_add(2000)
    {
        return Err(Absent::new(format!("{who} is older than process {pid}, so it speaks of another one")));
    }
    let inodes = match held(&process).and_then(|own| Ok(&own | &held_by_threads(&process)?)) {
        Ok(inodes) => inodes,
        Err(e) if gone(&process, &e) => return Ok(None),
        // A program of another name that cannot be read may be the renamed daemon.
        Err(e) => return Err(unreadable(&format!("/proc/{pid}/fd"), &e)),
    };
    let all = match sockets.of(&process) {
        Ok(all) => all,
        Err(_) if ended(&process) => return Ok(None),
        Err(absent) => return Err(absent),
    };
    let (words, words_known) = recognised(find, words, teller.and_then(|t| t.words));
    let listeners = listeners::of(&all, &inodes, find, (&words, words_known));
    let is_daemon = match matched {
        Match::Told => true,
        Match::Runs => words_known || !listeners.is_empty() || words.program().is_none(),
        Match::Named => !listeners.is_empty(),
    };
    Ok(is_daemon.then_some(Found { process, stat, exe, matched, words, words_known, listeners }))
}

/// Set on what the kernel itself runs.
pub(super) const KERNEL_THREAD: u32 = 0x0020_0000;

fn recognised(find: &Find, words: Words, unit: Option<Words>) -> (Words, bool) {
    let known = |words: &Words| words.program().is_some() && (find.subcommands.is_empty() || words.any(&find.subcommands));
    if known(&words) {
        return (words, true);
    }
    // A process that rewrote its title: what its unit started it with says the same.
    match unit.filter(known) {
        Some(words) => (words, true),
        None => (words, false),
    }
}

fn read_whole(find: &Find, at: &Context, found: Vec<Found>) -> Result<Vec<Daemon>, Absent> {
    let (mut daemons, mut digests) = (Vec::new(), BTreeMap::new());
    for Found { process, stat, exe, matched, words, words_known, listeners } in found {
        let replaced = if matched == Match::Named { Replaced::Unknown } else { replaced(&process, &exe) };
        let id = match (&find.unit, matched) {
            (Some(unit), Match::Told) => format!("{} {}", at.host(), visible(unit)),
            _ => format!("{} pid {}", at.host(), process.pid),
        };
        let sha256 = digest(&process, &mut digests, at)?;
        daemons.push(Daemon { id, pid: process.pid, exe, started_at: started_at(&stat)?, sha256, replaced, words, words_known, listeners });
    }
    listeners::name(at.host(), daemons.iter_mut().flat_map(|d| d.listeners.iter_mut()));
    Ok(daemons)
}

/// Other users' processes must not be hidden: what is not seen would be taken for not there.
fn all_visible() -> Result<(), Absent> {
    let me = Process::myself().map_err(|e| unreadable("/proc/self", &e))?;
    let root = me.uid().map_err(|e| unreadable("/proc/self", &e))? == 0;
    if hidepid(&me)? && !root {
        return Err(Absent::new("/proc hides the processes of other users (hidepid)").help("collect as root"));
    }
    Ok(())
}

/// Whether a process runs the executable that is looked for.
fn runs(name: &str, process: &Process, exe: &Path) -> bool {
    let stood = stood(exe);
    if !name.contains('/') {
        return [exe, stood].iter().any(|path| path.file_name().is_some_and(|file| file == name));
    }
    let about = |path: &Path| std::fs::metadata(path).ok().map(|m| (m.dev(), m.ino()));
    let image = about(&PathBuf::from(format!("/proc/{}/exe", process.pid)));
    exe == Path::new(name) || stood == Path::new(name) || (image.is_some() && image == about(Path::new(name)))
}

/// Whether it is another installation: an executable of the wanted name at another place than the wanted one, and not called by it.
fn elsewhere(find: &Find, exe: &Path, words: &Words) -> bool {
    let wanted = find.executable.as_deref().filter(|name| name.contains('/') && words.program() != Some(name));
    wanted.is_some_and(|wanted| stood(exe).file_name() == Path::new(wanted).file_name())
}

/// Where an executable stood, whether or not it still does.
fn stood(exe: &Path) -> &Path {
    let bytes = exe.as_os_str().as_bytes();
    Path::new(std::ffi::OsStr::from_bytes(bytes.strip_suffix(DELETED).unwrap_or(bytes)))
}

const DELETED: &[u8] = b" (deleted)";

/// Whether a process goes by the name of an executable: the one that it was called by, or the one that the kernel noted at its start,
/// which is cut after 15 bytes. A file that is renamed under a running process changes neither.
fn goes_by(name: &str, comm: &str, words: &Words) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let short = &file.as_bytes()[..file.len().min(15)];
    let called =
        words.program().is_some_and(|program| if name.contains('/') { program == name } else { program.rsplit('/').next() == Some(file) });
    called || comm.as_bytes() == short
}

fn replaced(process: &Process, exe: &Path) -> Replaced {
    if exe.as_os_str().as_bytes().ends_with(DELETED) {
        return Replaced::Yes;
    }
    let about = |path: &str| std::fs::metadata(path).map(|m| (m.dev(), m.ino()));
    // Its path is one in its own root, which may be that of a container.
    let there = format!("/proc/{}/root{}", process.pid, exe.to_string_lossy());
    match (about(&format!("/proc/{}/exe", process.pid)), about(&there)) {
        (Ok(image), Ok(file)) if image == file => Replaced::No,
        (Ok(_), Ok(_)) => Replaced::Yes,
        (Ok(_), Err(e)) if e.kind() == std::io::ErrorKind::NotFound => Replaced::Yes,
        _ => Replaced::Unknown,
    }
}

/// The digest of the image that runs. Nobody can write to a file while it runs, so one that several processes run is read once.
fn digest(process: &Process, known: &mut BTreeMap<(u64, u64), String>, at: &Context) -> Result<String, Absent> {
    let name = format!("/proc/{}/exe", process.pid);
    let file = process.open_relative("exe").map_err(|e| unreadable(&name, &e))?;
    let about = file.metadata().map_err(|e| Absent::new(format!("cannot read {name}: {}", visible(&e.to_string()))))?;
    let image = (about.dev(), about.ino());
    if let Some(digest) = known.get(&image) {
        return Ok(digest.clone());
    }
    let digest = hashed(file, &name, at)?;
    known.insert(image, digest.clone());
    Ok(digest)
}

fn hashed(mut file: std::fs::File, name: &str, at: &Context) -> Result<String, Absent> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer).map_err(|e| Absent::new(format!("cannot read {name}: {}", visible(&e.to_string()))))?;
        if read == 0 {
            return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        if at.left(std::time::Duration::MAX).is_zero() {
            return Err(Absent::new(format!("the time was over before {name} was read whole")));
        }
        hash.update(&buffer[..read]);
    }
}

fn cmdline(process: &Process) -> Words {
    let mut bytes = Vec::new();
    // Unreadable words are no words: then nothing is known from them.
    let read = process.open_relative("cmdline").is_ok_and(|mut file| file.read_to_end(&mut bytes).is_ok());
    if read { Words::new(&bytes) } else { Words::default() }
}

/// When a process started. The time of the boot that `/proc/stat` holds is cut to seconds, so a start could seem to lie before a probe that
/// was made before it; the clocks know it better.
fn started_at(stat: &Stat) -> Result<Instant, Absent> {
    let ns = |clock| {
        let time = clock_gettime(clock);
        i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
    };
    let boot = (ns(ClockId::Realtime) - ns(ClockId::Boottime)) / 1_000_000;
    let after = stat.starttime.checked_mul(1000).map(|ticks| i128::from(ticks / procfs::ticks_per_second()));
    let ms = after.and_then(|after| i64::try_from(boot + after).ok());
    ms.map(|ms| Instant { ms }).ok_or_else(|| Absent::new(format!("/proc/{}/stat holds no time of start", stat.pid)))
}

/// Whether an error only says that the process has ended meanwhile.
fn gone(process: &Process, error: &ProcError) -> bool {
    let tells = match error {
        ProcError::NotFound(_) => true,
        ProcError::Io(e, _) => e.raw_os_error() == Some(NO_SUCH_PROCESS),
        _ => false,
    };
    tells && ended(process)
}

/// Whether a process has ended. One that is just ending has lost its image and its files some moments before it counts as ended.
fn ended(process: &Process) -> bool {
    (0..20).any(|_| {
        let ended = !process.is_alive();
        if !ended {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        ended
    })
}

pub(super) const NO_SUCH_PROCESS: i32 = 3;

pub(super) fn unreadable(what: &str, error: &ProcError) -> Absent {
    let reason = match error {
        ProcError::PermissionDenied(_) => "permission denied".to_owned(),
        ProcError::NotFound(_) => "it is not there".to_owned(),
        other => visible(&other.to_string()),
    };
    Absent::new(format!("cannot read {what}: {reason}")).help("collect as root, or as the daemon's user with the right to trace it")
}
