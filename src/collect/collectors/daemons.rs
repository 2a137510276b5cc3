//! The running daemons: image, start, options, listeners.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::host::{Daemon, Find, Flag, Listener, Purpose};
use crate::collect::rpc::{self, Protocol, Target, Transport};
use crate::collect::{Command, SecretSource};
use crate::model::Trust;
use crate::text::visible;
use http::HeaderValue;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "daemons",
    about: "every running daemon of this machine: image, version, start, options, listeners",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    find: Find,
    /// The options for bearer authentication.
    #[serde(default)]
    auth_flags: AuthFlags,
    /// The option for the runtime profile.
    profile: Option<Profile>,
    /// How a daemon is asked for its version.
    version: Option<Version>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthFlags {
    /// Flags that hand it a token.
    #[serde(default)]
    auth_token: Vec<String>,
    /// Flags that name a profile with a token.
    #[serde(default)]
    auth_profile: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    /// The flag that chooses it.
    flag: String,
    /// The one that is chosen without the flag.
    default: Option<String>,
    /// The names of those that keep all guards on.
    prod: Vec<String>,
    /// The names of those that switch guards off.
    dev: Vec<String>,
}

/// By a request to the daemon itself, or by a program that is the very same file as the image that runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    /// A gRPC method that answers to an empty message.
    path: Option<String>,
    /// The number of the field of its answer that holds the version.
    field: Option<u64>,
    #[serde(default)]
    transport: Transport,
    right_token: Option<SecretSource>,
    /// Prints the version.
    command: Option<Vec<String>>,
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let command = self.version.iter().flat_map(|v| v.command.iter().flatten().take(1).cloned().map(Need::Program));
        let token = self.version.iter().filter_map(|v| match &v.right_token {
            Some(SecretSource::File(path)) => Some(Need::Path(path.clone())),
            _ => None,
        });
        self.find.needs().into_iter().chain(command).chain(token).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let daemons = self.find.daemons(at)?;
        let asked = self.versions(&daemons, at)?;
        let (mut values, mut exhibits) = (Vec::new(), Vec::new());
        for (daemon, version) in daemons.iter().zip(asked) {
            let value = self.value(daemon, &version, at);
            exhibits.push(self.exhibit(daemon, &version, &value));
            values.push(value);
        }
        let value = json!({ "daemons": values, "daemons_total": values.len() });
        let source = format!("/proc of {}: {}", at.host(), daemons.iter().map(|d| d.id.clone()).collect::<Vec<_>>().join(", "));
        Ok(Collected::new(value, source).with(at.exhibit("daemons.json", format!("{:#}\n", json!(exhibits)))))
    }
}

impl Settings {
    fn value(&self, daemon: &Daemon, version: &Asked, at: &Context) -> Value {
        let listener = |l: &Listener| json!({ "id": l.id, "address": l.address.to_string(), "scope": l.scope() });
        let (rpc, side): (Vec<_>, Vec<_>) = daemon.listeners.iter().partition(|l| l.purpose == Purpose::Rpc);
        let rpc: Vec<Value> = rpc.into_iter().map(listener).collect();
        let side = side.into_iter().map(|l| {
            let mut value = listener(l);
            value["purpose"] = json!(l.purpose.word());
            value
        });
        let side: Vec<Value> = side.collect();
        json!({
            "id": daemon.id,
            "host": at.host(),
            "executable": { "sha256": daemon.sha256, "replaced": daemon.replaced.word() },
            "version": version.value.as_ref().map_or_else(|| json!({ "state": "unknown" }), |v| json!({ "state": "reported", "value": v })),
            "started_at": daemon.started_at.to_string(),
            "auth": self.auth(daemon),
            "profile": self.profile(daemon),
            "rpc_listeners_total": rpc.len(), "rpc_listeners": rpc,
            "side_listeners_total": side.len(), "side_listeners": side,
        })
    }

    fn auth(&self, daemon: &Daemon) -> &'static str {
        let AuthFlags { auth_token, auth_profile } = &self.auth_flags;
        let configured = !auth_token.is_empty() || !auth_profile.is_empty();
        match (daemon.words.flag(auth_token), daemon.words.flag(auth_profile)) {
            (Flag::Value(_), Flag::Absent | Flag::Value(_)) => "auth_token",
            (Flag::Absent, Flag::Value(_)) => "auth_profile",
            (Flag::Absent, Flag::Absent) if configured && daemon.words_known => "none",
            // Without a value, given twice, or in words that are not those of a daemon: what holds cannot be told.
            _ => "unknown",
        }
    }

    fn profile(&self, daemon: &Daemon) -> &'static str {
        let Some(profile) = &self.profile else { return "unknown" };
        let chosen = match daemon.words.flag(std::slice::from_ref(&profile.flag)) {
            Flag::Value(value) => Some(value),
            Flag::Absent if daemon.words_known => profile.default.as_deref(),
            Flag::Absent | Flag::Bare | Flag::Repeated => None,
        };
        let among = |names: &[String]| chosen.is_some_and(|chosen| names.iter().any(|name| name == chosen));
        match (among(&profile.prod), among(&profile.dev)) {
            (true, false) => "prod",
            (false, true) => "dev",
            _ => "unknown",
        }
    }

    /// What was seen, beyond the facts. Of the words only those that the settings name are kept: flags, never a value.
    fn exhibit(&self, daemon: &Daemon, version: &Asked, value: &Value) -> Value {
        let flags = self.auth_flags.auth_token.iter().chain(&self.auth_flags.auth_profile).chain(self.profile.iter().map(|p| &p.flag));
        let flags = flags.chain(&self.find.subcommands).chain(self.find.side_ports.iter().filter_map(|s| s.flag.as_ref()));
        json!({
            "facts": value,
            "pid": daemon.pid,
            "executable": visible(&daemon.exe.to_string_lossy()),
            "known_words": daemon.words.known(flags.map(String::as_str)),
            "words_of_a_daemon": daemon.words_known,
            "version": version.how,
        })
    }
}

