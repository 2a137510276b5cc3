//! The frame under collectors that misbehave, paths that lead out, and programs that do not end.

use super::collector::{Absent, Collected, Collector, Entry, Need};
use super::context::{Clock, Context, Shared};
use super::files::{MOST_BYTES, Root};
use super::frame::gather;
use super::programs::{Command, Ended, Live, Programs};
use super::redact::{SecretSource, Secrets};
use super::settings::Configured;
use crate::facts::Plan;
use crate::model::{Instant, Trust};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const ENTRY: Entry = Entry { name: "odd", about: "", trust: Trust::Observed, read: |_| Ok(Box::new(Odd::Fails)) };

#[derive(Clone)]
enum Odd {
    States(Value),
    Fails,
    Panics,
    Hangs,
    LeaksInValue(PathBuf),
    LeaksInEvidence(PathBuf),
    IsOld,
    IsNewer,
}

impl Collector for Odd {
    fn needs(&self) -> Vec<Need> {
        Vec::new()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let good = |value: Value| Collected::new(value, "a test").with(at.exhibit("a b/../c.json", "{}"));
        let secret = |path: &Path| at.secret(&SecretSource::File(path.to_owned()));
        match self {
            Self::States(value) => Ok(good(value.clone())),
            Self::Fails => Err(Absent::new("no reason")),
            Self::Panics => panic!("a bug"),
            Self::Hangs => {
                std::thread::sleep(Duration::from_secs(30));
                Err(Absent::new("late"))
            }
            Self::LeaksInValue(path) => Ok(good(json!({ "said": format!("the token is {}", secret(path)?) }))),
            Self::LeaksInEvidence(path) => {
                let text = format!("{{\"argv\": [\"{}\"]}}", secret(path)?);
                Ok(good(json!(1)).with(at.exhibit("x", text)))
            }
            Self::IsOld => Ok(Collected { collected_at: Some(Instant { ms: 5 }), ..good(json!(1)) }),
            Self::IsNewer => Ok(Collected { collected_at: Some(Instant { ms: i64::MAX }), ..good(json!(1)) }),
        }
    }
}

struct Ground {
    folder: tempfile::TempDir,
    shared: Arc<Shared>,
}

fn ground() -> Ground {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path().canonicalize().expect("a folder").join("root");
    fs::create_dir_all(base.join("below")).expect("a folder");
    let shared = Shared {
        plan: Plan { environment: "prod".into(), release: "1.0.0".into() },
        host: "h".into(),
        clock: Clock::Given(Instant { ms: 1_000_000 }),
        files: Root::open(&base, &base).expect("a root"),
        programs: Arc::new(live()),
        evidence: "evidence/".into(),
        contracts: |_| Err(Vec::new()),
        secrets: Secrets::default(),
    };
    Ground { folder, shared: Arc::new(shared) }
}

fn live() -> Live {
    Live { path: vec!["/usr/bin".into(), "/bin".into()], environment: vec![("PATH".into(), "/usr/bin:/bin".into())] }
}

fn configured(odd: Odd, group: &str, limit: Duration) -> Configured {
    Configured { group: group.into(), entry: &ENTRY, collector: Arc::new(odd), limit }
}

#[test]
fn one_bad_collector_costs_its_own_group() {
    let ground = ground();
    let secret = ground.folder.path().join("root/token");
    fs::write(&secret, "CANARY-7c1\n").expect("a file");
    let second = Duration::from_secs(1);
    let all = [
        configured(Odd::States(json!(1)), "a", second),
        configured(Odd::Fails, "b", second),
        configured(Odd::Panics, "c", second),
        configured(Odd::Hangs, "d", Duration::from_millis(100)),
        configured(Odd::LeaksInValue("token".into()), "e", second),
        configured(Odd::LeaksInEvidence("token".into()), "f", second),
        configured(Odd::States(json!("off")), "g", second),
        configured(Odd::IsOld, "h", second),
        configured(Odd::IsNewer, "i", second),
    ];
    let fits = |_: &str, value: &Value| if value == "off" { vec!["a number is wanted".to_owned()] } else { Vec::new() };
    let mut told = 0;
    let begun = std::time::Instant::now();
    std::panic::set_hook(Box::new(|_| {}));
    let out = gather(&all, &ground.shared, &fits, |_| told += 1);
    assert!(begun.elapsed() < Duration::from_secs(10), "the one that hangs held up the others");
    assert_eq!(told, all.len());
    let words: Vec<String> = out
        .iter()
        .map(|g| match &g.outcome {
            Ok(group) => format!("{} {} {}", g.group, group.envelope.collected_at.ms, group.envelope.evidence[0].uri),
            Err(absent) => format!("{} absent: {}", g.group, absent.reason),
        })
        .collect();
    assert_eq!(
        words,
        [
            "a 1000000 evidence/a/44136fa355b3-a_b_.._c.json",
            "b absent: no reason",
            "c absent: the collector broke: a bug of golive's",
            "d absent: it did not end within its limit of 0.1 s and was given up",
            "e absent: what it stated holds a secret, and was thrown away",
            "f absent: what it stated holds a secret, and was thrown away",
            "g absent: what it stated does not fit the group's schema: a number is wanted",
            "h 5 evidence/h/44136fa355b3-a_b_.._c.json",
            "i 1000000 evidence/i/44136fa355b3-a_b_.._c.json",
        ]
    );
}

