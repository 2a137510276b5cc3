//! Certificates: files of them, the roots that clients trust, and what a verifying client makes of a chain.

use crate::collect::collector::Absent;
use crate::collect::context::{Context, sha256};
use crate::collect::files::shown;
use crate::model::Instant;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::{PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use std::path::Path;
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// A file of certificates is no larger.
const MOST: u64 = 4 << 20;

/// A server shows no more certificates than this.
const MOST_SHOWN: usize = 32;

/// What is known of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It could not be told.
    Unknown,
}

/// What a verifying client makes of the certificates that it is shown.
#[derive(Debug)]
pub struct Judged {
    /// Whether they lead to a root that clients trust, dates aside.
    pub trusted: Word,
    /// Whether a subject alternative name of the leaf is the name that clients use.
    pub name_matches: Word,
    /// When all of the chain is valid.
    pub validity: Validity,
    /// The leaf's fingerprint.
    pub sha256: String,
    /// Why something is not as it should be, for people.
    pub notes: Vec<String>,
}

/// From when to when something is valid, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The start.
    pub not_before: Instant,
    /// The end.
    pub not_after: Instant,
}

impl Validity {
    fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let validity = certificate.validity();
        let instant =
            |seconds: i64| seconds.checked_mul(1000).map(|ms| Instant { ms }).filter(|i| Instant::parse(&i.to_string()).is_some());
        Some(Self { not_before: instant(validity.not_before.timestamp())?, not_after: instant(validity.not_after.timestamp())? })
    }

    fn both(self, other: Self) -> Self {
        Self { not_before: self.not_before.max(other.not_before), not_after: self.not_after.min(other.not_after) }
    }

    fn holds(self, at: Instant) -> bool {
        self.not_before <= at && at <= self.not_after
    }
}

