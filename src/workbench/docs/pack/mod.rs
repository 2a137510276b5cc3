//! The review pack: one page for those who approve a checklist. What each control asks, the Rego that decides it, its parameters, what
//! its tests show, how much of it they reach, and which changes of it they would not notice.

mod control;
mod proof;

use super::{Material, libraries, rego::Rules};
use crate::checklist::Files;
use crate::report::count;
use crate::report::encode::fragment;
use crate::report::html::parts::{columns, digests, disclosure, section};
use crate::report::html::{Writer, page};
use crate::workbench::{mutate, test};
use proof::Proof;

/// What was found out about the tests of a checklist.
#[derive(Debug, Clone, Copy)]
pub struct Trials<'t> {
    /// What its tests came to, with what they reach.
    pub tests: &'t test::Report,
    /// What became of small changes of its policies; the reason where they were not made.
    pub mutants: Result<&'t mutate::Report, &'static str>,
}

/// The page, for the controls whose id begins with `prefix`.
pub fn pack(material: &Material<'_>, trials: Trials<'_>, prefix: &str) -> String {
    let about = &material.checklist.about;
    let modules = material.checklist.engine.modules();
    // A control's index is its module's.
    let controls: Vec<_> = material.checklist.controls.iter().zip(&modules).filter(|(c, _)| c.text.id.starts_with(prefix)).collect();
    let title = format!("Review pack: {} version {}", about.title, about.version);
    page(&title, "pack", |html| {
        html.leaf("a", &[("class", "skip"), ("href", "#overview")], "Skip to the overview");
        html.put("header", &[], |html| html.put("div", &[("class", "top")], |html| top(html, material, trials)));
        html.put("div", &[("class", "frame")], |html| {
            html.put("nav", &[("aria-label", "On this page")], |html| contents(html, &controls));
            html.put("main", &[], |html| {
                section(html, "overview", "Overview", |html| overview(html, trials, &controls));
                for (number, (control, module)) in (1..).zip(&controls) {
                    let rules = Rules::of(module);
                    control::control(html, control::Subject { material, trials, control, module, rules: &rules, number });
                }
                section(html, "shared", "The gate, and functions that controls share", |html| shared(html, material, trials));
                section(html, "digests", "What this page is about", |html| inputs(html, material));
            });
        });
        html.put("footer", &[], |html| {
            let text = format!("Made by golive {} from policies, schemas, parameters and fixtures.", env!("CARGO_PKG_VERSION"));
            html.leaf("p", &[], &text);
        });
    })
}

type Listed<'l> = [(&'l crate::checklist::Control, &'l crate::rego::syntax::Module)];

fn top(html: &mut Writer, material: &Material<'_>, trials: Trials<'_>) {
    let about = &material.checklist.about;
    html.leaf("p", &[("class", "kind")], "Review pack");
    html.put("h1", &[], |html| html.leaf("span", &[("class", "why")], &about.title));
    let lead = "What each control asks, the Rego that decides it, and how well its tests hold it. \
                Examples were judged, and tests were run, while this page was made.";
    html.leaf("p", &[("class", "lead")], lead);
    let all = Proof::of_all(trials);
    html.put("dl", &[("class", "facts-of")], |html| {
        entry(html, "Checklist", &about.id, &format!("version {}, {}", about.version, about.origin));
        entry(html, "Controls", &about.controls.to_string(), "each is Rego, schemas and fixtures");
        entry(html, "Tests", &all.tests(), "fixtures, and tests in Rego");
        entry(html, "Coverage", &all.lines(), &all.states());
        entry(html, "Small changes", &all.mutants(), &all.mutants_in_full());
    });
}

fn entry(html: &mut Writer, name: &str, value: &str, more: &str) {
    html.put("div", &[], |html| {
        html.leaf("dt", &[], name);
        html.put("dd", &[], |html| {
            html.text(value);
            html.text(" ");
            html.leaf("small", &[], more);
        });
    });
}

