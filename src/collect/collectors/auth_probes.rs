//! What every way into the daemons answers to a fixed set of requests, with and without a token.

use crate::collect::SecretSource;
use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::host::{Find, Purpose};
use crate::collect::rpc::{self, Protocol, Said, Target, Transport, shown};
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
    /// How all are spoken to that do not say otherwise.
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
    transport: Option<Transport>,
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

/// A token that nobody was ever given: it says itself what it is.
const WRONG: &str = "Bearer golive-probe-never-issued-b8f1c3d29e6a4705";

/// A wrong one that is short, and one of another scheme: a daemon may look at the beginning or at the length alone.
const SHORT: &str = "Bearer x";
const BASIC: &str = "Basic Z29saXZlOnByb2Jl";

/// No token at all, behind the word that announces one.
const EMPTY: &str = "Bearer ";

/// The authorization of a request: none, one, or the reason why the request is not made.
type Header<'a> = Result<Option<&'a HeaderValue>, &'a str>;

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
            ways.push(endpoint.way(self.transport, at)?);
        }
        if ways.is_empty() {
            let help = "the table `find` or the list `endpoints` names what is probed";
            return Err(Absent::new("there is no listener for clients to be probed").help(help));
        }
        Ok(ways)
    }

    /// Probes one way in: the answers as facts, and as evidence.
    fn probe(&self, way: &Way, right: Option<&HeaderValue>, at: &Context) -> (Value, Value) {
        let [wrong, empty, short, basic] = [WRONG, EMPTY, SHORT, BASIC].map(HeaderValue::from_static);
        let lent = right.filter(|_| way.may_lend);
        let unlent =
            if right.is_none() { "no right token was given" } else { "its certificate is not verified, so the token was not lent" };
        // The right token comes first: where the wrong ones trip a limit of failures, it would be refused for that.
        let requests: [(&str, &str, Header<'_>); 7] = [
            ("right_token", &self.path, lent.map(Some).ok_or(unlent)),
            ("no_header", &self.path, Ok(None)),
            ("empty_bearer", &self.path, Ok(Some(&empty))),
            ("wrong_token", &self.path, Ok(Some(&wrong))),
            ("second_method", &self.second_path, Ok(None)),
            ("short_token", &self.path, Ok(Some(&short))),
            ("basic_scheme", &self.path, Ok(Some(&basic))),
        ];
        let count = requests.len();
        let mut facts = Map::from_iter([("id".to_owned(), json!(way.id))]);
        let mut asked = Map::from_iter([("id".to_owned(), json!(way.id))]);
        let target = match &way.target {
            Some(target) => target.settled(share(at, count + 1)),
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
                    let reply = rpc::call(self.protocol, target, path, authorization, share(at, count - index));
                    (Said::of(self.protocol, reply.as_ref()), shown(&reply, name != "right_token"))
                }
            };
            match name {
                // The facts know one kind of wrong token: it is refused only where all of them are.
                "short_token" | "basic_scheme" => {
                    let both = worse(facts.get("wrong_token").and_then(Value::as_str).unwrap_or_default(), said.word());
                    facts.insert("wrong_token".to_owned(), json!(both));
                }
                _ => {
                    facts.insert(name.to_owned(), json!(said.word()));
                }
            }
            asked.insert(name.to_owned(), json!({ "said": said.word(), "answer": answer }));
        }
        (Value::Object(facts), Value::Object(asked))
    }
}

/// What two wrong tokens came to: one that is let in tells more than one that is refused.
fn worse<'w>(one: &'w str, other: &'w str) -> &'w str {
    let accepted = Said::Accepted.word();
    if one == accepted || other == Said::Rejected.word() { one } else { other }
}

