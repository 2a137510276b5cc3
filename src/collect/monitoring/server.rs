//! A server that is asked over HTTP, or whose answers were saved: no redirects, no proxy, no certificates but those of `trust_store`.

use crate::collect::collector::{Absent, Need};
use crate::collect::context::Context;
use crate::collect::files::{MOST_BYTES, shown};
use crate::collect::redact::{self, SecretSource};
use crate::model::Instant;
use crate::text::{Limits, Source, read_json, visible};
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{PemItem, RootCerts, TlsConfig};

/// Where answers come from: exactly one of `url` and `saved`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The server's address, such as `https://prometheus.example.org`.
    url: Option<String>,
    /// A folder of saved answers, one JSON file each.
    saved: Option<PathBuf>,
    /// The bearer token that it wants.
    token: Option<SecretSource>,
    /// The authorities that a certificate of it must come from (PEM): for `https`.
    trust_store: Option<PathBuf>,
}

/// What was answered.
pub struct Answer {
    /// The status; 200 for a saved answer.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// How old a saved answer is.
    pub saved_at: Option<Instant>,
}

const LIMIT: Duration = Duration::from_secs(10);

impl Server {
    /// What `--dry-run` looks for.
    pub fn need(&self) -> Vec<Need> {
        let address = self.url.as_deref().and_then(|url| Address::read(url).ok()).map(|a| Need::Address(a.host_and_port()));
        // An address that cannot be read is live all the same: it must not slip past `--at`.
        let broken = self.url.as_deref().filter(|_| address.is_none()).map(|url| Need::Address(harmless(url)));
        address.into_iter().chain(broken).chain(self.saved.clone().map(Need::Path)).collect()
    }

    /// Where it is, for people.
    pub fn shown(&self) -> String {
        match (&self.url, &self.saved) {
            (Some(url), _) => harmless(url),
            (None, Some(path)) => format!("answers in {}", shown(path)),
            (None, None) => "nowhere".to_owned(),
        }
    }

    /// Whether its answers were saved.
    pub fn is_saved(&self) -> bool {
        self.url.is_none()
    }

    /// The folder of saved answers; empty where there is none.
    pub fn folder(&self) -> PathBuf {
        self.saved.clone().unwrap_or_default()
    }

    /// Asks for `path`, or reads the answer that was saved as `<name>.json`.
    ///
    /// # Errors
    /// There is no answer.
    pub fn get(&self, at: &Context, name: &str, path: &str) -> Result<Answer, Absent> {
        match (&self.url, &self.saved) {
            (Some(url), None) => self.ask(at, &Address::read(url)?, path),
            (None, Some(folder)) => saved(at, &folder.join(format!("{name}.json"))),
            _ => Err(Absent::new("a server wants exactly one of `url` and `saved`")),
        }
    }

    /// The same, as strictly read JSON, which must have come with the status 200.
    ///
    /// # Errors
    /// There is no such answer.
    pub fn json(&self, at: &Context, name: &str, path: &str) -> Result<(Value, Option<Instant>), Absent> {
        let answer = self.get(at, name, path)?;
        let asked = format!("{} asked for {name}", self.shown());
        if answer.status != 200 {
            return Err(Absent::new(format!("{asked} answers with the status {}", answer.status)));
        }
        Ok((parse(&asked, &answer.body)?, answer.saved_at))
    }

    fn ask(&self, at: &Context, address: &Address, path: &str) -> Result<Answer, Absent> {
        let failed = |e: &dyn std::fmt::Display| Absent::new(format!("{} does not answer: {}", self.shown(), visible(&e.to_string())));
        let config = ureq::Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(at.left(LIMIT)))
            .tls_config(self.tls(at, address)?);
        let agent = ureq::Agent::new_with_config(config.build());
        let mut request = agent.get(format!("{}{path}", address.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {}", at.secret(token)?));
        }
        let mut response = request.call().map_err(|e| failed(&e))?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(|e| failed(&e))?;
        Ok(Answer { status, body, saved_at: None })
    }

