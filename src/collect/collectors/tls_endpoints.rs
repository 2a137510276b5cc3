//! What every port of the deployment speaks, and with which certificate.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::host::{Daemon, Find, Flag, Words};
use crate::collect::net::{self, Addresses, Judged, Speaks, TrustStore, Word};
use crate::model::{Instant, Trust};
use crate::text::visible;
use rustls::pki_types::ServerName;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::task::JoinSet;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "tls_endpoints",
    about: "what each listener and ingress endpoint speaks; its certificate as a verifying client sees it",
    trust: Trust::Observed,
    read: read::<Settings>,
};

/// At least one of `find`, `endpoints` and `ingress`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The daemons of this machine, whose every listener is asked.
    find: Option<Find>,
    /// Listeners beside those, such as of daemons on other machines.
    #[serde(default)]
    endpoints: Vec<Endpoint>,
    /// What stands in front of the daemons.
    #[serde(default)]
    ingress: Vec<Endpoint>,
    /// The roots that clients trust, in PEM.
    trust_store: Option<PathBuf>,
    /// The name that clients use, where an endpoint does not say otherwise.
    name: Option<String>,
    /// The certificate that the configuration names, where an endpoint does not say otherwise.
    configured: Option<Configured>,
}

/// A port that is not found on this machine.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    /// Its id in all groups; its address where there is none.
    id: Option<String>,
    address: Addresses,
    name: Option<String>,
    configured: Option<Configured>,
}

/// Where the configuration names a certificate.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Configured {
    /// It is in this file.
    Certificate(PathBuf),
    /// This flag of the daemon names the file.
    Flag(String),
    /// It names no file: a service manages the certificate.
    Managed,
}

/// A port to be asked.
struct Port {
    id: String,
    at: Where,
    name: Option<ServerName<'static>>,
    configured: Value,
}

enum Where {
    /// The address of this machine at which the listener answers.
    Known(SocketAddr),
    /// Addresses as they are written.
    Written(Vec<String>),
    /// No connection is sure to end there.
    Nowhere,
}

/// What is stated of a port.
enum Stated {
    Tls(Box<Value>),
    Plaintext,
    Undetermined,
}

impl Stated {
    fn word(&self) -> &'static str {
        match self {
            Self::Tls(_) => "tls",
            Self::Plaintext => "plaintext",
            Self::Undetermined => "undetermined",
        }
    }
}

/// What was heard at each address, and why there is none.
type Heard = (Vec<(Speaks, Value)>, Option<String>);

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let find = self.find.iter().flat_map(Find::needs);
        let endpoints = self.endpoints.iter().chain(&self.ingress);
        let addresses = endpoints.clone().flat_map(|e| e.address.written()).cloned().map(Need::Address);
        let configured = self.configured.iter().chain(endpoints.filter_map(|e| e.configured.as_ref()));
        let files = configured.filter_map(|c| if let Configured::Certificate(path) = c { Some(path) } else { None });
        let files = self.trust_store.iter().chain(files).cloned().map(Need::Path);
        find.chain(addresses).chain(files).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let store = TrustStore::read(at, self.trust_store.as_deref())?;
        let ports = self.ports(at)?;
        let heard = listen(&ports, at)?;
        let now = at.now();
        let (mut tls, mut plaintext, mut undetermined, mut seen) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (port, (heard, failed)) in ports.iter().zip(heard) {
            let (stated, notes) = state(port, &heard, failed, &store, now);
            let addresses: Vec<Value> = heard.into_iter().map(|(_, evidence)| evidence).collect();
            let name = port.name.as_ref().map(ServerName::to_str);
            seen.push(json!({ "id": port.id, "name": name, "speaks": stated.word(), "notes": notes, "addresses": addresses }));
            match stated {
                Stated::Tls(value) => tls.push(*value),
                Stated::Plaintext => plaintext.push(json!({ "id": port.id })),
                Stated::Undetermined => undetermined.push(json!({ "id": port.id })),
            }
        }
        let ingress: Vec<Value> = self.ingress.iter().map(|e| json!({ "id": e.id() })).collect();
        let value = json!({
            "ingress_total": ingress.len(), "ingress": ingress, "tls_total": tls.len(), "tls": tls,
            "plaintext_total": plaintext.len(), "plaintext": plaintext,
            "undetermined_total": undetermined.len(), "undetermined": undetermined,
        });
        let source = format!("TLS and plaintext probes of {}", ports.iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(", "));
        let exhibit = json!({ "judged_at": now.to_string(), "trust_store_sha256": store.sha256, "ports": seen });
        Ok(Collected::new(value, source).with(at.exhibit("ports.json", format!("{exhibit:#}\n"))))
    }
}

