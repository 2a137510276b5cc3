//! Servers on loopback that answer what a monitoring system would not.

use super::dashboards::Dashboard;
use super::server::Server;
use crate::collect::context::{Clock, Context, Shared};
use crate::collect::files::Root;
use crate::collect::redact::Secrets;
use crate::collect::{Absent, Need, Recording};
use crate::facts::Plan;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn context(root: &Path) -> Context {
    let root = root.canonicalize().expect("a folder");
    let shared = Shared {
        plan: Plan { environment: "prod".into(), release: "1.0.0".into() },
        host: "h".into(),
        clock: Clock::System,
        files: Root::open(&root, &root).expect("a root"),
        programs: Arc::new(Recording::default()),
        evidence: "evidence/".into(),
        contracts: |_| Err(Vec::new()),
        secrets: Secrets::default(),
    };
    Context { group: "slos".into(), deadline: Instant::now() + Duration::from_secs(2), shared: Arc::new(shared), heard: Arc::default() }
}

/// Answers one connection with given bytes; what was asked is sent back.
fn serve(answer: String) -> (SocketAddr, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address");
    let handle = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut asked = [0; 4096];
        let read = stream.read(&mut asked).expect("a request");
        stream.write_all(answer.as_bytes()).expect("an answer");
        String::from_utf8_lossy(&asked[..read]).into_owned()
    });
    (place, handle)
}

fn server(settings: &str) -> Server {
    toml::from_str(settings).expect("settings")
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn refused(at: &Context, settings: &str) -> Absent {
    server(settings).json(at, "rules", "/api/v1/rules").map(|_| ()).expect_err(settings)
}

#[test]
fn only_a_plain_answer_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = context(folder.path());
    std::fs::write(folder.path().join("token"), "CANARY-1\n").expect("a token");
    for (status, body, words) in [
        ("200 OK", "{\"status\":\"success\"}", None),
        ("302 Found", "{}", Some("the status 302")),
        ("401 Unauthorized", "{}", Some("the status 401")),
        ("200 OK", "<html>log in</html>", Some("asked for rules")),
        ("200 OK", "{\"status\":\"error\",\"status\":\"success\"}", Some("duplicate key")),
    ] {
        let (place, asked) = serve(answer(status, body));
        let settings = format!("url = \"http://{place}/prometheus/\"\ntoken = {{ file = \"token\" }}");
        match (server(&settings).json(&at, "rules", "/api/v1/rules"), words) {
            (Ok(_), None) => {}
            (Err(absent), Some(words)) => assert!(absent.reason.contains(words), "{}", absent.reason),
            (got, want) => panic!("{body}: {:?}, wanted {want:?}", got.map(|(value, _)| value)),
        }
        let asked = asked.join().expect("a request");
        assert!(asked.starts_with("GET /prometheus/api/v1/rules "), "{asked}");
        assert!(asked.contains("Bearer CANARY-1"), "{asked}");
    }
}

#[test]
fn nothing_is_sent_where_it_could_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = context(folder.path());
    std::fs::write(folder.path().join("token"), "CANARY-2\n").expect("a token");
    std::fs::write(folder.path().join("empty.pem"), "").expect("a file");
    for (settings, words) in [
        ("url = \"http://ops:CANARY@127.0.0.1:1\"", "neither user nor password"),
        ("url = \"http://127.0.0.1:1/?token=CANARY\"", "no query"),
        ("url = \"ftp://ops:CANARY@127.0.0.1\"", "begins with http"),
        ("url = \"not an address CANARY\"", "no address"),
        ("url = \"http://ops:CANARY/x@127.0.0.1\"", "neither user nor password"),
        ("url = \"http://127.0.0.1:port\"", "no good port"),
        ("url = \"ops:CANARY@127.0.0.1\"", "the given address"),
        ("url = \"https://127.0.0.1:1\"", "no `trust_store`"),
        ("url = \"https://127.0.0.1:1\"\ntrust_store = \"empty.pem\"", "holds no certificate"),
        ("url = \"http://192.0.2.1:1\"\ntoken = { file = \"token\" }", "in plain text"),
        ("url = \"http://127.0.0.1:1\"", "does not answer"),
        ("url = \"http://127.0.0.1:1\"\nsaved = \"x\"", "exactly one of"),
        ("", "exactly one of"),
    ] {
        let absent = refused(&at, settings);
        assert!(absent.reason.contains(words), "{settings}: {}", absent.reason);
        assert!(!absent.reason.contains("CANARY"), "{}", absent.reason);
    }
    for (settings, live) in [("url = \"http://127.0.0.1:1\"", true), ("url = \"no address\"", true), ("saved = \"x\"", false)] {
        assert_eq!(matches!(server(settings).need()[..], [Need::Address(_)]), live, "{settings}");
    }
}

#[test]
fn a_certificate_must_come_from_the_given_authority() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = context(folder.path());
    let authority = |name: &str| {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
    };
    let (good, other) = (authority("good"), authority("other"));
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters").signed_by(&key, &good).expect("a certificate");
    for (name, pem) in [("good.pem", good.pem()), ("other.pem", other.pem())] {
        std::fs::write(folder.path().join(name), pem).expect("a trust store");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
        .expect("a server");
    let config = Arc::new(config);
    for (store, trusted) in [("good.pem", true), ("other.pem", false)] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let place = listener.local_addr().expect("an address");
        let config = Arc::clone(&config);
        let handle = std::thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            let connection = rustls::ServerConnection::new(config).expect("a connection");
            let mut tls = rustls::StreamOwned::new(connection, stream);
            let mut asked = [0; 4096];
            if tls.read(&mut asked).is_ok() {
                let _ = tls.write_all(answer("200 OK", "{}").as_bytes());
                let _ = tls.flush();
            }
        });
        let settings = format!("url = \"https://{place}\"\ntrust_store = \"{store}\"");
        assert_eq!(server(&settings).json(&at, "rules", "/").is_ok(), trusted, "{store}");
        handle.join().expect("a server that ends");
    }
}

#[test]
fn the_age_of_a_saved_dashboard_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = context(folder.path());
    let file = std::fs::File::create(folder.path().join("ops.json")).expect("a file");
    (&file).write_all(b"{\"dashboard\":{\"uid\":\"ops\"}}").expect("an answer");
    file.set_modified(std::time::UNIX_EPOCH).expect("a time");
    let dashboard: Dashboard = toml::from_str("uri = \"https://g.example.test/d/ops\"\nuid = \"ops\"").expect("settings");
    let (stated, _, saved_at) = dashboard.look(&at, Some(&server("saved = \".\""))).expect("a dashboard");
    assert_eq!((&stated["reachable"], saved_at.map(|t| t.ms)), (&serde_json::json!("yes"), Some(0)));
}