/// The roots that clients trust.
pub struct TrustStore {
    roots: Vec<(TrustAnchor<'static>, Validity)>,
    /// Digest of the file, for evidence.
    pub sha256: String,
}

impl TrustStore {
    /// Reads a file of PEM certificates.
    ///
    /// # Errors
    /// There is none, or not all of it can be read.
    pub fn read(at: &Context, path: Option<&Path>) -> Result<Self, Absent> {
        let path = path.ok_or_else(|| {
            Absent::new("no trust store is given: an untrusted certificate could not be told from a trusted one")
                .help("`trust_store` names the file of the roots that clients trust, in PEM")
        })?;
        let (certificates, sha256) = certificates(at, path)?;
        let roots = certificates.iter().map(|der| Some((webpki::anchor_from_trusted_cert(der).ok()?.to_owned(), Validity::of(der)?)));
        let roots = roots.collect::<Option<_>>();
        let unfit = || Absent::new(format!("{} holds a certificate that cannot be a root", shown(path)));
        Ok(Self { roots: roots.ok_or_else(unfit)?, sha256 })
    }
}

/// The fingerprint of the leaf in a file of PEM certificates: its first one.
///
/// # Errors
/// It cannot be read, or holds none.
pub fn leaf_digest(at: &Context, path: &Path) -> Result<String, Absent> {
    Ok(sha256(&certificates(at, path)?.0[0]))
}

/// All certificates of a file, at least one, and the file's digest. Of a key beside them nothing is kept.
fn certificates(at: &Context, path: &Path) -> Result<(Vec<CertificateDer<'static>>, String), Absent> {
    let name = shown(path);
    let size = at.files().about(path)?.len();
    if size > MOST {
        return Err(Absent::new(format!("{name} is too large for a file of certificates: {size} bytes")));
    }
    let seen = at.files().read(path, MOST)?;
    if seen.bytes.is_empty() {
        return Err(Absent::new(format!("{name} is empty: it should hold a certificate")));
    }
    let (mut found, mut key) = (Vec::new(), false);
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(&seen.bytes) {
        let unreadable = || Absent::new(format!("{name} holds a certificate that cannot be read"));
        let (kind, der) = section.map_err(|_| unreadable())?;
        key |= matches!(kind, SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey);
        if kind == SectionKind::Certificate {
            let whole = X509Certificate::from_der(&der).is_ok_and(|(rest, _)| rest.is_empty());
            found.push(if whole { CertificateDer::from(der) } else { return Err(unreadable()) });
        }
    }
    match (found.is_empty(), key) {
        (false, _) => Ok((found, seen.sha256)),
        (true, true) => Err(Absent::new(format!("{name} holds a private key and no certificate"))),
        (true, false) => Err(Absent::new(format!("{name} holds no certificate in PEM"))),
    }
}

/// A certificate as PEM.
pub fn pem(der: &[u8]) -> String {
    let lines: String = STANDARD.encode(der).as_bytes().chunks(64).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect();
    format!("-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n")
}

/// Judges certificates as served, the leaf first, as a client that uses `name` would at `now`.
///
/// # Errors
/// The leaf, or when it is valid, cannot be read.
pub fn judge(served: &[CertificateDer<'_>], name: Option<&ServerName<'_>>, store: &TrustStore, now: Instant) -> Result<Judged, String> {
    let Some((leaf, others)) = served.split_first() else { return Err("no certificate was shown".to_owned()) };
    let own = Validity::of(leaf).ok_or("the leaf, or the time in which it is valid, cannot be read")?;
    let shown = || others.iter().filter_map(|der| Validity::of(der)).fold(own, Validity::both);
    let mut judged = Judged {
        trusted: Word::Unknown,
        name_matches: Word::Unknown,
        validity: own,
        sha256: sha256(leaf),
        notes: names(leaf).into_iter().collect(),
    };
    let entity = match EndEntityCert::try_from(leaf) {
        Ok(entity) if served.len() <= MOST_SHOWN => entity,
        other => {
            judged.validity = shown();
            judged.notes.push(other.err().map_or("more certificates than a chain has".to_owned(), |e| e.to_string()));
            return Ok(judged);
        }
    };
    match trust(&entity, others, store, now) {
        Ok(path) => (judged.trusted, judged.validity) = (Word::Yes, path.both(own)),
        Err((word, why)) => {
            (judged.trusted, judged.validity) = (word, shown());
            judged.notes.push(why);
        }
    }
    if let Some(name) = name {
        let matched = entity.verify_is_valid_for_subject_name(name);
        judged.name_matches = match matched {
            // A name that no host can have is a trap for some client: what it matches is left open.
            Ok(()) if judged.notes.iter().any(|n| n.starts_with(ODD)) => Word::Unknown,
            Ok(()) => Word::Yes,
            Err(webpki::Error::CertNotValidForName(_)) => Word::No,
            Err(_) => Word::Unknown,
        };
        judged.notes.extend(matched.err().map(|e| format!("{} as a subject alternative name (SAN): {e}", name.to_str())));
    }
    Ok(judged)
}

/// Seeks a path to a root at a moment at which all of it is valid: trust is one question, dates are another. Gives the validity of the
/// path above the leaf.
fn trust(entity: &EndEntityCert<'_>, others: &[CertificateDer<'_>], store: &TrustStore, now: Instant) -> Result<Validity, (Word, String)> {
    // Whatever path is valid at some moment is so at the latest of its starts.
    let leaf = Validity::of(&entity.der());
    let starts = leaf.into_iter().chain(others.iter().filter_map(|der| Validity::of(der))).map(|v| v.not_before);
    let moments: Vec<Instant> = std::iter::once(now).chain(starts).collect();
    let mut refused: Option<(Word, String)> = None;
    // Roots that have expired are the second choice: some clients look at that, others do not.
    for fresh_only in [true, false] {
        for &moment in &moments {
            let roots = store.roots.iter().filter(|(_, validity)| !fresh_only || validity.holds(moment));
            let (anchors, validities): (Vec<_>, Vec<_>) = roots.cloned().unzip();
            match path(entity, others, &anchors, moment) {
                Ok((anchor, above)) => {
                    let root = validities.get(anchor).ok_or((Word::Unknown, "the root was lost".to_owned()))?;
                    return Ok(above.iter().fold(*root, |all, one| all.both(*one)));
                }
                Err(e) if is_date(&e) => {}
                Err(e) => refused = Some((word(&e), e.to_string())),
            }
        }
    }
    Err(refused.unwrap_or((Word::Unknown, "at no time was all of the chain valid".to_owned())))
}

/// The path at a moment: which root it leads to, and when the certificates between leaf and root are valid.
fn path(
    entity: &EndEntityCert<'_>,
    others: &[CertificateDer<'_>],
    anchors: &[TrustAnchor<'_>],
    moment: Instant,
) -> Result<(usize, Vec<Validity>), webpki::Error> {
    let time = UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(moment.ms).unwrap_or(0)));
    let found = entity.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, anchors, others, time, KeyUsage::server_auth(), None, None)?;
    let above = found.intermediate_certificates().map(|c| Validity::of(&c.der())).collect::<Option<_>>();
    let anchor = anchors.iter().position(|a| std::ptr::eq(a, found.anchor()));
    anchor.zip(above).ok_or(webpki::Error::BadDerTime)
}

fn is_date(error: &webpki::Error) -> bool {
    matches!(error, webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. })
}

/// What could not be checked is not called untrusted.
fn word(error: &webpki::Error) -> Word {
    let kind = format!("{error:?}");
    if ["Unsupported", "Maximum", "Bad", "TrailingData"].iter().any(|k| kind.starts_with(k)) { Word::Unknown } else { Word::No }
}

const ODD: &str = "odd subject alternative name";

/// A subject alternative name with characters that no name of a host has, such as NUL.
fn names(leaf: &[u8]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(leaf).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.*".contains(&b));
    names.value.general_names.iter().find_map(|name| match name {
        GeneralName::DNSName(name) if !plain(name) => Some(format!("{ODD}: {}", name.escape_default())),
        _ => None,
    })
}
