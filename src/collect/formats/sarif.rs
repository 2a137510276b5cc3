//! SARIF 2.1.0: what a run says of its findings, of what it hides, and of its own end.

use super::scan::{End, Fault, Finding, Scan, Suppression, instant, json, word};
use super::severity::Severity;
use crate::collect::redact;
use crate::model::Instant;
use serde_json::Value;
use std::collections::BTreeSet;

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
    if broken(&run["conversion"]["invocation"]) || invocations.iter().any(broken) {
        return End::Failed;
    }
    // Every run has a tool with a name: without it nobody knows whose report this is.
    if run["tool"]["driver"]["name"].as_str().is_none_or(str::is_empty) {
        return End::Unknown;
    }
    let all = !invocations.is_empty() && invocations.iter().all(|i| i["executionSuccessful"] == true);
    if all { End::Succeeded } else { End::Silent }
}

/// Whether anything of an invocation says that it went wrong: a word about its success alone is not believed.
fn broken(invocation: &Value) -> bool {
    let mut notes = ["toolExecutionNotifications", "toolConfigurationNotifications"].into_iter().flat_map(|key| list(&invocation[key]));
    let said = |key: &str| !invocation[key].is_null();
    (said("executionSuccessful") && invocation["executionSuccessful"] != true)
        || (said("exitCode") && invocation["exitCode"].as_f64() != Some(0.0))
        || ["exitSignalName", "exitSignalNumber", "processStartFailureMessage"].into_iter().any(said)
        || notes.any(|note| note["level"] == "error")
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
    let scored = properties(result).any(|(key, value)| key == "securityseverity" && !value.is_null());
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

/// All that rules are listed in. A policy is what somebody else says of the same rules.
fn components(run: &Value) -> impl Iterator<Item = &Value> {
    std::iter::once(&run["tool"]["driver"]).chain(list(&run["tool"]["extensions"])).chain(list(&run["policies"]))
}

/// The rules that a result may mean: by its id wherever that stands, else by its index.
fn rules<'r>(run: &'r Value, result: &Value) -> Vec<&'r Value> {
    let indexed = by_index(run, &result["rule"], result["ruleIndex"].as_u64());
    let id = result["ruleId"].as_str().or(result["rule"]["id"].as_str());
    let id = id.or_else(|| indexed.and_then(|rule| rule["id"].as_str()));
    // `CA1000/1` is a part of the rule `CA1000`.
    let means = |rule: &&Value| {
        let (Some(wanted), Some(known)) = (id, rule["id"].as_str()) else { return false };
        wanted == known || wanted.strip_prefix(known).is_some_and(|rest| rest.starts_with('/'))
    };
    components(run).flat_map(|c| list(&c["rules"])).filter(means).chain(indexed).collect()
}

/// The rule at an index, in the component that the reference names.
fn by_index<'r>(run: &'r Value, reference: &Value, index: Option<u64>) -> Option<&'r Value> {
    let place = |index: u64| usize::try_from(index).ok();
    let component = match reference["toolComponent"]["index"].as_u64() {
        Some(index) => run["tool"]["extensions"].get(place(index)?)?,
        None => &run["tool"]["driver"],
    };
    component["rules"].get(place(index.or(reference["index"].as_u64())?)?)
}

/// The highest of all scores, levels, ranks and words, whoever states them.
fn severity(run: &Value, result: &Value, rules: &[&Value]) -> Severity {
    let raised = overrides(run).filter(|o| rules.iter().any(|rule| described(run, o).is_some_and(|id| rule["id"] == id)));
    let configured: Vec<&Value> =
        rules.iter().map(|rule| &rule["defaultConfiguration"]).chain(raised.map(|o| &o["configuration"])).collect();
    let stated = || std::iter::once(result).chain(configured.iter().copied());
    let levels: Vec<Severity> = stated().map(|from| &from["level"]).filter(|l| !l.is_null()).map(level).collect();
    let ranks = stated().filter_map(|from| rank(&from["rank"]));
    let others = std::iter::once(result).chain(rules.iter().copied()).flat_map(worded);
    // SARIF's own default is `warning`.
    let plain = |from: &Value| from["level"].is_null();
    let base =
        if plain(result) && rules.iter().all(|rule| plain(&rule["defaultConfiguration"])) { Severity::Medium } else { Severity::Info };
    levels.iter().copied().chain(ranks).chain(others).fold(base, Severity::max)
}

