//! Requests against servers that the tests start and end.

use super::*;
use ::http::{HeaderMap, HeaderName, Response};
use bytes::Bytes;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What a server of gRPC does with a request.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// A status in the headers, which end the stream.
    Headers(&'static str),
    /// A message, and a status in the trailers.
    Trailers(&'static str),
    /// A status in both places.
    Both(&'static str, &'static str),
    /// A reset without an answer.
    Reset,
    /// Only a status of HTTP.
    Http(u16),
    /// Nothing at all.
    Silence,
}

/// A server that ends with its owner.
pub struct Server {
    pub address: SocketAddr,
    /// The authorization of each request, byte for byte.
    pub seen: Arc<Mutex<Vec<Option<Vec<u8>>>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

type Rule = fn(path: &str, authorization: Option<&[u8]>) -> Answer;

impl Server {
    /// Serves gRPC by a rule.
    pub fn grpc(rule: Rule) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let (address, seen, stop) = (listener.local_addr().expect("an address"), Arc::default(), Arc::new(AtomicBool::new(false)));
        let (seen_there, stop_there) = (Arc::clone(&seen), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
                while !stop_there.load(Ordering::Relaxed) {
                    if let Ok(Ok((stream, _))) = tokio::time::timeout(Duration::from_millis(10), listener.accept()).await {
                        tokio::spawn(connection(stream, rule, Arc::clone(&seen_there)));
                    }
                }
            });
        });
        Self { address, seen, stop, thread: Some(thread) }
    }

    /// Serves HTTP/1.1 by a rule: a whole answer for a whole request.
    pub fn http(rule: fn(request: &str) -> &'static str) -> Self {
        use std::io::{Read, Write};
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let (address, stop) = (listener.local_addr().expect("an address"), Arc::new(AtomicBool::new(false)));
        let stop_there = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stop_there.load(Ordering::Relaxed) {
                let Ok((mut stream, _)) = listener.accept() else {
                    std::thread::sleep(Duration::from_millis(5));
                    continue;
                };
                stream.set_nonblocking(false).expect("a socket");
                stream.set_read_timeout(Some(Duration::from_secs(2))).expect("a socket");
                let mut request = Vec::new();
                let mut buffer = [0; 1024];
                while !request.windows(4).any(|w| w == b"\r\n\r\n") {
                    match stream.read(&mut buffer) {
                        Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
                        _ => break,
                    }
                }
                let _ = stream.write_all(rule(&String::from_utf8_lossy(&request).to_lowercase()).as_bytes());
            }
        });
        Self { address, seen: Arc::default(), stop, thread: Some(thread) }
    }
}

async fn connection(stream: tokio::net::TcpStream, rule: Rule, seen: Arc<Mutex<Vec<Option<Vec<u8>>>>>) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    let mut kept = Vec::new();
    while let Some(Ok((request, respond))) = connection.accept().await {
        let authorization = request.headers().get("authorization").map(|v| v.as_bytes().to_vec());
        let answer = rule(request.uri().path(), authorization.as_deref());
        seen.lock().expect("a lock").push(authorization);
        kept.extend(reply(answer, respond));
    }
}

/// Gives back what must stay open.
fn reply(answer: Answer, mut respond: h2::server::SendResponse<Bytes>) -> Option<h2::server::SendResponse<Bytes>> {
    let head = |status: Option<&str>| {
        let mut response = Response::builder().status(200).header("content-type", "application/grpc");
        if let Some(status) = status {
            response = response.header("grpc-status", status).header("grpc-message", "a%20word");
        }
        response.body(()).expect("a response")
    };
    let trailers = |status: &str| HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), status.parse().expect("a value"))]);
    match answer {
        Answer::Headers(status) => drop(respond.send_response(head(Some(status)), true)),
        Answer::Trailers(status) => {
            let mut body = respond.send_response(head(None), false).expect("a stream");
            let _ = body.send_data(Bytes::from_static(b"\0\0\0\0\x07\x0a\x050.1.1"), false);
            let _ = body.send_trailers(trailers(status));
        }
        Answer::Both(first, second) => {
            let mut body = respond.send_response(head(Some(first)), false).expect("a stream");
            let _ = body.send_trailers(trailers(second));
        }
        Answer::Reset => respond.send_reset(h2::Reason::REFUSED_STREAM),
        Answer::Http(status) => drop(respond.send_response(Response::builder().status(status).body(()).expect("a response"), true)),
        Answer::Silence => return Some(respond),
    }
    None
}

