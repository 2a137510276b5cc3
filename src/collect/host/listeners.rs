//! Listening sockets: addresses, names and what they are for.

use super::Find;
use super::words::{Flag, Words};
use procfs::net::{TcpNetEntry, TcpState};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An address on which a daemon listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its name in all groups.
    pub id: String,
    /// Address and port bound.
    pub address: SocketAddr,
    /// What it serves there.
    pub purpose: Purpose,
    /// The address of this machine at which a connection ends in this very socket. None where another socket takes it, or may take it:
    /// then nothing that answers there speaks for this daemon.
    pub reach: Option<SocketAddr>,
}

/// What a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Clients: the word for all that is not known to be something else.
    #[serde(skip)]
    Rpc,
    /// The state of the daemon.
    Health,
    /// Its figures.
    Metrics,
    /// Something else.
    Other,
}

impl Purpose {
    /// Its word in the facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rpc => "rpc",
            Self::Health => "health",
            Self::Metrics => "metrics",
            Self::Other => "other",
        }
    }
}

impl Listener {
    /// Whether only this machine reaches the address, by the word of the facts.
    pub fn scope(&self) -> &'static str {
        if self.address.ip().is_loopback() { "loopback" } else { "non_loopback" }
    }
}

/// A listener that does not serve clients: at the address that a flag gives, or at a fixed port.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// The flag whose value is the address, `host:port`.
    pub flag: Option<String>,
    /// The address where the flag is not given.
    pub default: Option<String>,
    /// The port, whatever the address.
    pub port: Option<u16>,
    /// What is served there.
    pub purpose: Purpose,
}

impl Side {
    /// Whether a daemon that was started with `words` listens for this at `address`. `trusted` says that a flag that is not among the words was
    /// not given.
    fn holds(&self, address: SocketAddr, words: &Words, trusted: bool) -> bool {
        let given = self.flag.as_ref().map_or(Flag::Absent, |flag| words.flag(std::slice::from_ref(flag)));
        let by_flag = match given {
            Flag::Value(value) => same(value, address),
            Flag::Absent if trusted => self.default.as_ref().is_some_and(|default| same(default, address)),
            // Port 0, a value that cannot be told, a rewritten title: it is not known to be aside, so it serves clients.
            Flag::Absent | Flag::Bare | Flag::Repeated => false,
        };
        by_flag || self.port == Some(address.port())
    }
}

/// Whether a written address is the one that is bound. Of names only `localhost` is known without asking anybody.
fn same(written: &str, bound: SocketAddr) -> bool {
    match (written.parse::<SocketAddr>(), written.rsplit_once(':')) {
        (Ok(address), _) => canonical(address) == bound,
        (Err(_), Some(("localhost", port))) => bound.ip().is_loopback() && port.parse() == Ok(bound.port()),
        _ => false,
    }
}

/// A listening socket of a network namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Socket {
    pub(super) address: SocketAddr,
    pub(super) inode: u64,
    /// Bound in the table of IPv6, also where the address is a mapped one of IPv4.
    six: bool,
}

