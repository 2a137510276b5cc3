//! What is made wrong with daemons and certificates, one thing at a time, and what must be found.

use crate::certificates::Authority;
use crate::claw::Daemon;
use crate::world::{GOOD, NAME, TOKEN, World};
use std::fs;

/// One deployment in which something is wrong.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// Makes it wrong, and starts the daemons.
    pub wrong: fn(&mut World) -> Vec<Daemon>,
    /// Controls that must fail, each with the beginning of a finding that it must have.
    pub found: &'static [(&'static str, &'static str)],
    /// Controls that cannot be proven in consequence.
    pub also: &'static [&'static str],
}

/// A scenario without consequences elsewhere.
pub const fn scenario(
    name: &'static str,
    wrong: fn(&mut World) -> Vec<Daemon>,
    found: &'static [(&'static str, &'static str)],
) -> Scenario {
    Scenario { name, wrong, found, also: &[] }
}

const TLS: [&str; 4] = ["--tls-cert", "../tls/server.crt", "--tls-key", "../tls/server.key"];

/// The row of authentication.
pub const AUTH: &str = "auth.enforced";
/// The row of encryption.
pub const TLS_ROW: &str = "tls.encrypted";
/// A row of the checklist.
pub const SCHEDULE: &str = "backups.scheduled";
/// A row of the checklist.
pub const VERIFIED: &str = "backups.verified";
/// A row of the checklist.
pub const ROLLBACK: &str = "rollback.tested";
/// A row of the checklist.
pub const COMPATIBILITY: &str = "compatibility.validated";
/// A row of the checklist.
pub const SCANS: &str = "scans.passed";
/// A row of the checklist.
pub const ARTIFACTS: &str = "artifacts.signed";
/// A row of the checklist.
pub const RUNBOOKS: &str = "runbooks.current";
/// A row of the checklist.
pub const SLOS: &str = "slos.active";

/// The deployment as it is, with its daemon.
pub fn started(world: &World) -> Vec<Daemon> {
    world.verify_artifacts();
    vec![world.daemon()]
}

fn with_certificate(world: &World, authority: &Authority, name: &str, days: (i64, i64)) -> Vec<Daemon> {
    world.certificate(&authority.issue(name, days.0, days.1));
    started(world)
}

/// All of them; the first is the one in which nothing is wrong.
pub const SCENARIOS: &[Scenario] = &[
    scenario("nothing", |w| started(w), &[]),
    scenario(
        "secrets on the command line, in an address and among the variables",
        |w| {
            w.edit("golive.toml", "https://docs.example.test/", "https://reader:CANARY-password@docs.example.test/");
            w.edit("golive.toml", "[collect]", "[collect]\npass = [\"CANARY_VARIABLE\"]");
            w.verify_artifacts();
            vec![w.daemon_with(&[&["--auth-token", TOKEN], &TLS[..]].concat())]
        },
        &[],
    ),
    scenario(
        "no authentication",
        |w| {
            w.verify_artifacts();
            vec![w.daemon_without_token(&TLS)]
        },
        &[(AUTH, "auth-off"), (AUTH, "no-header-accepted"), (AUTH, "second-method-accepted"), (AUTH, "wrong-token-accepted")],
    ),
    scenario(
        "authentication by chance of a default profile",
        |w| {
            w.verify_artifacts();
            vec![w.daemon_with(&TLS)]
        },
        &[(AUTH, "auth-off")],
    ),
    Scenario {
        name: "empty bearer bypass",
        wrong: |w| {
            w.verify_artifacts();
            vec![w.daemon_with_broken_profile()]
        },
        found: &[(AUTH, "empty-token-accepted"), (AUTH, "right-token-rejected")],
        also: &["install.reproducible", COMPATIBILITY],
    },
    scenario(
        "a second, open daemon",
        |w| {
            let mut all = started(w);
            all.push(w.second_daemon(&[]));
            all
        },
        &[(AUTH, "no-header-accepted"), (AUTH, "auth-off"), (TLS_ROW, "not-tried")],
    ),
    Scenario {
        name: "plaintext port",
        wrong: |w| {
            // Without flags the daemon takes the certificate that its configuration names.
            w.edit("repo/.claw/config.toml", "cert_path", "# cert_path");
            w.edit("repo/.claw/config.toml", "key_path", "# key_path");
            w.verify_artifacts();
            vec![w.daemon_with(&GOOD[..2])]
        },
        found: &[(TLS_ROW, "tls-missing")],
        // claw itself warns of a certificate that is not configured.
        also: &["install.reproducible"],
    },
    scenario("expired certificate", |w| with_certificate(w, &w.authority, NAME, (-20, -1)), &[(TLS_ROW, "expired")]),
    scenario("certificate that ends soon", |w| with_certificate(w, &w.authority, NAME, (-20, 3)), &[(TLS_ROW, "expires-soon")]),
    scenario("wrong name", |w| with_certificate(w, &w.authority, "other.example.test", (-1, 90)), &[(TLS_ROW, "name-mismatch")]),
    scenario("unknown authority", |w| with_certificate(w, &Authority::new("another"), NAME, (-1, 90)), &[(TLS_ROW, "chain-untrusted")]),
    scenario(
        "a renewed certificate that is not served",
        |w| {
            let all = started(w);
            w.certificate(&w.authority.issue(NAME, -1, 200));
            all
        },
        &[(TLS_ROW, "other-served")],
    ),
    Scenario {
        name: "another version is planned",
        wrong: |w| {
            w.edit("golive.toml", "release = \"0.1.1\"", "release = \"0.1.2\"");
            w.edit("exposure/prod-clients.json", "\"release\": \"0.1.1\"", "\"release\": \"0.1.2\"");
            started(w)
        },
        found: &[("install.reproducible", "version-mismatch"), ("install.reproducible", "daemon-version")],
        also: &[TLS_ROW, ROLLBACK, COMPATIBILITY, SCANS, ARTIFACTS, RUNBOOKS, SLOS],
    },
    Scenario {
        name: "a replaced binary",
        wrong: |w| {
            let all = started(w);
            let mut bytes = fs::read(w.path("bin/claw")).expect("claw's binary");
            bytes.push(0);
            fs::write(w.path("other"), bytes).expect("another binary");
            w.program(&w.path("other"), "bin/claw");
            all
        },
        found: &[(ARTIFACTS, "daemon-unverified")],
        also: &["install.reproducible"],
    },
];
