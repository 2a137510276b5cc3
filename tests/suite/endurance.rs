//! Folders of records that are written while somebody pulls the plug, by many at once, or damaged file by file.

use crate::project::{self, Run};
use golive::model::Instant;
use golive::record::store::{Chain, Store};
use golive::record::verify::{Bytes, Demand, Findings, Signers, verify};
use golive::record::{SigningKey, Trust};
use golive::text::Source;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant as Watch};

const LIMIT: Duration = Duration::from_secs(120);
const AT: &str = "2026-11-23T15:00:00Z";
/// Kills in each folder.
const KILLS: u32 = 20;
/// Kills where `GOLIVE_KILLS` does not say how many.
const FEW: u32 = 40;
const WRITERS: usize = 8;

/// A place with a key, and where records go.
struct Ground {
    folder: tempfile::TempDir,
    trust: Trust,
}

impl Ground {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = SigningKey::from_seed(&[1; 32]);
        let path = folder.path().join("ci.key");
        fs::write(&path, key.write().expect("a key").as_bytes()).expect("a key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("permissions");
        let file = json!({"format": "golive.trust/1", "threshold": 1, "keys": [{
            "name": "ci", "public_key": key.public().write().expect("a key"), "roles": ["decision"],
            "not_before": "2026-06-01T00:00:00Z", "not_after": "2027-06-01T00:00:00Z", "revoked_at": null,
        }]});
        fs::write(folder.path().join("trust.json"), file.to_string()).expect("a trust file");
        let trust = Trust::read(Arc::new(Source::new("trust.json", file.to_string()))).expect("a trust file");
        Self { folder, trust }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn check(&self) -> Command {
        let mut command = project::golive(80);
        let deployment = project::root().join("fixtures/deployments/claw-go");
        command.current_dir(self.folder.path()).arg("check").arg(deployment.join("facts.json"));
        command.arg("--parameters").arg(deployment.join("parameters.json"));
        command.args(["--environment", "prod", "--release", "0.1.1", "--at", AT, "--record", "store", "--signing-key", "ci.key"]);
        command
    }

    fn run(&self) -> Run {
        project::run(&mut self.check(), LIMIT)
    }

    /// The chain as an auditor sees it; none where nothing was written yet.
    fn audit(&self) -> Option<(Chain, Findings)> {
        if !self.store().join("records").is_dir() {
            return None;
        }
        let store = Store::at(self.store());
        let chain = store.chain().unwrap_or_else(|problem| panic!("{problem}"));
        if chain.records.is_empty() {
            return None;
        }
        let bytes = Bytes { inputs: &|digest| store.input(digest), evidence: &|path| store.beside(path) };
        let findings = verify(&chain, bytes, Demand { signers: Signers::Trusted(&self.trust), signed_waivers: false });
        Some((chain, findings))
    }

    fn verified(&self) -> Run {
        let mut command = project::golive(80);
        command.current_dir(self.folder.path()).args(["record", "verify", "store", "--trust", "trust.json"]);
        project::run(&mut command, LIMIT)
    }
}

fn words(findings: &Findings) -> String {
    findings.faults.iter().map(|problem| format!("{}: {}\n", problem.code, problem.message)).collect()
}

fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
}

fn unfinished(store: &Path) -> Vec<PathBuf> {
    let hidden = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".golive-"));
    project::files(store).into_iter().filter(hidden).collect()
}

