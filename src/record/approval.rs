//! Signed waivers: who approved exactly these bytes, and whether their keys say so.

use super::dsse::Envelope;
use super::statement::PAYLOAD_TYPE;
use super::trust::{Role, Trust};
use crate::checklist::contract;
use crate::model::Instant;
use crate::text::{Document, Limits, Problem, Source, decode, folded, read_json, sha256, visible};
use serde_json::{Value, json};
use std::sync::Arc;

const CODE: &str = "golive::waivers::signature";

/// What was signed, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The sha256 of the file's bytes.
    pub sha256: String,
    /// The ids of its waivers, in the file's order.
    pub waivers: Vec<String>,
    /// When the first approver signed.
    pub signed_at: Instant,
}

/// What an approval needs to know of one waiver.
struct Entry<'d> {
    id: &'d str,
    approver: &'d str,
    created_at: Instant,
}

impl Approval {
    /// What there is to sign of a file of waivers.
    ///
    /// # Errors
    /// It is no valid file of waivers, or one of them begins after the signature.
    pub fn of(document: &Document, signed_at: Instant) -> Result<Self, Vec<Problem>> {
        let entries = entries(document)?;
        let approval =
            Self { sha256: sha256(document.source.text.as_bytes()), waivers: entries.iter().map(|e| e.id.to_owned()).collect(), signed_at };
        let early = approval.early(document, &entries);
        if early.is_empty() { Ok(approval) } else { Err(early) }
    }

    /// The statement in an envelope that nobody has signed yet. `name` is what people call the file.
    pub fn envelope(&self, name: &str) -> Envelope {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": name, "digest": {"sha256": self.sha256}}],
            "predicateType": "urn:golive:waiver-approval:1",
            "predicate": {"format": "golive.waiver-approval/1", "waivers": self.waivers, "signed_at": self.signed_at.to_string()},
        });
        Envelope::new(PAYLOAD_TYPE, statement.to_string())
    }

    /// Reads what an envelope holds. Whose signatures count is another question.
    ///
    /// # Errors
    /// Another payload type, or no valid statement.
    pub fn read(envelope: &Envelope, name: &str) -> Result<Self, Vec<Problem>> {
        if envelope.payload_type != PAYLOAD_TYPE {
            let message =
                format!("{}: this is no signature of waivers: its payload is `{}`", visible(name), visible(&envelope.payload_type));
            return Err(vec![Problem::new(CODE, message)]);
        }
        let limits = Limits { bytes: 4 << 20, keys: 20_000, ..Limits::default() };
        let payload = decode(&format!("{name} (signed)"), envelope.payload.clone(), &limits).and_then(|s| read_json(s, &limits));
        let document = payload.map_err(|p| vec![p])?;
        let problems = contract("waiver-approval")?.problems(CODE, &document.value, &document, "");
        if !problems.is_empty() {
            return Err(problems);
        }
        let text = |pointer: &str| document.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let ids = document.value.pointer("/predicate/waivers").and_then(Value::as_array).into_iter().flatten();
        match Instant::parse(text("/predicate/signed_at")) {
            Some(signed_at) => Ok(Self {
                sha256: text("/subject/0/digest/sha256").to_owned(),
                waivers: ids.filter_map(Value::as_str).map(str::to_owned).collect(),
                signed_at,
            }),
            None => Err(vec![Problem::new(CODE, format!("{}: its signature has no time", visible(name)))]),
        }
    }

    /// Holds the signatures beside a file of waivers against its bytes, its approvers and the trusted keys.
    ///
    /// # Errors
    /// The signatures are of other bytes, of keys that do not count, made before a waiver began or after `now`, or not those
    /// of the approvers whom the waivers name.
    pub fn verify(document: &Document, sidecar: Arc<Source>, trust: &Trust, now: Instant) -> Result<Self, Vec<Problem>> {
        let name = visible(&document.source.name);
        let refuse = |words: String| vec![Problem::new(CODE, format!("{name}: {words}"))];
        let shown = sidecar.name.clone();
        let unreadable = |problems: Vec<Problem>| problems.into_iter().map(unreadable).collect::<Vec<_>>();
        let envelope = Envelope::read(sidecar).map_err(|p| unreadable(vec![p]))?;
        // What is read is what somebody who is known has signed; whether that counts depends on the time that it states.
        trust.known(&envelope).map_err(|refusal| refuse(refusal.to_string()))?;
        let approval = Self::read(&envelope, &shown).map_err(unreadable)?;
        let entries = entries(document)?;
        let signers = trust.accept(&envelope, Role::Waiver, approval.signed_at).map_err(|refusal| refuse(refusal.to_string()))?;
        if approval.sha256 != sha256(document.source.text.as_bytes()) {
            return Err(refuse("the signature is of other bytes: the file was changed after it".to_owned()));
        }
        if !approval.waivers.iter().map(String::as_str).eq(entries.iter().map(|e| e.id)) {
            return Err(refuse("the signature names other waivers than the file holds".to_owned()));
        }
        if approval.signed_at > now {
            return Err(refuse(format!("the signature is of {}, which has not come", approval.signed_at)));
        }
        let mut problems = approval.early(document, &entries);
        let names: Vec<String> = signers.iter().map(|key| folded(&key.name)).collect();
        for (index, entry) in entries.iter().enumerate().filter(|(_, e)| !names.contains(&folded(e.approver))) {
            let who: Vec<String> = signers.iter().map(|key| format!("`{}`", visible(&key.name))).collect();
            let message = format!("the signature of `{}` is missing: signed by {}", visible(entry.approver), who.join(", "));
            problems.push(at(document, &format!("/waivers/{index}/approved_by"), &message));
        }
        if problems.is_empty() { Ok(approval) } else { Err(problems) }
    }

    /// Waivers that nobody can have approved yet when this was signed.
    fn early(&self, document: &Document, entries: &[Entry<'_>]) -> Vec<Problem> {
        let late = |(_, entry): &(usize, &Entry<'_>)| entry.created_at > self.signed_at;
        let problem = |(index, entry): (usize, &Entry<'_>)| {
            let message = format!("the signature of {} is older than the waiver, which begins at {}", self.signed_at, entry.created_at);
            at(document, &format!("/waivers/{index}/created_at"), &message)
        };
        entries.iter().enumerate().filter(late).map(problem).collect()
    }
}

/// What is told of a file of waivers that has to be signed and is not.
pub fn unsigned(name: &str, why: &str, help: &str) -> Problem {
    Problem::new(CODE, format!("{}: {why}", visible(name))).help(help)
}

fn unreadable(mut problem: Problem) -> Problem {
    problem.message = format!("its signature cannot be read: {}", problem.message);
    problem
}

fn entries(document: &Document) -> Result<Vec<Entry<'_>>, Vec<Problem>> {
    let problems = contract("waivers")?.problems("golive::exceptions::schema", &document.value, document, "");
    if !problems.is_empty() {
        return Err(problems);
    }
    let waivers = document.value["waivers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let entry = |value| {
        Some(Entry {
            id: text(value, "id")?,
            approver: text(value, "approved_by")?,
            created_at: Instant::parse(text(value, "created_at")?)?,
        })
    };
    let entries: Option<Vec<Entry<'_>>> = waivers.iter().map(entry).collect();
    entries.ok_or_else(|| vec![Problem::new(CODE, format!("{}: no signature can be held against it", visible(&document.source.name)))])
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value[key].as_str()
}

fn at(document: &Document, pointer: &str, message: &str) -> Problem {
    Problem::new(CODE, format!("{pointer}: {message}")).at(&document.source, document.locate(pointer).value, "here")
}

#[cfg(test)]
mod tests;
