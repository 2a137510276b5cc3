//! SARIF 2.1.0: what a run says of its findings, of what it hides, and of its own end.

use super::scan::{End, Fault, Finding, Scan, Suppression, instant, json, word};
use super::severity::Severity;
use crate::collect::redact;
use crate::model::Instant;
use serde_json::Value;

/// Reads one: a scan for each of its runs.
///
/// # Errors
/// It is cut, of another version, or holds no run.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Scan>, Fault> {
    let log = json(name, bytes)?;
    if log["version"] != "2.1.0" {
        return Err((End::Unknown, "it is no SARIF log of version 2.1.0".to_owned()));
    }
    match log["runs"].as_array().map(Vec::as_slice) {
        Some([]) | None => Err((End::Unknown, "it holds no run".to_owned())),
        Some(runs) => Ok(runs.iter().map(|run| scan(&log, run)).collect()),
    }
}

fn scan(log: &Value, run: &Value) -> Scan {
    let driver = &run["tool"]["driver"];
    let text = |key: &str| driver[key].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
    let (mut findings, mut suppressions) = (Vec::new(), disabled(run));
    for result in list(&run["results"]) {
        match outcome(run, result) {
            Outcome::Found(finding) => findings.push(finding),
            Outcome::Hidden(suppression) => suppressions.push(suppression),
            Outcome::Nothing => {}
        }
    }
    let elsewhere = ["externalPropertyFileReferences", "externalPropertyFiles"].iter().any(|key| !run[*key].is_null())
        || !log["inlineExternalProperties"].is_null();
    Scan {
        tool: text("name").map(|name| word(&name, 128)),
        version: text("semanticVersion").or_else(|| text("version")).map(|version| word(&version, 128)),
        // Without a list of results nothing was looked at; results in other files are not read.
        end: if elsewhere || !run["results"].is_array() { worse(End::Unknown, end(run)) } else { end(run) },
        finished_at: finished_at(run),
        database: None,
        findings,
        suppressions,
    }
}

fn worse(one: End, other: End) -> End {
    if other == End::Failed { other } else { one }
}

/// A tool that met an error did not look at everything, even where it calls itself successful.
fn end(run: &Value) -> End {
    let invocations = list(&run["invocations"]);
    let mut end = if invocations.is_empty() { End::Silent } else { End::Succeeded };
    for invocation in invocations {
        let notes = ["toolExecutionNotifications", "toolConfigurationNotifications"].into_iter().flat_map(|key| list(&invocation[key]));
        match invocation["executionSuccessful"].as_bool() {
            Some(false) => return End::Failed,
            _ if notes.into_iter().any(|note| note["level"] == "error") => return End::Failed,
            Some(true) => {}
            None => end = End::Silent,
        }
    }
    end
}

/// The earliest: nothing that a report holds is younger than its first part.
fn finished_at(run: &Value) -> Option<Instant> {
    list(&run["invocations"]).iter().filter_map(|i| instant(i["endTimeUtc"].as_str()?)).min()
}

enum Outcome {
    Found(Finding),
    Hidden(Suppression),
    Nothing,
}

fn outcome(run: &Value, result: &Value) -> Outcome {
    let kind = result["kind"].as_str().unwrap_or("fail");
    let harmless = result["level"].is_null() || result["level"] == "none";
    let scored = !result["properties"]["security-severity"].is_null();
    if result["baselineState"] == "absent" || (["pass", "notApplicable", "informational"].contains(&kind) && harmless && !scored) {
        return Outcome::Nothing;
    }
    let rules = rules(run, result);
    let rule = rules.iter().find_map(|rule| rule["id"].as_str());
    let id = result["ruleId"].as_str().or(result["rule"]["id"].as_str()).or(rule).unwrap_or_default();
    let stated = severity(run, result, &rules);
    // `open` and `review` mean that nobody has decided yet.
    let severity = if kind == "fail" && result.is_object() { stated } else { stated.max(Severity::Unknown) };
    let finding = Finding { id: word(id, 256), severity, component: place(run, result) };
    let suppressions = list(&result["suppressions"]);
    let accepted = |s: &Value| s["status"].is_null() || s["status"] == "accepted";
    if suppressions.is_empty() || !suppressions.iter().all(accepted) {
        return Outcome::Found(finding);
    }
    let origin = match suppressions[0]["kind"].as_str() {
        Some("inSource") => "in_source",
        Some("external") => "tool_configuration",
        _ => "unknown",
    };
    Outcome::Hidden(Suppression { finding, origin })
}