/// The version of one daemon, and how it was learnt or why not.
struct Asked {
    value: Option<String>,
    how: String,
}

impl Asked {
    fn unknown(why: impl Into<String>) -> Self {
        Self { value: None, how: why.into() }
    }
}

impl Settings {
    fn versions(&self, daemons: &[Daemon], at: &Context) -> Result<Vec<Asked>, Absent> {
        let Some(version) = &self.version else { return Ok(daemons.iter().map(|_| Asked::unknown("not asked for")).collect()) };
        let token = version.right_token.as_ref().map(|from| at.secret(from)).transpose()?;
        let authorization = token.map(|token| HeaderValue::try_from(format!("Bearer {token}"))).transpose();
        let authorization = authorization.map_err(|_| Absent::new("the right token holds characters that no header can carry"))?;
        let printed = version.command.as_ref().map(|argv| printed(argv, at));
        Ok(rpc::side_by_side(daemons, |daemon| {
            let reported = match (&version.path, version.field) {
                (Some(path), Some(field)) => version.reported(daemon, (path, field), authorization.as_ref(), at),
                _ => Asked::unknown("the daemon was not asked"),
            };
            match (&reported.value, &printed) {
                (None, Some(Ok((digest, printed)))) if *digest == daemon.sha256 => Asked {
                    value: Some(printed.clone()),
                    how: format!("{}; printed by the same file as the image that runs", reported.how),
                },
                (None, Some(Ok(_))) => Asked::unknown(format!("{}; the program is another file than the image that runs", reported.how)),
                (None, Some(Err(why))) => Asked::unknown(format!("{}; {why}", reported.how)),
                _ => reported,
            }
        }))
    }
}

impl Version {
    /// Asks the daemon over each of its listeners; all must say the same.
    fn reported(&self, daemon: &Daemon, (path, field): (&str, u64), authorization: Option<&HeaderValue>, at: &Context) -> Asked {
        let mut said = BTreeSet::new();
        for listener in daemon.listeners.iter().filter(|l| l.purpose == Purpose::Rpc) {
            let Some(reach) = listener.reach else { return Asked::unknown(format!("{} may lead to another process", listener.id)) };
            let target = Target { address: reach.to_string(), name: None, transport: self.transport, trust: rpc::Trust::Any };
            let limit = at.left(Duration::from_secs(2));
            let reply = target.settled(limit).and_then(|target| rpc::call(Protocol::Grpc, &target, path, authorization, limit));
            let version = match reply {
                Ok(reply) if reply.status == Some(0) => rpc::field(&reply.body, field).as_deref().and_then(plain),
                Ok(reply) => return Asked::unknown(format!("{} answered with status {:?}", listener.id, reply.status)),
                Err(why) => return Asked::unknown(format!("{}: {why}", listener.id)),
            };
            match version {
                Some(version) => said.insert(version),
                None => return Asked::unknown(format!("the answer of {} holds no version", listener.id)),
            };
        }
        match (said.pop_first(), said.is_empty()) {
            (Some(version), true) => Asked { value: Some(version), how: "reported by the daemon".to_owned() },
            (None, _) => Asked::unknown("it has no listener for clients"),
            _ => Asked::unknown("its listeners report different versions"),
        }
    }
}

/// The digest of a program and the one version that it prints.
fn printed(argv: &[String], at: &Context) -> Result<(String, String), String> {
    let output = at.run(&Command { argv: argv.to_vec(), cwd: None, limit: Duration::from_secs(3) }).map_err(|e| e.reason)?;
    let text = output.text().map_err(|e| e.reason)?;
    let mut versions: BTreeSet<String> = text.split_ascii_whitespace().filter_map(exact).collect();
    match (output.code(), versions.pop_first(), versions.is_empty()) {
        (Some(0), Some(version), true) => Ok((output.sha256, version)),
        _ => Err(format!("`{}` did not print exactly one version", output.line())),
    }
}

/// What a daemon says of itself, in one word without the `v` that some write before it.
fn plain(said: &str) -> Option<String> {
    let version = said.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(said);
    let word = !version.is_empty() && version.len() <= 128 && version.chars().all(|c| c.is_ascii_graphic());
    word.then(|| version.to_owned())
}

