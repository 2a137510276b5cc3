//! For tests: authorities that sign what no real one would, and servers on loopback that end with the test.

use crate::collect::context::{Clock, Context, Shared};
use crate::collect::{Live, Root, Secrets};
use crate::facts::Plan;
use crate::model::Instant;
use crate::schema::Schema;
use crate::text::{Limits, Source, read_json};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

pub(crate) type Day = (i32, u8, u8);

/// The time of all tests.
pub(crate) const NOW: &str = "2026-11-23T15:00:00Z";

pub(crate) const FROM: Day = (2026, 1, 1);
pub(crate) const TO: Day = (2027, 6, 1);

/// Somebody with a certificate.
pub(crate) struct Party {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
    pub(crate) der: CertificateDer<'static>,
}

pub(crate) fn params(common: &str, sans: &[&str], from: Day, to: Day) -> CertificateParams {
    let mut params = CertificateParams::new(sans.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, common);
    (params.not_before, params.not_after) = (date_time_ymd(from.0, from.1, from.2), date_time_ymd(to.0, to.1, to.2));
    params
}

impl Party {
    pub(crate) fn alone(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().clone();
        Self { params, key, der }
    }

    pub(crate) fn root(common: &str) -> Self {
        Self::alone(authority(params(common, &[], (2020, 1, 1), (2040, 1, 1))))
    }

    pub(crate) fn signs(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let der = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap().der().clone();
        Self { params, key, der }
    }

    pub(crate) fn leaf(&self, sans: &[&str], from: Day, to: Day) -> Self {
        self.signs(params("a leaf", sans, from, to))
    }

    pub(crate) fn pem(&self) -> String {
        super::certificates::pem(&self.der)
    }
}

pub(crate) fn authority(mut params: CertificateParams) -> CertificateParams {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// A server that ends when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, stop, serve) = (listener.local_addr().unwrap(), Arc::new(AtomicBool::new(false)), Arc::new(serve));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (stream, serve) = (stream.unwrap(), Arc::clone(&serve));
                stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                std::thread::spawn(move || serve(stream));
            }
        });
        Self { address, stop, thread: Some(thread) }
    }

    pub(crate) fn tls(chain: &[&Party]) -> Self {
        let config = config(chain, rustls::ALL_VERSIONS, None);
        Self::start(move |stream| shake(&config, stream))
    }

    /// TLS to those who begin with it, `other` to the rest.
    pub(crate) fn either(chain: &[&Party], other: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let config = config(chain, rustls::ALL_VERSIONS, None);
        Self::start(move |stream| {
            let mut first = [0];
            match stream.peek(&mut first) {
                Ok(1) if first == [0x16] => shake(&config, stream),
                Ok(1) => other(stream),
                _ => {}
            }
        })
    }

    /// Says something at once.
    pub(crate) fn greets(bytes: &'static [u8]) -> Self {
        Self::start(move |mut stream| {
            let _ = stream.write_all(bytes);
            wait(stream);
        })
    }

    /// Answers the first bytes of a client.
    pub(crate) fn answers(bytes: &'static [u8]) -> Self {
        Self::start(move |stream| answer(stream, bytes))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

pub(crate) fn answer(mut stream: TcpStream, bytes: &[u8]) {
    if matches!(stream.read(&mut [0; 1024]), Ok(1..)) {
        let _ = stream.write_all(bytes);
    }
}

/// Waits until the client goes.
pub(crate) fn wait(mut stream: TcpStream) {
    while matches!(stream.read(&mut [0; 1024]), Ok(1..)) {}
}

pub(crate) fn config(chain: &[&Party], versions: &[&'static SupportedProtocolVersion], clients: Option<&Party>) -> Arc<ServerConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions).unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(root) => {
            let mut roots = RootCertStore::empty();
            roots.add(root.der.clone()).unwrap();
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap())
        }
    };
    let key = PrivateKeyDer::Pkcs8(chain[0].key.serialize_der().into());
    Arc::new(builder.with_single_cert(chain.iter().map(|p| p.der.clone()).collect(), key).unwrap())
}

pub(crate) fn shake(config: &Arc<ServerConfig>, mut stream: TcpStream) {
    let mut session = ServerConnection::new(Arc::clone(config)).unwrap();
    while session.is_handshaking() {
        if session.complete_io(&mut stream).is_err() {
            let _ = session.write_tls(&mut stream);
            return;
        }
    }
    wait(stream);
}

/// What a collector is handed, with `folder` as its root.
pub(crate) fn context(folder: &Path) -> Context {
    let shared = Shared {
        plan: Plan { environment: "prod".into(), release: "1.0.0".into() },
        host: "h".into(),
        clock: Clock::Given(Instant::parse(NOW).unwrap()),
        files: Root::open(folder, folder).unwrap(),
        programs: Arc::new(Live { path: Vec::new(), environment: Vec::new() }),
        evidence: "evidence/".into(),
        contracts: |_| Err(Vec::new()),
        secrets: Secrets::default(),
    };
    Context {
        group: "g".into(),
        deadline: std::time::Instant::now() + Duration::from_secs(10),
        shared: Arc::new(shared),
        heard: Arc::default(),
    }
}

/// Whether a value is one that the group's schema accepts.
pub(crate) fn fits(group: &str, value: &Value) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/facts/{group}.schema.json"));
    let source = Source::new(group, std::fs::read_to_string(path).unwrap());
    Schema::new(read_json(Arc::new(source), &Limits::default()).unwrap(), false).unwrap().accepts(value)
}
