//! The page of one control.

use super::examples::{self, Example};
use super::rego::Rules;
use super::{Material, group_schema, parameters, sheet};
use crate::checklist::Control;
use crate::model::ViolationText;
use crate::rego::syntax::Module;
use crate::report::encode::{markdown as prose, markdown_block as block, markdown_token as token};
use crate::report::sheet::Sheet;
use serde_json::Value;

/// A JSON text that is longer than this is cut short in a table.
const LONGEST: usize = 160;

/// The whole page.
pub(super) fn page(material: &Material<'_>, control: &Control, module: &Module) -> String {
    let text = &control.text;
    let (rules, examples) = (Rules::of(module), examples::of(material, &text.id));
    let mut sheet = sheet();
    sheet.heading(format!("# {} {}", token(&text.id), prose(&text.title)));
    let about = &material.checklist.about;
    sheet.line(format!("Area: {}. Checklist: {} version {}.", prose(&text.area), token(&about.id), token(&about.version)));
    sheet.line(format!("\n- **PASS**: {}", prose(&text.pass)));
    sheet.line(format!("- **FAIL**: {}", prose(&text.fail)));
    sheet.line(format!("- **Remediation**: {}", prose(&text.remediation)));
    sheet
        .line("\nThe control is `pass` only where every criterion below is proven and none is denied; whatever is missing proves nothing.");
    reads(&mut sheet, material, control);
    settings(&mut sheet, material, control);
    criteria(&mut sheet, control, &rules, &examples);
    shared(&mut sheet, &rules);
    passing(&mut sheet, material, control, &examples);
    failing(&mut sheet, control, &examples);
    cases(&mut sheet, &examples);
    sheet.finish()
}

/// The groups of facts, and who collects them.
fn reads(sheet: &mut Sheet, material: &Material<'_>, control: &Control) {
    sheet.heading("## What it reads");
    sheet.columns(&["group of facts", "what it is", "lowest trust", "collectors"]);
    for (group, trust) in &control.text.facts {
        let schema = group_schema(material.files, group);
        let names = material.collectors.get(group).into_iter().flatten().map(|c| token(&c.name));
        let names = names.collect::<Vec<_>>().join(", ");
        let names = if names.is_empty() { "`json`".to_owned() } else { names };
        sheet.cells(&[token(group), prose(schema["title"].as_str().unwrap_or_default()), trust.word().to_owned(), names]);
    }
}

fn settings(sheet: &mut Sheet, material: &Material<'_>, control: &Control) {
    sheet.heading("## Parameters");
    sheet.columns(&["parameter", "default", "may be", "meaning"]);
    for parameter in parameters::of(material, control) {
        sheet.cells(&[token(&parameter.name), token(&parameter.default), token(&parameter.bounds), prose(&parameter.about)]);
    }
}

