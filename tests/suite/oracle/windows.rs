//! While a judgement holds: what is said at one time is said at every other time of its window.

use crate::fleet::{Fleet, NOW};
use crate::project;
use bumpalo::Bump;
use golive::checklist::{Checklist, Files, contract, load};
use golive::evaluate::{Case, Quick};
use golive::facts::onepass::Onepass;
use golive::model::{Instant, Standing, Window};
use golive::rego::Limits;
use golive::text::{self, Source, read_json};
use std::sync::Arc;

/// Documents, each judged at several times.
const DOCUMENTS: u64 = 150;

#[test]
fn a_judgement_holds_throughout_its_window_and_rarely_longer() {
    let fleet = Fleet::new(20_261_126);
    let source = Arc::new(Source::new("parameters.json", Fleet::parameters().to_string()));
    let overlay = read_json(source, &text::Limits::default()).unwrap_or_else(|p| panic!("{p}"));
    let checklist = load(&Files::embedded(), Some(&overlay), "prod", Limits::default()).unwrap_or_else(|e| panic!("{e:?}"));
    let envelope = contract("envelope").expect("the envelope's schema");
    let onepass = Onepass::new(envelope, &checklist.groups).unwrap_or_else(|p| panic!("{p}"));
    let quick = Quick::new(&checklist, checklist.compiled().controls, super::compiled::BOUNDS);
    let court = Court { checklist: &checklist, onepass: &onepass, quick: &quick };
    let now = Instant::parse(NOW).expect("a time");
    let (mut times, mut turned, mut ends) = (0, 0, 0);
    for index in 0..DOCUMENTS {
        let document = if index % 2 == 0 { fleet.document(index) } else { fleet.mutant(index) };
        let Some((standings, window)) = court.judge(&document, now) else { continue };
        let window = window.expect("the shipped controls look at the clock in comparisons only");
        assert!(window.holds(now), "document {index}: {window:?}");
        let within = [window.since, window.until - 1, i64::midpoint(window.since.max(0), window.until.min(now.ms * 2))];
        for ms in within.into_iter().filter(|ms| (0..now.ms * 2).contains(ms)) {
            let (then, _) = court.judge(&document, Instant { ms }).expect("the same document");
            assert_eq!(then, standings, "document {index} at {}, inside {window:?}", Instant { ms });
            times += 1;
        }
        if window.until < now.ms * 2 {
            ends += 1;
            let (then, _) = court.judge(&document, Instant { ms: window.until }).expect("the same document");
            turned += u32::from(then != standings);
        }
    }
    // An end is where some comparison turns, which is not always one that a verdict hangs on.
    project::tell(&format!("windows: {times} other times, nothing changed; at {turned} of {ends} ends something did"));
    assert!(times > 200 && ends > 100 && turned * 4 > ends, "the windows are not what they should be");
}

struct Court<'a> {
    checklist: &'a Checklist,
    onepass: &'a Onepass,
    quick: &'a Quick,
}

impl Court<'_> {
    fn judge(&self, document: &str, now: Instant) -> Option<(Vec<Standing>, Option<Window>)> {
        let arena = Bump::new();
        let facts = self.onepass.read(document.as_bytes(), &arena)?;
        let mut window = Window::ALWAYS;
        let known = self.quick.know(&facts, now, &mut window);
        let mut window = Some(window);
        let case = Case { checklist: self.checklist, environment: facts.environment, release: facts.release, now };
        Some((self.quick.judge(case, &known, &mut window, &arena), window))
    }
}
