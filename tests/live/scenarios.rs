//! Every fault against a deployment of its own.

use crate::claw_binary;
use crate::documents;
use crate::faults::{AUTH, SCENARIOS, Scenario, TLS_ROW, started};
use crate::world::World;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn every_fault_is_found() {
    let Some(claw) = claw_binary() else { return };
    let only = std::env::var("GOLIVE_LIVE_ONLY").unwrap_or_default();
    let chosen: Vec<&Scenario> = SCENARIOS.iter().chain(documents::SCENARIOS).filter(|s| s.name.contains(&only)).collect();
    let next = AtomicUsize::new(0);
    let faults: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut out = Vec::new();
                    while let Some(scenario) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                        out.extend(play(scenario, &claw));
                    }
                    out
                })
            })
            .collect();
        workers.into_iter().flat_map(|w| w.join().expect("a scenario that ends")).collect()
    });
    crate::tell(&format!("live: {} scenarios, {} faults", chosen.len(), faults.len()));
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// Plays a scenario; what was not as it must be.
fn play(scenario: &Scenario, claw: &Path) -> Vec<String> {
    let mut world = World::build(claw);
    let daemons = (scenario.wrong)(&mut world);
    let ran = world.golive(&["run"]);
    drop(daemons);
    let mut out = Vec::new();
    let go = scenario.found.is_empty();
    let gate = if go { "GO" } else { "NO_GO" };
    if (ran.exit, &ran.decision["gate"]) != (Some(i32::from(!go)), &gate.into()) {
        out.push(format!("{}: exit {:?}, gate {}, wanted {gate}", scenario.name, ran.exit, ran.decision["gate"]));
    }
    let rows = ran.decision["controls"].as_array().cloned().unwrap_or_default();
    let row = |id: &str| rows.iter().find(|r| r["id"] == id).cloned().unwrap_or_default();
    for (control, finding) in scenario.found {
        let row = row(control);
        let findings: Vec<&str> = row["findings"].as_array().into_iter().flatten().filter_map(|f| f["id"].as_str()).collect();
        let there = findings.iter().any(|f| f.split('[').next() == Some(finding));
        let proven_wrong = row["verdict"] == "fail" || (finding.starts_with("unproven:") && row["verdict"] == "unknown");
        if !proven_wrong || !there {
            out.push(format!("{}: {control} is {} with {findings:?}, wanted {finding}", scenario.name, row["verdict"]));
        }
    }
    let wanted: BTreeSet<&str> = scenario.found.iter().map(|(control, _)| *control).chain(scenario.also.iter().copied()).collect();
    let got: BTreeSet<&str> = rows.iter().filter(|r| r["verdict"] != "pass").filter_map(|r| r["id"].as_str()).collect();
    if wanted != got {
        out.push(format!("{}: not PASS are {got:?}, wanted {wanted:?}\n{}", scenario.name, ran.words));
    }
    out.extend(world.canaries(&ran.words).into_iter().map(|place| format!("{}: a canary in {place}", scenario.name)));
    out
}

#[test]
fn a_hung_endpoint_costs_its_own_time_only() {
    let Some(claw) = claw_binary() else { return };
    let world = World::build(&claw);
    let _daemons = started(&world);
    let whole = world.golive(&["run"]);
    assert_eq!(whole.exit, Some(0), "{}", whole.words);
    assert!(whole.took.as_secs() < 10, "a run took {:?}", whole.took);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let endpoint = format!("ingress = [{{ address = \"127.0.0.1:{port}\" }}]");
    world.edit("golive.toml", "ingress = []", &endpoint);
    let hung = world.golive(&["run"]);
    assert_eq!(hung.exit, Some(1), "{}", hung.words);
    assert!(hung.took.as_secs() < 14, "one hung endpoint took {:?}", hung.took);
    let not_passed = hung.decision["controls"].as_array().into_iter().flatten().filter(|r| r["verdict"] != "pass");
    let not_passed: Vec<&str> = not_passed.filter_map(|r| r["id"].as_str()).collect();
    assert!(not_passed.iter().all(|id| [AUTH, TLS_ROW].contains(id)), "{not_passed:?}: {}", hung.words);
}
