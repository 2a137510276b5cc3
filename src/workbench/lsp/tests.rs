//! The shipped policies as an editor has them: every name behind a point is one that was offered there.

use super::chain::{Where, name_end, where_is};
use super::complete::complete;
use super::hover::hover;
use super::place::Encoding;
use super::spot::Spot;
use super::{Collectors, chain};
use crate::checklist::Files;

/// The places behind a point of a reference, and the name that stands there.
fn points(text: &str) -> Vec<(usize, &str)> {
    let points = text.match_indices('.').map(|(at, _)| at + 1);
    let points = points.filter(|at| where_is(text, *at) == Where::Code && !in_head(text, *at) && chain::before(text, at - 1).is_some());
    points.map(|at| (at, text.get(at..name_end(text, at)).unwrap_or_default())).filter(|(_, name)| !name.is_empty()).collect()
}

/// Packages and imports are no references to facts.
fn in_head(text: &str, at: usize) -> bool {
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    line.starts_with("package ") || line.starts_with("import ")
}

#[test]
fn what_the_shipped_policies_say_is_offered_and_explained() {
    let (files, collectors) = (Files::embedded(), Collectors::new());
    let (mut all, mut unknown) = (0, Vec::new());
    let wanted = |name: &str| name.ends_with(".rego") && !Files::is_test(name) && name != "policies/gate.rego";
    for (name, source) in files.under("policies/").filter(|(name, _)| wanted(name)) {
        let text = source.text.as_str();
        let Some(mut spot) = Spot::new(&files, &collectors, name, 0, Encoding::Utf16) else { continue };
        for (at, word) in points(text) {
            all += 1;
            spot.at = at;
            let offered = complete(&spot).iter().any(|item| item.label == word);
            if !offered || hover(&spot).is_none() {
                let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
                unknown.push(format!("{name}:{line} {}", text.lines().nth(line - 1).unwrap_or_default().trim()));
            }
        }
    }
    assert!(all > 500, "{all} names");
    assert!(unknown.is_empty(), "{} of {all}:\n{}", unknown.len(), unknown.join("\n"));
}

#[test]
fn no_place_of_no_text_is_too_odd() {
    let collectors = Collectors::new();
    let embedded = Files::embedded();
    let name = "policies/controls/backups/scheduled.rego";
    let text = embedded.get(name).map(|source| source.text.replace("window", "w𝄞ü\"nd[(\r")).unwrap_or_default();
    let places = text.char_indices().map(|(at, _)| at).step_by(23).chain([text.len()]);
    for at in places {
        for text in [text.as_str(), text.get(..at).unwrap_or_default()] {
            let files = embedded.with_text(name, text.to_owned());
            let spot = Spot::new(&files, &collectors, name, at, Encoding::Utf16);
            assert!(
                spot.is_some_and(|spot| complete(&spot).len() < 1000 && hover(&spot).is_none_or(|hover| hover.range.is_some())),
                "{at}"
            );
        }
    }
}