/// Writers are killed (`GOLIVE_KILLS=200` is two hundred), twenty in each folder, of which every second one is new at first: at times spread over a whole run, when
/// something unfinished lies there, when a record has its name, and when the head has. What they leave is a record that verifies, or none,
/// and whoever comes next goes on.
#[test]
fn a_killed_writer_leaves_a_whole_record_or_none() {
    let ground = Ground::new();
    assert_eq!(ground.run().exit, Some(0));
    let begun = Watch::now();
    assert_eq!(ground.run().exit, Some(0));
    let whole = begun.elapsed();
    let mut tally = Tally::default();
    let folders = std::env::var("GOLIVE_KILLS").map_or(FEW, |kills| kills.parse().expect("a number of kills")).div_ceil(KILLS);
    for folder in 0..folders {
        let ground = Ground::new();
        let mut left = 0;
        if folder % 2 == 0 {
            assert_eq!(ground.run().exit, Some(0));
            left = 1;
        }
        for kill in 0..KILLS {
            let moment = match kill % 4 {
                0 => Moment::After(whole * (kill * folders + folder + 1) / (KILLS * folders)),
                1 => Moment::Unfinished,
                2 => Moment::Recorded,
                _ => Moment::Headed,
            };
            left = killed(&ground, &moment, left, &mut tally);
        }
        let run = ground.run();
        assert_eq!(run.exit, Some(0), "{}", run.stderr);
        let (chain, findings) = ground.audit().expect("records");
        assert!(findings.faults.is_empty(), "{}", words(&findings));
        assert_eq!(chain.records.len(), left + 1);
        assert_eq!(unfinished(&ground.store()), Vec::<PathBuf>::new(), "what was left unfinished was not cleaned");
        let verified = ground.verified();
        assert_eq!(verified.exit, Some(0), "{}", verified.stderr);
    }
    project::tell(&format!("endurance: {} kills: {tally:?}", KILLS * folders));
}

/// When a writer is killed.
enum Moment {
    After(Duration),
    /// A file without a name of its own lies there.
    Unfinished,
    /// The new record has its name.
    Recorded,
    /// The head was written anew.
    Headed,
}

impl Moment {
    /// Waits for it, or for the end of the writer.
    fn wait(&self, child: &mut Child, store: &Path) {
        let records = || fs::read_dir(store.join("records")).map_or(0, |entries| entries.filter(|e| e.as_ref().is_ok_and(named)).count());
        let head = || fs::read(store.join("head.json")).unwrap_or_default();
        if let Self::After(after) = self {
            return std::thread::sleep(*after);
        }
        let (before, headed) = (records(), head());
        while child.try_wait().expect("a child").is_none() {
            let come = match self {
                Self::After(_) => true,
                Self::Unfinished => store.is_dir() && any_unfinished(store),
                Self::Recorded => records() > before,
                Self::Headed => head() != headed,
            };
            if come {
                return;
            }
            std::thread::yield_now();
        }
    }
}

fn named(entry: &fs::DirEntry) -> bool {
    !entry.file_name().to_string_lossy().starts_with(".golive-")
}

/// The same as [`unfinished`] for a folder that changes while it is looked at.
fn any_unfinished(store: &Path) -> bool {
    let folders = [store.to_owned(), store.join("records"), store.join("inputs")];
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    entries.into_iter().any(|entry| !named(&entry))
}

/// What kills left.
#[derive(Debug, Default)]
struct Tally {
    /// Writers that had ended before.
    ended: u32,
    /// Kills after which one record more was there.
    records: usize,
    /// Kills that left a file without a name of its own.
    unfinished: usize,
    /// Kills between a record and its head.
    ahead: usize,
}

/// Kills one writer, and looks at what is there then.
fn killed(ground: &Ground, moment: &Moment, left: usize, tally: &mut Tally) -> usize {
    let mut child = start(&mut ground.check());
    moment.wait(&mut child, &ground.store());
    tally.ended += u32::from(child.try_wait().expect("a child").is_some_and(|status| status.success()));
    let _ = child.kill();
    child.wait().expect("a child");
    if !ground.store().is_dir() {
        return left;
    }
    tally.unfinished += usize::from(!unfinished(&ground.store()).is_empty());
    let Some((chain, findings)) = ground.audit() else {
        assert_eq!(left, 0, "records are gone");
        return 0;
    };
    let fresh = chain.records.len() == 1 && chain.head.is_none();
    assert!(findings.faults.is_empty() || fresh, "{}", words(&findings));
    assert!(chain.records.iter().all(|kept| kept.record.is_ok()), "a torn record");
    assert!(chain.records.len() == left || chain.records.len() == left + 1, "{} of {left}", chain.records.len());
    tally.ahead += usize::from(fresh || findings.notes.iter().any(|note| note.code == "golive::record::head"));
    tally.records += chain.records.len() - left;
    chain.records.len()
}

