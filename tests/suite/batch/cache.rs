//! `--cache`: what was judged before is not judged anew, and never outlives its time.

use super::fleet::{Fleet, LIMIT, name};
use crate::project;
use sha2::{Digest, Sha256};

const DOCUMENTS: usize = 40;

/// The lines of a run at a time, with or without the cache.
fn lines(fleet: &Fleet, at: &str, arguments: &[&str]) -> String {
    let mut command = project::golive(100);
    command.current_dir(fleet.path("")).args(["batch", "facts", "--at", at, "--parameters", "parameters.json"]).args(arguments);
    let run = project::run(&mut command, LIMIT);
    assert_eq!(run.exit, Some(1), "{}", run.stderr);
    run.stdout
}

#[test]
fn a_cache_changes_no_line() {
    let fleet = Fleet::of(DOCUMENTS);
    let cached = ["--cache", "cache"];
    for at in ["2026-11-23T15:00:00Z", "2026-11-23T15:00:01Z", "2026-11-24T09:00:00Z", "2026-11-23T15:00:00Z", "2027-06-01T00:00:00Z"] {
        let plain = lines(&fleet, at, &["--reference"]);
        for _ in 0..2 {
            assert!(lines(&fleet, at, &cached) == plain, "at {at}");
        }
    }
    // Another document under the same name is another document.
    let at = "2026-11-23T15:00:00Z";
    fleet.put(&format!("facts/{}", name(3)), fleet.text(&format!("facts/{}", name(4))));
    assert!(lines(&fleet, at, &cached) == lines(&fleet, at, &["--reference"]));
    // So are other parameters another question.
    let parameters = fleet.text("parameters.json");
    fleet.put("parameters.json", parameters.replacen('{', "{\"clock_skew\": \"PT4M\",", 1));
    assert!(lines(&fleet, at, &cached) == lines(&fleet, at, &["--reference"]));
    // Of a folder that grows no end is to be seen: one generation is left of each question.
    let questions: Vec<_> = std::fs::read_dir(fleet.path("cache")).expect("the cache").filter_map(Result::ok).collect();
    assert_eq!(questions.len(), 2);
    for question in questions {
        assert_eq!(std::fs::read_dir(question.path()).expect("a question").count(), 1);
    }
}

#[test]
fn a_cache_that_was_forged_is_found_by_the_sample() {
    let fleet = Fleet::of(DOCUMENTS);
    let at = "2026-11-23T15:00:00Z";
    lines(&fleet, at, &["--cache", "cache", "--workers", "1"]);
    let records =
        project::files(&fleet.path("cache")).into_iter().find(|p| p.extension().is_some_and(|e| e == "records")).expect("records");
    std::fs::write(&records, forged(&std::fs::read(&records).expect("records"))).expect("a file");
    let run = fleet.run(&["facts", "--cache", "cache", "--sample", "100"]);
    assert_eq!(run.exit, Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("no line of this batch can be believed"), "{}", run.stderr);
}

/// Records in which every `NO_GO` of a decision is something else, under checksums that hold.
fn forged(records: &[u8]) -> Vec<u8> {
    let (mut out, mut rest, mut changed) = (Vec::new(), records, 0);
    while let [a, b, c, d, behind @ ..] = rest {
        let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let mut body = behind[8..8 + length].to_vec();
        if let Some(place) = body.windows(7).position(|w| w == b"\"NO_GO\"") {
            body[place + 1..place + 6].copy_from_slice(b"NO-GO");
            changed += 1;
        }
        out.extend_from_slice(&rest[..4]);
        out.extend_from_slice(&Sha256::digest(&body)[..8]);
        out.extend_from_slice(&body);
        rest = &behind[8 + length..];
    }
    assert!(changed > 0, "nothing was forged");
    out
}