#[test]
fn nothing_leads_out_of_the_root() {
    let ground = ground();
    let top = ground.folder.path();
    fs::write(top.join("outside"), "no").expect("a file");
    fs::write(top.join("root/inside"), "yes").expect("a file");
    std::os::unix::fs::symlink("../outside", top.join("root/link")).expect("a link");
    std::os::unix::fs::symlink("/etc", top.join("root/folder")).expect("a link");
    std::os::unix::fs::symlink("inside", top.join("root/good")).expect("a link");
    let files = &ground.shared.files;
    for path in ["inside", "good", "below/../inside", "./inside"] {
        assert_eq!(files.read(Path::new(path), 10).expect(path).bytes, b"yes", "{path}");
    }
    for path in ["../outside", "link", "folder/passwd", "/etc/passwd", "below/../../outside", "nothing", "below", "."] {
        assert!(files.read(Path::new(path), MOST_BYTES).is_err(), "{path}");
    }
    assert!(files.read(Path::new("inside"), 2).is_err(), "the limit");
    assert!(files.folder(Path::new("folder")).is_err());
}

#[test]
fn programs_have_limits_and_a_clean_environment() {
    let ground = ground();
    let run = |argv: &[&str], limit: u64| {
        let argv = argv.iter().map(|w| (*w).to_owned()).collect();
        let limit = Duration::from_millis(limit);
        live().run(&Command { argv, cwd: None, limit }, &ground.shared.files, limit)
    };
    let output = run(&["env"], 2000).expect("env runs");
    assert_eq!((output.text().expect("text"), output.ended), ("PATH=/usr/bin:/bin\n", Ended::Code(0)));
    assert_eq!(output.sha256.len(), 64);
    assert_eq!(run(&["false"], 2000).expect("false runs").ended, Ended::Code(1));
    assert_eq!(run(&["sh", "-c", "kill -9 $$"], 2000).expect("sh runs").ended, Ended::Signal(9));
    for (argv, words) in [
        (&["sleep", "30"][..], "did not end within"),
        (&["sh", "-c", "sleep 30 & exit 0"], "left its output open"),
        (&["yes"], "did not end within"),
        (&["head", "-c", "2000000", "/dev/zero"], "printed more than"),
        (&["no-such-program", "--token", "CANARY"], "there is no program"),
        (&["/etc/passwd"], "cannot be started"),
        (&["../../bin/true"], "outside of the root"),
    ] {
        let absent = run(argv, 500).expect_err(words);
        assert!(absent.reason.contains(words), "{}", absent.reason);
        assert!(!absent.reason.contains("CANARY"));
    }
}

#[test]
fn a_file_that_changes_is_read_once() {
    let ground = ground();
    let path = ground.folder.path().join("root/file");
    let (first, second) = (vec![b'a'; 100_000], vec![b'b'; 100_000]);
    fs::write(&path, &first).expect("a file");
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writer = {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                for bytes in [&first, &second] {
                    let aside = path.with_extension("aside");
                    fs::write(&aside, bytes).expect("a file");
                    fs::rename(&aside, &path).expect("a file");
                }
            }
        })
    };
    for _ in 0..1000 {
        let seen = ground.shared.files.read(Path::new("file"), MOST_BYTES).expect("a file");
        assert_eq!(seen.sha256, super::context::sha256(&seen.bytes), "the digest is that of the bytes");
        assert!(seen.bytes.iter().all(|b| *b == seen.bytes[0]), "one file, and not parts of two");
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    writer.join().expect("the writer ends");
}

#[test]
fn a_program_is_not_taken_from_where_everybody_writes() {
    let ground = ground();
    let folder = ground.folder.path().join("open");
    fs::create_dir(&folder).expect("a folder");
    fs::copy("/bin/true", folder.join("claw")).expect("a program");
    let live = Live { path: vec![folder.clone()], environment: Vec::new() };
    assert!(live.find("claw", &ground.shared.files).is_ok());
    fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("a mode");
    assert!(live.find("claw", &ground.shared.files).is_err());
    assert!(super::programs::search_path("relative:/bin:").iter().all(|p| p.is_absolute()));
}
