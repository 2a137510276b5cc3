//! Daemons are found: against processes that the tests start, which are this very test program under another name.

use super::*;
use crate::collect::{Clock, Live, Programs, Recording, Root, Secrets, Shared};
use crate::facts::Plan;
use serde_json::json;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Binds the addresses that it is told of, says so, and stays. Without being told it is no test.
#[test]
fn serve() {
    let Ok(told) = std::env::var("GOLIVE_TEST_SERVES") else { return };
    let (ready, addresses) = told.split_once(' ').expect("a file and addresses");
    let held: Vec<_> = addresses.split(' ').filter(|a| !a.is_empty()).map(|a| TcpListener::bind(a).expect("a free address")).collect();
    fs::write(ready, "ready").expect("a file");
    std::thread::sleep(Duration::from_secs(60));
    drop(held);
}

/// A folder with an executable of its own.
pub struct Place {
    pub folder: tempfile::TempDir,
    /// The executable's file name.
    pub name: String,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A process that ends with its owner.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Place {
    /// A copy of the test program in it.
    pub fn new() -> Self {
        let own = std::env::current_exe().expect("the test program");
        // Other tests look for executables by name at the same time.
        let name = format!("g{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = tempfile::tempdir_in(own.parent().expect("its folder")).expect("a folder");
        // A copy: another name of the same file would be found by every test that looks for its own. A small one, where a linker is at hand.
        let copy = folder.path().join(&name);
        let small = Command::new("strip").arg("-o").args([&copy, &own]).status().is_ok_and(|status| status.success());
        if !small {
            fs::copy(&own, &copy).expect("a copy beside it");
        }
        Self { folder, name }
    }

    /// A file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the executable with words of a daemon behind those that lead it to `serve`.
    pub fn start(&self, words: &[&str], addresses: &[String]) -> Running {
        let ready = self.path("ready");
        let mut command = Command::new(self.path(&self.name));
        command.args(["--exact", "collect::host::tests::serve", "--"]).args(words).env_clear();
        command.env("AUTH_TOKEN", "CANARY").env("GOLIVE_TEST_SERVES", format!("{} {}", ready.display(), addresses.join(" ")));
        let child = Running(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts"));
        for _ in 0..500 {
            if ready.exists() {
                fs::remove_file(&ready).expect("the file");
                return child;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it did not become ready");
    }

    fn find(&self, more: &str) -> Find {
        let name = self.path(&self.name);
        toml::from_str(&format!("executable = {:?}\nsubcommands = [\"daemon\"]\n{more}", name.display())).expect("settings")
    }
}

/// What a collector sees in these tests.
pub fn context(folder: &Path, programs: Option<Recording>) -> Context {
    let folder = folder.canonicalize().expect("a folder");
    let programs: Arc<dyn Programs> = match programs {
        Some(recording) => Arc::new(recording),
        None => Arc::new(Live { path: vec!["/usr/bin".into(), "/bin".into()], environment: Vec::new() }),
    };
    let shared = Shared {
        plan: Plan { environment: "prod".into(), release: "1.0.0".into() },
        host: "h".into(),
        clock: Clock::System,
        files: Root::open(&folder, &folder).expect("a root"),
        programs,
        evidence: "evidence/".into(),
        contracts: |_| Err(Vec::new()),
        secrets: Secrets::default(),
    };
    Context {
        group: "daemons".into(),
        deadline: std::time::Instant::now() + Duration::from_secs(20),
        shared: Arc::new(shared),
        heard: Arc::default(),
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port").local_addr().expect("an address").port()
}

fn found(place: &Place, find: &Find) -> Result<Vec<Daemon>, Absent> {
    processes::daemons(find, &context(place.folder.path(), None))
}

#[test]
fn every_process_of_the_executable_is_found_with_all_that_it_listens_on() {
    let place = Place::new();
    let (rpc, health) = (free_port(), free_port());
    let six = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let mut addresses = vec![format!("127.0.0.1:{rpc}"), format!("0.0.0.0:{health}")];
    addresses.extend(six.then(|| format!("[::1]:{rpc}")));
    let health_listen = format!("0.0.0.0:{health}");
    let before = context(place.folder.path(), None).now();
    let first = place.start(&["daemon", "--token", "CANARY", "--health-listen", &health_listen], &addresses);
    let second = place.start(&["daemon"], &[]);
    let cli = place.start(&["list"], &[]);
    let listens = place.start(&["list"], &["127.0.0.1:0".to_owned()]);
    let find = place.find("side_ports = [{ flag = \"--health-listen\", purpose = \"health\" }]");
    let daemons = found(&place, &find).expect("daemons");
    let pids: Vec<i32> = daemons.iter().map(|d| d.pid).collect();
    let pid = |running: &Running| i32::try_from(running.0.id()).expect("a number");
    assert_eq!(pids, [pid(&first), pid(&second), pid(&listens)], "not {}", pid(&cli));
    let one = &daemons[0];
    let mut ids: Vec<(&str, &str)> = one.listeners.iter().map(|l| (l.id.as_str(), l.purpose.word())).collect();
    ids.sort_unstable_by_key(|(_, purpose)| *purpose);
    let (four_id, six_id, health_id) = (format!("h:127.0.0.1:{rpc}"), format!("h:[::1]:{rpc}"), format!("h:{health}"));
    if six {
        assert_eq!(ids, [(&*health_id, "health"), (&*four_id, "rpc"), (&*six_id, "rpc")]);
    }
    assert_eq!((one.replaced, one.words_known, daemons[2].words_known), (Replaced::No, true, false));
    assert_eq!(one.words.flag(&["--token".to_owned()]), Flag::Value("CANARY"));
    let own = fs::read(place.path(&place.name)).expect("the executable");
    assert_eq!(one.sha256, crate::collect::context::sha256(&own));
    let after = context(place.folder.path(), None).now();
    assert!(one.started_at.ms >= before.ms - 20 && one.started_at.ms <= after.ms, "{before} {} {after}", one.started_at);
    // By its name alone the same processes are found.
    let by_name = Find { executable: Some(place.name.clone()), ..find };
    let by_name = found(&place, &by_name).expect("daemons");
    assert!(pids.iter().all(|pid| by_name.iter().any(|d| d.pid == *pid)));
}

#[test]
fn a_daemon_whose_file_is_gone_or_has_another_name_is_found() {
    let place = Place::new();
    let running = place.start(&["daemon"], &["127.0.0.1:0".to_owned()]);
    fs::rename(place.path(&place.name), place.path("golived.old")).expect("another name");
    let renamed = found(&place, &place.find("")).expect("the daemon");
    assert_eq!((renamed.len(), renamed[0].replaced), (1, Replaced::Unknown));
    fs::remove_file(place.path("golived.old")).expect("the file");
    fs::write(place.path(&place.name), "another version").expect("a file");
    let by_name = Find { executable: Some("golived.old".into()), ..place.find("") };
    let deleted = found(&place, &by_name).expect("the daemon");
    assert_eq!((deleted.len(), deleted[0].replaced), (1, Replaced::Yes));
    assert_eq!(deleted[0].pid, i32::try_from(running.0.id()).expect("a number"));
    assert_ne!(deleted[0].sha256, crate::collect::context::sha256(b"another version"));
}

#[test]
fn an_installation_elsewhere_is_another_one() {
    let (place, other) = (Place::new(), Place::new());
    fs::rename(other.path(&other.name), other.path(&place.name)).expect("the same name");
    let other = Place { name: place.name.clone(), ..other };
    let listens = ["127.0.0.1:0".to_owned()];
    let (one, two) = (place.start(&["daemon"], &listens), other.start(&["daemon"], &listens));
    let pids = |find: &Find| found(&place, find).map(|daemons| daemons.iter().map(|d| d.pid.unsigned_abs()).collect::<Vec<_>>());
    assert_eq!(pids(&place.find("")), Ok(vec![one.0.id()]));
    let by_name = Find { executable: Some(place.name.clone()), ..place.find("") };
    assert_eq!(pids(&by_name), Ok(vec![one.0.id(), two.0.id()]));
}

/// Looks for itself, the daemon whose file it is told of. Without being told it is no test.
#[test]
fn look() {
    let Ok(told) = std::env::var("GOLIVE_TEST_LOOKS") else { return };
    let find: Find = toml::from_str(&format!("executable = {told:?}\nsubcommands = [\"daemon\"]")).expect("settings");
    let reason = find.daemons(&context(Path::new("/"), None)).err().map(|e| e.reason).unwrap_or_default();
    assert!(reason.ends_with("belongs to a process that this user may not look at"), "{reason}");
}

#[test]
fn a_listener_of_somebody_who_may_not_be_looked_at_may_be_a_daemon() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let place = Place::new();
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    fs::set_permissions(place.folder.path(), fs::Permissions::from_mode(0o755)).expect("a folder for all");
    let looks = |user: u32| {
        let mut command = Command::new(place.path(&place.name));
        command.args(["--exact", "collect::host::tests::look", "--", "daemon"]).env_clear();
        command.env("GOLIVE_TEST_LOOKS", &place.name);
        command.uid(user).gid(user);
        command.output()
    };
    // Only root can look through the eyes of another, and only where others may read the folder of the tests.
    let Ok(output) = looks(65534) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    drop(held);
}

#[test]
fn a_thread_may_hold_what_its_process_does_not_show() {
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let me = procfs::process::Process::myself().expect("this process");
    let port = held.local_addr().expect("an address").port();
    let socket = sockets::own().expect("sockets").into_iter().find(|s| s.address.port() == port).expect("the socket");
    assert!(holders::held_by_threads(&me).expect("sockets").contains(&socket.inode));
    assert!(holders::held(&me).expect("sockets").contains(&socket.inode));
}

#[test]
fn none_is_not_an_empty_list() {
    let place = Place::new();
    let _cli = place.start(&["list"], &[]);
    let reason = |find: &Find| {
        let seen = found(&place, find).map(|daemons| {
            daemons.iter().map(|d| (d.id.clone(), d.words.program().map(str::to_owned), d.listeners.clone())).collect::<Vec<_>>()
        });
        seen.expect_err("no daemon").reason
    };
    assert!(reason(&place.find("")).contains("no daemon of the executable"));
    assert!(reason(&toml::from_str("").expect("settings")).contains("nothing says"));
    assert!(toml::from_str::<Find>("executable = \"a\"\nsubcomands = [\"b\"]").is_err());
}

#[test]
fn a_pidfile_speaks_only_of_the_process_that_wrote_it() {
    let place = Place::new();
    let running = place.start(&["daemon"], &[]);
    let find: Find = toml::from_str("pidfile = \"pid\"").expect("settings");
    let reason = |text: &str| {
        fs::write(place.path("pid"), text).expect("a file");
        found(&place, &find).err().map(|e| e.reason).unwrap_or_default()
    };
    assert_eq!(reason(&format!("{}\n", running.0.id())), "");
    for (text, said) in [("", "does not hold"), ("-1", "does not hold"), ("1 2", "does not hold"), ("999999999", "does not run")] {
        assert!(reason(text).contains(said), "{text}: {}", reason(text));
    }
    let other: Find = toml::from_str("pidfile = \"pid\"\nexecutable = \"another\"").expect("settings");
    fs::write(place.path("pid"), running.0.id().to_string()).expect("a file");
    assert!(found(&place, &other).err().expect("another").reason.contains("another executable"));
    let old = fs::File::options().write(true).open(place.path("pid")).expect("the file");
    old.set_modified(std::time::UNIX_EPOCH).expect("a time");
    assert!(found(&place, &find).err().expect("too old").reason.contains("older than process"));
}

#[test]
fn a_unit_lends_its_process_and_its_name() {
    let place = Place::new();
    let running = place.start(&["daemon"], &[]);
    let shown = |pid: u32| format!("LoadState=loaded\nMainPID={pid}\nNeedDaemonReload=no\nExecStart=\n");
    let argv = ["systemctl", "show", "-p", "LoadState,MainPID,NeedDaemonReload,ExecStart", "--", "golived.service"];
    let recorded = |stdout: String| {
        let run = json!([{ "argv": argv, "program": "/usr/bin/systemctl", "program_sha256": "0".repeat(64), "exit": 0, "signal": null,
            "started_at": "2026-11-23T15:00:00Z", "finished_at": "2026-11-23T15:00:00Z", "stdout": stdout, "stderr": "" }]);
        context(place.folder.path(), Some(Recording::read(&run.to_string()).expect("a recording")))
    };
    let find: Find = toml::from_str("unit = \"golived.service\"").expect("settings");
    let daemons = find.daemons(&recorded(shown(running.0.id()))).expect("the daemon");
    assert_eq!(daemons.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), ["h golived.service"]);
    assert!(find.daemons(&recorded(shown(0))).err().expect("it does not run").reason.contains("does not run"));
}
