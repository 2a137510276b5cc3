//! Hostile and broken inputs through the real binary: `fixtures/hostile/<area>/<name>.yaml` holds the cases, `waiting.yaml`
//! those whose command does not exist yet. A new case is a few lines of YAML and no Rust; `fixtures/hostile/README.md` says how.
//!
//! `GOLIVE_HOSTILE_ONLY=W2` runs the cases whose id begins so. `GOLIVE_HOSTILE_IDS=FILE` names a list of ids (`- id: F01`, or
//! one a line) that must all be held or waiting, and beside which only the areas named `beyond-…` may have ids.

mod apart;
mod case;
mod chain;
mod drive;
mod judge;
mod signed;
mod stage;

use apart::{Elsewhere, Waiting};
use case::Case;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// No more of them at a time: some of them are heavy.
const AT_A_TIME: usize = 2;

#[test]
fn every_hostile_case_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("fixtures/hostile");
    let cases = case::read_all(&folder);
    let waiting = apart::read_waiting(&folder.join("waiting.yaml"));
    let elsewhere = apart::read_elsewhere(&folder.join("elsewhere.yaml"));
    let mut failures = lists(&cases, &waiting, &elsewhere);
    failures.extend(elsewhere.iter().flat_map(|e| lost(root, e)));
    let base = stage::Base::load(root);
    let wanted = std::env::var("GOLIVE_HOSTILE_ONLY").unwrap_or_default();
    let chosen: Vec<&Case> = cases.iter().filter(|c| c.id.starts_with(&wanted)).collect();
    let next = AtomicUsize::new(0);
    let found: Mutex<BTreeMap<usize, Vec<String>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = chosen.get(index) else { return };
                    let broken = hold(case, &base);
                    if !broken.is_empty() {
                        found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(index, broken);
                    }
                }
            });
        }
    });
    let found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let held = chosen.len() - found.len();
    failures.extend(found.into_values().flatten());
    // Past the capture of the test harness: how much was looked at is told even where all of it holds.
    let _ = writeln!(std::io::stdout(), "hostile: {held} held, {} by other tests, {}", elsewhere.len(), tally(&waiting));
    assert!(
        failures.is_empty(),
        "{} broken promises of {} cases:\n\n{}\n\n{held} held, {}",
        failures.len(),
        chosen.len(),
        failures.join("\n\n"),
        tally(&waiting)
    );
}

/// What is wrong with a case and its variants; a panic of the runner is a broken case too.
fn hold(case: &Case, base: &stage::Base) -> Vec<String> {
    let attempt = || case.variants().iter().flat_map(|variant| judge::hold(variant, base)).collect();
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(attempt)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        vec![format!("{}: the runner itself: {}", case.id, words.unwrap_or_default())]
    })
}

/// No id twice, none both held and waiting, and none of the given list forgotten.
fn lists(cases: &[Case], waiting: &[Waiting], elsewhere: &[Elsewhere]) -> Vec<String> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    for id in cases.iter().map(|c| &c.id).chain(waiting.iter().map(|w| &w.id)).chain(elsewhere.iter().map(|e| &e.id)) {
        if !seen.insert(id.as_str()) {
            out.push(format!("{id}: stands twice among the held and the waiting cases"));
        }
    }
    let Ok(path) = std::env::var("GOLIVE_HOSTILE_IDS") else { return out };
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("GOLIVE_HOSTILE_IDS: {path}: {e}"));
    let listed = text.contains("- id:");
    let ids: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| if listed { line.strip_prefix("- id:") } else { Some(line) })
        .map(|id| id.trim().trim_matches(['\'', '"']))
        .filter(|id| !id.is_empty())
        .collect();
    out.extend(ids.iter().filter(|id| !seen.contains(*id)).map(|id| format!("{id}: is neither held nor waiting")));
    // What stands behind a colon names the half of a case that waits.
    let whole = |id: &str| id.split(':').next().unwrap_or_default().to_owned();
    let own = cases.iter().filter(|c| !c.area.starts_with("beyond")).map(|c| c.id.as_str());
    let own = own.chain(waiting.iter().map(|w| w.id.as_str())).chain(elsewhere.iter().map(|e| e.id.as_str()));
    out.extend(own.filter(|id| !ids.contains(whole(id).as_str())).map(|id| format!("{id}: is not in the list {path}")));
    out
}

/// What is said to hold a case and is not there.
fn lost(root: &Path, case: &Elsewhere) -> Vec<String> {
    let stands = |by: &String| match by.split_once("::") {
        Some((file, test)) => {
            let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
            text.split("#[test]").skip(1).any(|part| part.split('{').next().is_some_and(|head| head.contains(&format!("fn {test}()"))))
        }
        None => root.join(by).join("want.json").is_file(),
    };
    let none = case.held_by.is_empty().then(|| format!("{}: nothing holds it", case.id));
    let lost = case.held_by.iter().filter(|by| !stands(by)).map(|by| format!("{}: {by} is not there", case.id));
    none.into_iter().chain(lost).collect()
}

/// How many wait, by what they wait for.
fn tally(waiting: &[Waiting]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in waiting {
        *counts.entry(&case.waits_for).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(what, count)| format!("{what} {count}")).collect();
    format!("{} waiting ({})", waiting.len(), counts.join(", "))
}