fn contents(html: &mut Writer, controls: &Listed<'_>) {
    html.put("ul", &[], |html| {
        html.put("li", &[], |html| html.leaf("a", &[("href", "#overview")], "Overview"));
        for (index, (control, _)) in controls.iter().enumerate() {
            let class = if index == 0 { "apart" } else { "row" };
            html.put("li", &[("class", class)], |html| html.leaf("a", &[("href", &to(&control.text.id))], &control.text.id));
        }
        html.put("li", &[("class", "apart")], |html| html.leaf("a", &[("href", "#shared")], "Gate and shared functions"));
        html.put("li", &[("class", "row")], |html| html.leaf("a", &[("href", "#digests")], "What this page is about"));
    });
}

fn overview(html: &mut Writer, trials: Trials<'_>, controls: &Listed<'_>) {
    html.put("table", &[("class", "checks")], |html| {
        html.leaf(
            "caption",
            &[],
            "Of each control: its tests, the lines of its policy that they reach, and the small changes that they notice.",
        );
        columns(html, &["#", "Check", "Tests", "Lines", "Changes"]);
        html.put("tbody", &[], |html| {
            for (number, (control, module)) in (1..).zip(controls) {
                let proof = Proof::of(trials, &control.text.id, &module.source.name);
                html.put("tr", &[], |html| {
                    html.leaf("td", &[("class", "number")], &i32::to_string(&number));
                    html.put("th", &[("scope", "row")], |html| {
                        html.leaf("a", &[("href", &to(&control.text.id))], &control.text.title);
                        html.leaf("span", &[("class", "sub")], &format!("{}, {}", control.text.area, control.text.id));
                    });
                    for text in [proof.tests(), proof.lines(), proof.mutants()] {
                        html.leaf("td", &[], &text);
                    }
                });
            }
        });
    });
}

fn shared(html: &mut Writer, material: &Material<'_>, trials: Trials<'_>) {
    html.leaf("p", &[], "The gate may close go-live, never open it. A control may call no other control.");
    for (name, path, source) in libraries::sources(material) {
        html.put("div", &[("id", &format!("policy-{}", fragment(name)))], |html| {
            disclosure(html, path, |html| html.code(&[], &source.text));
        });
    }
    let of_controls = |group: &str| material.checklist.control(group).is_some();
    let tried: Vec<_> = trials.mutants.iter().flat_map(|report| &report.tried).filter(|tried| !of_controls(&tried.group)).collect();
    if !tried.is_empty() {
        let [killed, refused, explained, survived] = mutate::counts(tried.iter().copied());
        let text = format!(
            "Of {} of shared functions {killed} are noticed by tests, {refused} at load; {explained} are listed with a reason, {survived} unnoticed.",
            count(tried.len(), "small change")
        );
        html.leaf("p", &[], &text);
        control::survivors(html, &tried);
    }
}

fn inputs(html: &mut Writer, material: &Material<'_>) {
    let about = &material.checklist.about;
    html.leaf("p", &[], &format!("The digest over policies, schemas and parameters, {}:", count(about.controls, "control")));
    html.put("p", &[], |html| html.leaf("code", &[], &about.digest));
    let files = ["policies/", "schemas/facts/", "schemas/parameters.schema.json"];
    let files = files.iter().flat_map(|prefix| material.files.under(prefix));
    let all: Vec<(&str, &str, String)> = files.map(|(path, source)| (kind(path), path, source.digest())).collect();
    digests(html, "Digests of all files", all.iter().map(|(kind, path, digest)| (*kind, *path, digest.as_str())));
}

fn kind(path: &str) -> &'static str {
    match path {
        "policies/parameters.json" => "parameters",
        path if Files::is_test(path) => "test",
        path if path.starts_with("schemas/") => "schema",
        _ => "policy",
    }
}

/// The id of a control's section.
fn id(control: &str) -> String {
    format!("control-{}", fragment(control))
}

/// Where a link to it leads.
fn to(control: &str) -> String {
    format!("#{}", id(control))
}
