//! Addresses, and connections to them.

use crate::text::visible;
use serde::Deserialize;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One `host:port` or several: where the network knows a port by more than one address.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Addresses {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Addresses {
    /// As they are written.
    pub fn written(&self) -> &[String] {
        match self {
            Self::One(address) => std::slice::from_ref(address),
            Self::Several(addresses) => addresses,
        }
    }
}

/// What became of a connection.
#[derive(Debug)]
pub enum Connected {
    /// It stands.
    Open(TcpStream),
    /// Somebody answered that there is nothing.
    Refused,
    /// Nobody answered.
    TimedOut,
    /// No way leads there.
    Unreachable,
    /// Something else went wrong.
    Failed(String),
}

impl Connected {
    /// Its word, for evidence.
    pub fn word(&self) -> String {
        match self {
            Self::Open(_) => "open".to_owned(),
            Self::Refused => "refused".to_owned(),
            Self::TimedOut => "timed out".to_owned(),
            Self::Unreachable => "unreachable".to_owned(),
            Self::Failed(why) => why.clone(),
        }
    }
}

/// Connects within a time.
pub async fn connect(address: SocketAddr, limit: Duration) -> Connected {
    match timeout(limit, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => Connected::Open(stream),
        Ok(Err(e)) => match e.kind() {
            ErrorKind::ConnectionRefused => Connected::Refused,
            ErrorKind::TimedOut => Connected::TimedOut,
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Connected::Unreachable,
            _ => Connected::Failed(visible(&e.to_string())),
        },
        Err(_) => Connected::TimedOut,
    }
}

/// Every address that `host:port` stands for.
///
/// # Errors
/// It stands for none, or nobody says so in time.
pub async fn resolve(written: &str, limit: Duration) -> Result<Vec<SocketAddr>, String> {
    let failed = |why: &str| format!("{} is not known: {}", visible(written), visible(why));
    let mut found: Vec<SocketAddr> = match timeout(limit, tokio::net::lookup_host(written)).await {
        Ok(Ok(found)) => found.map(canonical).collect(),
        Ok(Err(e)) => return Err(failed(&e.to_string())),
        Err(_) => return Err(failed("the look-up timed out")),
    };
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { Err(failed("it has no address")) } else { Ok(found) }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(six) if six.ip().to_ipv4_mapped().is_some() => SocketAddr::new(address.ip().to_canonical(), address.port()),
        other => other,
    }
}

/// Whether an address is one of this machine's own: a connection to it never leaves the machine. Nothing is sent.
pub fn is_own(address: SocketAddr) -> bool {
    let address = canonical(address);
    let ip = address.ip();
    if ip.is_loopback() || ip.is_unspecified() {
        return true;
    }
    let any = if ip.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    // The kernel chooses the address itself as the source of what goes to an address of its own.
    let chosen = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect(address)?;
        socket.local_addr()
    });
    chosen.is_ok_and(|chosen| chosen.ip().to_canonical() == ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_knows_its_own_addresses() {
        for (ip, want) in
            [("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("0.0.0.0", true), ("::ffff:127.0.0.1", true), ("192.0.2.1", false)]
        {
            assert_eq!(is_own(SocketAddr::new(ip.parse().unwrap(), 7)), want, "{ip}");
        }
    }

    #[test]
    fn only_an_answer_is_a_refusal() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let second = Duration::from_secs(1);
        let words = super::super::run(async {
            let unknown = resolve("nowhere.invalid:1", second).await.unwrap_err();
            (connect(closed, second).await.word(), connect("255.255.255.255:1".parse().unwrap(), second).await.word(), unknown)
        });
        let (refused, odd, unknown) = words.unwrap();
        assert_eq!(refused, "refused");
        assert_ne!(odd, "refused");
        assert!(unknown.contains("is not known"), "{unknown}");
    }
}
