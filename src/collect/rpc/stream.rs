//! A connection to a daemon: plaintext or TLS.

use crate::collect::collector::Absent;
use crate::text::visible;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// How a daemon is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// TLS where it answers to TLS, plaintext otherwise.
    #[default]
    Auto,
    /// As it is.
    Plaintext,
    /// TLS.
    Tls,
}

/// Which certificates are trusted.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Any: what the answer says of authentication does not depend on the certificate, which a group of its own looks at. No secret
    /// may be lent over such a connection, unless it is known otherwise who holds the other end.
    Any,
    /// Those that lead to one of these roots.
    Roots(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// Reads roots from PEM.
    ///
    /// # Errors
    /// There is none in it, or one that cannot be read.
    pub fn roots(pem: &[u8], name: &str) -> Result<Self, Absent> {
        let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let roots = roots.ok().filter(|roots| !roots.is_empty());
        roots.map(Self::Roots).ok_or_else(|| Absent::new(format!("{} holds no readable certificates in PEM", visible(name))))
    }
}

/// Whom to call.
#[derive(Debug, Clone)]
pub struct Target {
    /// Host or address, and port.
    pub address: String,
    /// The name that the other side goes by, where that is not the host of the address.
    pub name: Option<String>,
    /// How it is spoken to.
    pub transport: Transport,
    /// Which certificates are trusted.
    pub trust: Trust,
}

impl Target {
    /// `host:port` as it stands in a request.
    pub fn authority(&self) -> String {
        let port = self.address.rsplit_once(':').map_or("", |(_, port)| port);
        self.name.as_ref().map_or_else(|| self.address.clone(), |name| format!("{name}:{port}"))
    }

    /// Whether the other side's certificate is held against roots.
    pub fn verifies(&self) -> bool {
        self.transport == Transport::Tls && matches!(self.trust, Trust::Roots(_))
    }

    /// The same with `Auto` replaced by what the other side speaks.
    ///
    /// # Errors
    /// It could not be told.
    pub fn settled(&self, limit: Duration) -> Result<Self, String> {
        if self.transport != Transport::Auto {
            return Ok(self.clone());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| "no connection could be prepared".to_owned())?;
        let asked = Self { transport: Transport::Tls, trust: Trust::Any, ..self.clone() };
        let greeted = runtime.block_on(async { tokio::time::timeout(limit, asked.connect_tcp_then_tls(&[])).await });
        let transport = match greeted {
            Ok(Ok(Ok(_))) => Transport::Tls,
            // An answer that is not TLS. What breaks off in any other way tells nothing.
            Ok(Ok(Err(e))) if e.kind() == std::io::ErrorKind::InvalidData && is_not_tls(&e) => Transport::Plaintext,
            Ok(Ok(Err(e))) => return Err(format!("TLS failed: {}", visible(&e.to_string()))),
            Ok(Err(e)) => return Err(e),
            Err(_) => return Err("it answered to no greeting in TLS".to_owned()),
        };
        Ok(Self { transport, ..self.clone() })
    }

    /// Connects. `protocols` are offered in TLS.
    pub(super) async fn connect(&self, protocols: &[&[u8]]) -> Result<Box<dyn Stream>, String> {
        match self.transport {
            Transport::Plaintext => Ok(Box::new(self.connect_tcp().await?)),
            Transport::Tls | Transport::Auto => {
                let stream = self.connect_tcp_then_tls(protocols).await?;
                stream.map_err(|e| format!("TLS failed: {}", visible(&e.to_string())))
            }
        }
    }

    async fn connect_tcp(&self) -> Result<TcpStream, String> {
        let stream = TcpStream::connect(&self.address).await.map_err(|e| match e.kind() {
            std::io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
            _ => format!("no connection: {}", visible(&e.to_string())),
        })?;
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    async fn connect_tcp_then_tls(&self, protocols: &[&[u8]]) -> Result<std::io::Result<Box<dyn Stream>>, String> {
        let stream = self.connect_tcp().await?;
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        let host = self.name.as_deref().unwrap_or(host).trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(|_| "its name is no name for TLS".to_owned())?;
        let mut config = self.tls()?;
        config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
        let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await;
        Ok(stream.map(|stream| Box::new(stream) as Box<dyn Stream>))
    }

    fn tls(&self) -> Result<ClientConfig, String> {
        let provider = provider();
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let builder = builder.map_err(|_| "TLS could not be prepared".to_owned())?;
        Ok(match &self.trust {
            Trust::Any => builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider))).with_no_client_auth(),
            Trust::Roots(roots) => {
                let mut store = RootCertStore::empty();
                store.add_parsable_certificates(roots.iter().cloned());
                builder.with_root_certificates(store).with_no_client_auth()
            }
        })
    }
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn is_not_tls(error: &std::io::Error) -> bool {
    error.get_ref().and_then(|e| e.downcast_ref::<Error>()).is_some_and(|e| matches!(e, Error::InvalidMessage(_)))
}

/// What bytes go through.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Takes any certificate whose key the other side holds: see [`Trust::Any`].
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
