//! Kept evidence, held against the digests that the facts state.

use super::store::KeptRecord;
use super::verify::{Bytes, Findings, fault};
use crate::model::Record;
use crate::text::{sha256, visible};
use serde_json::Value;

/// Looks at each link of a record's facts that leads to a file beside them.
pub(super) fn hold(kept: &KeptRecord, record: &Record, bytes: Bytes<'_>, findings: &mut Findings) {
    let mut missing = 0;
    for input in &record.inputs.facts {
        let Ok(text) = (bytes.inputs)(&input.sha256) else { continue };
        let facts: Value = serde_json::from_slice(&text).unwrap_or_default();
        for (uri, digest) in facts["facts"].as_object().into_iter().flatten().flat_map(|(_, group)| links(group)) {
            match (bytes.evidence)(uri) {
                Ok(Some(found)) if sha256(&found) != digest => {
                    let message = format!("the evidence `{}` was changed: its digest is not the one that the facts state", visible(uri));
                    findings.faults.push(fault("golive::record::evidence", kept, &message));
                }
                Ok(Some(_)) => {}
                Ok(None) => missing += 1,
                Err(words) => {
                    let message = format!("the evidence `{}` cannot be read: {words}", visible(uri));
                    findings.faults.push(fault("golive::record::evidence", kept, &message));
                }
            }
        }
    }
    if missing > 0 {
        let message = format!("{missing} pieces of evidence that its facts name are not kept beside the records");
        findings.notes.push(fault("golive::record::evidence", kept, &message).warning());
    }
}

fn links(group: &Value) -> impl Iterator<Item = (&str, &str)> {
    let evidence = group["evidence"].as_array().into_iter().flatten();
    evidence.filter_map(|e| Some((e["uri"].as_str()?, e["sha256"].as_str()?))).filter(|(uri, _)| !uri.contains(':'))
}
