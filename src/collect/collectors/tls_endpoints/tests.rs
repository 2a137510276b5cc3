//! Ports of every kind, asked side by side.

use super::Settings;
use crate::collect::Collector;
use crate::collect::net::trial::{FROM, Party, Server, TO, authority, context, fits, params};
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;

const NAME: &str = "claw.example.org";

fn settings(text: &str) -> Settings {
    toml::from_str(text).unwrap()
}

#[test]
fn every_port_is_stated_once() {
    let (root, other) = (Party::root("a root"), Party::root("another root"));
    let old = root.signs(authority(params("old", &[], (2024, 1, 1), (2026, 6, 1))));
    let good = root.leaf(&[NAME], FROM, TO);
    let renewed = root.leaf(&[NAME], FROM, TO);
    let tls = |chain: &[&Party]| Server::tls(chain);
    let servers = [
        ("good", tls(&[&good])),
        ("renewed", tls(&[&renewed])),
        ("expired", tls(&[&root.leaf(&[NAME], (2024, 1, 1), (2024, 4, 1))])),
        ("early", tls(&[&root.leaf(&[NAME], (2027, 1, 1), TO)])),
        ("misnamed", tls(&[&root.leaf(&["other.example.org"], FROM, TO)])),
        ("stranger", tls(&[&other.leaf(&[NAME], FROM, TO)])),
        ("alone", tls(&[&Party::alone(params("x", &[NAME], FROM, TO))])),
        ("old", tls(&[&old.leaf(&[NAME], FROM, TO), &old])),
        ("plain", Server::answers(b"HTTP/1.1 404 Not Found\r\n\r\n{}")),
        ("h2c", Server::greets(b"\0\0\x12\x04\0\0\0\0\0")),
        ("closed", Server::start(drop)),
    ];
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("roots.pem"), root.pem()).unwrap();
    fs::write(folder.path().join("server.pem"), good.pem()).unwrap();
    let lost = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = table(&servers, lost);
    let out = settings(&text).collect(&context(folder.path())).unwrap();
    assert!(fits("tls_endpoints", &out.value), "{:#}", out.value);
    let front = servers[0].1.address.to_string();
    let ids = |list: &str| out.value[list].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(ids("plaintext"), ["plain", "h2c", "leaky"]);
    assert_eq!(ids("undetermined"), ["closed", "torn", "down", "unknown"]);
    assert_eq!(ids("ingress"), [&front, "pool", "torn", "leaky", "down", "unknown"]);
    let (from, to) = ("2026-01-01", "2027-06-01");
    let said: Vec<[&str; 6]> = out.value["tls"].as_array().unwrap().iter().map(words).collect();
    assert_eq!(
        said,
        [
            ["renewed", "trusted", "yes", from, to, "other served"],
            ["expired", "trusted", "yes", "2024-01-01", "2024-04-01", "other served"],
            ["early", "trusted", "yes", "2027-01-01", to, "other served"],
            ["misnamed", "trusted", "no", from, to, "other served"],
            ["stranger", "untrusted", "yes", from, to, "other served"],
            ["alone", "untrusted", "yes", from, to, "other served"],
            ["old", "trusted", "yes", from, "2026-06-01", "other served"],
            [&front, "trusted", "yes", from, to, "none"],
            ["pool", "trusted", "yes", from, to, "the one served"],
        ]
    );
    let evidence = String::from_utf8(out.exhibits[0].kept.as_ref().unwrap().1.clone()).unwrap();
    for said in
        ["BEGIN CERTIFICATE", "485454502f312e31", "SAN", "its addresses show different certificates", "connection refused", "is not known"]
    {
        assert!(evidence.contains(said), "{said}");
    }
}

/// The first server stands in front, behind several addresses too; the others are listeners.
fn table(servers: &[(&str, Server)], lost: SocketAddr) -> String {
    let mut text = format!("trust_store = \"roots.pem\"\nname = \"{NAME}\"\nconfigured = {{ certificate = \"server.pem\" }}\n");
    for (id, server) in &servers[1..] {
        text.push_str(&format!("[[endpoints]]\nid = \"{id}\"\naddress = \"{}\"\n", server.address));
    }
    let front = servers[0].1.address;
    text.push_str(&format!("[[ingress]]\naddress = \"{front}\"\nconfigured = \"managed\"\n"));
    // A node that is down is no way in; one that answers differently is.
    text.push_str(&format!("[[ingress]]\nid = \"pool\"\naddress = [\"{front}\", \"{lost}\"]\n"));
    text.push_str(&format!("[[ingress]]\nid = \"torn\"\naddress = [\"{front}\", \"{}\"]\n", servers[1].1.address));
    text.push_str(&format!("[[ingress]]\nid = \"leaky\"\naddress = [\"{front}\", \"{}\"]\n", servers[8].1.address));
    text.push_str(&format!(
        "[[ingress]]\nid = \"down\"\naddress = \"{lost}\"\n[[ingress]]\nid = \"unknown\"\naddress = \"nowhere.invalid:1\"\n"
    ));
    text
}

fn words(value: &Value) -> [&str; 6] {
    let text = |key: &str| value[key].as_str().unwrap();
    let configured = match value["configured"]["sha256"].as_str() {
        Some(sha256) if sha256 == text("served_sha256") => "the one served",
        Some(_) => "other served",
        None => value["configured"]["state"].as_str().unwrap(),
    };
    [text("id"), text("chain"), text("name_matches"), &text("not_before")[..10], &text("not_after")[..10], configured]
}

#[test]
fn what_cannot_be_asked_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let root = Party::root("a root");
    fs::write(folder.path().join("roots.pem"), root.pem()).unwrap();
    fs::write(folder.path().join("key.pem"), root.key.serialize_pem()).unwrap();
    let store = "trust_store = \"roots.pem\"";
    for (text, said) in [
        ("endpoints = [{ id = \"a\", address = \"127.0.0.1:1\" }]".to_owned(), "no trust store is given"),
        (store.to_owned(), "nothing says which ports are asked"),
        (
            format!("{store}\nendpoints = [{{ id = \"a\", address = \"127.0.0.1:1\" }}, {{ id = \"a\", address = \"127.0.0.1:2\" }}]"),
            "two ports have the id `a`",
        ),
        (format!("{store}\nendpoints = [{{ id = \"a\", address = [] }}]"), "a has no address"),
        (format!("{store}\nname = \"no name\"\nendpoints = [{{ id = \"a\", address = \"127.0.0.1:1\" }}]"), "is the name of no host"),
        (
            format!("{store}\nconfigured = {{ certificate = \"key.pem\" }}\nendpoints = [{{ id = \"a\", address = \"127.0.0.1:1\" }}]"),
            "holds a private key",
        ),
        ("trust_store = \"key.pem\"\nendpoints = [{ id = \"a\", address = \"127.0.0.1:1\" }]".to_owned(), "holds a private key"),
    ] {
        let absent = settings(&text).collect(&context(folder.path())).unwrap_err();
        assert!(absent.reason.contains(said), "{} / {said}", absent.reason);
    }
    assert!(toml::from_str::<Settings>("trust_stores = \"x\"").is_err());
}
