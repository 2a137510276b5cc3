//! Whether a chain of records is complete and unchanged, and whose it is.

use super::diff::Contents;
use super::dsse::Envelope;
use super::exceptions;
use super::head::Head;
use super::restore::{Kept, missing};
use super::store::{Chain, KeptRecord};
use super::trust::{Reason, Refusal, Role, Trust};
use crate::model::{Instant, Record};
use crate::text::{Problem, visible};
use std::collections::BTreeSet;

/// Whose signatures are asked for.
#[derive(Debug, Clone, Copy)]
pub enum Signers<'t> {
    /// Those of trusted keys.
    Trusted(&'t Trust),
    /// Nobody's: only whether the chain fits together.
    Unasked,
}

/// What was found of a chain.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is wrong.
    pub faults: Vec<Problem>,
    /// What is worth knowing.
    pub notes: Vec<Problem>,
    /// For each record in turn, the names of the people whose signatures count.
    pub signers: Vec<Vec<String>>,
}

/// Kept evidence, by the path that facts state; none where it is not kept.
pub type Beside<'k> = &'k dyn Fn(&str) -> Result<Option<Vec<u8>>, String>;

/// Where bytes come from.
#[derive(Clone, Copy)]
pub struct Bytes<'k> {
    /// Inputs, by their digests.
    pub inputs: Kept<'k>,
    /// Kept evidence, by the path that facts state; none where it is not kept.
    pub evidence: Beside<'k>,
}

/// What is asked of a chain beyond fitting together.
#[derive(Debug, Clone, Copy)]
pub struct Demand<'t> {
    /// Whose signatures of records.
    pub signers: Signers<'t>,
    /// Whether waivers count with the signatures of their approvers only.
    pub signed_waivers: bool,
}

/// Holds a chain against itself, its inputs and its signatures.
pub fn verify(chain: &Chain, bytes: Bytes<'_>, demand: Demand<'_>) -> Findings {
    let signers = demand.signers;
    let mut out = Findings::default();
    if chain.records.is_empty() {
        out.faults.push(Problem::new("golive::record::none", "there are no records: nothing was decided here"));
        return out;
    }
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut before: Option<&KeptRecord> = None;
    let mut contents = Contents::default();
    for (place, kept) in (1..).zip(&chain.records) {
        out.signers.push(Vec::new());
        out.numbered(place, kept);
        match &kept.record {
            Ok(record) => {
                out.signed(kept, record, signers);
                out.linked(kept, record, before);
                out.inputs(kept, record, bytes.inputs, &mut known);
                super::evidence::hold(kept, record, bytes, &mut out);
                out.checklist(kept, record, before);
                exceptions::approved(kept, record, bytes, demand, &mut out);
                let now = Contents::read(record, bytes.inputs).unwrap_or_default();
                exceptions::changed(&contents, &now, kept, &mut out);
                contents = now;
            }
            Err(problem) => out.faults.push(problem.clone()),
        }
        before = Some(kept);
    }
    if let Some(kept) = before
        && let Ok(record) = &kept.record
    {
        exceptions::late(kept, record, &contents, &mut out);
    }
    out.headed(chain, signers);
    out
}

fn name(kept: &KeptRecord) -> String {
    format!("record {}", kept.seq)
}

/// A fault of one record.
pub(super) fn fault(code: &'static str, kept: &KeptRecord, message: &str) -> Problem {
    Problem::new(code, format!("{}: {message}", name(kept)))
}

impl Findings {
    fn numbered(&mut self, place: u64, kept: &KeptRecord) {
        if kept.seq != place && !self.faults.iter().any(|f| f.code == "golive::record::gap") {
            let message = format!("there is a gap: the record {place} is not where it should be, the record {} is", kept.seq);
            self.faults.push(Problem::new("golive::record::gap", message).help("records were removed, or put there"));
        }
    }

    fn signed(&mut self, kept: &KeptRecord, record: &Record, signers: Signers<'_>) {
        let (Signers::Trusted(trust), Ok(envelope)) = (signers, &kept.envelope) else { return };
        match trust.accept(envelope, Role::Decision, record.evaluated_at) {
            Ok(keys) => {
                if let Some(last) = self.signers.last_mut() {
                    *last = keys.iter().map(|key| key.name.clone()).collect();
                }
            }
            Err(refusal) => self.faults.push(fault("golive::record::signature", kept, &format!("signature: {refusal}"))),
        }
    }

