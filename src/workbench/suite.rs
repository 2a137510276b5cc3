//! Fixtures of controls: cases `<area>/<name>/<case>/`, each with `facts.json`, or with `patch.json` against `../pass`, and what
//! must come of it in `expected.json`; `case.json` above them says when and for what all are judged.

use crate::facts::Plan;
use crate::model::{Instant, Judgement};
use crate::text::{Document, Limits, Problem, Source, read_by_name, read_json, visible};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Texts by their paths below the folder of fixtures.
pub type FixtureFiles = BTreeMap<String, Arc<Source>>;

/// All fixtures of a checklist.
#[derive(Debug, Clone)]
pub struct Suite {
    /// What they are about.
    pub plan: Plan,
    /// The clock of all.
    pub at: Instant,
    /// The parameters that they are judged with.
    pub overlay: Option<Document>,
    /// The fixtures, sorted by control and name.
    pub cases: Vec<Case>,
}

/// A fixture: the facts of one control, and when and for what they are judged.
#[derive(Debug, Clone)]
pub struct Case {
    /// The control.
    pub control: String,
    /// The fixture's name.
    pub name: String,
    /// A facts document.
    pub facts: Value,
    /// The clock.
    pub at: Instant,
    /// What is planned.
    pub plan: Plan,
    /// What must come of it; none where the case does not say.
    pub expected: Option<Expected>,
}

/// What must come of a case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The verdict's word.
    pub verdict: String,
    /// The ids of all findings, in their order.
    pub findings: Vec<String>,
    /// Where some of them point, by their ids: RFC 6901 pointers into the facts document.
    #[serde(default)]
    pub at: BTreeMap<String, Vec<String>>,
}

impl Expected {
    /// The findings that point elsewhere than expected, each with where it points.
    pub fn elsewhere<'e>(&'e self, judgement: &'e Judgement) -> Vec<(&'e str, &'e [String], &'e [String])> {
        let of =
            |id: &str| judgement.findings.iter().find(|finding| finding.id == id).map_or(&[][..], |finding| finding.pointers.as_slice());
        let all = self.at.iter().map(|(id, pointers)| (id.as_str(), pointers.as_slice(), of(id)));
        all.filter(|(_, expected, actual)| expected != actual).collect()
    }
}

impl Suite {
    /// Reads all fixtures.
    ///
    /// # Errors
    /// Every file that is missing, unreadable or wrong.
    pub fn read(files: &FixtureFiles) -> Result<Self, Vec<Problem>> {
        let settings = json(files, "case.json").map_err(|p| vec![p])?;
        let word = |key: &str| settings[key].as_str().map(str::to_owned);
        let (Some(at), Some(environment), Some(release)) =
            (word("at").as_deref().and_then(Instant::parse), word("environment"), word("release"))
        else {
            return Err(vec![wrong("case.json", "`at`, `environment` and `release` are wanted")]);
        };
        let plan = Plan { environment, release };
        let overlay = match word("parameters") {
            Some(name) => Some(source(files, &name).and_then(|s| read_by_name(s, &Limits::default())).map_err(|p| vec![p])?),
            None => None,
        };
        let (mut cases, mut problems) = (Vec::new(), Vec::new());
        for folder in folders(files) {
            let [area, name, case] = folder.split('/').collect::<Vec<_>>()[..] else { continue };
            match (facts(files, &folder), expected(files, &folder)) {
                (Ok(facts), Ok(expected)) => {
                    cases.push(Case { control: format!("{area}.{name}"), name: case.to_owned(), facts, at, plan: plan.clone(), expected });
                }
                (facts, expected) => problems.extend(facts.err().into_iter().chain(expected.err())),
            }
        }
        cases.sort_by(|a, b| (&a.control, &a.name).cmp(&(&b.control, &b.name)));
        if problems.is_empty() { Ok(Self { plan, at, overlay, cases }) } else { Err(problems) }
    }

    /// No fixtures.
    pub fn empty() -> Self {
        let plan = Plan { environment: String::new(), release: String::new() };
        Self { plan, at: Instant { ms: 0 }, overlay: None, cases: Vec::new() }
    }

    /// The fixtures of one control.
    pub fn of<'s>(&'s self, control: &'s str) -> impl Iterator<Item = &'s Case> {
        self.cases.iter().filter(move |case| case.control == control)
    }
}

/// Every folder that holds a file of a case.
fn folders(files: &FixtureFiles) -> BTreeSet<String> {
    files.keys().filter_map(|path| Some(path.rsplit_once('/')?.0.to_owned())).collect()
}

/// The facts document of one fixture.
fn facts(files: &FixtureFiles, folder: &str) -> Result<Value, Problem> {
    let own = format!("{folder}/facts.json");
    if files.contains_key(&own) {
        return json(files, &own);
    }
    let path = format!("{folder}/patch.json");
    let base = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    let mut value = json(files, &format!("{base}/pass/facts.json"))?;
    let patch: json_patch::Patch = serde_json::from_value(json(files, &path)?).map_err(|e| wrong(&path, &e.to_string()))?;
    json_patch::patch(&mut value, &patch).map_err(|e| wrong(&path, &e.to_string()))?;
    Ok(value)
}

fn expected(files: &FixtureFiles, folder: &str) -> Result<Option<Expected>, Problem> {
    let path = format!("{folder}/expected.json");
    if !files.contains_key(&path) {
        return Ok(None);
    }
    serde_json::from_value(json(files, &path)?).map(Some).map_err(|e| wrong(&path, &e.to_string()))
}

fn json(files: &FixtureFiles, path: &str) -> Result<Value, Problem> {
    read_json(source(files, path)?, &Limits::default()).map(|d| d.value)
}

fn source(files: &FixtureFiles, path: &str) -> Result<Arc<Source>, Problem> {
    files.get(path).cloned().ok_or_else(|| wrong(path, "the fixtures have no such file"))
}

fn wrong(path: &str, what: &str) -> Problem {
    Problem::new("golive::fixtures", format!("{}: {}", visible(path), visible(what)))
}