/// Each criterion: words, the Rego that proves it, and what denies it.
fn criteria(sheet: &mut Sheet, control: &Control, rules: &Rules, examples: &[Example<'_>]) {
    sheet.heading("## Criteria");
    for (number, (id, words)) in (1..).zip(&control.text.criteria) {
        sheet.line(format!("{number}. {}: {}", token(id), prose(words)));
    }
    for (id, words) in &control.text.criteria {
        sheet.heading(format!("### {}", token(id)));
        sheet.line(format!("{}. It is proven by:\n", prose(words)));
        sheet.line(block("rego", &rules.proving(id)));
        let denying: Vec<(&String, &ViolationText)> = control.text.violations.iter().filter(|(_, v)| v.denies == *id).collect();
        if denying.is_empty() {
            sheet.line("\nNothing denies it: where it is not proven the control is `unknown`.");
            continue;
        }
        sheet.line("\nIt is denied by:\n");
        sheet.columns(&["finding", "message", "for example"]);
        for (code, violation) in &denying {
            let example = examples::of_code(examples, code).map_or_else(String::new, |(_, message)| prose(message));
            sheet.cells(&[token(code), prose(&violation.message), example]);
        }
        sheet.line("");
        let rego: Vec<String> = denying.iter().map(|(code, _)| rules.stating(code)).collect();
        sheet.line(block("rego", &rego.join("\n\n")));
    }
}

/// What criteria and violations have in common.
fn shared(sheet: &mut Sheet, rules: &Rules) {
    if rules.shared.is_empty() && rules.libraries.is_empty() {
        return;
    }
    sheet.heading("## Rules that these use");
    if !rules.libraries.is_empty() {
        // The loader lets a package's name be small letters, digits and low lines: it is an anchor as it stands.
        let link = |name: &String| format!("[{}]({}#{name})", token(name), super::LIBRARIES);
        sheet.line(format!("Shared functions: {}.", rules.libraries.iter().map(link).collect::<Vec<_>>().join(", ")));
    }
    if !rules.shared.is_empty() {
        sheet.line(format!("\n{}", block("rego", &rules.shared.join("\n\n"))));
    }
}

fn passing(sheet: &mut Sheet, material: &Material<'_>, control: &Control, examples: &[Example<'_>]) {
    let Some(example) = examples.iter().find(|e| e.case.name == "pass") else { return };
    sheet.heading("## An example that passes");
    said(sheet, example);
    let names: Vec<String> = parameters::of(material, control).into_iter().map(|p| format!("/{}", p.name.replace('.', "/"))).collect();
    let given = material.checklist.about.parameters.iter().filter(|change| names.contains(&change.pointer));
    let given: Vec<String> = given.map(|change| format!("{} is {}", token(&change.pointer), token(&change.value.to_string()))).collect();
    if !given.is_empty() {
        sheet.line(format!("Of the parameters {}.", given.join(", ")));
    }
    for (group, stated) in example.case.facts["facts"].as_object().into_iter().flatten() {
        let around = |key: &str| stated[key].as_str().unwrap_or_default();
        let source = format!("{}, {}, collected at {}", around("trust"), around("source"), around("collected_at"));
        sheet.line(format!("\n{} ({}):\n", token(group), prose(&source)));
        let value = serde_json::to_string_pretty(&stated["value"]).unwrap_or_default();
        sheet.line(block("json", &value));
    }
}

/// When and for what an example was judged, and what came of it.
fn said(sheet: &mut Sheet, example: &Example<'_>) {
    let (case, plan) = (example.case, &example.case.plan);
    let when = format!("as of {}, environment {}, release {}", case.at, token(&plan.environment), token(&plan.release));
    sheet.line(format!("Fixture {}, {when}: **{}**.", token(&case.name), example.verdict()));
}

/// The first violation in the order of the criteria that a fixture shows: what differs, and what golive says.
fn failing(sheet: &mut Sheet, control: &Control, examples: &[Example<'_>]) {
    let Some(pass) = examples.iter().find(|e| e.case.name == "pass") else { return };
    let codes = control.text.criteria.iter().flat_map(|(id, _)| control.text.violations.iter().filter(move |(_, v)| v.denies == *id));
    let mut shown = codes.filter_map(|(code, _)| examples::of_code(examples, code));
    let Some((example, _)) = shown.next() else { return };
    sheet.heading("## An example that fails");
    said(sheet, example);
    sheet.line("What differs from the example that passes:\n");
    sheet.columns(&["where", "there", "here"]);
    for difference in examples::differences(&pass.case.facts, &example.case.facts) {
        let value = |value: Option<Value>| value.map_or_else(|| "nothing".to_owned(), |value| token(&short(&value.to_string())));
        sheet.cells(&[token(&difference.pointer), value(difference.before), value(difference.after)]);
    }
    let Ok(judgement) = &example.judgement else { return };
    sheet.line("\nWhat is said of the criteria:\n");
    for criterion in &judgement.criteria {
        sheet.line(format!("- {} is {}", token(&criterion.id), criterion.state.word()));
    }
    sheet.line("\nThe findings:\n");
    for finding in &judgement.findings {
        let places = finding.pointers.iter().map(|pointer| token(pointer)).collect::<Vec<_>>().join(", ");
        let places = if places.is_empty() { places } else { format!(" at {places}") };
        sheet.line(format!("- {}: {}{places}", token(&finding.id), prose(&finding.message)));
    }
}

/// Every fixture.
fn cases(sheet: &mut Sheet, examples: &[Example<'_>]) {
    sheet.heading("## Every fixture");
    sheet.columns(&["fixture", "verdict", "findings"]);
    for example in examples {
        let findings = match &example.judgement {
            Ok(judgement) => judgement.findings.iter().map(|f| token(&short(&f.id))).collect::<Vec<_>>().join(", "),
            Err(reason) => prose(reason),
        };
        sheet.cells(&[token(&example.case.name), example.verdict().to_owned(), findings]);
    }
}

/// A text of bearable length.
fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