fn level(level: &Value) -> Severity {
    match level.as_str() {
        Some("error") => Severity::High,
        Some("warning") => Severity::Medium,
        Some("note") => Severity::Low,
        Some("none") => Severity::Info,
        _ => Severity::Unknown,
    }
}

/// Between 0 and 100; -1 is SARIF's word for none.
fn rank(rank: &Value) -> Option<Severity> {
    match rank {
        Value::Null => None,
        rank if rank.as_f64() == Some(-1.0) => None,
        rank => Some(rank.as_f64().map_or(Severity::Unknown, |rank| Severity::of_score(rank / 10.0))),
    }
}

/// The properties of a result or a rule, their names without the marks in which tools differ.
fn properties(of: &Value) -> impl Iterator<Item = (String, &Value)> {
    let plain = |key: &str| key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    of["properties"].as_object().into_iter().flatten().map(move |(key, value)| (plain(key), value))
}

/// What the properties say of a severity: SARIF has no one place for it.
fn worded(of: &Value) -> Vec<Severity> {
    let mut out = Vec::new();
    for (key, value) in properties(of).filter(|(_, value)| !value.is_null()) {
        if key == "securityseverity" || key.starts_with("cvss") {
            out.push(scored(value));
        } else if key.ends_with("severity") {
            // Of a bare number nobody knows where the scale begins, and at which end.
            let number = value.is_number() || value.as_str().is_some_and(|text| text.trim().parse::<f64>().is_ok());
            out.push(if number { scored(value).max(Severity::Unknown) } else { scored(value) });
        } else if key == "tags" {
            let tags = list(value).iter().filter_map(Value::as_str).map(str::to_ascii_lowercase);
            out.extend(tags.filter(|tag| tag == "critical" || tag == "high").map(|tag| Severity::of_word(&tag)));
        }
    }
    out
}

/// A score, a vector or a word.
fn scored(value: &Value) -> Severity {
    match value {
        Value::String(text) => match text.trim().parse() {
            Ok(score) => Severity::of_score(score),
            Err(_) if text.contains(':') => Severity::of_vector(text.trim()),
            Err(_) => Severity::of_word(text),
        },
        other => other.as_f64().map_or(Severity::Unknown, Severity::of_score),
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

/// Rules that were switched off, by this run or from the beginning, and lines that it left out by a comment in the source.
fn disabled(run: &Value) -> Vec<Suppression> {
    let off = |configuration: &Value| !configuration["enabled"].is_null() && configuration["enabled"] != true;
    let told = overrides(run).filter(|o| off(&o["configuration"])).map(|o| described(run, o).unwrap_or_default());
    let listed = components(run).flat_map(|c| list(&c["rules"])).filter(|rule| off(&rule["defaultConfiguration"]));
    let on = |id: &str| overrides(run).any(|o| o["configuration"]["enabled"] == true && described(run, o) == Some(id));
    let listed = listed.map(|rule| rule["id"].as_str().unwrap_or_default()).filter(|id| !on(id));
    let ids: BTreeSet<String> = told.chain(listed).map(|id| word(id, 256)).collect();
    let off = ids.into_iter().map(|id| Suppression::configured(id, Severity::Unknown));
    // bandit leaves them out of the results and counts them only.
    let totals = &run["properties"]["metrics"]["_totals"];
    let counted = ["nosec", "skipped_tests"].into_iter().filter(|key| totals[*key].as_f64().is_some_and(|n| n != 0.0));
    let counted = counted.map(|key| Suppression { origin: "in_source", ..Suppression::configured(key, Severity::Unknown) });
    off.chain(counted).collect()
}

/// The id of the rule that an override is about.
fn described<'r>(run: &'r Value, over: &'r Value) -> Option<&'r str> {
    let reference = &over["descriptor"];
    reference["id"].as_str().or_else(|| by_index(run, reference, None)?["id"].as_str())
}

fn overrides(run: &Value) -> impl Iterator<Item = &Value> {
    list(&run["invocations"])
        .iter()
        .flat_map(|i| ["ruleConfigurationOverrides", "notificationConfigurationOverrides"].into_iter().flat_map(|key| list(&i[key])))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
