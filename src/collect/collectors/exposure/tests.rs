//! A vantage point that sees closed ports, open ones, and nothing.

use super::Settings;
use crate::collect::Collector;
use crate::collect::net::trial::{FROM, Party, Server, TO, context, fits};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::path::Path;

const NAME: &str = "claw.example.org";

fn look(folder: &Path, text: &str) -> Value {
    let settings: Settings = toml::from_str(text).unwrap();
    let out = settings.look(&context(folder), |_| false).unwrap();
    assert!(fits("exposure", &out.value), "{:#}", out.value);
    assert_eq!(out.exhibits.len(), 1);
    out.value["vantages"][0].clone()
}

#[test]
fn only_what_was_refused_is_refused() {
    let (root, other) = (Party::root("a root"), Party::root("another root"));
    let leaf = root.leaf(&[NAME], FROM, TO);
    let (good, stranger) = (Server::tls(&[&leaf]), Server::tls(&[&other.leaf(&[NAME], FROM, TO)]));
    let expired = Server::tls(&[&root.leaf(&[NAME], (2024, 1, 1), (2024, 4, 1))]);
    let (open, silent) = (Server::answers(b"HTTP/1.1 404 Not Found\r\n\r\n"), Server::start(drop));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("roots.pem"), root.pem()).unwrap();
    let head = "network = \"prod-clients\"\ntrust_store = \"roots.pem\"\n";
    let targets = format!(
        "targets = [{{ id = \"closed:{p}\", address = \"{closed}\" }}, {{ id = \"open:1\", port = 1, address = \"{o}\" }}, {{ id = \"half:1\", port = 1, address = [\"{closed}\", \"{o}\"] }}, \
         {{ id = \"lost:1\", address = \"nowhere.invalid:1\" }}, {{ id = \"half-lost:1\", port = 1, address = [\"{closed}\", \"nowhere.invalid:1\"] }}, \
         {{ id = \"none\", address = [] }}, {{ id = \"no-way:1\", address = \"255.255.255.255:1\" }}]\n",
        p = closed.port(),
        o = open.address
    );
    let tls = |addresses: &[std::net::SocketAddr]| {
        let list: Vec<String> = addresses.iter().map(|a| format!("{{ address = \"{a}\", name = \"{NAME}\" }}")).collect();
        format!("tls = [{}]\n", list.join(", "))
    };
    let vantage = look(folder.path(), &format!("{head}{targets}{}", tls(&[good.address])));
    let outcomes: Vec<[&str; 2]> =
        vantage["attempts"].as_array().unwrap().iter().map(|a| [a["id"].as_str().unwrap(), a["outcome"].as_str().unwrap()]).collect();
    let no_way = outcomes[6][1];
    let want = ["refused", "open", "open", "unknown", "unknown", "unknown", no_way];
    assert_eq!(outcomes.iter().map(|[_, outcome]| *outcome).collect::<Vec<_>>(), want);
    assert_ne!(no_way, "refused");
    assert_eq!((&vantage["network"], &vantage["host"], &vantage["reaches_tls"]), (&json!("prod-clients"), &json!("h"), &json!("yes")));
    let reaches = [
        (tls(&[]), "unknown"),
        (tls(&[good.address, expired.address]), "yes"),
        (tls(&[good.address, stranger.address]), "unknown"),
        (tls(&[good.address, silent.address]), "unknown"),
        (tls(&[open.address]), "unknown"),
        (tls(&[good.address, closed]), "no"),
        (format!("tls = [{{ address = \"{}\" }}]\n", good.address), "unknown"),
    ];
    let seen: Vec<(Value, &str)> = std::thread::scope(|scope| {
        let one = |(tls, want): (String, &'static str)| {
            let text = format!("{head}targets = []\n{tls}");
            let folder = folder.path();
            scope.spawn(move || (look(folder, &text)["reaches_tls"].clone(), want))
        };
        reaches.map(one).into_iter().map(|looking| looking.join().unwrap()).collect()
    });
    assert!(seen.iter().all(|(got, want)| got == want), "{seen:?}");
}

#[test]
fn the_daemons_own_host_is_no_vantage_point() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("roots.pem"), Party::root("a root").pem()).unwrap();
    for (text, said) in [
        ("trust_store = \"roots.pem\"\ntargets = [{ id = \"a:1\", address = \"127.0.0.1:1\" }]", "is an address of this machine"),
        ("trust_store = \"roots.pem\"\ntargets = [{ id = \"a:1\", address = \"localhost:1\" }]", "is an address of this machine"),
        ("targets = [{ id = \"a\", address = \"192.0.2.1:1\" }]", "no trust store"),
        (
            "trust_store = \"roots.pem\"\ntargets = [{ id = \"a\", address = \"x:1\" }, { id = \"a\", address = \"y:1\" }]",
            "two targets have the id `a`",
        ),
        (
            "trust_store = \"roots.pem\"\ntargets = [{ id = \"h:50052\", address = \"192.0.2.1:50053\" }]",
            "another port than the one in its id",
        ),
        ("trust_store = \"roots.pem\"\ntargets = [{ id = \"h:2\", address = [\"192.0.2.1:2\", \"192.0.2.1:3\"] }]", "another port"),
        ("trust_store = \"roots.pem\"\ntargets = [{ id = \"h:2\", port = 3, address = \"192.0.2.1:2\" }]", "another port"),
        ("trust_store = \"roots.pem\"\ntargets = [{ id = \"h\", address = \"192.0.2.1:2\" }]", "another port"),
    ] {
        let settings: Settings = toml::from_str(&format!("network = \"n\"\ntls = []\n{text}")).unwrap();
        let absent = settings.collect(&context(folder.path())).unwrap_err();
        assert!(absent.reason.contains(said), "{} / {said}", absent.reason);
    }
}
