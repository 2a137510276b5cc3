//! What a port speaks: asked by silence, in HTTP/2, in HTTP/1.1 and by a TLS handshake, each on a connection of its own.

use super::address::{Connected, connect};
use super::certificates::pem;
use super::handshake::{Handshake, greet};
use crate::text::visible;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// What the port at one address speaks.
#[derive(Debug)]
pub enum Speaks {
    /// TLS, and nothing else.
    Tls(Handshake),
    /// Without encryption, whatever else.
    Plaintext,
    /// Nothing: the connection was refused.
    Nothing,
    /// It could not be told, and why.
    Unknown(String),
}

/// How long a port is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A connection, an answer and a handshake each come within this time.
    pub step: Duration,
    /// A server that speaks first does so within this time.
    pub silence: Duration,
}

/// How long every port is waited for.
pub const PATIENCE: Patience = Patience { step: Duration::from_secs(2), silence: Duration::from_secs(1) };

const SILENT: &str = "silence";

/// More may follow the first bytes for this long.
const MORE: Duration = Duration::from_millis(200);

/// No more of an answer is looked at.
const MOST: usize = 4096;

/// The beginning of HTTP/2, with an empty frame of settings.
const HTTP_2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Asks a port. The steps stand in the evidence that comes back.
pub async fn probe(address: SocketAddr, name: Option<&ServerName<'static>>, patience: Patience) -> (Speaks, Value) {
    let (mut steps, mut mute) = (Vec::new(), false);
    let host = name.map_or_else(|| address.ip().to_string(), |n| n.to_str().into_owned());
    let http_1 = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    for (how, bytes) in [("silence", &b""[..]), ("http/2", HTTP_2), ("http/1.1", http_1.as_bytes())] {
        let stream = match connect(address, patience.step).await {
            Connected::Open(stream) => stream,
            other => return (failed(&other, how), evidence(address, steps, how, json!({ "connection": other.word() }))),
        };
        let wait = if bytes.is_empty() { patience.silence } else { patience.step };
        let (answer, ended) = ask(stream, bytes, wait).await;
        let said = what(&answer);
        mute |= said == Said::Nothing && ended == SILENT && !bytes.is_empty();
        let step = json!({ "asked_by": how, "first_bytes": hex(&answer), "bytes": answer.len(), "ended": ended, "looks_like": format!("{said:?}") });
        steps.push(step);
        if said == Said::Plaintext {
            return (Speaks::Plaintext, json!({ "address": address.to_string(), "steps": steps }));
        }
    }
    let server = name.cloned().unwrap_or_else(|| ServerName::IpAddress(address.ip().into()));
    let mut shaken = Handshake::default();
    // Some servers want a client without a list rather than one that offers others' protocols.
    for alpn in [&["h2", "http/1.1"][..], &[]] {
        shaken = match connect(address, patience.step).await {
            Connected::Open(stream) => greet(stream, server.clone(), alpn, patience.step).await,
            other => return (failed(&other, "tls"), evidence(address, steps, "tls", json!({ "connection": other.word() }))),
        };
        if !shaken.alpn_refused {
            break;
        }
    }
    let certificates: Vec<String> = shaken.certificates.iter().map(|der| pem(der)).collect();
    let shown = json!({
        "version": shaken.version, "alpn": shaken.alpn, "failed": shaken.failed, "has_the_key": shaken.proven, "certificates": certificates,
    });
    let value = evidence(address, steps, "tls", shown);
    match (&shaken.failed, shaken.proven) {
        // Ports that want TLS turn others away. One that does not may only be slow to serve them.
        (_, true) if mute => (Speaks::Unknown("it speaks TLS, and left a request in plaintext without an answer".to_owned()), value),
        // A server that refuses a client without a certificate has shown its own all the same.
        (_, true) => (Speaks::Tls(shaken), value),
        (Some(why), false) => (Speaks::Unknown(format!("no TLS handshake: {why}")), value),
        (None, false) => (Speaks::Unknown("no TLS handshake".to_owned()), value),
    }
}

fn failed(connected: &Connected, how: &str) -> Speaks {
    match connected {
        // Refused later on, it is a port that comes and goes.
        Connected::Refused if how == "silence" => Speaks::Nothing,
        other => Speaks::Unknown(format!("connection: {}", other.word())),
    }
}

fn evidence(address: SocketAddr, mut steps: Vec<Value>, how: &str, mut last: Value) -> Value {
    last["asked_by"] = json!(how);
    steps.push(last);
    json!({ "address": address.to_string(), "steps": steps })
}

/// Sends and listens. What came, and how it ended.
async fn ask(mut stream: TcpStream, bytes: &[u8], wait: Duration) -> (Vec<u8>, String) {
    let mut answer = Vec::new();
    let mut until = Instant::now() + wait;
    if let Err(e) = stream.write_all(bytes).await {
        return (answer, visible(&e.to_string()));
    }
    let mut buffer = [0; 1024];
    loop {
        match timeout_at(until, stream.read(&mut buffer)).await {
            Err(_) => return (answer, SILENT.to_owned()),
            Ok(Err(e)) => return (answer, visible(&e.to_string())),
            Ok(Ok(0)) => return (answer, "closed".to_owned()),
            Ok(Ok(read)) => {
                if answer.is_empty() {
                    until = Instant::now() + MORE;
                }
                answer.extend_from_slice(&buffer[..read]);
                if answer.len() >= MOST {
                    return (answer, "cut".to_owned());
                }
            }
        }
    }
}

/// What first bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Tls,
    /// Words in plaintext that say that the port wants TLS: servers of HTTPS tell lost clients so.
    WantsTls,
    Plaintext,
}

fn what(answer: &[u8]) -> Said {
    match answer {
        [] => Said::Nothing,
        // A record of TLS: an alert, or part of a handshake.
        [0x15 | 0x16, 0x03, 0..=4, ..] => Said::Tls,
        _ => {
            let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
            let refused = text.starts_with("http/1.0 400 ") || text.starts_with("http/1.1 400 ");
            let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            let told = ["https", "tls", "ssl"].iter().any(|word| body.contains(word));
            if refused && told { Said::WantsTls } else { Said::Plaintext }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(64).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_tls_are_plaintext() {
        for (answer, want) in [
            (&b""[..], Said::Nothing),
            (b"\x15\x03\x03\0\x02\x02\x32", Said::Tls),
            (b"\0\0\x12\x04\0\0\0\0\0", Said::Plaintext),
            (b"HTTP/1.1 404 Not Found\r\n\r\n{}", Said::Plaintext),
            (b"HTTP/1.1 400 Bad Request\r\n\r\nno such thing", Said::Plaintext),
            (b"HTTP/1.1 400 Bad Request\r\nServer: tls\r\n\r\n", Said::Plaintext),
            (b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", Said::WantsTls),
            (b"HTTP/1.1 200 OK\r\n\r\nuse https", Said::Plaintext),
            (b"220 mail.example.org ESMTP", Said::Plaintext),
            (b"\x15", Said::Plaintext),
        ] {
            assert_eq!(what(answer), want, "{}", String::from_utf8_lossy(answer));
        }
    }
}
