//! Certificates that clients refuse, and ports that answer in odd ways.

use super::certificates::{TrustStore, Word, judge, leaf_digest, pem};
use super::port::{Patience, Speaks, probe};
use super::trial::{FROM, NOW, Party, Server, TO, answer, authority, config, context, params, shake, wait};
use crate::model::Instant;
use rcgen::SanType;
use rustls::pki_types::CertificateDer;
use std::fs;
use std::path::Path;
use std::time::Duration;

const NAME: &str = "claw.example.org";

/// What it is, what is shown, the name, trust and match, start and end.
type Case = (&'static str, Vec<CertificateDer<'static>>, &'static str, [Word; 2], [&'static str; 2]);

fn shown(parties: &[&Party]) -> Vec<CertificateDer<'static>> {
    parties.iter().map(|p| p.der.clone()).collect()
}

/// `chain`, name, start and end, and a word of the notes.
fn verdict(served: &[CertificateDer<'_>], roots: &[&Party], name: &str) -> (Word, Word, String, String, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("roots.pem"), roots.iter().map(|r| r.pem()).collect::<String>()).unwrap();
    let store = TrustStore::read(&context(folder.path()), Some(Path::new("roots.pem"))).unwrap();
    let out = judge(served, Some(&super::name(name).unwrap()), &store, Instant::parse(NOW).unwrap()).unwrap();
    (out.trusted, out.name_matches, out.validity.not_before.to_string(), out.validity.not_after.to_string(), out.notes.join("; "))
}

#[test]
fn trust_name_and_dates_are_three_questions() {
    let (root, other) = (Party::root("a root"), Party::root("another root"));
    let old = root.signs(authority(params("old", &[], (2024, 1, 1), (2026, 6, 1))));
    let gone = root.signs(authority(params("gone", &[], (2020, 1, 1), (2021, 1, 1))));
    let good = |from, to| root.leaf(&[NAME], from, to);
    let mut nul = params("a leaf", &[NAME], FROM, TO);
    nul.subject_alt_names.push(SanType::DnsName(format!("{NAME}\0.evil.example").try_into().unwrap()));
    let mut client_only = params("a leaf", &[NAME], FROM, TO);
    client_only.extended_key_usages.push(rcgen::ExtendedKeyUsagePurpose::ClientAuth);
    let ip = root.leaf(&["192.0.2.1"], FROM, TO);
    let wild = root.leaf(&["*.example.org"], FROM, TO);
    let stale_root = Party::alone(authority(params("stale", &[], (2020, 1, 1), (2026, 6, 1))));
    let (yes, no, unknown) = (Word::Yes, Word::No, Word::Unknown);
    let (nb, na) = ("2026-01-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let cases: &[Case] = &[
        ("good", shown(&[&good(FROM, TO)]), NAME, [yes, yes], [nb, na]),
        ("good with its root", shown(&[&good(FROM, TO), &root]), NAME, [yes, yes], [nb, na]),
        ("expired", shown(&[&good((2024, 1, 1), (2024, 4, 1))]), NAME, [yes, yes], ["2024-01-01T00:00:00Z", "2024-04-01T00:00:00Z"]),
        ("not yet", shown(&[&good((2027, 1, 1), TO)]), NAME, [yes, yes], ["2027-01-01T00:00:00Z", na]),
        ("unknown root", shown(&[&other.leaf(&[NAME], FROM, TO)]), NAME, [no, yes], [nb, na]),
        (
            "expired, unknown root",
            shown(&[&other.leaf(&[NAME], (2024, 1, 1), (2024, 4, 1))]),
            NAME,
            [no, yes],
            ["2024-01-01T00:00:00Z", "2024-04-01T00:00:00Z"],
        ),
        ("self-signed", shown(&[&Party::alone(params("x", &[NAME], FROM, TO))]), NAME, [no, yes], [nb, na]),
        ("a root as a leaf", shown(&[&Party::alone(authority(params("a root", &[NAME], FROM, TO)))]), NAME, [no, yes], [nb, na]),
        ("no intermediate", shown(&[&old.leaf(&[NAME], FROM, TO)]), NAME, [no, yes], [nb, na]),
        ("expired intermediate", shown(&[&old.leaf(&[NAME], FROM, TO), &old]), NAME, [yes, yes], [nb, "2026-06-01T00:00:00Z"]),
        ("intermediate expired before", shown(&[&gone.leaf(&[NAME], FROM, TO), &gone]), NAME, [unknown, yes], [nb, "2021-01-01T00:00:00Z"]),
        ("expired root", shown(&[&stale_root.leaf(&[NAME], FROM, TO)]), NAME, [yes, yes], [nb, "2026-06-01T00:00:00Z"]),
        ("for clients", shown(&[&root.signs(client_only)]), NAME, [no, yes], [nb, na]),
        ("wrong name", shown(&[&root.leaf(&["other.example.org"], FROM, TO)]), NAME, [yes, no], [nb, na]),
        ("common name only", shown(&[&root.signs(params(NAME, &[], FROM, TO))]), NAME, [yes, no], [nb, na]),
        ("NUL in a name", shown(&[&root.signs(nul)]), NAME, [yes, unknown], [nb, na]),
        ("wildcard", shown(&[&wild]), NAME, [yes, yes], [nb, na]),
        ("wildcard for two labels", shown(&[&wild]), "a.claw.example.org", [yes, no], [nb, na]),
        ("wildcard for the domain", shown(&[&wild]), "example.org", [yes, no], [nb, na]),
        ("address", shown(&[&ip]), "192.0.2.1", [yes, yes], [nb, na]),
        ("another address", shown(&[&ip]), "192.0.2.2", [yes, no], [nb, na]),
        ("address as a name", shown(&[&root.leaf(&[NAME], FROM, TO)]), "192.0.2.1", [yes, no], [nb, na]),
        ("for ever", shown(&[&good(FROM, (9999, 12, 31))]), NAME, [yes, yes], [nb, "2040-01-01T00:00:00Z"]),
        ("UTCTime's last day", shown(&[&good(FROM, (2039, 12, 31))]), NAME, [yes, yes], [nb, "2039-12-31T00:00:00Z"]),
    ];
    for (case, served, name, words, dates) in cases {
        let (trusted, named, from, to, notes) = verdict(served, &[&root, &stale_root], name);
        assert_eq!(([trusted, named], [from.as_str(), to.as_str()]), (*words, *dates), "{case}: {notes}");
        assert_eq!(notes.is_empty(), words == &[yes, yes], "{case}: {notes}");
    }
    let told = verdict(&shown(&[&root.leaf(&["other.example.org"], FROM, TO)]), &[&root], NAME).4;
    assert!(told.contains("SAN") && told.contains("other.example.org"), "{told}");
    assert!(!format!("{told:?}").contains('\0'));
}

#[test]
fn dates_far_away_are_read_right() {
    let root = Party::alone(authority(params("a root", &[], FROM, (9999, 12, 31))));
    for (to, want) in
        [((2049, 12, 31), "2049-12-31T00:00:00Z"), ((2050, 1, 1), "2050-01-01T00:00:00Z"), ((9999, 12, 31), "9999-12-31T00:00:00Z")]
    {
        let (trusted, named, _, end, _) = verdict(&shown(&[&root.leaf(&[NAME], FROM, to)]), &[&root], NAME);
        assert_eq!((trusted, named, end.as_str()), (Word::Yes, Word::Yes, want));
    }
}

#[test]
fn a_file_without_a_certificate_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let leaf = Party::root("x");
    let good = leaf.pem();
    let key = leaf.key.serialize_pem();
    let huge = format!("-----BEGIN CERTIFICATE-----\n{}", "A".repeat(5 << 20));
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let digest = crate::collect::context::sha256(&leaf.der);
    for (bytes, said) in [
        (good.as_bytes(), digest.as_str()),
        (format!("{key}{good}").as_bytes(), digest.as_str()),
        (broken.as_bytes(), "holds a certificate that cannot be read"),
        (format!("{good}{broken}").as_bytes(), "holds a certificate that cannot be read"),
        (good.trim_end().trim_end_matches('-').as_bytes(), "holds a certificate that cannot be read"),
        (b"", "is empty"),
        (&[0; 4096], "holds no certificate"),
        (key.as_bytes(), "holds a private key and no certificate"),
        (huge.as_bytes(), "is too large"),
    ] {
        fs::write(folder.path().join("cert.pem"), bytes).unwrap();
        let got = leaf_digest(&context(folder.path()), Path::new("cert.pem")).unwrap_or_else(|absent| absent.reason);
        assert!(got.contains(said), "{got} / {said}");
        assert!(!got.contains("BEGIN PRIVATE"));
    }
    let none = TrustStore::read(&context(folder.path()), None).err().unwrap();
    assert!(none.reason.contains("untrusted"), "{none}");
    assert_eq!(pem(&leaf.der).lines().count(), leaf.der.len().div_ceil(48) + 2);
}