pub fn target(address: SocketAddr, transport: Transport) -> Target {
    Target { address: address.to_string(), name: None, transport, trust: Trust::Any }
}

fn answered(server: &Server, path: &str, limit: Duration) -> Result<(u16, Option<u32>), String> {
    let reply = call(Protocol::Grpc, &target(server.address, Transport::Plaintext), path, None, limit);
    reply.map(|reply| (reply.http, reply.status))
}

#[test]
fn a_grpc_status_is_read_from_headers_and_trailers() {
    let server = Server::grpc(|path, _| match path {
        "/headers" => Answer::Headers("16"),
        "/trailers" => Answer::Trailers("0"),
        "/both" => Answer::Both("16", "0"),
        "/odd" => Answer::Headers("sixteen"),
        "/http" => Answer::Http(302),
        "/silence" => Answer::Silence,
        _ => Answer::Reset,
    });
    let second = Duration::from_secs(3);
    for (path, want) in [
        ("/headers", (200, Some(16))),
        ("/trailers", (200, Some(0))),
        ("/both", (200, None)),
        ("/odd", (200, None)),
        ("/http", (302, None)),
    ] {
        assert_eq!(answered(&server, path, second), Ok(want), "{path}");
    }
    assert!(answered(&server, "/reset", second).is_err_and(|e| e.contains("REFUSED_STREAM")));
    assert_eq!(answered(&server, "/silence", Duration::from_millis(200)), Err("timed out".to_owned()));
    let hello = call(Protocol::Grpc, &target(server.address, Transport::Plaintext), "/trailers", None, second).expect("an answer");
    assert_eq!(field(&hello.body, 1).as_deref(), Some("0.1.1"));
}

/// Frames of HTTP/2 as they lie on the wire: type, flags, stream and content.
fn frame(kind: u8, flags: u8, stream: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("a short frame");
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], content].concat()
}

#[test]
fn an_answer_counts_though_the_stream_is_reset_behind_it() {
    use std::io::{Read, Write};
    let literal = |name: &str, value: &str| {
        let text = |text: &str| [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
        [vec![0], text(name), text(value)].concat()
    };
    let headers = [vec![0x88], literal("content-type", "application/grpc"), literal("grpc-status", "16")].concat();
    // SETTINGS; HEADERS that end headers and stream; RST_STREAM with NO_ERROR; all in one write.
    let answer = [frame(4, 0, 0, &[]), frame(1, 5, 1, &headers), frame(3, 0, 1, &[0; 4])].concat();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut seen = Vec::new();
        let mut buffer = [0; 1024];
        // Until the request's HEADERS are there: the connection's preface holds no such frame.
        while !seen.windows(5).any(|w| w == [1, 4, 0, 0, 0]) {
            let read = stream.read(&mut buffer).expect("bytes");
            seen.extend_from_slice(&buffer[..read]);
        }
        stream.write_all(&answer).expect("it listens");
        let _ = stream.read_to_end(&mut seen);
    });
    let reply = call(Protocol::Grpc, &target(address, Transport::Plaintext), "/a", None, Duration::from_secs(3));
    assert_eq!(reply.map(|reply| reply.status), Ok(Some(16)));
    server.join().expect("the server ends");
}

#[test]
fn what_is_no_daemon_gives_no_answer() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port").local_addr().expect("an address");
    let limit = Duration::from_secs(2);
    for protocol in [Protocol::Grpc, Protocol::Http] {
        assert_eq!(call(protocol, &target(closed, Transport::Plaintext), "/", None, limit), Err("connection refused".to_owned()));
    }
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let silent = silent.local_addr().expect("an address");
    let limit = Duration::from_millis(200);
    for protocol in [Protocol::Grpc, Protocol::Http] {
        assert!(call(protocol, &target(silent, Transport::Plaintext), "/", None, limit).is_err());
    }
    assert!(target(silent, Transport::Auto).settled(limit).is_err());
}

#[test]
fn plaintext_is_told_from_tls() {
    let server = Server::grpc(|_, _| Answer::Headers("0"));
    let settled = target(server.address, Transport::Auto).settled(Duration::from_secs(3)).expect("it answers");
    assert_eq!(settled.transport, Transport::Plaintext);
    let http = Server::http(|_| "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    let settled = target(http.address, Transport::Auto).settled(Duration::from_secs(3));
    assert_eq!(settled.map(|t| t.transport), Ok(Transport::Plaintext));
    let tls = call(Protocol::Grpc, &target(server.address, Transport::Tls), "/", None, Duration::from_secs(3));
    assert!(tls.is_err_and(|e| e.starts_with("TLS failed")));
}