    fn tls(&self, at: &Context, address: &Address) -> Result<TlsConfig, Absent> {
        let mut roots = Vec::new();
        match (&self.trust_store, address.is_tls) {
            (Some(path), true) => {
                let (text, _) = at.files().text(path)?;
                for item in ureq::tls::parse_pem(text.as_bytes()) {
                    match item {
                        Ok(PemItem::Certificate(certificate)) => roots.push(certificate),
                        Ok(_) => {}
                        Err(_) => return Err(Absent::new(format!("{} is no file of PEM certificates", shown(path)))),
                    }
                }
                if roots.is_empty() {
                    return Err(Absent::new(format!("{} holds no certificate", shown(path))));
                }
            }
            (None, true) => {
                let reason = format!("{} is asked over TLS, and no `trust_store` says whose certificates are good", self.shown());
                return Err(Absent::new(reason).help("trust_store = \"/etc/ssl/certs/ca-certificates.crt\" takes those of the system"));
            }
            (_, false) if self.token.is_some() && !address.is_loopback() => {
                let reason = format!("{} would be sent its token in plain text", self.shown());
                return Err(Absent::new(reason).help("use https, or ask over the loopback"));
            }
            (_, false) => {}
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(TlsConfig::builder().unversioned_rustls_crypto_provider(provider).root_certs(RootCerts::Specific(Arc::new(roots))).build())
    }
}

/// Strictly read JSON.
///
/// # Errors
/// What is wrong with it.
pub fn parse(name: &str, body: &[u8]) -> Result<Value, Absent> {
    let text = std::str::from_utf8(body).map_err(|_| Absent::new(format!("{name}: the answer is not UTF-8")))?;
    let document = read_json(Arc::new(Source::new(name, text)), &Limits::default());
    document.map(|d| d.value).map_err(|p| Absent::new(format!("{name}: {}", p.message)))
}

fn saved(at: &Context, path: &Path) -> Result<Answer, Absent> {
    let seen = at.files().read(path, MOST_BYTES)?;
    Ok(Answer { status: 200, body: seen.bytes, saved_at: seen.modified })
}

/// The parts of a server's address.
struct Address {
    base: String,
    host: String,
    port: u16,
    is_tls: bool,
}

impl Address {
    /// Reads `http(s)://host[:port][/path]`; anything that could hold a secret is refused.
    fn read(url: &str) -> Result<Self, Absent> {
        let shown = harmless(url);
        let refuse = |why: &str| Err(Absent::new(format!("{shown}: {why}")));
        let Ok(uri) = url.parse::<http::Uri>() else { return refuse("this is no address") };
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return refuse("an address begins with http:// or https://"),
        };
        let (Some(host), Some(authority)) = (uri.host(), uri.authority()) else { return refuse("this address has no host") };
        if url.contains('@') {
            return refuse("an address holds neither user nor password; `token` names where a token stands");
        }
        if uri.query().is_some() || url.contains('#') {
            return refuse("an address holds no query");
        }
        // The parser takes any word for a port.
        if authority.as_str().trim_start_matches(host).len() > 1 && uri.port_u16().is_none() {
            return refuse("this address has no good port");
        }
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Ok(Self { base: url.trim_end_matches('/').to_owned(), host: host.to_owned(), port, is_tls })
    }

    fn host_and_port(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

/// An address as it may be shown. Of what is none, nothing is shown: any part of it may be a password.
fn harmless(url: &str) -> String {
    let reads = url.parse::<http::Uri>().is_ok_and(|uri| ["http", "https"].iter().any(|s| uri.scheme_str() == Some(s)));
    if reads && !url.contains('@') { visible(&redact::url(url)) } else { "the given address".to_owned() }
}

/// A word as a part of a query.
pub fn encoded(word: &str) -> String {
    use std::fmt::Write as _;
    word.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