impl Endpoint {
    fn id(&self) -> String {
        self.id.clone().unwrap_or_else(|| self.address.written().join(","))
    }
}

impl Settings {
    /// All ports: those of the daemons, of `endpoints` and of `ingress`.
    fn ports(&self, at: &Context) -> Result<Vec<Port>, Absent> {
        if self.find.is_none() && self.endpoints.is_empty() && self.ingress.is_empty() {
            return Err(Absent::new("nothing says which ports are asked").help("give `find`, `endpoints` or `ingress`"));
        }
        let name = self.name.as_deref().map(net::name).transpose()?;
        let mut ports = Vec::new();
        for daemon in self.find.iter().map(|find| find.daemons(at)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            let Daemon { words, listeners, .. } = daemon;
            let configured = configured(self.configured.as_ref(), Some(&words), at)?;
            ports.extend(listeners.into_iter().map(|l| {
                let reach = l.reach.map_or(Where::Nowhere, Where::Known);
                Port { id: l.id, at: reach, name: name.clone(), configured: configured.clone() }
            }));
        }
        let mut ids: BTreeSet<String> = ports.iter().map(|p| p.id.clone()).collect();
        for endpoint in self.endpoints.iter().chain(&self.ingress) {
            let id = endpoint.id();
            if !ids.insert(id.clone()) {
                return Err(Absent::new(format!("two ports have the id `{}`", visible(&id))));
            }
            if endpoint.address.written().is_empty() {
                return Err(Absent::new(format!("{} has no address", visible(&id))));
            }
            let own = endpoint.name.as_deref().map(net::name).transpose()?;
            let configured = configured(endpoint.configured.as_ref().or(self.configured.as_ref()), None, at)?;
            ports.push(Port {
                id,
                at: Where::Written(endpoint.address.written().to_vec()),
                name: own.or_else(|| name.clone()),
                configured,
            });
        }
        Ok(ports)
    }
}

/// The configured certificate, as the facts state it.
fn configured(setting: Option<&Configured>, words: Option<&Words>, at: &Context) -> Result<Value, Absent> {
    let path = match (setting, words) {
        (Some(Configured::Managed), _) => return Ok(json!({ "state": "none" })),
        (Some(Configured::Certificate(path)), _) => Some(path.clone()),
        (Some(Configured::Flag(flag)), Some(words)) => match words.flag(std::slice::from_ref(flag)) {
            Flag::Value(value) if Path::new(value).is_absolute() => Some(PathBuf::from(value)),
            _ => None,
        },
        _ => None,
    };
    match path {
        Some(path) => Ok(json!({ "state": "file", "sha256": net::leaf_digest(at, &path)? })),
        None => Ok(json!({ "state": "unknown" })),
    }
}