#[test]
#[expect(clippy::needless_collect, reason = "all are started before the first is waited for")]
fn eight_writers_at_once_lose_nothing() {
    let ground = Ground::new();
    let mut wanted: u64 = 0;
    for _ in 0..2 {
        let together: Vec<Run> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(|| ground.run())).collect();
            writers.into_iter().map(|writer| writer.join().expect("a writer")).collect()
        });
        for run in together {
            // A machine that is busy with other things may keep one waiting for longer than it waits. It then says so.
            let gave_up = run.exit == Some(6) && run.stderr.contains("has been writing records for a minute");
            assert!(run.exit == Some(0) || gave_up, "{:?} {}", run.exit, run.stderr);
            wanted += u64::from(run.exit == Some(0));
        }
    }
    let (chain, findings) = ground.audit().expect("records");
    assert!(findings.faults.is_empty(), "{}", words(&findings));
    assert_eq!(chain.records.iter().map(|kept| kept.seq).collect::<Vec<_>>(), (1..=wanted).collect::<Vec<u64>>());
    assert!(chain.records.iter().all(|kept| kept.record.as_ref().is_ok_and(|r| Some(r.evaluated_at) == Instant::parse(AT))));
    assert_eq!(ground.verified().exit, Some(0));
}

/// Each file of a chain is cut, emptied, removed, doubled and turned bit by bit: nothing of it verifies.
#[test]
fn a_damaged_chain_never_verifies() {
    let ground = Ground::new();
    for _ in 0..3 {
        assert_eq!(ground.run().exit, Some(0));
    }
    assert!(ground.audit().is_some_and(|(_, findings)| findings.faults.is_empty()), "the ground is not good");
    let mut tried = 0;
    let inputs = |path: &PathBuf| path.parent().is_some_and(|parent| parent.ends_with("inputs"));
    let (inputs, others): (Vec<PathBuf>, Vec<PathBuf>) = project::files(&ground.store()).into_iter().partition(inputs);
    // All inputs are held against their digests by the same few lines: some of them are enough.
    for path in others.into_iter().chain(inputs.into_iter().step_by(6)) {
        let name = path.strip_prefix(ground.store()).expect("inside").to_string_lossy().into_owned();
        // The lock says nothing, and the copy of the decision is held against the records by the command alone.
        if name == "lock" || name == "decision.json" {
            continue;
        }
        let good = fs::read(&path).expect("a file");
        let mut hold = |what: &str, bytes: Option<&[u8]>| {
            match bytes {
                Some(bytes) => fs::write(&path, bytes).expect("a damaged file"),
                None => fs::remove_file(&path).expect("a file to remove"),
            }
            let store = Store::at(ground.store());
            let sound = store.chain().is_ok_and(|_| ground.audit().is_some_and(|(_, findings)| findings.faults.is_empty()));
            assert!(!sound, "{name} {what}, and the chain verifies");
            // Nobody goes on with a chain whose end was touched; what is older is for whoever verifies.
            tried += 1;
        };
        hold("was removed", None);
        hold("was emptied", Some(b""));
        hold("was doubled", Some(&[good.clone(), good.clone()].concat()));
        for part in [1, 2, 3] {
            hold("was cut", Some(&good[..good.len() * part / 4]));
        }
        hold("lost its last brace", Some(&good[..good.len() - 2]));
        for at in turned(&good, name.starts_with("inputs/")) {
            let mut other = good.clone();
            other[at] ^= 1;
            hold(&format!("was turned at {at}"), Some(&other));
        }
        fs::write(&path, &good).expect("the file as it was");
    }
    assert!(ground.audit().is_some_and(|(_, findings)| findings.faults.is_empty()), "the ground is not good any longer");
    assert!(tried > 150, "{tried} damages");
    project::tell(&format!("endurance: {tried} damages of a chain, none of which verifies"));
}

/// Places in a file whose change must be seen: everywhere in an input, and in an envelope wherever a payload, a type or a signature
/// stands. What a signature says of its own key decides nothing.
fn turned(bytes: &[u8], everywhere: bool) -> Vec<usize> {
    let step = (bytes.len() / 12).max(1);
    let text = String::from_utf8_lossy(bytes);
    let key = text.find("\"keyid\":\"").map_or(0..0, |at| at + 9..at + 80);
    (0..bytes.len() - 1).step_by(step).filter(|at| everywhere || !key.contains(at)).collect()
}
