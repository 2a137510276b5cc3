//! What every way into the daemons answers to a fixed set of requests, with and without a token.

use crate::collect::SecretSource;
use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::host::{Find, Purpose};
use crate::collect::rpc::{self, Protocol, Reply, Target, Transport};
use crate::model::Trust;
use crate::text::visible;
use http::HeaderValue;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "auth_probes",
    about: "what each listener answers to requests without a token, with a wrong, an empty and the right one",
    trust: Trust::Observed,
    read: read::<Settings>,
};

/// At least one of `find` and `endpoints`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The daemons of this machine, whose every listener for clients is probed.
    find: Option<Find>,
    /// Ways in beside those, such as an ingress.
    #[serde(default)]
    endpoints: Vec<Endpoint>,
    /// What clients speak.
    protocol: Protocol,
    /// How the listeners of `find` are spoken to.
    #[serde(default)]
    transport: Transport,
    /// A request that has no side effect and needs authentication.
    path: String,
    /// Another one: an exemption of the first would show here.
    second_path: String,
    /// A token that is good. It is lent to nobody but listeners of `find`, loopback addresses, and endpoints whose certificate is verified.
    right_token: Option<SecretSource>,
}

/// A way in that has an id of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    /// Its id in all groups.
    id: String,
    /// `host:port`.
    address: String,
    /// The name that it goes by, where that is not its host.
    name: Option<String>,
    #[serde(default)]
    transport: Transport,
    /// Trusted roots in PEM: its certificate is then verified.
    roots: Option<PathBuf>,
}

/// A way in, and whether a secret may be lent to it.
struct Way {
    id: String,
    /// None where no connection would be sure to end in the listener that is meant.
    target: Option<Target>,
    may_lend: bool,
}

/// What an answer says of authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Rejected,
    Accepted,
    Inconclusive,
    NotRun,
}

impl Said {
    fn word(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Accepted => "accepted",
            Self::Inconclusive => "inconclusive",
            Self::NotRun => "not_run",
        }
    }
}

/// A token that nobody was ever given: it says itself what it is.
const WRONG: &str = "Bearer golive-probe-never-issued-b8f1c3d29e6a4705";

/// No token at all, behind the word that announces one.
const EMPTY: &str = "Bearer ";

/// A single request gets no longer than this.
const MOST: Duration = Duration::from_secs(3);

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let find = self.find.iter().flat_map(Find::needs);
        let endpoints =
            self.endpoints.iter().flat_map(|e| e.roots.clone().map(Need::Path).into_iter().chain([Need::Address(e.address.clone())]));
        let token = self.right_token.iter().filter_map(|from| match from {
            SecretSource::File(path) => Some(Need::Path(path.clone())),
            SecretSource::Variable(_) => None,
        });
        find.chain(endpoints).chain(token).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let right = self.right_token.as_ref().map(|from| at.secret(from)).transpose()?.map(|token| bearer(&token)).transpose()?;
        let ways = self.ways(at)?;
        let probed = rpc::side_by_side(&ways, |way| self.probe(way, right.as_ref(), at));
        let listeners: Vec<&Value> = probed.iter().map(|(value, _)| value).collect();
        let value = json!({ "listeners": listeners, "listeners_total": listeners.len() });
        let source = format!("requests to {}", ways.iter().map(|way| visible(&way.id)).collect::<Vec<_>>().join(", "));
        let asked: Vec<&Value> = probed.iter().map(|(_, asked)| asked).collect();
        let asked = json!({ "protocol": format!("{:?}", self.protocol).to_lowercase(), "path": self.path, "second_path": self.second_path, "listeners": asked });
        Ok(Collected::new(value, source).with(at.exhibit("probes.json", format!("{asked:#}\n"))))
    }
}

impl Settings {
    fn ways(&self, at: &Context) -> Result<Vec<Way>, Absent> {
        for path in [&self.path, &self.second_path] {
            if !path.starts_with('/') {
                return Err(Absent::new(format!("`{}` is no path of a request: it begins with a slash", visible(path))));
            }
        }
        if self.path == self.second_path {
            return Err(Absent::new("`second_path` must be another one than `path`"));
        }
        let mut ways = Vec::new();
        let mut ids = BTreeSet::new();
        for daemon in self.find.iter().map(|find| find.daemons(at)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            for listener in daemon.listeners.into_iter().filter(|l| l.purpose == Purpose::Rpc) {
                // Two daemons on one address are one way in here and two there: the policies see the difference.
                if ids.insert(listener.id.clone()) {
                    let transport = self.transport;
                    let target =
                        listener.reach.map(|reach| Target { address: reach.to_string(), name: None, transport, trust: rpc::Trust::Any });
                    ways.push(Way { id: listener.id, target, may_lend: true });
                }
            }
        }
        for endpoint in &self.endpoints {
            if !ids.insert(endpoint.id.clone()) {
                return Err(Absent::new(format!("two ways in have the id `{}`", visible(&endpoint.id))));
            }
            ways.push(endpoint.way(at)?);
        }
        if ways.is_empty() {
            let help = "the table `find` or the list `endpoints` names what is probed";
            return Err(Absent::new("there is no listener for clients to be probed").help(help));
        }
        Ok(ways)
    }

