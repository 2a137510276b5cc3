//! The table of contents.

use super::{Material, group_schema, json, sheet};
use crate::report::count;
use crate::report::encode::{markdown as prose, markdown_token as token};
use crate::report::sheet::Sheet;
use std::collections::BTreeMap;

/// The whole page.
pub(super) fn page(material: &Material<'_>) -> String {
    let about = &material.checklist.about;
    let mut sheet = sheet();
    sheet.heading(format!("# {}", prose(&about.title)));
    sheet.line(format!("{} version {}, {}:", token(&about.id), token(&about.version), count(about.controls, "control")));
    sheet.line(format!("{}.\n", token(&about.digest)));
    sheet.columns(&["", "control", "check", "area", "criteria", "fixtures"]);
    for (number, control) in (1..).zip(&material.checklist.controls) {
        let text = &control.text;
        // An id is made of small letters, digits, dots and low lines: it is a path as it stands.
        let link = format!("[{}]({}.md)", token(&text.id), text.id);
        let fixtures = material.suite.of(&text.id).count();
        sheet.cells(&[
            number.to_string(),
            link,
            prose(&text.title),
            prose(&text.area),
            text.criteria.len().to_string(),
            fixtures.to_string(),
        ]);
    }
    sheet.line(format!("\nThe gate, and what controls share: [{}]({}).", token("policies"), super::LIBRARIES));
    groups(&mut sheet, material);
    collectors(&mut sheet, material);
    sheet.finish()
}

fn groups(sheet: &mut Sheet, material: &Material<'_>) {
    sheet.heading("## Groups of facts");
    let ages = json(material.files, "policies/parameters.json");
    sheet.columns(&["group", "what it is", "lowest trust", "most age", "read by"]);
    for group in material.checklist.groups.keys() {
        let readers: Vec<_> = material.checklist.controls.iter().filter(|c| c.text.facts.contains_key(group)).collect();
        let mut trusts: Vec<&str> = readers.iter().filter_map(|c| c.text.facts.get(group)).map(|trust| trust.word()).collect();
        trusts.sort_unstable();
        trusts.dedup();
        let names: Vec<String> = readers.iter().map(|c| token(&c.text.id)).collect();
        let title = prose(group_schema(material.files, group)["title"].as_str().unwrap_or_default());
        let age = ages["max_age"][group].as_str().unwrap_or_default();
        sheet.cells(&[token(group), title, trusts.join(", "), age.to_owned(), names.join(", ")]);
    }
}

/// Each collector with the groups that it can state.
fn collectors(sheet: &mut Sheet, material: &Material<'_>) {
    let mut by_name: BTreeMap<&str, (&str, Vec<String>)> = BTreeMap::new();
    for group in material.checklist.groups.keys() {
        for collector in material.collectors.get(group).into_iter().flatten() {
            by_name.entry(&collector.name).or_insert((&collector.about, Vec::new())).1.push(token(group));
        }
    }
    sheet.heading("## Collectors");
    sheet.line("By their names, and as the templates of `golive init` use them; `json` takes any other group from a program or a file.\n");
    sheet.columns(&["collector", "what it states", "groups"]);
    for (name, (about, groups)) in by_name {
        sheet.cells(&[token(name), prose(about), groups.join(", ")]);
    }
}
