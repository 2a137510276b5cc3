//! `decision.json` beside the records: a copy for whoever wants no envelope, and never a word against them.

use crate::record::Store;
use crate::record::store::Chain;
use crate::record::verify::Findings;
use crate::text::{Limits, Problem, decode, read_json};

/// Holds the copy against the records, where there is one. That of an earlier record is told apart from one that was changed.
pub fn hold(store: &Store, chain: &Chain, findings: &mut Findings) {
    let problem = |message: &str| Problem::new("golive::record::summary", format!("the summary decision.json {message}"));
    let bytes = match store.beside("decision.json") {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return,
        Err(words) => return findings.faults.push(problem(&format!("cannot be read: {words}"))),
    };
    let read = decode("decision.json", bytes, &Limits::default()).and_then(|source| read_json(source, &Limits::default()));
    let mut decisions = chain.records.iter().rev().filter_map(|kept| Some(&kept.record.as_ref().ok()?.decision));
    match read.ok().and_then(|said| decisions.position(|decision| *decision == said.value)) {
        Some(0) => {}
        // Its writer was stopped between the record and the copy.
        Some(_) => findings.notes.push(problem("is that of an earlier record").warning()),
        // What cannot be read may have said it, and is a fault by itself.
        None if chain.records.iter().any(|kept| kept.record.is_err()) => {}
        None => findings.faults.push(problem("says what no record says: it was changed")),
    }
}
