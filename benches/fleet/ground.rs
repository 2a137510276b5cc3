//! What all engines share: the clock, and for each environment the checklist under its parameters.

use crate::engines::{Prepared, Said, Spoken};
use crate::fleet::{ENVIRONMENTS, Fleet, NOW};
use crate::native::Limits;
use golive::checklist::{Checklist, Control, Files, contract, load};
use golive::facts::{Ages, Facts, Plan, assess, combine, read};
use golive::model::Instant;
use golive::text::{self, Source, read_json};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// The checklist for one environment.
pub struct Court {
    /// As golive loads it.
    pub checklist: Checklist,
    /// The same parameters, typed.
    pub limits: Limits,
}

/// What all engines share.
pub struct Ground {
    /// The one clock.
    pub now: Instant,
    /// In the order of [`ENVIRONMENTS`].
    pub courts: Vec<Court>,
}

impl Ground {
    /// Loads the built-in checklist under the fleet's parameters.
    pub fn new() -> Self {
        let source = Arc::new(Source::new("parameters.json", Fleet::parameters().to_string()));
        let overlay = read_json(source, &text::Limits::default()).unwrap_or_else(|p| panic!("{p}"));
        let court = |environment: &&str| {
            let checklist = load(&Files::embedded(), Some(&overlay), environment, golive::rego::Limits::default());
            let checklist = checklist.unwrap_or_else(|e| panic!("the built-in checklist is refused: {e:?}"));
            Court { limits: Limits::of(&checklist.parameters.value), checklist }
        };
        Self { now: Instant::parse(NOW).expect("the fleet's clock"), courts: ENVIRONMENTS.iter().map(court).collect() }
    }

    /// The checklist for an environment.
    pub fn court(&self, environment: &str) -> &Court {
        &self.courts[number(environment)]
    }

    /// The policies for other engines: all of golive's, and one entry.
    pub fn policies(&self) -> Vec<(String, String)> {
        let files = Files::embedded();
        let rego = files.under("policies/").filter(|(path, _)| path.ends_with(".rego") && !Files::is_test(path));
        let mut out: Vec<(String, String)> = rego.map(|(path, source)| (path.to_owned(), source.text.clone())).collect();
        let control = |c: &Control| {
            let id = &c.text.id;
            format!("\n\t\"{id}\": {{\"met\": data.golive.controls.{id}.met, \"violations\": data.golive.controls.{id}.violations}},")
        };
        let controls: String = self.courts[0].checklist.controls.iter().map(control).collect();
        out.push(("bench.rego".to_owned(), include_str!("entry.rego").replace("CONTROLS", &format!("{controls}\n"))));
        out
    }

    /// The data beside them, for one environment.
    pub fn data(&self, environment: usize) -> [(&'static str, Value); 2] {
        let checklist = &self.courts[environment].checklist;
        let by_id = |of: &dyn Fn(&Control) -> Value| -> Map<String, Value> {
            checklist.controls.iter().map(|c| (c.text.id.clone(), of(c))).collect()
        };
        let given = json!({
            "controls": checklist.controls.iter().map(|c| c.text.id.as_str()).collect::<Vec<_>>(),
            "criteria": by_id(&|c| json!(c.text.criteria.len())),
            "groups": by_id(&|c| json!(c.text.facts.keys().collect::<Vec<_>>())),
        });
        [("parameters", checklist.parameters.value.clone()), ("given", given)]
    }

    /// What golive's host makes of a document before a policy sees it: the groups that can be used, with `_ms` beside times.
    pub fn host(&self, document: &str) -> Prepared {
        let facts = facts(document);
        let environment = number(&facts.plan.environment);
        let checklist = &self.courts[environment].checklist;
        let (mut values, mut envelopes) = (Map::new(), Map::new());
        let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, lowest) in checklist.controls.iter().flat_map(|c| &c.text.facts) {
            if values.contains_key(name) || wrong.contains_key(name.as_str()) {
                continue;
            }
            let (skew, max_age) = (checklist.parameters.clock_skew(), checklist.parameters.max_age(name));
            let assessment = assess(&facts, name, &checklist.groups[name], &Ages { now: self.now, skew, max_age });
            let mut faults: Vec<String> = assessment.faults.iter().map(|(fault, _)| format!("facts:{name}:{fault}")).collect();
            if facts.groups.get(name).is_some_and(|stated| stated.group.trust < *lowest) {
                faults.push(format!("facts:{name}:untrusted"));
            }
            match (assessment.value, faults.is_empty()) {
                (Some(value), true) => {
                    values.insert(name.clone(), value);
                    envelopes.insert(name.clone(), assessment.envelope);
                }
                _ => drop(wrong.insert(name, faults)),
            }
        }
        let of_control = |c: &Control| c.text.facts.keys().filter_map(|name| wrong.get(name.as_str())).flatten().cloned().collect();
        let faults = checklist.controls.iter().map(of_control).collect();
        let input = json!({
            "facts": values,
            "envelope": envelopes,
            "environment": facts.plan.environment,
            "release": facts.plan.release,
            "now_ms": self.now.ms,
        });
        Prepared { environment, text: input.to_string(), faults, ..Prepared::default() }
    }