    /// Probes one way in: the answers as facts, and as evidence.
    fn probe(&self, way: &Way, right: Option<&HeaderValue>, at: &Context) -> (Value, Value) {
        let (wrong, empty) = (HeaderValue::from_static(WRONG), HeaderValue::from_static(EMPTY));
        let lent = right.filter(|_| way.may_lend);
        let unlent =
            if right.is_none() { "no right token was given" } else { "its certificate is not verified, so the token was not lent" };
        // The right token comes first: where the wrong ones trip a limit of failures, it would be refused for that.
        let requests: [(&str, &str, Result<Option<&HeaderValue>, &str>); 5] = [
            ("right_token", &self.path, lent.map(Some).ok_or(unlent)),
            ("no_header", &self.path, Ok(None)),
            ("empty_bearer", &self.path, Ok(Some(&empty))),
            ("wrong_token", &self.path, Ok(Some(&wrong))),
            ("second_method", &self.second_path, Ok(None)),
        ];
        let mut facts = Map::from_iter([("id".to_owned(), json!(way.id))]);
        let mut asked = Map::from_iter([("id".to_owned(), json!(way.id))]);
        let target = match &way.target {
            Some(target) => target.settled(share(at, requests.len() + 1)),
            None => Err("another socket takes, or may take, connections to its address".to_owned()),
        };
        if let Ok(target) = &target {
            asked.insert("address".to_owned(), json!(target.address));
            asked.insert("transport".to_owned(), json!(format!("{:?}", target.transport).to_lowercase()));
        }
        for (index, (name, path, authorization)) in requests.into_iter().enumerate() {
            let (said, answer) = match (&target, authorization) {
                (_, Err(why)) => (Said::NotRun, json!({ "not_run": why })),
                (Err(why), _) => (Said::Inconclusive, json!({ "no_answer": why })),
                (Ok(target), Ok(authorization)) => {
                    let reply = rpc::call(self.protocol, target, path, authorization, share(at, 5 - index));
                    (judge(self.protocol, reply.as_ref()), shown(&reply, name != "right_token"))
                }
            };
            facts.insert(name.to_owned(), json!(said.word()));
            asked.insert(name.to_owned(), json!({ "said": said.word(), "answer": answer }));
        }
        (Value::Object(facts), Value::Object(asked))
    }
}

impl Endpoint {
    fn way(&self, at: &Context) -> Result<Way, Absent> {
        let trust = match &self.roots {
            Some(path) => rpc::Trust::roots(at.files().text(path)?.0.as_bytes(), &path.to_string_lossy())?,
            None => rpc::Trust::Any,
        };
        // Roots say that TLS is meant: nothing is then sent in plaintext because somebody in between answers so.
        let transport = if self.roots.is_some() && self.transport == Transport::Auto { Transport::Tls } else { self.transport };
        if !self.address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()) {
            return Err(Absent::new(format!("`{}` is no `host:port`", visible(&self.address))));
        }
        let target = Target { address: self.address.clone(), name: self.name.clone(), transport, trust };
        let may_lend = target.verifies() || self.address.parse::<SocketAddr>().is_ok_and(|a| a.ip().to_canonical().is_loopback());
        Ok(Way { id: self.id.clone(), target: Some(target), may_lend })
    }
}

fn bearer(token: &str) -> Result<HeaderValue, Absent> {
    let value = HeaderValue::try_from(format!("Bearer {token}")).map(|mut value| {
        value.set_sensitive(true);
        value
    });
    value.map_err(|_| Absent::new("the right token holds characters that no header can carry"))
}

/// What is left of the time, dealt out evenly to the requests that are still to come.
fn share(at: &Context, requests: usize) -> Duration {
    let left = at.left(Duration::from_secs(3600)).saturating_sub(Duration::from_millis(200));
    (left / u32::try_from(requests.max(1)).unwrap_or(u32::MAX)).min(MOST)
}

/// Only a refusal for want of authentication is a rejection: what is throttled, unknown, moved or broken says nothing of it.
fn judge(protocol: Protocol, reply: Result<&Reply, &String>) -> Said {
    match (protocol, reply) {
        (_, Err(_)) => Said::Inconclusive,
        // A proxy in front may refuse in words of HTTP.
        (_, Ok(Reply { http: 401 | 403, .. })) => Said::Rejected,
        (Protocol::Http, Ok(Reply { http: 200..=299, .. })) => Said::Accepted,
        (Protocol::Grpc, Ok(Reply { status: Some(0), .. })) => Said::Accepted,
        (Protocol::Grpc, Ok(Reply { status: Some(UNAUTHENTICATED | PERMISSION_DENIED), .. })) => Said::Rejected,
        (_, Ok(_)) => Said::Inconclusive,
    }
}

const UNAUTHENTICATED: u32 = 16;
const PERMISSION_DENIED: u32 = 7;

/// An answer as evidence. What the other side says in words is left out where it might repeat a token.
fn shown(reply: &Result<Reply, String>, with_words: bool) -> Value {
    match reply {
        Err(why) => json!({ "no_answer": why }),
        Ok(reply) => {
            let words: String = if with_words { visible(&reply.message).chars().take(200).collect() } else { String::new() };
            json!({ "http_status": reply.http, "grpc_status": reply.status, "grpc_message": words })
        }
    }
}
