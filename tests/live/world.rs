//! A deployment in a folder: claw with its repository, certificates and token; the release, its reports and its people.

use crate::certificates::{Authority, Issued};
use crate::claw::{self, Daemon, Start, free_port};
use crate::signer::Signer;
use crate::template::{Template, sha256};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The secret that the daemon wants: no output may hold it.
pub const TOKEN: &str = "CANARY-right-token-5f0c";

/// The name that the certificate is for.
pub const NAME: &str = "claw.example.test";

/// What the daemon is started with where nothing is wrong.
pub const GOOD: [&str; 6] = ["--auth-profile", "default", "--tls-cert", "../tls/server.crt", "--tls-key", "../tls/server.key"];

/// One deployment; its folder is gone when it is dropped.
pub struct World {
    folder: PathBuf,
    /// Takes the folder away in the end.
    _guard: tempfile::TempDir,
    /// Who signs certificates.
    pub authority: Authority,
    /// Ports of gRPC and health.
    pub ports: (u16, u16),
    values: BTreeMap<String, String>,
}

/// How a run of golive ended.
pub struct Ran {
    /// The exit code.
    pub exit: Option<i32>,
    /// The decision, as JSON; null where there is none.
    pub decision: Value,
    /// Everything that was printed.
    pub words: String,
    /// How long it took.
    pub took: Duration,
}

impl World {
    /// Builds a deployment in which nothing is wrong. No daemon runs yet.
    pub fn build(binary: &Path) -> Self {
        let guard = tempfile::Builder::new().prefix("golive-live-").tempdir().expect("a folder");
        Self::build_in(binary, guard.path().to_owned(), guard)
    }

    /// The same at a place of its own, which must not be there yet and must go with the guard.
    pub fn build_in(binary: &Path, folder: PathBuf, guard: tempfile::TempDir) -> Self {
        let (authority, ports) = (Authority::new("golive test authority"), (free_port(), free_port()));
        let values = [("rpc", ports.0), ("health", ports.1)].map(|(name, port)| (name.to_owned(), port.to_string()));
        let mut world = Self { folder, _guard: guard, authority, ports, values: values.into() };
        for name in ["bin", "home", "repo", "tls"] {
            fs::create_dir_all(world.path(name)).expect("a folder");
        }
        world.program(binary, "bin/claw");
        world.write("token", TOKEN);
        world.write("tls/ca.pem", &world.authority.pem());
        world.certificate(&world.authority.issue(NAME, -1, 90));
        world.install();
        world.documents();
        world
    }