    /// What the entry of `entry.rego` says, with what the host knows of groups.
    pub fn said(&self, all: &Value, prepared: &Prepared) -> Said {
        let checklist = &self.courts[prepared.environment].checklist;
        let rows = checklist.controls.iter().zip(&prepared.faults);
        let rows = rows.map(|(c, faults)| spoken(checklist, c, &all["controls"][&c.text.id], faults));
        Said { go: all["decision"] == "GO", rows: rows.collect() }
    }
}

fn facts(document: &str) -> Facts {
    let envelope = contract("envelope").expect("the envelope's schema");
    let source = Arc::new(Source::new("facts.json", document));
    let document = read(source, envelope, &text::Limits::default()).unwrap_or_else(|p| panic!("{}", p[0]));
    let word = |key: &str| document.document.value[key].as_str().unwrap_or_default().to_owned();
    let plan = Plan { environment: word("environment"), release: word("release") };
    combine(vec![document], &plan).unwrap_or_else(|p| panic!("{}", p[0]))
}

/// The number of an environment.
pub fn number(environment: &str) -> usize {
    ENVIRONMENTS.iter().position(|name| *name == environment).expect("an environment of the fleet")
}

/// One control's answers, concluded as the host does.
fn spoken(checklist: &Checklist, control: &Control, answers: &Value, faults: &[String]) -> Spoken {
    let list = |key: &str| answers[key].as_array().unwrap_or_else(|| panic!("{}: `{key}` is no set", control.text.id));
    let bad: BTreeSet<String> = faults.iter().filter_map(|id| id.split(':').nth(1)).map(str::to_owned).collect();
    // A criterion that reads a bad group is open whatever the policy says.
    let reads_bad = |id: &str| !bad.is_empty() && checklist.reads(control).groups_of.get(id).is_none_or(|groups| !groups.is_disjoint(&bad));
    let said = list("met").iter().map(|id| id.as_str().expect("a criterion"));
    let mut met: BTreeSet<String> = said.filter(|id| !reads_bad(id)).map(str::to_owned).collect();
    let mut findings: BTreeSet<String> = faults.iter().cloned().collect();
    let proven = met.len() == control.text.criteria.len() && faults.is_empty();
    let mut verdict = if proven { "pass" } else { "unknown" };
    for violation in list("violations") {
        let code = violation["code"].as_str().expect("a violation's code");
        let denied = &control.text.violations[code].denies;
        if met.remove(denied) {
            verdict = "error";
        } else if verdict != "error" {
            verdict = "fail";
        }
        findings.insert(match violation.get("subject") {
            Some(subject) => format!("{code}[{}]", self::subject(subject)),
            None => code.to_owned(),
        });
    }
    Spoken { verdict: verdict.to_owned(), met: Some(met), findings }
}

fn subject(value: &Value) -> String {
    let part = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let Some((last, before)) = value.as_array().and_then(|parts| parts.split_last()) else { return part(value) };
    let before: String = before.iter().map(|p| part(p).replace('~', "~0").replace('/', "~1") + "/").collect();
    before + &part(last)
}

/// Writes a verdict line.
pub fn line<'r>(out: &mut String, digest: &str, go: bool, rows: impl Iterator<Item = (&'r str, &'static str)> + Clone) {
    out.clear();
    let _ = write!(out, "{{\"format\":\"golive.verdict/1\",\"source\":\"facts.json\",\"digest\":\"{digest}\",\"verdicts\":{{");
    for (at, (id, verdict)) in rows.clone().enumerate() {
        let _ = write!(out, "{}\"{id}\":\"{verdict}\"", if at > 0 { "," } else { "" });
    }
    let _ = write!(out, "}},\"decision\":\"{}\",\"blocking\":[", if go { "GO" } else { "NO_GO" });
    for (at, (id, _)) in rows.filter(|(_, verdict)| *verdict != "pass").enumerate() {
        let _ = write!(out, "{}\"{id}\"", if at > 0 { "," } else { "" });
    }
    out.push_str("]}\n");
}
