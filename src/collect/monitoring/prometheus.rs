//! What Prometheus answers, as far as it is read. Only what is read is kept as evidence: answers also hold addresses with secrets.

use super::server::{Server, encoded, parse};
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::model::Instant;
use crate::text::visible;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A group of rules that is loaded.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct RuleGroup {
    /// Its name.
    pub name: String,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule that is loaded.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Rule {
    /// `alerting` or `recording`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its query, as Prometheus prints it.
    pub query: String,
    /// Labels that it adds.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// How its last evaluation ended.
    pub health: String,
    /// When that was; the year 1 where it never was.
    #[serde(rename = "lastEvaluation")]
    pub last_evaluation: String,
    /// `inactive`, `pending` or `firing`.
    pub state: Option<String>,
}

/// A target that is scraped.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Target {
    /// Its labels, `job` and `instance` among them.
    pub labels: BTreeMap<String, String>,
    /// How the last scrape ended.
    pub health: String,
    /// When that was.
    #[serde(rename = "lastScrape")]
    pub last_scrape: String,
}

/// Something that was asked, and how old the answer is where it was saved.
pub struct Asked<T> {
    /// The answer.
    pub answer: T,
    /// When it was saved.
    pub saved_at: Option<Instant>,
}

/// What a query gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// At least one number.
    Yes,
    /// No number.
    No,
    /// Prometheus could not say.
    Unknown,
}

/// Reads what stands below `data` of a good answer.
fn data<T: DeserializeOwned>(server: &Server, at: &Context, name: &str, key: &str) -> Result<Asked<T>, Absent> {
    let (mut value, saved_at) = server.json(at, name, &format!("/api/v1/{name}"))?;
    let asked = format!("{} asked for {name}", server.shown());
    if value["status"] != "success" {
        return Err(Absent::new(format!("{asked} answers with an error")));
    }
    let answer = serde_json::from_value(value["data"][key].take());
    let answer = answer.map_err(|e| Absent::new(format!("{asked}: {} cannot be read: {}", visible(key), visible(&e.to_string()))))?;
    Ok(Asked { answer, saved_at })
}

/// All rules that are loaded.
///
/// # Errors
/// They cannot be learnt.
pub fn rules(server: &Server, at: &Context) -> Result<Asked<Vec<RuleGroup>>, Absent> {
    data(server, at, "rules", "groups")
}

/// All targets that are scraped.
///
/// # Errors
/// They cannot be learnt.
pub fn targets(server: &Server, at: &Context) -> Result<Asked<Vec<Target>>, Absent> {
    data(server, at, "targets", "activeTargets")
}

/// How many Alertmanagers the alerts are sent to.
///
/// # Errors
/// That cannot be learnt.
pub fn alertmanagers(server: &Server, at: &Context) -> Result<Asked<usize>, Absent> {
    let asked = data::<Vec<Value>>(server, at, "alertmanagers", "activeAlertmanagers")?;
    Ok(Asked { answer: asked.answer.len(), saved_at: asked.saved_at })
}

/// Saved answers to queries: `queries.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedQueries {
    asked_at: String,
    queries: Vec<SavedQuery>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedQuery {
    query: String,
    answer: Value,
}

/// The answer to an instant query, as Prometheus gave it.
///
/// # Errors
/// Nothing was answered, or nothing was saved for this very query.
pub fn query(server: &Server, at: &Context, text: &str) -> Result<Asked<Value>, Absent> {
    if !server.is_saved() {
        let answer = server.get(at, "query", &format!("/api/v1/query?query={}", encoded(text)))?;
        // A refused query is an answer, and comes with a status of its own.
        let answer = parse(&format!("{} asked a query", server.shown()), &answer.body)?;
        return Ok(Asked { answer, saved_at: None });
    }
    let (value, saved_at) = server.json(at, "queries", "")?;
    let broken = |e: &dyn std::fmt::Display| Absent::new(format!("{}: queries.json: {}", server.shown(), visible(&e.to_string())));
    let saved: SavedQueries = serde_json::from_value(value).map_err(|e| broken(&e))?;
    let asked_at = Instant::parse(&saved.asked_at).ok_or_else(|| broken(&"`asked_at` is a time that ends in Z"))?;
    if asked_at > at.now() {
        return Err(broken(&format!("they were asked at {asked_at}, which is yet to come")));
    }
    let found = saved.queries.into_iter().find(|q| q.query == text);
    let found = found.ok_or_else(|| broken(&format!("no answer to `{text}` was saved")))?;
    Ok(Asked { answer: found.answer, saved_at: Some(saved_at.map_or(asked_at, |at| at.min(asked_at))) })
}

/// Whether an answer holds a number. NaN is none, and what lies beyond all numbers is none either.
pub fn holds_number(answer: &Value) -> Data {
    let is_number = |value: &Value| value.as_str().and_then(|v| v.parse::<f64>().ok()).is_some_and(f64::is_finite);
    let result = &answer["data"]["result"];
    let series = || result.as_array().into_iter().flatten();
    // A histogram of the native kind counts what it holds.
    let counts = |sample: &Value| is_number(&sample["count"]);
    let found = match (answer["status"].as_str(), answer["data"]["resultType"].as_str()) {
        (Some("success"), Some("vector")) => series().any(|s| is_number(&s["value"][1]) || counts(&s["histogram"][1])),
        (Some("success"), Some("scalar")) => is_number(&result[1]),
        (Some("success"), Some("matrix")) => series().flat_map(|s| s["values"].as_array().into_iter().flatten()).any(|v| is_number(&v[1])),
        (Some("success"), Some("string")) => false,
        (Some("error"), _) if ["bad_data", "execution"].contains(&answer["errorType"].as_str().unwrap_or_default()) => false,
        _ => return Data::Unknown,
    };
    if found { Data::Yes } else { Data::No }
}

/// A time as Go prints it; what lies before 1970, such as the year 1 for "never", is 1970-01-01T00:00:00Z.
pub fn time(text: &str) -> Option<Instant> {
    let ms = text.parse::<jiff::Timestamp>().ok()?.as_millisecond();
    Some(Instant { ms: ms.max(0) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_numbers_are_data() {
        let vector = |values: &[&str]| {
            let result: Vec<Value> = values.iter().map(|v| json!({ "metric": {}, "value": [1_795_443_989, v] })).collect();
            json!({ "status": "success", "data": { "resultType": "vector", "result": result } })
        };
        for (answer, want) in [
            (vector(&["1"]), Data::Yes),
            (vector(&["NaN", "0"]), Data::Yes),
            (vector(&["NaN"]), Data::No),
            (vector(&["+Inf"]), Data::No),
            (vector(&[]), Data::No),
            (json!({ "status": "success", "data": { "resultType": "scalar", "result": [1, "2"] } }), Data::Yes),
            (json!({ "status": "success", "data": { "resultType": "string", "result": [1, "2"] } }), Data::No),
            (json!({ "status": "error", "errorType": "bad_data" }), Data::No),
            (json!({ "status": "error", "errorType": "timeout" }), Data::Unknown),
            (json!({ "status": "success", "data": {} }), Data::Unknown),
            (json!({}), Data::Unknown),
        ] {
            assert_eq!(holds_number(&answer), want, "{answer}");
        }
    }

    #[test]
    fn never_is_1970() {
        assert_eq!(time("0001-01-01T00:00:00Z").expect("a time").to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(time("2026-11-23T15:49:55.140123+01:00").expect("a time").to_string(), "2026-11-23T14:49:55.14Z");
    }
}
