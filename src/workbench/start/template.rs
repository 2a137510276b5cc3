//! The template of a control, filled in.

use crate::checklist::FIXTURES;
use crate::model::Instant;
use serde_json::{Value, json};

/// What is filled in.
pub struct Words {
    area: String,
    name: String,
}

/// The same with when and for what the fixtures are judged.
pub struct Filled {
    words: Words,
    collected_at: String,
    environment: Value,
    release: Value,
}

impl Words {
    /// Of a control's id; none where it is no id.
    pub fn of(id: &str) -> Option<Self> {
        let (area, name) = id.split_once('.')?;
        let word = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        let good = word(area) && word(name) && id.len() <= 100 && !name.ends_with("_test");
        good.then(|| Self { area: area.to_owned(), name: name.to_owned() })
    }

    /// The control's id.
    pub fn id(&self) -> String {
        format!("{}.{}", self.area, self.name)
    }

    /// The name of its group of facts.
    pub fn group(&self) -> String {
        format!("{}_{}", self.area, self.name)
    }

    /// Facts that were collected ten minutes before a time.
    pub fn with(self, at: Instant, environment: &str, release: &str) -> Filled {
        let collected_at = Instant { ms: at.ms - 600_000 }.to_string();
        Filled { words: self, collected_at, environment: environment.into(), release: release.into() }
    }
}

impl Filled {
    /// Every file of the control, by its path below the checklist's folder.
    pub fn files(&self) -> Vec<(String, String)> {
        let Words { area, name } = &self.words;
        let policy = format!("policies/controls/{area}/{name}");
        let cases = format!("{FIXTURES}{area}/{name}");
        let group = self.words.group();
        let value = format!("/facts/{group}/value");
        let mut out = vec![
            (format!("{policy}.rego"), self.fill(include_str!("../../../templates/control/control.rego"))),
            (format!("{policy}_test.rego"), self.fill(include_str!("../../../templates/control/control_test.rego"))),
            (format!("schemas/facts/{group}.schema.json"), self.fill(include_str!("../../../templates/control/group.schema.json"))),
            (format!("{cases}/pass/facts.json"), self.fill(include_str!("../../../templates/control/facts.json"))),
            (format!("{cases}/pass/expected.json"), expected("pass", &[])),
        ];
        let no = json!([{"op": "replace", "path": format!("{value}/subjects/1/in_order"), "value": "no"}]);
        let unknown = json!([{"op": "replace", "path": format!("{value}/subjects/1/in_order"), "value": "unknown"}]);
        let none = json!([{"op": "replace", "path": value, "value": {"subjects": [], "subjects_total": 0}}]);
        let missing = json!([{"op": "remove", "path": format!("/facts/{group}")}]);
        let cases_of = [
            ("fail_not-in-order", no, expected("fail", &["not-in-order[two]"])),
            ("fail_no-subject", none, expected("fail", &["no-subject", "unproven:subjects-in-order"])),
            ("unknown_subject", unknown, expected("unknown", &["unproven:subjects-in-order"])),
            ("missing_facts", missing, expected("unknown", &[&format!("facts:{group}:missing")])),
        ];
        for (case, patch, expected) in cases_of {
            out.push((format!("{cases}/{case}/patch.json"), format!("{patch}\n")));
            out.push((format!("{cases}/{case}/expected.json"), expected));
        }
        out
    }

    fn fill(&self, template: &str) -> String {
        let Words { area, name } = &self.words;
        let spoken = |text: &str| {
            let text = text.replace('_', " ");
            let mut letters = text.chars();
            letters.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + letters.as_str())
        };
        let words = [
            ("{{title}}", format!("{} is {}", spoken(area), name.replace('_', " "))),
            ("{{Area}}", spoken(area)),
            ("{{group}}", self.words.group()),
            ("{{id}}", self.words.id()),
            ("{{area}}", area.clone()),
            ("{{name}}", name.clone()),
            ("{{collected_at}}", self.collected_at.clone()),
            ("{{environment}}", self.environment.to_string()),
            ("{{release}}", self.release.to_string()),
        ];
        words.iter().fold(template.to_owned(), |text, (place, word)| text.replace(place, word))
    }
}

fn expected(verdict: &str, findings: &[&str]) -> String {
    format!("{}\n", json!({"verdict": verdict, "findings": findings}))
}