/// Asks all ports side by side: one that hangs costs its own time only.
fn listen(ports: &[Port], at: &Context) -> Result<Vec<Heard>, Absent> {
    let left = at.left(Duration::MAX).saturating_sub(Duration::from_millis(250));
    net::run(async {
        let mut probes = JoinSet::new();
        for (index, port) in ports.iter().enumerate() {
            let (name, place) = (port.name.clone(), port.at.written());
            probes.spawn(async move {
                let heard = tokio::time::timeout(left, ask(place, name)).await;
                (index, heard.unwrap_or_else(|_| (Vec::new(), Some("the collector's time was over".to_owned()))))
            });
        }
        let mut out: Vec<Heard> = ports.iter().map(|_| (Vec::new(), Some("the probe broke: a bug of golive's".to_owned()))).collect();
        while let Some(ended) = probes.join_next().await {
            if let Ok((index, heard)) = ended {
                out[index] = heard;
            }
        }
        out
    })
}

impl Where {
    fn written(&self) -> Vec<String> {
        match self {
            Self::Known(address) => vec![address.to_string()],
            Self::Written(addresses) => addresses.clone(),
            Self::Nowhere => Vec::new(),
        }
    }
}

async fn ask(written: Vec<String>, name: Option<ServerName<'static>>) -> Heard {
    let mut addresses = BTreeSet::new();
    for one in written {
        match net::resolve(&one, net::PATIENCE.step).await {
            Ok(found) => addresses.extend(found),
            Err(why) => return (Vec::new(), Some(why)),
        }
    }
    if addresses.is_empty() {
        return (Vec::new(), Some("another socket listens there too: which of them answers cannot be told".to_owned()));
    }
    let mut probes = JoinSet::new();
    for &address in &addresses {
        let name = name.clone();
        probes.spawn(async move { (address, net::probe(address, name.as_ref(), net::PATIENCE).await) });
    }
    let mut heard = Vec::new();
    while let Some(ended) = probes.join_next().await {
        match ended {
            Ok(one) => heard.push(one),
            Err(_) => return (Vec::new(), Some("the probe broke: a bug of golive's".to_owned())),
        }
    }
    heard.sort_by_key(|(address, _)| *address);
    (heard.into_iter().map(|(_, one)| one).collect(), None)
}

/// The worst of what the port's addresses speak. An address that refuses is no way in; if all do, nothing is known of the port.
fn state(port: &Port, heard: &[(Speaks, Value)], failed: Option<String>, store: &TrustStore, now: Instant) -> (Stated, Vec<String>) {
    let mut notes: Vec<String> = failed.into_iter().collect();
    let mut stated: Option<Value> = None;
    let mut unclear = !notes.is_empty();
    for (speaks, _) in heard {
        match speaks {
            Speaks::Plaintext => return (Stated::Plaintext, notes),
            Speaks::Nothing => notes.push("connection refused".to_owned()),
            Speaks::Unknown(why) => {
                unclear = true;
                notes.push(why.clone());
            }
            Speaks::Tls(shaken) => match net::judge(&shaken.certificates, port.name.as_ref(), store, now) {
                Ok(judged) => {
                    notes.extend(judged.notes.iter().map(|n| visible(n)));
                    let value = value(port, &judged);
                    if stated.as_ref().is_some_and(|first| *first != value) {
                        unclear = true;
                        notes.push("its addresses show different certificates".to_owned());
                    }
                    stated = Some(value);
                }
                Err(why) => {
                    unclear = true;
                    notes.push(why);
                }
            },
        }
    }
    match stated {
        Some(value) if !unclear => (Stated::Tls(Box::new(value)), notes),
        _ => (Stated::Undetermined, notes),
    }
}

fn value(port: &Port, judged: &Judged) -> Value {
    let word = |word: Word, words: [&'static str; 3]| match word {
        Word::Yes => words[0],
        Word::No => words[1],
        Word::Unknown => words[2],
    };
    json!({
        "id": port.id,
        "chain": word(judged.trusted, ["trusted", "untrusted", "unknown"]),
        "name_matches": word(judged.name_matches, ["yes", "no", "unknown"]),
        "not_before": judged.validity.not_before.to_string(),
        "not_after": judged.validity.not_after.to_string(),
        "served_sha256": judged.sha256,
        "configured": port.configured,
    })
}

#[cfg(test)]
mod tests;