/// The listening sockets of both tables.
pub(super) fn listening(four: &[TcpNetEntry], six: &[TcpNetEntry]) -> Vec<Socket> {
    let rows = four.iter().map(|row| (row, false)).chain(six.iter().map(|row| (row, true)));
    let listening = rows.filter(|(row, _)| row.state == TcpState::Listen);
    listening.map(|(row, six)| Socket { address: canonical(row.local_address), inode: row.inode, six }).collect()
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// The listeners of a daemon: those of `all` whose inode it holds. Their ids are given by [`name`], when all daemons are known.
pub(super) fn of(all: &[Socket], inodes: &BTreeSet<u64>, find: &Find, words: (&Words, bool)) -> Vec<Listener> {
    let own: BTreeSet<&Socket> = all.iter().filter(|s| inodes.contains(&s.inode)).collect();
    let listener = |socket: &Socket| {
        let side = find.side_ports.iter().find(|side| side.holds(socket.address, words.0, words.1));
        Listener {
            id: String::new(),
            address: socket.address,
            purpose: side.map_or(Purpose::Rpc, |side| side.purpose),
            reach: reach(socket, all),
        }
    };
    own.into_iter().map(listener).collect()
}

/// The address at which a connection from this machine ends in `socket` and in no other.
fn reach(socket: &Socket, all: &[Socket]) -> Option<SocketAddr> {
    let port = socket.address.port();
    let target = match socket.address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    // The kernel prefers an exact address to any address, and the table of the address's own family.
    let rank = |other: &Socket| match (target, other.address.ip()) {
        _ if other.address.port() != port => 0,
        (target, ip) if ip == target => 3,
        (IpAddr::V4(_), IpAddr::V4(ip)) if ip.is_unspecified() && !other.six => 2,
        (IpAddr::V4(_), ip) if ip.is_unspecified() => 1,
        (IpAddr::V6(_), IpAddr::V6(ip)) if ip.is_unspecified() => 2,
        _ => 0,
    };
    let best = all.iter().map(rank).max().unwrap_or(0);
    let mut winners = all.iter().filter(|other| rank(other) == best);
    let alone = winners.all(|winner| winner.inode == socket.inode);
    (alone && rank(socket) == best).then(|| SocketAddr::new(target, port))
}

/// Names the listeners of all daemons of a host: `<host>:<port>`, or `<host>:<address>:<port>` where a port is bound on several addresses.
///
/// Two sockets on the very same address share a name: nobody can tell which of them answers, and the policies see that there are more
/// ways in than answers.
pub(super) fn name<'a>(host: &str, listeners: impl Iterator<Item = &'a mut Listener>) {
    let listeners: Vec<&mut Listener> = listeners.collect();
    let mut addresses: BTreeMap<u16, BTreeSet<IpAddr>> = BTreeMap::new();
    for listener in &listeners {
        addresses.entry(listener.address.port()).or_default().insert(listener.address.ip());
    }
    for listener in listeners {
        let port = listener.address.port();
        let several = addresses.get(&port).is_some_and(|ips| ips.len() > 1);
        listener.id = if several { format!("{host}:{}", listener.address) } else { format!("{host}:{port}") };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(address: &str, inode: u64) -> Socket {
        let address: SocketAddr = address.parse().unwrap();
        Socket { address: canonical(address), inode, six: address.is_ipv6() }
    }

    fn find() -> Find {
        toml::from_str(
            r#"executable = "d"
            side_ports = [{ flag = "--health-listen", default = "[::1]:52", purpose = "health" }, { port = 9090, purpose = "metrics" }]"#,
        )
        .unwrap()
    }

    #[test]
    fn a_listener_of_unknown_purpose_serves_clients() {
        let sockets = [socket("[::1]:52", 1), socket("127.0.0.1:52", 2), socket("0.0.0.0:9090", 3), socket("127.0.0.1:7", 4)];
        let inodes = BTreeSet::from([1, 2, 3, 4]);
        for (line, trusted, health) in [
            ("d daemon", true, vec!["[::1]:52"]),
            ("d daemon", false, vec![]),
            ("d daemon --health-listen 127.0.0.1:7", true, vec!["127.0.0.1:7"]),
            ("d daemon --health-listen=localhost:52", true, vec!["127.0.0.1:52", "[::1]:52"]),
            ("d daemon --health-listen example.test:52", true, vec![]),
            ("d daemon --health-listen 127.0.0.1:0", true, vec![]),
            ("d daemon --health-listen", true, vec![]),
            ("d daemon --health-listen 127.0.0.1:7 --health-listen [::1]:52", true, vec![]),
        ] {
            let seen = of(&sockets, &inodes, &find(), (&Words::split(line), trusted));
            let are = |purpose| seen.iter().filter(move |l| l.purpose == purpose).map(|l| l.address.to_string());
            assert_eq!(are(Purpose::Health).collect::<Vec<_>>(), health, "{line}");
            assert_eq!(are(Purpose::Metrics).collect::<Vec<_>>(), ["0.0.0.0:9090"], "{line}");
            assert_eq!(are(Purpose::Rpc).count(), 3 - health.len(), "{line}");
        }
    }

    #[test]
    fn a_listener_is_reached_only_where_no_other_socket_takes_the_connection() {
        let one = [socket("0.0.0.0:5", 1), socket("[::]:5", 2), socket("127.0.0.1:6", 3), socket("[::ffff:127.0.0.1]:7", 4)];
        let reached = |all: &[Socket], index: usize| reach(&all[index], all).map(|a| a.to_string());
        let want = ["127.0.0.1:5", "[::1]:5", "127.0.0.1:6", "127.0.0.1:7"].map(|a| Some(a.to_owned()));
        assert_eq!([0, 1, 2, 3].map(|i| reached(&one, i)), want);
        // Another process sits on the loopback address of the same port: what answers there is not the daemon.
        let shadowed = [socket("0.0.0.0:5", 1), socket("127.0.0.1:5", 2)];
        assert_eq!((reached(&shadowed, 0), reached(&shadowed, 1)), (None, Some("127.0.0.1:5".to_owned())));
        // Two sockets share one address: the kernel deals connections out to both.
        let shared = [socket("127.0.0.1:5", 1), socket("127.0.0.1:5", 2)];
        assert_eq!(reached(&shared, 0), None);
    }

    #[test]
    fn names_are_unique_per_address() {
        let all = [socket("127.0.0.1:5", 1), socket("[::1]:5", 2), socket("0.0.0.0:6", 3)];
        let mut named = of(&all, &BTreeSet::from([1, 2, 3]), &find(), (&Words::default(), true));
        name("h", named.iter_mut());
        let ids: Vec<&str> = named.iter().map(|l| l.id.as_str()).collect();
        assert_eq!(ids, ["h:6", "h:127.0.0.1:5", "h:[::1]:5"]);
        assert_eq!(named.iter().map(Listener::scope).collect::<Vec<_>>(), ["non_loopback", "loopback", "loopback"]);
    }
}
