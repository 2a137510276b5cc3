//! What a checklist consists of: words for people, METADATA for machines (`golive.controls/1`).

use crate::checklist::Checklist;
use crate::model::Trust;
use crate::report::page::{Page, Part, STRONG};
use crate::report::{Look, count, encode};
use serde::Serialize;
use std::collections::BTreeMap;

/// Where what is said of a control begins.
const INDENT: usize = 4;

/// The names of the formats; the first is the default.
pub const FORMATS: [&str; 2] = ["human", "json"];

/// The whole text in a format of [`FORMATS`].
pub fn render(checklist: &Checklist, format: &str, look: &Look) -> String {
    if format == "json" { machine(checklist) } else { human(checklist, look) }
}

fn human(checklist: &Checklist, look: &Look) -> String {
    let about = &checklist.about;
    let mut page = Page::new(look);
    page.put(0, 2, &[Part::words(&about.title).styled(STRONG)]);
    let words = format!("{} version {}, {}, {}", about.id, about.version, count(about.controls, "control"), about.origin);
    page.put(0, 2, &[Part::words(words), Part::whole(&about.digest)]);
    page.blank();
    for (number, control) in (1_usize..).zip(&checklist.controls) {
        let text = &control.text;
        let criteria = match text.criteria.len() {
            1 => "1 criterion".to_owned(),
            more => format!("{more} criteria"),
        };
        let head = [Part::label(&number.to_string(), 3), Part::whole(format!("{:<24}", text.id)).styled(STRONG), Part::words(&text.area)];
        page.put(0, INDENT, &head);
        page.put(INDENT, INDENT, &[Part::words(&text.title), Part::words(format!("({criteria})"))]);
        let group = |(name, trust): (&String, &Trust)| match trust {
            Trust::Observed => name.clone(),
            Trust::Attested => format!("{name} (attested)"),
        };
        let groups: Vec<String> = text.facts.iter().map(group).collect();
        page.put(INDENT, INDENT, &[Part::words(format!("reads {}", groups.join(", ")))]);
    }
    page.finish()
}

#[derive(Serialize)]
struct Text<'c> {
    format: &'static str,
    checklist: &'c crate::model::Checklist,
    controls: Vec<Control<'c>>,
}

#[derive(Serialize)]
struct Control<'c> {
    id: &'c str,
    area: &'c str,
    title: &'c str,
    pass: &'c str,
    fail: &'c str,
    facts: BTreeMap<&'c str, Trust>,
    criteria: Vec<Criterion<'c>>,
    violations: Vec<Violation<'c>>,
    remediation: &'c str,
}

#[derive(Serialize)]
struct Criterion<'c> {
    id: &'c str,
    words: &'c str,
}

#[derive(Serialize)]
struct Violation<'c> {
    code: &'c str,
    denies: &'c str,
    message: &'c str,
}

fn machine(checklist: &Checklist) -> String {
    let controls = checklist.controls.iter().map(|control| {
        let text = &control.text;
        Control {
            id: &text.id,
            area: &text.area,
            title: &text.title,
            pass: &text.pass,
            fail: &text.fail,
            facts: text.facts.iter().map(|(group, trust)| (group.as_str(), *trust)).collect(),
            criteria: text.criteria.iter().map(|(id, words)| Criterion { id, words }).collect(),
            violations: text.violations.iter().map(|(code, v)| Violation { code, denies: &v.denies, message: &v.message }).collect(),
            remediation: &text.remediation,
        }
    });
    let text = Text { format: "golive.controls/1", checklist: &checklist.about, controls: controls.collect() };
    encode::document(&text)
}
