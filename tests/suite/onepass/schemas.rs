//! Schemas that people write: those that are ready for one pass are read as the validator reads them, all others are refused.

use super::rig::{Readers, Rig, Told, schema};
use crate::project;
use crate::quick;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One group `g` with one property `v` of this schema.
fn rig(property: &Value) -> Option<Rig> {
    let whole = json!({
        "type": "object", "additionalProperties": false, "required": ["v"], "properties": {"v": property}
    });
    let schema = schema("g", &whole.to_string())?;
    Some(Rig { groups: BTreeMap::from([("g".to_owned(), schema)]), told: Told::default() })
}

fn document(value: &Value) -> String {
    json!({
        "format": "golive.facts/1", "environment": "prod", "release": "1",
        "facts": {"g": {
            "collected_at": "2026-11-23T12:00:00Z", "collector": {"name": "c", "version": "1"}, "source": "s",
            "evidence": [{"uri": "u", "sha256": "0".repeat(64)}], "trust": "observed", "value": {"v": value}
        }}
    })
    .to_string()
}

/// Values that are valid for some of the schemas here.
fn values() -> Vec<Value> {
    let mut out = quick::others();
    out.extend([
        json!(["a"]),
        json!(["a", "b"]),
        json!([[1]]),
        json!(["2026-11-23T12:00:00Z"]),
        json!(-5),
        json!(99.9),
        json!(1.5),
        json!("PT2H"),
    ]);
    out.extend([
        json!({"k": "a"}),
        json!({"k": "b", "n": 1}),
        json!({"n": 1, "k": "b"}),
        json!({"k": "b"}),
        json!({"k": "c", "at": "PT1H"}),
    ]);
    out.extend([json!({"at": "2026-11-23T12:00:00Z"}), json!({"at": null}), json!({"at": "never"}), json!({"x": 1, "k": "a"})]);
    out
}

fn object(properties: &Value) -> Value {
    let required: Vec<&String> = properties.as_object().expect("properties").keys().collect();
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

#[test]
fn schemas_of_people_are_read_as_the_validator_reads_them() {
    let time = json!({"type": "string", "format": "date-time"});
    let bounded = json!({"type": "string", "format": "duration", "x-golive-minimum": "PT1H", "x-golive-maximum": "PT1H30M"});
    let mut schemas = quick::schemas();
    schemas.extend([
        json!({"oneOf": [{"const": null}, time]}),
        json!({"oneOf": [{"type": "null"}, time, {"type": "integer"}, {"type": "array", "items": time}, object(&json!({"at": time}))]}),
        json!({"type": ["null", "string"], "format": "date-time"}),
        json!({"oneOf": [object(&json!({"k": {"const": "a"}})), object(&json!({"k": {"const": "b"}, "n": {"type": "integer"}})), object(&json!({"k": {"const": "c"}, "at": bounded}))]}),
        json!({"oneOf": [object(&json!({"k": {"const": "a"}, "x": {"type": "integer"}})), object(&json!({"k": {"const": "b"}, "n": {"type": "integer"}})), {"enum": ["x", null]}]}),
        object(&json!({"at": {"oneOf": [time, {"type": "null"}]}})),
        object(&json!({"at": {"oneOf": [{"enum": ["never"]}, {"type": "null"}]}})),
        bounded,
        json!({"enum": [1, "a", null, false]}),
        json!({"const": true}),
        json!({"oneOf": [{"type": "number"}, {"type": "array", "items": {"type": "null"}}]}),
        json!({"type": "string", "enum": ["a", "b"]}),
        json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 1}),
        json!({"type": "number", "minimum": -5, "maximum": 99.9}),
        json!({"type": ["string", "integer", "null", "boolean"], "minLength": 2, "maxLength": 200, "minimum": 0, "pattern": "^[!-~]*$"}),
    ]);
    let (mut ready, mut read, mut told) = (0, 0, Told::default());
    for schema in &schemas {
        let Some(rig) = rig(schema) else { continue };
        let Ok(onepass) = rig.onepass() else { continue };
        ready += 1;
        let readers = Readers::new(&onepass, &rig.groups);
        let before = told.both;
        for value in &values() {
            readers.ask(document(value).as_bytes(), &mut told);
        }
        read += usize::from(told.both > before);
    }
    project::tell(&format!("{ready} of {} schemas are ready for one pass, values were read by {read}", schemas.len()));
    assert!(ready > 40 && read + 5 > ready, "most of the schemas are ready, and read something");
    told.end("schemas of people");
}

#[test]
fn schemas_that_could_be_misread_are_refused() {
    let a = object(&json!({"k": {"const": "a"}}));
    let time = json!({"type": "string", "format": "date-time"});
    let mut accepted = String::new();
    let refused = [
        json!({"oneOf": [{"type": "integer"}, {"type": "number"}]}),
        json!({"oneOf": [{"type": "string"}, time]}),
        json!({"oneOf": [{"type": "string", "maxLength": 1}, {"enum": ["abc"]}]}),
        json!({"oneOf": [{"oneOf": [time, {"type": "null"}]}, {"type": "integer"}]}),
        json!({"oneOf": [{"type": "integer"}], "type": "integer"}),
        json!({"oneOf": [{"type": "null"}, {"const": null}]}),
        json!({"oneOf": [a, a]}),
        json!({"oneOf": [a, object(&json!({"n": {"type": "integer"}}))]}),
        json!({"oneOf": [a, object(&json!({"j": {"const": "b"}}))]}),
        json!({"oneOf": [a, object(&json!({"k": {"const": 1}}))]}),
        json!({"oneOf": [a, object(&json!({"k": {"enum": ["b"]}}))]}),
        json!({"oneOf": [object(&json!({"k": {"const": "a"}, "l": {"const": "x"}})), object(&json!({"k": {"const": "b"}, "l": {"const": "x"}}))]}),
        json!({"oneOf": [{"type": "array", "items": time}, {"type": "array", "items": {"type": "null"}}]}),
        json!({"type": "string", "pattern": "^(a|b)$"}),
        json!({"type": "string", "pattern": "a"}),
        json!({"type": "string", "minLength": 1.5}),
        json!({"type": "string", "maxLength": -1}),
        json!({"type": "string", "format": "date-time", "maxLength": 20}),
        json!({"type": "integer", "format": "date-time"}),
        json!({"type": "string", "const": 1}),
        json!({"type": "string", "$schema": "http://json-schema.org/draft-07/schema#"}),
        json!({"type": "string", "$id": "https://example.org/x"}),
        json!({"type": "integer", "minimum": "1"}),
        json!({"type": "integer", "items": {"type": "null"}}),
        json!({"type": ["string", "array"], "items": {"type": "null"}}),
        json!({"const": 1, "minimum": 2}),
        json!({"enum": [[], "a"]}),
        json!({"enum": [1.5]}),
        json!({"type": "array", "items": {"type": "null"}, "maxItems": 1.5}),
        json!({"type": "object", "additionalProperties": false, "required": ["a", "b"], "properties": {"a": {"type": "null"}}}),
        json!({"type": "string", "format": "duration", "x-golive-minimum": "an hour"}),
        json!({"type": "string", "x-golive-minimum": "PT1H"}),
    ];
    let mut known = 0;
    for schema in &refused {
        let Some(rig) = rig(schema) else { continue };
        known += 1;
        if rig.onepass().is_ok() {
            accepted.push_str(&format!("{schema}\n"));
        }
    }
    assert!(accepted.is_empty(), "ready for one pass:\n{accepted}");
    assert_eq!(known, refused.len(), "all of these are in the dialect");
}
