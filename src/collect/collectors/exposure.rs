//! The deployment seen from another host: what of it is refused there, and whether its encrypted endpoint is reached from there.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::net::{self, Addresses, Connected, Speaks, TrustStore, Word};
use crate::model::Trust;
use crate::text::visible;
use rustls::pki_types::ServerName;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::JoinSet;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "exposure",
    about: "this machine as a vantage point: which plaintext ports of the deployment refuse it, and whether it reaches TLS",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The production network that this machine stands in.
    network: String,
    /// What must not be reached from here: every plaintext port.
    targets: Vec<Target>,
    /// What must be reached from here: the encrypted endpoints of the same deployment.
    tls: Vec<Endpoint>,
    /// The roots that clients trust, in PEM: they show that what is reached is the deployment.
    trust_store: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    /// Its id in all groups.
    id: String,
    /// Its port at every address of its host that the network routes.
    address: Addresses,
    /// The port in its id, where what stands between the networks gives it another one.
    port: Option<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    /// `host:port`.
    address: Addresses,
    /// The name that clients use; the host of its address where there is none.
    name: Option<String>,
}

/// What became of an attempt, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Refused,
    TimedOut,
    Unreachable,
    Unknown,
    Open,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
            Self::Open => "open",
        }
    }
}

/// Whether an address is one of this machine's own.
type Own = fn(SocketAddr) -> bool;

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        // The targets are no need: they are to be refused.
        let tls = self.tls.iter().flat_map(|e| e.address.written()).cloned().map(Need::Address);
        self.trust_store.iter().cloned().map(Need::Path).chain(std::iter::once(Need::Machine)).chain(tls).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        self.look(at, net::is_own)
    }
}

impl Settings {
    fn look(&self, at: &Context, own: Own) -> Result<Collected, Absent> {
        let store = TrustStore::read(at, self.trust_store.as_deref())?;
        let mut ids = BTreeSet::new();
        if let Some(twice) = self.targets.iter().find(|t| !ids.insert(&t.id)) {
            let reason = format!("two targets have the id `{}`", visible(&twice.id));
            return Err(Absent::new(reason).help("`address` takes a list: [\"10.0.0.5:50052\", \"[fd00::5]:50052\"]"));
        }
        self.targets.iter().try_for_each(Target::names_its_port)?;
        let names = self.tls.iter().map(Endpoint::name).collect::<Result<Vec<_>, _>>()?;
        let left = at.left(Duration::MAX).saturating_sub(Duration::from_millis(250));
        let (attempts, reached) = net::run(async {
            let mut running = JoinSet::new();
            for (index, target) in self.targets.iter().enumerate() {
                let written = target.address.written().to_vec();
                running.spawn(async move { (index, Ok(tokio::time::timeout(left, attempt(written, own)).await)) });
            }
            for (index, (endpoint, name)) in self.tls.iter().zip(names).enumerate() {
                let written = endpoint.address.written().to_vec();
                running.spawn(async move { (index, Err(tokio::time::timeout(left, reach(written, name, own)).await)) });
            }
            let late = || json!({ "failed": "the collector's time was over" });
            let mut attempts: Vec<_> = self.targets.iter().map(|_| Tried { worst: Outcome::Unknown, seen: late(), own: None }).collect();
            let mut reached: Vec<_> = self.tls.iter().map(|_| (Vec::new(), late())).collect();
            while let Some(ended) = running.join_next().await {
                match ended {
                    Ok((index, Ok(Ok(tried)))) => attempts[index] = tried,
                    Ok((index, Err(Ok(one)))) => reached[index] = one,
                    // Late or broken: nothing is known of it.
                    _ => {}
                }
            }
            (attempts, reached)
        })?;
        if let Some((target, address)) = self.targets.iter().zip(&attempts).find_map(|(t, a)| Some((t, a.own?))) {
            let reason =
                format!("{} of `{}` is an address of this machine: what is exposed is seen from another one", address, visible(&target.id));
            return Err(Absent::new(reason).help("run `golive collect --only exposure` on a host inside the production network"));
        }
        let reaches = reaches(&reached, &store, at);
        Ok(self.collected(&attempts, &reached, &reaches, &store, at))
    }