impl Endpoint {
    fn way(&self, default: Transport, at: &Context) -> Result<Way, Absent> {
        let trust = match &self.roots {
            Some(path) => rpc::Trust::roots(at.files().text(path)?.0.as_bytes(), &path.to_string_lossy())?,
            None => rpc::Trust::Any,
        };
        // Roots say that TLS is meant: nothing is then sent in plaintext because somebody in between answers so.
        let transport = match self.transport.unwrap_or(default) {
            Transport::Auto if self.roots.is_some() => Transport::Tls,
            transport => transport,
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::host::tests::context;
    use crate::collect::rpc::tests::{Answer, Server};
    use std::fs;

    const GRPC: &str = "protocol = \"grpc\"\npath = \"/S/Hello\"\nsecond_path = \"/S/Other\"\nright_token = { file = \"token\" }\n";
    const HTTP: &str = "protocol = \"http\"\npath = \"/v1/a\"\nsecond_path = \"/v1/b\"\nright_token = { file = \"token\" }\n";

    /// The answers of one endpoint, by the words of the facts: no header, wrong, empty, second method, right; and the evidence.
    fn probed(settings: &str, address: &str) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("token"), "CANARY-right\n").unwrap();
        let settings: Settings = toml::from_str(&format!("{settings}endpoints = [{{ id = \"e\", address = \"{address}\" }}]")).unwrap();
        let collected = settings.collect(&context(folder.path(), None)).unwrap();
        assert_eq!(collected.value["listeners_total"], 1);
        let one = &collected.value["listeners"][0];
        let names = ["no_header", "wrong_token", "empty_bearer", "second_method", "right_token"];
        let words: Vec<&str> = names.iter().map(|name| one[name].as_str().unwrap()).collect();
        let (_, evidence) = collected.exhibits[0].kept.clone().unwrap();
        (words.join(" "), String::from_utf8(evidence).unwrap())
    }

    #[test]
    fn grpc_answers_become_facts() {
        let guarded = Server::grpc(|path, authorization| match (path, authorization) {
            ("/S/Hello", Some(b"Bearer CANARY-right")) => Answer::Trailers("0"),
            _ => Answer::Headers("16"),
        });
        let (words, evidence) = probed(GRPC, &guarded.address.to_string());
        assert_eq!(words, "rejected rejected rejected rejected accepted");
        assert!(!evidence.contains("CANARY"), "{evidence}");
        let seen = guarded.seen.lock().unwrap().clone();
        assert!(seen.contains(&Some(b"Bearer ".to_vec())), "the empty token lost its blank: {seen:?}");
        assert_eq!((seen.len(), seen.iter().filter(|s| s.is_none()).count()), (7, 2));
        drop(guarded);
        for (rule, want) in [
            (open as fn(&str, Option<&[u8]>) -> Answer, "accepted accepted accepted accepted accepted"),
            (empty_is_good, "rejected rejected accepted rejected rejected"),
            (short_is_good, "rejected accepted rejected rejected rejected"),
            (basic_is_good, "rejected accepted rejected rejected rejected"),
            (basic_is_throttled, "rejected inconclusive rejected rejected rejected"),
            (second_is_open, "rejected rejected rejected accepted accepted"),
            (throttled, "inconclusive inconclusive inconclusive inconclusive inconclusive"),
            (unimplemented, "inconclusive inconclusive inconclusive inconclusive inconclusive"),
            (reset, "inconclusive inconclusive inconclusive inconclusive inconclusive"),
            (forbidden_by_proxy, "rejected rejected rejected rejected rejected"),
            (moved, "inconclusive inconclusive inconclusive inconclusive inconclusive"),
        ] {
            let server = Server::grpc(rule);
            assert_eq!(probed(GRPC, &server.address.to_string()).0, want);
        }
    }

    fn open(_: &str, _: Option<&[u8]>) -> Answer {
        Answer::Trailers("0")
    }
    fn empty_is_good(_: &str, authorization: Option<&[u8]>) -> Answer {
        if authorization == Some(b"Bearer ") { Answer::Trailers("0") } else { Answer::Headers("16") }
    }
    fn short_is_good(_: &str, authorization: Option<&[u8]>) -> Answer {
        if authorization == Some(b"Bearer x") { Answer::Trailers("0") } else { Answer::Headers("16") }
    }
    fn basic_is_good(_: &str, authorization: Option<&[u8]>) -> Answer {
        if authorization.is_some_and(|a| a.starts_with(b"Basic ")) { Answer::Trailers("0") } else { Answer::Headers("16") }
    }
    fn basic_is_throttled(_: &str, authorization: Option<&[u8]>) -> Answer {
        if authorization.is_some_and(|a| a.starts_with(b"Basic ")) { Answer::Headers("8") } else { Answer::Headers("16") }
    }
    fn second_is_open(path: &str, authorization: Option<&[u8]>) -> Answer {
        let good = path == "/S/Other" || authorization == Some(b"Bearer CANARY-right");
        if good { Answer::Trailers("0") } else { Answer::Headers("16") }
    }
    fn throttled(_: &str, _: Option<&[u8]>) -> Answer {
        Answer::Headers("8")
    }
    fn unimplemented(_: &str, _: Option<&[u8]>) -> Answer {
        Answer::Headers("12")
    }
    fn reset(_: &str, _: Option<&[u8]>) -> Answer {
        Answer::Reset
    }
    fn forbidden_by_proxy(_: &str, _: Option<&[u8]>) -> Answer {
        Answer::Http(403)
    }
    fn moved(_: &str, _: Option<&[u8]>) -> Answer {
        Answer::Http(302)
    }

