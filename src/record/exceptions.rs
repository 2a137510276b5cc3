//! Waivers that records keep: whether they were approved with a key that counts, and whether they changed between two records.

use super::approval::Approval;
use super::diff::Contents;
use super::store::KeptRecord;
use super::trust::{Role, Trust};
use super::verify::{Bytes, Demand, Findings, Signers, fault};
use crate::model::record::Input;
use crate::model::{Instant, Record};
use crate::text::{Document, Limits, Problem, Source, decode, read_by_name, visible};
use serde_json::Value;
use std::sync::Arc;

/// How the name of the signatures of a file ends.
const SIGNATURES: &str = ".dsse.json";

/// Holds the signatures of a record's waivers against trusted keys, where any of these may sign waivers.
pub(super) fn approved(kept: &KeptRecord, record: &Record, bytes: Bytes<'_>, demand: Demand<'_>, findings: &mut Findings) {
    let Signers::Trusted(trust) = demand.signers else { return };
    for waivers in record.inputs.waivers.iter().filter(|_| demand.signed_waivers) {
        let name = format!("{}{SIGNATURES}", waivers.name);
        if !record.inputs.signatures.iter().any(|input| input.name == name) {
            let message = format!("waiver: `{}` has no signature, and waivers count with one only", visible(&waivers.name));
            findings.faults.push(fault("golive::record::waiver", kept, &message));
        }
    }
    let signed = record.inputs.signatures.iter().filter(|input| input.name.ends_with(SIGNATURES));
    for signature in signed {
        if !trust.keys.iter().any(|key| key.roles.contains(&Role::Waiver)) {
            let message = format!("`{}` was not looked at: no trusted key may sign waivers", visible(&signature.name));
            let problem = fault("golive::record::waiver", kept, &message);
            if demand.signed_waivers {
                findings.faults.push(problem);
            } else {
                findings.notes.push(problem.warning());
            }
            continue;
        }
        if let Err(problems) = hold(record, signature, bytes, trust) {
            findings.faults.extend(problems.into_iter().map(|p| fault("golive::record::waiver", kept, &format!("waiver: {}", p.message))));
        }
    }
}

fn hold(record: &Record, signature: &Input, bytes: Bytes<'_>, trust: &Trust) -> Result<(), Vec<Problem>> {
    let file = signature.name.trim_end_matches(SIGNATURES);
    let Some(waivers) = record.inputs.waivers.iter().find(|input| input.name == file) else {
        return Err(vec![Problem::new("golive::record::waiver", format!("`{}` is of a file that is not kept", visible(&signature.name)))]);
    };
    let source = |input: &Input| -> Result<Arc<Source>, Vec<Problem>> {
        let found = (bytes.inputs)(&input.sha256).map_err(|words| vec![Problem::new("golive::record::input", words)])?;
        decode(&input.name, found, &Limits::default()).map_err(|p| vec![p])
    };
    let document: Document = read_by_name(source(waivers)?, &Limits::default()).map_err(|p| vec![p])?;
    Approval::verify(&document, source(signature)?, trust, record.evaluated_at).map(|_| ())
}

/// Notes each waiver that is not as the record before had it, and files of waivers that are younger than the newest record's facts.
pub(super) fn changed(before: &Contents, after: &Contents, kept: &KeptRecord, findings: &mut Findings) {
    for (id, waiver) in &after.waivers {
        if before.waivers.get(id).is_some_and(|earlier| earlier != waiver) {
            let message = format!("the waiver `{}` is not as the record before it had it", visible(id));
            let problem = fault("golive::record::waiver", kept, &message).warning();
            findings.notes.push(problem.help("`golive record diff` shows what changed"));
        }
    }
}

/// Notes files of waivers that were changed after the newest facts were collected, where a waiver in them says that it is older than these:
/// one that was written because of the facts is younger, and says so.
pub(super) fn late(kept: &KeptRecord, record: &Record, contents: &Contents, findings: &mut Findings) {
    let collected = contents.facts.values().filter_map(|group: &Value| Instant::parse(group["collected_at"].as_str()?));
    let Some(newest) = collected.max() else { return };
    for input in &record.inputs.waivers {
        let older = |id: &&str| {
            let created = contents.waivers.get(*id).and_then(|waiver| Instant::parse(waiver["created_at"].as_str()?));
            created.is_some_and(|created| created <= newest)
        };
        let held = record.decision["controls"].as_array().into_iter().flatten().filter_map(|c| c["waiver"]["id"].as_str());
        if let Some(at) = input.modified_at.filter(|at| *at > newest && held.clone().any(|id| older(&id))) {
            let message = format!("`{}` was changed at {at}, after the facts were collected ({newest})", visible(&input.name));
            findings.notes.push(fault("golive::record::waiver", kept, &message).warning());
        }
    }
}