    fn linked(&mut self, kept: &KeptRecord, record: &Record, before: Option<&KeptRecord>) {
        let wanted = before.map(|b| b.digest.as_str());
        if record.prev.as_deref() != wanted {
            let message = "it does not follow the record before it: the chain is broken";
            self.faults.push(fault("golive::record::chain", kept, message));
        }
        let Some(Ok(earlier)) = before.map(|b| &b.record) else { return };
        if earlier.environment != record.environment {
            let message = format!(
                "it is of the environment `{}`, the record before it of `{}`: a chain is of one environment",
                visible(&record.environment),
                visible(&earlier.environment)
            );
            self.faults.push(fault("golive::record::environment", kept, &message));
        }
        if record.evaluated_at < earlier.evaluated_at {
            let message = format!("the clock went back: {} follows {}", record.evaluated_at, earlier.evaluated_at);
            self.notes.push(fault("golive::record::clock", kept, &message).warning());
        }
    }

    /// Another checklist or other parameters than before are worth a look.
    fn checklist(&mut self, kept: &KeptRecord, record: &Record, before: Option<&KeptRecord>) {
        let Some(Ok(earlier)) = before.map(|b| &b.record) else { return };
        let parameters = |record: &Record| record.inputs.parameters.as_ref().map(|input| input.sha256.clone());
        let (now, then) = (&record.inputs.checklist.digest, &earlier.inputs.checklist.digest);
        if now != then {
            let controls = record.decision["checklist"]["controls"].as_u64().unwrap_or_default();
            let message =
                format!("it was decided under another checklist than the record before it: {}, {controls} controls", visible(now));
            self.notes.push(fault("golive::record::checklist", kept, &message).warning());
        } else if parameters(record) != parameters(earlier) {
            let message = "it was decided with other parameters than the record before it";
            self.notes.push(fault("golive::record::checklist", kept, message).warning());
        }
    }

    /// The bytes of each input; those of earlier records are held against their digests once.
    fn inputs(&mut self, kept: &KeptRecord, record: &Record, inputs: Kept<'_>, known: &mut BTreeSet<String>) {
        let fresh = |digest: &str| if known.contains(digest) { Ok(Vec::new()) } else { inputs(digest) };
        let problems = missing(record, &fresh);
        if problems.is_empty() {
            known.extend(record.inputs.all().into_iter().map(|(_, _, digest)| digest.to_owned()));
        }
        self.faults.extend(problems.into_iter().map(|p| fault(p.code, kept, &p.message)));
    }

    fn headed(&mut self, chain: &Chain, signers: Signers<'_>) {
        let Some(newest) = chain.records.last() else { return };
        let cut = |message: String| {
            Problem::new("golive::record::head", message).help("records were removed from the end of the chain, or put there")
        };
        let (envelope, head) = match &chain.head {
            None => return self.faults.push(cut("there is no head: nothing says which record is the newest".to_owned())),
            Some(Err(problem)) => return self.faults.push(problem.clone()),
            Some(Ok(found)) => found,
        };
        let at = newest.record.as_ref().map(|r| (r.evaluated_at, r.environment.as_str(), r.prev.as_deref()));
        if let (Signers::Trusted(trust), Ok((at, ..))) = (signers, &at)
            && let Err(refusal) = one(trust, envelope, *at)
        {
            self.faults.push(cut(format!("the signature of the head: {refusal}")));
        }
        let Ok((_, environment, prev)) = at else { return };
        if head.environment != environment {
            self.faults.push(cut(format!("the head is of the environment `{}`", visible(&head.environment))));
        }
        self.tail(newest, head, prev);
    }

    fn tail(&mut self, newest: &KeptRecord, head: &Head, prev: Option<&str>) {
        if (head.seq, head.digest.as_str()) == (newest.seq, newest.digest.as_str()) {
            return;
        }
        if head.seq + 1 == newest.seq && prev == Some(head.digest.as_str()) {
            let message = "the head does not name it yet: its writer was stopped in between, and the next one mends that";
            return self.notes.push(fault("golive::record::head", newest, message).warning());
        }
        let message = format!("the head names the record {}, the newest here is {}: the tail was cut or put there", head.seq, newest.seq);
        self.faults.push(Problem::new("golive::record::head", message));
    }
}

/// One trusted key is enough for a head: whoever signs a record later signs no head.
pub(super) fn one(trust: &Trust, envelope: &Envelope, at: Instant) -> Result<(), Refusal> {
    match trust.accept(envelope, Role::Decision, at) {
        Ok(_) => Ok(()),
        Err(refusal) if refusal.reasons.iter().any(|r| matches!(r, Reason::TooFew { have, .. } if *have > 0)) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}
