//! A record as an in-toto Statement: its subjects are the facts documents that were judged.

use crate::model::Record;
use crate::model::record::{Input, RECORD_FORMAT};
use crate::report::encode;
use crate::text::{Document, Limits, Problem, Source, read_json, visible};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The type of the payload of an envelope that holds a record, as in-toto names it.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The type of a Statement (<https://github.com/in-toto/attestation>).
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// What a Statement with a record says.
const PREDICATE: &str = "urn:golive:readiness-decision:1";

/// What stands in a version's place where a record has no version at all.
const NO_FORMAT: &str = "(none)";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement<P> {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: P,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: BTreeMap<String, String>,
}

impl Subject {
    fn of(input: &Input) -> Self {
        Self { name: input.name.clone(), digest: BTreeMap::from([("sha256".to_owned(), input.sha256.clone())]) }
    }
}

/// The payload of a record: the same record gives the same bytes.
pub fn write<D: Serialize>(record: &Record<D>) -> String {
    encode::document(&Statement {
        kind: STATEMENT.to_owned(),
        subject: record.inputs.facts.iter().map(Subject::of).collect(),
        predicate_type: PREDICATE.to_owned(),
        predicate: record,
    })
}

/// Reads the payload of a record.
///
/// # Errors
/// Another version than this program reads (`golive::record::version`), or whatever makes it no record (`golive::record::form`).
pub fn read(source: &Arc<Source>) -> Result<Record, Problem> {
    let document = read_json(Arc::clone(source), &Limits::default())?;
    let value = &document.value;
    for (key, wanted) in [("_type", STATEMENT), ("predicateType", PREDICATE)] {
        let said = value[key].as_str().unwrap_or_default();
        if said != wanted {
            let message = format!("the {key} is `{}`, that of a decision record is `{wanted}`", visible(said));
            return Err(refuse(&document, &format!("/{key}"), message));
        }
    }
    let format = value["predicate"]["format"].as_str().unwrap_or(NO_FORMAT);
    if format != RECORD_FORMAT {
        let message = format!("the record is of the version `{}`, this golive reads `{RECORD_FORMAT}`", visible(format));
        let problem = Problem::new("golive::record::version", message);
        return Err(problem.help("a record of another version says nothing here: verify it with the golive that wrote it"));
    }
    let statement: Statement<Record> = Statement::deserialize(value)
        .map_err(|fault| refuse(&document, "", format!("it is no decision record: {}", visible(&fault.to_string()))))?;
    let record = statement.predicate;
    let wanted: Vec<Subject> = record.inputs.facts.iter().map(Subject::of).collect();
    if wanted.is_empty() || statement.subject != wanted {
        let message = "each subject must be a facts document that was judged, and each of these a subject";
        return Err(refuse(&document, "/subject", message.to_owned()));
    }
    agree(&document, &record)?;
    Ok(record)
}

/// What a record says in two places is the same.
fn agree(document: &Document, record: &Record) -> Result<(), Problem> {
    let said = serde_json::json!({
        "format": "golive.decision/1",
        "environment": record.environment,
        "release": record.release,
        "evaluated_at": record.evaluated_at,
        "clock": record.clock,
        "recorded": record.recorded,
        "gate": record.gate,
    });
    for (key, value) in said.as_object().into_iter().flatten() {
        if record.decision[key] != *value {
            let message = format!("the record and the decision in it differ in `{key}`");
            return Err(refuse(document, &format!("/predicate/decision/{key}"), message));
        }
    }
    let named: Vec<(&str, &str)> = record.inputs.facts.iter().map(|i| (i.name.as_str(), i.sha256.as_str())).collect();
    let judged = record.decision["facts"].as_array().into_iter().flatten();
    let judged: Vec<(&str, &str)> = judged.filter_map(|f| Some((f["name"].as_str()?, f["sha256"].as_str()?))).collect();
    if named != judged || record.decision["checklist"]["digest"] != record.inputs.checklist.digest.as_str() {
        return Err(refuse(document, "/predicate/decision", "the record and the decision in it differ in their inputs".to_owned()));
    }
    Ok(())
}

fn refuse(document: &Document, pointer: &str, message: String) -> Problem {
    Problem::new("golive::record::form", message).at(&document.source, document.locate(pointer).value, "here")
}
