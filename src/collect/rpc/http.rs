//! HTTP/1.1: only the status counts.

use super::TIMED_OUT;
use super::grpc::Reply;
use super::stream::{Target, Transport, Trust, provider};
use ::http::HeaderValue;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

pub(super) fn call(target: &Target, path: &str, authorization: Option<&HeaderValue>, limit: Duration) -> Result<Reply, String> {
    let scheme = if target.transport == Transport::Plaintext { "http" } else { "https" };
    let tls = TlsConfig::builder().provider(TlsProvider::Rustls).unversioned_rustls_crypto_provider(provider());
    let tls = match &target.trust {
        Trust::Any => tls.disable_verification(true),
        Trust::Roots(roots) => {
            let roots = roots.iter().map(|root| Certificate::from_der(root).to_owned());
            tls.root_certs(RootCerts::Specific(Arc::new(roots.collect())))
        }
    };
    let agent = ureq::Agent::config_builder().tls_config(tls.build()).timeout_global(Some(limit)).http_status_as_error(false);
    let agent = agent.max_redirects(0).proxy(None).build().new_agent();
    let mut request = agent.get(format!("{scheme}://{}{path}", target.address));
    if target.name.is_some() {
        request = request.header("host", target.authority());
    }
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    match request.call() {
        Ok(response) => Ok(Reply { http: response.status().as_u16(), status: None, message: String::new(), body: Vec::new() }),
        Err(ureq::Error::Timeout(_)) => Err(TIMED_OUT.to_owned()),
        Err(ureq::Error::Io(e)) if e.kind() == std::io::ErrorKind::ConnectionRefused => Err("connection refused".to_owned()),
        // ureq's words may hold the whole address; what kind of failure it was is enough.
        Err(ureq::Error::Io(e)) => Err(format!("it broke off: {}", e.kind())),
        Err(ureq::Error::Rustls(_)) => Err("TLS failed".to_owned()),
        Err(_) => Err("it gave no answer of HTTP".to_owned()),
    }
}