    /// A place in the deployment.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A file of the deployment.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Writes a file of the deployment.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).unwrap_or_else(|e| panic!("{name}: {e}"));
    }

    /// Changes a file of the deployment; what is to be replaced must be there.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} does not hold `{from}`");
        self.write(name, &text.replace(from, to));
    }

    /// Puts a certificate where the daemon takes it from when it starts.
    pub fn certificate(&self, issued: &Issued) {
        self.write("tls/server.crt", &issued.certificate);
        self.write("tls/server.key", &issued.key);
    }

    /// Runs claw in the repository; it must end with 0.
    pub fn claw(&self, arguments: &[&str]) -> String {
        claw::run(&self.path("bin/claw"), &self.path("home"), &self.path("repo"), arguments)
    }

    /// Installs claw as the documented steps say, and keeps the record of it.
    fn install(&mut self) {
        let mut steps = vec![json!({ "name": "copy the released binary", "exit": 0 })];
        let config =
            format!("cert_path = \"{}\"\nkey_path = \"{}\"", self.path("tls/server.crt").display(), self.path("tls/server.key").display());
        for arguments in [
            &["init", "--json"][..],
            &["admin", "migrate", "apply"],
            &["auth", "token", "set", "--base-url", "http://127.0.0.1", "--profile", "default", TOKEN],
        ] {
            self.claw(arguments);
            let shown: Vec<&str> = arguments.iter().map(|word| if *word == TOKEN { "TOKEN" } else { word }).collect();
            steps.push(json!({ "name": format!("claw {}", shown.join(" ")), "exit": 0 }));
        }
        self.edit("repo/.claw/config.toml", "require_for_non_localhost = true", &format!("require_for_non_localhost = true\n{config}"));
        self.write("repo/a.txt", "one\n");
        self.claw(&["snapshot", "-m", "first"]);
        self.write("docs/install.md", "# Install\n\nCopy the binary, then the lines of the install record.\n");
        let record = json!({
            "format": "golive.install-record/1", "host": "claw-1", "method": "language_package",
            "procedure": { "uri": "docs/install.md", "sha256": sha256(self.read("docs/install.md").as_bytes()) },
            "steps_total": steps.len(), "steps": steps,
            "binary_sha256": sha256(&fs::read(self.path("bin/claw")).expect("claw's binary")),
            "finished_at": golive::model::Instant { ms: now() }.to_string(),
        });
        self.write("install-record.json", &record.to_string());
    }

    /// Makes a backup as the timer would, and verifies nothing. Its id.
    pub fn backup(&mut self) -> String {
        let started = now();
        let said = self.claw(&["admin", "backup", "create"]);
        let id = said.lines().find_map(|l| l.strip_prefix("Created backup: ")).expect("the id of a backup").trim().to_owned();
        self.set("backup", id.clone());
        self.set("backup-started", systemd(started));
        self.set("backup-ended", systemd(now() + 1));
        id
    }

    /// The documents of the release and of its people, from `tests/live/template`.
    fn documents(&mut self) {
        self.backup();
        let binary = fs::read(self.path("bin/claw")).expect("claw's binary");
        self.values.insert("binary".to_owned(), sha256(&binary));
        let signer = Signer::new();
        self.values.insert("key".to_owned(), signer.id());
        self.configuration();
        self.fill("");
        self.write("release/minisign.pub", &signer.public());
        self.write("release/claw.minisig", &signer.sign(&binary));
        self.write("release/Cargo.lock.minisig", &signer.sign(self.read("release/Cargo.lock").as_bytes()));
        for name in ["bin/systemctl", "bin/systemd-analyze"] {
            self.program(&self.path(name), name);
        }
        for group in ["install_statement", "rollback_statement", "runbook_reviews", "on_call"] {
            self.state(group);
        }
    }

    /// Fills the templates below a folder anew.
    pub fn fill(&self, folder: &str) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/template");
        Template { values: &self.values, now: now(), to: &self.folder }.fill(&from, folder);
    }

    /// A person states what `values/<group>.json` holds.
    pub fn state(&self, group: &str) {
        let value = format!("values/{group}.json");
        let evidence = format!("{value}={value}");
        let statement = format!("statements/{group}.json");
        let by = ["--by", "operator@example.test", "--expires", "P30D", "--force"];
        let ran = self.golive(&[&["attest", group, "--value", &value, "--evidence", &evidence, "-o", &statement], &by[..]].concat());
        assert_eq!(ran.exit, Some(0), "{}", ran.words);
    }

    /// What must stand before the daemon starts: the verified artifacts.
    pub fn verify_artifacts(&self) {
        fs::create_dir_all(self.path("release/verified")).expect("a folder");
        let ran = self.golive(&["collect", "--only", "artifacts", "-o", "release/verified/facts.json"]);
        assert_eq!(ran.exit, Some(0), "{}", ran.words);
    }

    /// golive.toml as `golive init --profile claw` writes it, with its places filled in.
    fn configuration(&self) {
        let init = self.golive(&["init", "--profile", "claw"]);
        assert_eq!(init.exit, Some(0), "{}", init.words);
        let folder = self.path("");
        self.edit("golive.toml", "/srv/claw/", &folder.to_string_lossy());
        for key in ["parameters", "waivers", "remediations"] {
            self.edit("golive.toml", &format!("# {key} = "), &format!("{key} = "));
        }
        // Other tests run daemons at the same time: only those of this deployment count.
        self.edit("golive.toml", "executable = \"claw\"", &format!("executable = \"{}\"", self.path("bin/claw").display()));
        // No monitoring system runs here: its answers were saved.
        for port in [9090, 9093, 3000] {
            self.edit("golive.toml", &format!("url = \"http://127.0.0.1:{port}\""), "saved = \"monitoring\"");
        }
    }

    /// Starts the daemon as the deployment wants it.
    pub fn daemon(&self) -> Daemon {
        self.daemon_with(&GOOD)
    }

    /// Starts a daemon with arguments of its own.
    pub fn daemon_with(&self, arguments: &[&str]) -> Daemon {
        let daemon = self.daemon_at(self.ports, &self.path("home"), arguments);
        // What was seen of a daemon before it started says nothing about it.
        self.fill("exposure");
        daemon
    }

    /// Starts a daemon on other ports, with another HOME.
    pub fn daemon_at(&self, ports: (u16, u16), home: &Path, arguments: &[&str]) -> Daemon {
        let arguments = arguments.iter().map(|a| (*a).to_owned()).collect();
        let start = Start { binary: &self.path("bin/claw"), home: home.to_owned(), repository: self.path("repo"), ports, arguments };
        Daemon::start(&start)
    }

    /// Starts a daemon in whose HOME no token lies.
    pub fn daemon_without_token(&self, arguments: &[&str]) -> Daemon {
        fs::create_dir_all(self.path("empty-home")).expect("a folder");
        let daemon = self.daemon_at(self.ports, &self.path("empty-home"), arguments);
        self.fill("exposure");
        daemon
    }

    /// Starts a daemon whose profile cannot be decrypted: its key is another one.
    pub fn daemon_with_broken_profile(&self) -> Daemon {
        fs::create_dir_all(self.path("broken-home/.claw")).expect("a folder");
        fs::copy(self.path("home/.claw/auth.toml"), self.path("broken-home/.claw/auth.toml")).expect("a profile");
        fs::write(self.path("broken-home/.claw/auth.key"), [7; 32]).expect("a key");
        let daemon = self.daemon_at(self.ports, &self.path("broken-home"), &GOOD);
        self.fill("exposure");
        daemon
    }

    /// Starts one daemon more, on ports of its own, in whose HOME no token lies.
    pub fn second_daemon(&self, arguments: &[&str]) -> Daemon {
        fs::create_dir_all(self.path("empty-home")).expect("a folder");
        let daemon = self.daemon_at((free_port(), free_port()), &self.path("empty-home"), arguments);
        self.fill("exposure");
        daemon
    }

    /// claw does not start beside a backup that it finds damaged: the daemon starts first, elsewhere is looked later.
    pub fn daemon_after_verification(&self) -> Daemon {
        self.verify_artifacts();
        let backups = self.path("repo/.claw/backups");
        let aside = self.path("backups-aside");
        fs::rename(&backups, &aside).expect("backups");
        fs::create_dir(&backups).expect("a folder");
        let daemon = self.daemon();
        fs::remove_dir(&backups).expect("a folder");
        fs::rename(&aside, &backups).expect("backups");
        daemon
    }

    /// Puts a program in its place. Another process copies it: a child that is forked while this one writes would keep it busy.
    pub fn program(&self, from: &Path, name: &str) {
        let aside = self.path(&format!("{name}.aside"));
        let copied = Command::new("cp").arg(from).arg(&aside).status().expect("cp starts");
        assert!(copied.success(), "{} cannot be copied", from.display());
        fs::set_permissions(&aside, fs::Permissions::from_mode(0o755)).expect("a program");
        fs::rename(&aside, self.path(name)).expect("a program");
    }

    /// As if all backups had been made, and the timer had run, so many days ago.
    pub fn age_backups(&mut self, days: i64) {
        let length = days * 86_400_000;
        let folder = self.path("repo/.claw/backups");
        let last: i64 = self.value("backup").parse().expect("the id of a backup");
        for entry in fs::read_dir(&folder).expect("backups") {
            let name = entry.expect("a backup").file_name().into_string().expect("a name");
            let id: i64 = name.parse().expect("the id of a backup");
            let path = folder.join(&name).join("manifest.json");
            let mut manifest: Value = serde_json::from_slice(&fs::read(&path).expect("a manifest")).expect("JSON");
            let created = manifest["created_at_ms"].as_i64().expect("a time");
            manifest["created_at_ms"] = (created - length).into();
            manifest["backup_id"] = (id - length).to_string().into();
            fs::write(&path, manifest.to_string()).expect("a manifest");
            fs::rename(folder.join(&name), folder.join((id - length).to_string())).expect("a backup");
        }
        self.set("backup", (last - length).to_string());
        self.set("backup-started", systemd(last - length - 1000));
        self.set("backup-ended", systemd(last - length + 5000));
        self.fill("systemd");
        self.fill("rollback");
    }

    /// Copies a folder of the deployment.
    pub fn copy_folder(&self, from: &str, to: &str) {
        let copied = Command::new("cp").arg("-r").arg(self.path(from)).arg(self.path(to)).status().expect("cp starts");
        assert!(copied.success(), "{from} cannot be copied");
    }

    /// What was verified three days ago is all that anybody knows of the backups' verification.
    pub fn replay_old_verification(&self) {
        let ran = self.golive(&["collect", "--only", "backup_verifications", "-o", "old/facts.json"]);
        assert_eq!(ran.exit, Some(0), "{}", ran.words);
        let facts: Value = serde_json::from_str(&self.read("old/facts.json")).expect("JSON");
        let mut value = facts["facts"]["backup_verifications"]["value"].clone();
        value["verifications"][0]["verified_at"] = self.filled("{{-P3D}}").into();
        self.write("old/value.json", &value.to_string());
        let text = self.read("golive.toml");
        let (before, rest) = text.split_once("[facts.backup_verifications]").expect("the table");
        let (_, after) = rest.split_once("[facts.rollback_plan]").expect("the table after it");
        let table =
            "[facts.backup_verifications]\ncollector = \"json\"\nfile = \"old/value.json\"\ntrust = \"observed\"\n\n[facts.rollback_plan]";
        self.write("golive.toml", &format!("{before}{table}{after}"));
    }

    /// Signs the binary with a key that nobody knows.
    pub fn sign_with_another_key(&self) {
        let binary = fs::read(self.path("bin/claw")).expect("claw's binary");
        self.write("release/claw.minisig", &Signer::new().sign(&binary));
    }

    /// The reviewers look at all runbooks as they are now.
    pub fn review_again(&self) {
        self.fill("values");
        self.state("runbook_reviews");
    }

    /// A value that templates are filled with.
    pub fn value(&self, name: &str) -> &str {
        &self.values[name]
    }

    fn set(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    /// A text with its places filled.
    pub fn filled(&self, text: &str) -> String {
        let template = Template { values: &self.values, now: now(), to: &self.folder };
        template.filled(text).expect("files that are there")
    }

    /// Where a canary stands that should stand nowhere: in what was printed, or in what was kept.
    pub fn canaries(&self, words: &str) -> Vec<String> {
        let mut out = Vec::new();
        if words.contains("CANARY") {
            out.push("what was printed".to_owned());
        }
        for folder in ["record", "release/verified", "verifications"] {
            for file in crate::template::files(&self.path(folder)) {
                let bytes = fs::read(self.path(folder).join(&file)).expect("a file");
                if String::from_utf8_lossy(&bytes).contains("CANARY") {
                    out.push(format!("{folder}/{}", file.display()));
                }
            }
        }
        out
    }

    /// Runs golive in the deployment, in an environment that holds a canary too.
    pub fn golive(&self, arguments: &[&str]) -> Ran {
        let begun = std::time::Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_golive"));
        command.current_dir(&self.folder).env_clear().env("HOME", self.path("home")).env("COLUMNS", "10000");
        // systemd does not run everywhere: the deployment brings stand-ins for its programs.
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        command.env("PATH", path).env("CANARY_VARIABLE", "CANARY-in-the-environment");
        let output = command.args(arguments).output().expect("golive starts");
        let decision = fs::read(self.path("record/decision.json")).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default();
        let words = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        Ran { exit: output.status.code(), decision, words, took: begun.elapsed() }
    }
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    i64::try_from(since.as_millis()).expect("a time")
}

/// A time as systemd prints it.
fn systemd(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).expect("a time");
    at.strftime("%a %Y-%m-%d %H:%M:%S%.6f UTC").to_string()
}
