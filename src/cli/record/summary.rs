//! `decision.json` beside the records: a copy for whoever wants no envelope, and never a word against them.

use crate::record::Store;
use crate::record::store::Chain;
use crate::record::verify::Findings;
use crate::text::{Limits, Problem, decode, read_json, sha256};

/// Holds the copy against the records, where there is one. That of an earlier record is told apart from one that was changed.
pub fn hold(store: &Store, chain: &Chain, findings: &mut Findings) {
    facts(store, chain, findings);
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

/// The facts that `golive run` collected last lie beside the records; a run that was stopped leaves some that no record knows.
fn facts(store: &Store, chain: &Chain, findings: &mut Findings) {
    let Ok(Some(bytes)) = store.beside("facts.json") else { return };
    let digest = sha256(&bytes);
    let mut known = chain.records.iter().filter_map(|kept| kept.record.as_ref().ok()).flat_map(|record| &record.inputs.facts);
    if !known.any(|input| input.sha256 == digest) {
        let message = "facts.json beside the records is of no record: a run was stopped before it decided, or the file was changed";
        findings.notes.push(Problem::new("golive::record::summary", message).warning());
    }
}