    fn collected(
        &self,
        attempts: &[Tried],
        reached: &[Reached],
        reaches: &(&str, Vec<String>),
        store: &TrustStore,
        at: &Context,
    ) -> Collected {
        let tried = self.targets.iter().zip(attempts);
        let list: Vec<Value> = tried.clone().map(|(target, a)| json!({ "id": target.id, "outcome": a.worst.word() })).collect();
        let vantage = json!({
            "network": self.network, "host": at.host(), "reaches_tls": reaches.0, "attempts_total": list.len(), "attempts": list,
        });
        let value = json!({ "vantages": [vantage], "vantages_total": 1 });
        let tried: Vec<Value> =
            tried.map(|(target, a)| json!({ "id": target.id, "outcome": a.worst.word(), "addresses": a.seen })).collect();
        let tls: Vec<Value> =
            self.tls.iter().zip(reached).map(|(e, (_, seen))| json!({ "address": e.address.written(), "seen": seen })).collect();
        let exhibit = json!({
            "network": self.network, "host": at.host(), "at": at.now().to_string(), "attempts": tried,
            "reaches_tls": reaches.0, "notes": reaches.1, "tls": tls, "trust_store_sha256": store.sha256,
        });
        let ids = self.targets.iter().map(|t| t.id.as_str()).collect::<Vec<_>>().join(", ");
        let ends = self.tls.iter().flat_map(|e| e.address.written()).map(String::as_str).collect::<Vec<_>>().join(", ");
        let source = format!("connections from {}, inside {}, to {ids} (plaintext) and {ends} (TLS)", at.host(), self.network);
        Collected::new(value, source).with(at.exhibit("connections.json", format!("{exhibit:#}\n")))
    }
}

impl Target {
    /// An attempt at another port than the one that the id is about would show nothing of it.
    fn names_its_port(&self) -> Result<(), Absent> {
        let port = |text: &str| text.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        let named = port(&self.id);
        let tried = |written: &String| self.port.or_else(|| port(written));
        if self.address.written().iter().all(|written| named.is_some() && tried(written) == named) {
            return Ok(());
        }
        let reason = format!("the target `{}` is tried at another port than the one in its id", visible(&self.id));
        Err(Absent::new(reason)
            .help("an id ends with the daemon's port; `port = …` says it again where the address has another one for it"))
    }
}

impl Endpoint {
    fn name(&self) -> Result<ServerName<'static>, Absent> {
        let host =
            || self.address.written().first().and_then(|a| a.rsplit_once(':')).map(|(host, _)| host.trim_matches(['[', ']']).to_owned());
        net::name(&self.name.clone().or_else(host).unwrap_or_default())
    }
}

/// The worst of the answers at a target's addresses.
struct Tried {
    worst: Outcome,
    seen: Value,
    /// An address that is this machine's own.
    own: Option<SocketAddr>,
}

async fn attempt(written: Vec<String>, own: Own) -> Tried {
    let unknown = |why: String| Tried { worst: Outcome::Unknown, seen: json!({ "failed": why }), own: None };
    let addresses = match resolve(written).await {
        Ok(addresses) => addresses,
        Err(why) => return unknown(why),
    };
    if let Some(&address) = addresses.iter().find(|a| own(**a)) {
        return Tried { own: Some(address), ..unknown("an address of this machine".to_owned()) };
    }
    let mut running = JoinSet::new();
    for &address in &addresses {
        running.spawn(async move { (address, net::connect(address, net::PATIENCE.step).await) });
    }
    let mut answers = Vec::new();
    while let Some(ended) = running.join_next().await {
        match ended {
            Ok((address, connected)) => answers.push((address, outcome(&connected), connected.word())),
            Err(_) => return unknown("the attempt broke: a bug of golive's".to_owned()),
        }
    }
    answers.sort_by_key(|(address, ..)| *address);
    let worst = answers.iter().map(|(_, outcome, _)| *outcome).max().unwrap_or(Outcome::Unknown);
    let seen = answers.iter().map(|(address, _, said)| json!({ "address": address.to_string(), "connection": said })).collect();
    Tried { worst, seen, own: None }
}

