//! What a deploy job asks of a chain that was verified: does its newest record let this release go live now?

use super::store::Chain;
use super::trust::{Refusal, Role, Trust};
use super::verify::one;
use crate::model::time::{Millis, say_duration};
use crate::model::{Gate, Instant, Record};
use crate::text::{Problem, visible};

/// How far the clock of whoever decided may lie ahead of the asker's.
const SKEW: Millis = 5 * 60_000;

/// The question.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The environment that is about to change.
    pub environment: &'a str,
    /// The release that is about to go live.
    pub release: &'a str,
    /// How old the decision may be, in milliseconds.
    pub max_age: Option<Millis>,
    /// Now.
    pub now: Instant,
    /// The keys that count.
    pub trust: &'a Trust,
}

/// Why the answer is no.
#[derive(Debug)]
pub enum No {
    /// The record is about something else, or cannot be read.
    Foreign(Problem),
    /// It does not say GO, or says it no longer.
    Closed(Vec<Problem>),
}

/// Answers by the newest record.
///
/// # Errors
/// Every reason for a no.
pub fn ask<'c>(chain: &'c Chain, asked: &Asked<'_>) -> Result<&'c Record, No> {
    let foreign = |message: String| No::Foreign(Problem::new("golive::record::foreign", message));
    let Some(Ok(record)) = chain.records.last().map(|kept| &kept.record) else {
        return Err(foreign("the newest record cannot be read".to_owned()));
    };
    for (what, said, wanted) in [("environment", &record.environment, asked.environment), ("release", &record.release, asked.release)] {
        if said != wanted {
            return Err(foreign(format!("the newest record is about the {what} `{}`, asked is `{}`", visible(said), visible(wanted))));
        }
    }
    let mut reasons = reasons(record, asked);
    reasons.extend(keys(chain, asked));
    if reasons.is_empty() { Ok(record) } else { Err(No::Closed(reasons)) }
}

/// Whoever holds an old key can say that a decision is old, too: what lets something go live now is signed by keys that count now.
fn keys(chain: &Chain, asked: &Asked<'_>) -> Vec<Problem> {
    let refuse = |what: &str, refusal: Refusal| Problem::new("golive::record::closed", format!("{what}: now {refusal}"));
    let newest = chain.records.last().and_then(|kept| kept.envelope.as_ref().ok());
    let newest = newest.and_then(|envelope| asked.trust.accept(envelope, Role::Decision, asked.now).err());
    let head = chain.head.as_ref().and_then(|head| head.as_ref().ok());
    let head = head.and_then(|(envelope, _)| one(asked.trust, envelope, asked.now).err());
    newest.map(|refusal| refuse("the newest record", refusal)).into_iter().chain(head.map(|refusal| refuse("the head", refusal))).collect()
}

fn reasons(record: &Record, asked: &Asked<'_>) -> Vec<Problem> {
    let mut out = Vec::new();
    let mut no = |message: String| out.push(Problem::new("golive::record::closed", message));
    if record.gate != Gate::Go {
        no(format!("the newest record says {}", record.gate.word()));
    }
    if record.recorded {
        no("the newest record was made of RECORDED facts, not of a live deployment".to_owned());
    }
    let age = asked.now.ms.saturating_sub(record.evaluated_at.ms);
    if age < -SKEW {
        no(format!("the newest record was made at {}, {} after now", record.evaluated_at, say_duration(-age)));
    }
    if let Some(most) = asked.max_age.filter(|most| age > *most) {
        no(format!("the newest record is {} old, asked is at most {}", say_duration(age), say_duration(most)));
    }
    match &record.holds {
        None => no("the newest record does not say until when it holds".to_owned()),
        Some(holds) if !holds.unproven.is_empty() => {
            no(format!("it is not proven until when the newest record holds: {}", visible(&holds.unproven.join(", "))));
        }
        Some(holds) if asked.now >= holds.end() => {
            let by = if holds.ended_by.is_empty() { String::new() } else { format!(": {}", visible(&holds.ended_by.join(", "))) };
            no(format!("the newest record held until {}{by}", holds.end()));
        }
        Some(_) => {}
    }
    out
}