    #[test]
    fn http_answers_become_facts() {
        let guarded = Server::http(|request| {
            if request.contains("authorization: bearer canary-right\r\n") {
                "HTTP/1.1 204 No Content\r\n\r\n"
            } else {
                "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"
            }
        });
        let http = format!("{HTTP}transport = \"plaintext\"\n");
        assert_eq!(probed(&http, &guarded.address.to_string()).0, "rejected rejected rejected rejected accepted");
        for (rule, want) in [
            ((|_| "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as fn(&str) -> &'static str, "accepted"),
            (|_| "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", "rejected"),
            // Followed, it would end in an answer of 200.
            (
                |r| {
                    if r.starts_with("get /elsewhere") {
                        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
                    } else {
                        "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"
                    }
                },
                "inconclusive",
            ),
            (|_| "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n", "inconclusive"),
            (|_| "HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n", "inconclusive"),
            (|_| "", "inconclusive"),
            (|_| "SSH-2.0-x\r\n", "inconclusive"),
        ] {
            let server = Server::http(rule);
            assert_eq!(probed(&http, &server.address.to_string()).0, [want; 5].join(" "));
        }
    }

    #[test]
    fn a_token_is_not_lent_to_a_stranger() {
        // An address of a documentation network: nobody is there, and nothing is sent to it.
        let way = |endpoint: &str| {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("ca.pem"), rcgen::generate_simple_self_signed(["a.test".to_owned()]).unwrap().cert.pem()).unwrap();
            toml::from_str::<Endpoint>(endpoint).unwrap().way(Transport::Auto, &context(folder.path(), None)).map(|w| w.may_lend)
        };
        assert_eq!(way("id = \"e\"\naddress = \"192.0.2.1:443\""), Ok(false));
        assert_eq!(way("id = \"e\"\naddress = \"192.0.2.1:443\"\ntransport = \"tls\""), Ok(false));
        assert_eq!(way("id = \"e\"\naddress = \"192.0.2.1:443\"\nroots = \"ca.pem\""), Ok(true));
        assert_eq!(way("id = \"e\"\naddress = \"192.0.2.1:443\"\nroots = \"ca.pem\"\ntransport = \"plaintext\""), Ok(false));
        assert_eq!(way("id = \"e\"\naddress = \"[::1]:443\""), Ok(true));
        assert!(way("id = \"e\"\naddress = \"a.test\"").is_err());
        assert!(way("id = \"e\"\naddress = \"a.test:1\"\nroots = \"none.pem\"").is_err());
    }

    #[test]
    fn settings_that_probe_nothing_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let reason = |settings: &str| {
            let settings: Settings = toml::from_str(settings).unwrap();
            settings.collect(&context(folder.path(), None)).unwrap_err().reason
        };
        let bare = "protocol = \"grpc\"\npath = \"/a\"\nsecond_path = ";
        assert!(reason(&format!("{bare}\"/b\"")).contains("no listener"));
        assert!(reason(&format!("{bare}\"/a\"")).contains("another one"));
        assert!(reason(&format!("{bare}\"b\"")).contains("begins with a slash"));
        let twice = "endpoints = [{ id = \"e\", address = \"127.0.0.1:1\" }, { id = \"e\", address = \"127.0.0.1:2\" }]";
        assert!(reason(&format!("{bare}\"/b\"\n{twice}")).contains("two ways in"));
        assert!(reason(&format!("{bare}\"/b\"\nright_token = {{ file = \"none\" }}")).contains("does not exist"));
    }
}
