//! A TLS handshake that believes everything and writes down what it was shown. Nothing is ever sent behind it.

use crate::text::visible;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// What a server showed in a handshake.
#[derive(Debug, Default)]
pub struct Handshake {
    /// Its certificates as sent, the leaf first.
    pub certificates: Vec<CertificateDer<'static>>,
    /// Whether it proved that it has the leaf's key. A refusal of the client may come after this.
    pub proven: bool,
    /// The protocol's version, where the handshake came to its end.
    pub version: Option<String>,
    /// The application protocol that was agreed on.
    pub alpn: Option<String>,
    /// Why it did not come to its end.
    pub failed: Option<String>,
    /// It failed because none of the application protocols pleased.
    pub alpn_refused: bool,
}

/// Shakes hands on a connection, within a time.
pub async fn greet(stream: TcpStream, name: ServerName<'static>, alpn: &[&str], limit: Duration) -> Handshake {
    let recorder = Arc::new(Recorder::new());
    let config = ClientConfig::builder_with_provider(Arc::clone(&recorder.provider)).with_safe_default_protocol_versions();
    let mut config = match config {
        Ok(config) => config.dangerous().with_custom_certificate_verifier(recorder.clone()).with_no_client_auth(),
        Err(e) => return Handshake { failed: Some(e.to_string()), ..Handshake::default() },
    };
    config.alpn_protocols = alpn.iter().map(|p| p.as_bytes().to_vec()).collect();
    let ended = timeout(limit, TlsConnector::from(Arc::new(config)).connect(name, stream)).await;
    let (certificates, proven) = recorder.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut out = Handshake { certificates, proven, ..Handshake::default() };
    match ended {
        Ok(Ok(stream)) => {
            let (_, session) = stream.get_ref();
            out.version = session.protocol_version().map(|v| format!("{v:?}"));
            out.alpn = session.alpn_protocol().map(|p| visible(&String::from_utf8_lossy(p)));
        }
        Ok(Err(e)) => {
            let alert = e.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
            out.alpn_refused = matches!(alert, Some(Error::AlertReceived(AlertDescription::NoApplicationProtocol)));
            out.failed = Some(visible(&e.to_string()));
        }
        Err(_) => out.failed = Some("timed out".to_owned()),
    }
    out
}

/// Takes every certificate, and checks only that the server has its key.
#[derive(Debug)]
struct Recorder {
    provider: Arc<CryptoProvider>,
    seen: Mutex<(Vec<CertificateDer<'static>>, bool)>,
}

impl Recorder {
    fn new() -> Self {
        Self { provider: Arc::new(ring::default_provider()), seen: Mutex::default() }
    }

    fn proven(&self, checked: Result<HandshakeSignatureValid, Error>) -> Result<HandshakeSignatureValid, Error> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).1 = checked.is_ok();
        checked
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(leaf).chain(others).map(|c| c.clone().into_owned()).collect();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = (all, false);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proven(verify_tls12_signature(message, leaf, signed, &self.provider.signature_verification_algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proven(verify_tls13_signature(message, leaf, signed, &self.provider.signature_verification_algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