/// A version without the `v` that some write before it.
fn exact(word: &str) -> Option<String> {
    let version = word.strip_prefix('v').unwrap_or(word);
    (version.len() <= 128 && semver::Version::parse(version).is_ok()).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::host::{Replaced, Words};
    use crate::model::Instant;

    fn settings() -> Settings {
        let text = r#"
            auth_flags = { auth_token = ["--auth-token"], auth_profile = ["--auth-profile"] }
            profile = { flag = "--profile", default = "prod", prod = ["prod"], dev = ["dev"] }
            find = { executable = "d", subcommands = ["daemon", "serve"] }"#;
        toml::from_str(text).unwrap()
    }

    fn daemon(line: &str) -> Daemon {
        let words = Words::split(line);
        let words_known = words.any(&settings().find.subcommands);
        let (sha256, exe) = ("0".repeat(64), "/d".into());
        let started_at = Instant { ms: 0 };
        Daemon { id: "h pid 1".into(), pid: 1, exe, started_at, sha256, replaced: Replaced::No, words, words_known, listeners: Vec::new() }
    }

    #[test]
    fn options_are_stated_only_where_they_are_certain() {
        for (line, auth, profile) in [
            ("d daemon", "none", "prod"),
            ("d daemon --auth-token CANARY", "auth_token", "prod"),
            ("d serve --auth-token=CANARY", "auth_token", "prod"),
            ("d --profile dev daemon --auth-profile default", "auth_profile", "dev"),
            ("d daemon --auth-profile=default --profile=prod", "auth_profile", "prod"),
            ("d daemon --auth-token CANARY --auth-profile default", "auth_token", "prod"),
            ("d daemon --auth-token", "unknown", "prod"),
            ("d daemon --auth-token --listen 127.0.0.1:1", "unknown", "prod"),
            ("d daemon --auth-token=", "unknown", "prod"),
            ("d daemon --auth-token CANARY --auth-token OTHER", "unknown", "prod"),
            ("d daemon --auth-token-file x", "none", "prod"),
            ("d daemon --profile staging", "none", "unknown"),
            ("d daemon --profile prod --profile dev", "none", "unknown"),
            ("d daemon --profile", "none", "unknown"),
            ("d: serving clients", "unknown", "unknown"),
            ("", "unknown", "unknown"),
        ] {
            let daemon = daemon(line);
            assert_eq!((settings().auth(&daemon), settings().profile(&daemon)), (auth, profile), "{line}");
            let asked = Asked::unknown("not asked for");
            let exhibit = settings().exhibit(&daemon, &asked, &Value::Null).to_string();
            assert!(!exhibit.contains("CANARY"), "{exhibit}");
            assert_eq!(exhibit.contains("--auth-token"), line.contains("--auth-token") && !line.contains("-file"), "{exhibit}");
        }
        let bare: Settings = toml::from_str("find = { executable = \"d\" }").unwrap();
        assert_eq!((bare.auth(&daemon("d daemon")), bare.profile(&daemon("d daemon"))), ("unknown", "unknown"));
    }

    #[test]
    fn no_secret_of_a_process_is_kept() {
        use crate::collect::host::tests::{Place, context};
        let place = Place::new();
        let words = ["daemon", "--auth-token", "CANARY", "--auth-token=CANARY", "--db", "postgres://u:CANARY@h/db", "--profile", "CANARY"];
        let running = place.start(&words, &["127.0.0.1:0".to_owned()]);
        let mut settings = settings();
        settings.find.executable = Some(place.path(&place.name).to_string_lossy().into_owned());
        let collected = match settings.collect(&context(place.folder.path(), None)) {
            // Whoever tests may be somebody who is not shown who listens.
            Err(absent) if absent.reason.contains("may not look at") => return,
            collected => collected.unwrap(),
        };
        let one = &collected.value["daemons"][0];
        assert_eq!((&one["auth"], &one["profile"], &one["version"]["state"]), (&json!("unknown"), &json!("unknown"), &json!("unknown")));
        assert_eq!(one["id"], format!("h pid {}", running.0.id()));
        assert_eq!((&one["rpc_listeners_total"], &one["side_listeners_total"]), (&json!(1), &json!(0)));
        let evidence = String::from_utf8(collected.exhibits[0].kept.clone().unwrap().1).unwrap();
        assert!(evidence.contains("--auth-token"), "{evidence}");
        assert!(!format!("{collected:?}{evidence}").contains("CANARY"), "{evidence}");
    }

    #[test]
    fn versions_are_words() {
        for (said, want) in [
            ("0.1.1", Some("0.1.1")),
            ("v0.1.2-beta.1", Some("0.1.2-beta.1")),
            ("", None),
            ("a b", None),
            ("0.1.1\u{1b}", None),
            ("very", Some("very")),
        ] {
            assert_eq!(plain(said).as_deref(), want);
        }
        assert_eq!((exact("product"), exact("v1.2.3"), exact("1.2")), (None, Some("1.2.3".to_owned()), None));
    }
}