fn outcome(connected: &Connected) -> Outcome {
    match connected {
        Connected::Open(_) => Outcome::Open,
        Connected::Refused => Outcome::Refused,
        Connected::TimedOut => Outcome::TimedOut,
        Connected::Unreachable => Outcome::Unreachable,
        Connected::Failed(_) => Outcome::Unknown,
    }
}

async fn resolve(written: Vec<String>) -> Result<BTreeSet<SocketAddr>, String> {
    let mut addresses = BTreeSet::new();
    for one in written {
        addresses.extend(net::resolve(&one, net::PATIENCE.step).await?);
    }
    if addresses.is_empty() { Err("it has no address".to_owned()) } else { Ok(addresses) }
}

/// What the addresses of an encrypted endpoint spoke, with the name that it goes by, and what was seen.
type Reached = (Vec<(Speaks, ServerName<'static>)>, Value);

async fn reach(written: Vec<String>, name: ServerName<'static>, own: Own) -> Reached {
    let addresses = match resolve(written).await {
        Ok(addresses) => addresses,
        Err(why) => return (Vec::new(), json!({ "failed": why })),
    };
    if let Some(address) = addresses.iter().find(|a| own(**a)) {
        return (Vec::new(), json!({ "failed": format!("{address} is an address of this machine") }));
    }
    let mut running = JoinSet::new();
    for &address in &addresses {
        let name = name.clone();
        running.spawn(async move { (address, net::probe(address, Some(&name), net::PATIENCE).await) });
    }
    let mut heard = Vec::new();
    while let Some(ended) = running.join_next().await {
        match ended {
            Ok(one) => heard.push(one),
            Err(_) => return (Vec::new(), json!({ "failed": "the attempt broke: a bug of golive's" })),
        }
    }
    heard.sort_by_key(|(address, _)| *address);
    let (speaks, seen): (Vec<_>, Vec<_>) = heard.into_iter().map(|(_, (speaks, seen))| ((speaks, name.clone()), seen)).unzip();
    (speaks, json!(seen))
}

/// Whether every encrypted endpoint was reached. Only a trusted certificate with the right name shows that it is the deployment's; its
/// dates are the business of another group.
fn reaches(reached: &[Reached], store: &TrustStore, at: &Context) -> (&'static str, Vec<String>) {
    let (mut notes, mut unsure, mut missed) = (Vec::new(), reached.is_empty(), false);
    for (heard, _) in reached {
        unsure |= heard.is_empty();
        for (speaks, name) in heard {
            match speaks {
                Speaks::Tls(shaken) => match net::judge(&shaken.certificates, Some(name), store, at.now()) {
                    Ok(judged) => {
                        unsure |= judged.trusted != Word::Yes || judged.name_matches != Word::Yes;
                        notes.extend(judged.notes.iter().map(|n| visible(n)));
                    }
                    Err(why) => {
                        unsure = true;
                        notes.push(visible(&why));
                    }
                },
                Speaks::Nothing => missed = true,
                Speaks::Plaintext => unsure = true,
                Speaks::Unknown(why) => {
                    unsure = true;
                    notes.push(why.clone());
                }
            }
        }
    }
    (
        if missed {
            "no"
        } else if unsure {
            "unknown"
        } else {
            "yes"
        },
        notes,
    )
}

#[cfg(test)]
mod tests;