/// The rules that a result may mean: by its id wherever that stands, else by its index.
fn rules<'r>(run: &'r Value, result: &Value) -> Vec<&'r Value> {
    let extensions = list(&run["tool"]["extensions"]);
    let components = || std::iter::once(&run["tool"]["driver"]).chain(extensions);
    let id = result["ruleId"].as_str().or(result["rule"]["id"].as_str());
    // `CA1000/1` is a part of the rule `CA1000`.
    let means = |rule: &&Value| {
        let (Some(wanted), Some(known)) = (id, rule["id"].as_str()) else { return false };
        wanted == known || wanted.strip_prefix(known).is_some_and(|rest| rest.starts_with('/'))
    };
    let named: Vec<&Value> = components().flat_map(|c| list(&c["rules"])).filter(means).collect();
    if !named.is_empty() {
        return named;
    }
    let component = match result["rule"]["toolComponent"]["index"].as_u64() {
        Some(index) => usize::try_from(index).ok().and_then(|index| extensions.get(index)),
        None => Some(&run["tool"]["driver"]),
    };
    let index = result["ruleIndex"].as_u64().or(result["rule"]["index"].as_u64()).and_then(|index| usize::try_from(index).ok());
    let found = component.zip(index).and_then(|(component, index)| component["rules"].get(index));
    found.into_iter().collect()
}

/// The highest of the scores and of the level, whoever states them.
fn severity(run: &Value, result: &Value, rules: &[&Value]) -> Severity {
    let scores = std::iter::once(result).chain(rules.iter().copied()).filter_map(|from| score(&from["properties"]["security-severity"]));
    let default = || rules.iter().map(|rule| level(&rule["defaultConfiguration"]["level"])).max();
    let stated = if result["level"].is_null() { default().unwrap_or_else(|| level(&Value::Null)) } else { level(&result["level"]) };
    let raised =
        overrides(run).filter(|o| rules.iter().any(|rule| rule["id"] == o["descriptor"]["id"])).map(|o| &o["configuration"]["level"]);
    scores.chain(raised.filter(|l| !l.is_null()).map(level)).fold(stated, Severity::max)
}

/// SARIF's own default is `warning`.
fn level(level: &Value) -> Severity {
    match level {
        Value::Null => Severity::Medium,
        level => match level.as_str() {
            Some("error") => Severity::High,
            Some("warning") => Severity::Medium,
            Some("note") => Severity::Low,
            Some("none") => Severity::Info,
            _ => Severity::Unknown,
        },
    }
}

fn score(score: &Value) -> Option<Severity> {
    match score {
        Value::Null => None,
        Value::String(text) => Some(text.parse().map_or(Severity::Unknown, Severity::of_score)),
        other => Some(other.as_f64().map_or(Severity::Unknown, Severity::of_score)),
    }
}

/// File and line, a name, or that nobody knows.
fn place(run: &Value, result: &Value) -> String {
    let location = &result["locations"][0];
    let physical = &location["physicalLocation"];
    let artifact = &physical["artifactLocation"];
    let indexed = artifact["index"].as_u64().and_then(|i| usize::try_from(i).ok()).map(|i| &run["artifacts"][i]["location"]["uri"]);
    let file = artifact["uri"].as_str().or_else(|| indexed.and_then(Value::as_str)).map(redact::url);
    let logical = &location["logicalLocations"][0];
    let name = logical["fullyQualifiedName"].as_str().or(logical["name"].as_str());
    let place = match (file, physical["region"]["startLine"].as_u64()) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file,
        (None, _) => name.unwrap_or_default().to_owned(),
    };
    word(&place, 512)
}

/// Rules that this run switched off, and lines that it left out by a comment in the source.
fn disabled(run: &Value) -> Vec<Suppression> {
    let off = overrides(run).filter(|o| o["configuration"]["enabled"] == false);
    let off = off.map(|o| Suppression::configured(word(o["descriptor"]["id"].as_str().unwrap_or_default(), 256), Severity::Unknown));
    // bandit leaves them out of the results and counts them only.
    let totals = &run["properties"]["metrics"]["_totals"];
    let counted = ["nosec", "skipped_tests"].into_iter().filter(|key| totals[*key].as_f64().is_some_and(|n| n != 0.0));
    let counted = counted.map(|key| Suppression { origin: "in_source", ..Suppression::configured(key, Severity::Unknown) });
    off.chain(counted).collect()
}

fn overrides(run: &Value) -> impl Iterator<Item = &Value> {
    list(&run["invocations"])
        .iter()
        .flat_map(|i| ["ruleConfigurationOverrides", "notificationConfigurationOverrides"].into_iter().flat_map(|key| list(&i[key])))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