#[test]
fn a_port_is_what_it_answers() {
    const LOST: &[u8] = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    const SETTINGS: &[u8] = b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\xfa\0\x04\0\x10\0\0\0\x05\0\0\x40\0";
    let root = Party::root("a root");
    let leaf = root.leaf(&[NAME], FROM, TO);
    let older = [&rustls::version::TLS12];
    let (mutual, mutual_12) = (config(&[&leaf], rustls::ALL_VERSIONS, Some(&root)), config(&[&leaf], &older, Some(&root)));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let servers = [
        ("TLS", Server::tls(&[&leaf]), "tls"),
        ("mutual TLS", Server::start(move |s| shake(&mutual, s)), "tls"),
        ("mutual TLS 1.2", Server::start(move |s| shake(&mutual_12, s)), "tls"),
        ("TLS that tells lost clients", Server::either(&[&leaf], |s| answer(s, LOST)), "tls"),
        ("TLS beside plaintext", Server::either(&[&leaf], |s| answer(s, b"HTTP/1.1 200 OK\r\n\r\n")), "plaintext"),
        ("TLS that may serve the patient", Server::either(&[&leaf], wait), "left a request in plaintext without an answer"),
        ("HTTP/2", Server::greets(SETTINGS), "plaintext"),
        ("HTTP/1.1", Server::answers(b"HTTP/1.1 404 Not Found\r\n\r\n{}"), "plaintext"),
        ("a banner", Server::greets(b"SSH-2.0-x\r\n"), "plaintext"),
        ("silence", Server::start(wait), "timed out"),
        ("the end", Server::start(drop), "no TLS handshake"),
        ("alerts only", Server::answers(b"\x15\x03\x03\0\x02\x02\x28"), "no TLS handshake"),
    ];
    let patience = Patience { step: Duration::from_millis(1500), silence: Duration::from_millis(300) };
    let name = super::name(NAME).unwrap();
    let begun = std::time::Instant::now();
    let heard = super::run(async {
        let mut probes = tokio::task::JoinSet::new();
        for (index, address) in servers.iter().map(|s| s.1.address).chain([closed]).enumerate() {
            let name = name.clone();
            probes.spawn(async move { (index, probe(address, Some(&name), patience).await) });
        }
        let mut heard = probes.join_all().await;
        heard.sort_by_key(|(index, _)| *index);
        heard
    })
    .unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8), "the one that hangs held up the others");
    let word = |speaks: &Speaks| match speaks {
        Speaks::Tls(shaken) => if shaken.certificates == [leaf.der.clone()] { "tls" } else { "another certificate" }.to_owned(),
        Speaks::Plaintext => "plaintext".to_owned(),
        Speaks::Nothing => "nothing".to_owned(),
        Speaks::Unknown(why) => why.clone(),
    };
    for ((case, _, want), (_, (speaks, evidence))) in servers.iter().zip(&heard) {
        assert!(word(speaks).contains(want), "{case}: {} / {evidence}", word(speaks));
    }
    assert_eq!(word(&heard[servers.len()].1.0), "nothing");
}
