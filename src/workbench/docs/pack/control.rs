//! One control of the review pack.

use super::Trials;
use super::proof::Proof;
use crate::checklist::Control;
use crate::model::ViolationText;
use crate::rego::syntax::Module;
use crate::report::encode::fragment;
use crate::report::html::Writer;
use crate::report::html::parts::{chip, columns, disclosure, pair_text};
use crate::workbench::docs::examples::{self, Example};
use crate::workbench::docs::rego::Rules;
use crate::workbench::docs::{Material, group_schema, parameters};
use crate::workbench::mutate::{Fate, Tried};
use serde_json::Value;

/// A control and what is known of it.
#[derive(Clone, Copy)]
pub(super) struct Subject<'s> {
    pub material: &'s Material<'s>,
    pub trials: Trials<'s>,
    pub control: &'s Control,
    pub module: &'s Module,
    pub rules: &'s Rules,
    pub number: usize,
}

pub(super) fn control(html: &mut Writer, subject: Subject<'_>) {
    let text = &subject.control.text;
    let id = super::id(&text.id);
    let heading = format!("{id}-heading");
    let examples = examples::of(subject.material, &text.id);
    html.put("section", &[("class", "control"), ("id", &id), ("aria-labelledby", &heading)], |html| {
        html.leaf("h2", &[("id", &heading)], &format!("{}. {}", subject.number, text.title));
        html.put("p", &[("class", "marks")], |html| {
            html.leaf("code", &[], &text.id);
            html.leaf("span", &[("class", "soft")], &format!(" {}", text.area));
        });
        html.put("dl", &[("class", "words")], |html| {
            for (name, words) in [("PASS criteria", &text.pass), ("FAIL criteria", &text.fail), ("Remediation", &text.remediation)] {
                html.put("div", &[], |html| pair_text(html, name, words));
            }
        });
        criteria(html, subject, &examples);
        reads(html, subject);
        settings(html, subject);
        tests(html, subject, &examples);
        changes(html, subject);
        example_that_passes(html, &examples);
        example_that_fails(html, subject, &examples);
        html.put("p", &[], |html| html.leaf("a", &[("href", "#overview")], "Back to the overview"));
    });
}

fn criteria(html: &mut Writer, subject: Subject<'_>, examples: &[Example<'_>]) {
    let text = &subject.control.text;
    html.leaf("h3", &[], "Criteria");
    html.put("ol", &[("class", "items")], |html| {
        for (id, words) in &text.criteria {
            html.put("li", &[], |html| {
                html.put("p", &[], |html| {
                    html.text(words);
                    html.text(" ");
                    html.leaf("code", &[("class", "soft")], id);
                });
                let denying: Vec<(&String, &ViolationText)> = text.violations.iter().filter(|(_, v)| v.denies == *id).collect();
                for (code, violation) in &denying {
                    html.put("p", &[("class", "soft")], |html| {
                        html.text("denied by ");
                        html.leaf("code", &[], code);
                        let example = examples::of_code(examples, code).map(|(_, message)| message);
                        html.text(&format!(": {}", example.unwrap_or(&violation.message)));
                    });
                }
                disclosure(html, &format!("Rego of {id}"), |html| {
                    html.leaf("p", &[], "Proven by:");
                    html.code(&[], &subject.rules.proving(id));
                    let rego: Vec<String> = denying.iter().map(|(code, _)| subject.rules.stating(code)).collect();
                    if rego.is_empty() {
                        html.leaf("p", &[], "Nothing denies it: where it is not proven the control is unknown.");
                    } else {
                        html.leaf("p", &[], "Denied by:");
                        html.code(&[], &rego.join("\n\n"));
                    }
                });
            });
        }
    });
    if !subject.rules.shared.is_empty() {
        disclosure(html, "Rego that these have in common", |html| html.code(&[], &subject.rules.shared.join("\n\n")));
    }
    if !subject.rules.libraries.is_empty() {
        html.put("p", &[], |html| {
            html.text("Shared functions:");
            for name in &subject.rules.libraries {
                html.text(" ");
                html.leaf("a", &[("href", &format!("#policy-{}", fragment(name)))], name);
            }
        });
    }
}

fn reads(html: &mut Writer, subject: Subject<'_>) {
    html.leaf("h3", &[], "Facts that it reads");
    html.put("ul", &[("class", "plain items")], |html| {
        for (group, trust) in &subject.control.text.facts {
            html.put("li", &[], |html| {
                html.put("p", &[], |html| {
                    html.leaf("code", &[], group);
                    html.text(" ");
                    chip(html, "soft", trust.word());
                    html.text(group_schema(subject.material.files, group)["title"].as_str().unwrap_or_default());
                });
            });
        }
    });
}

fn settings(html: &mut Writer, subject: Subject<'_>) {
    html.leaf("h3", &[], "Parameters");
    html.put("ul", &[("class", "plain items")], |html| {
        for parameter in parameters::of(subject.material, subject.control) {
            let path = parameter.name.split('.');
            let value = path.fold(&subject.material.checklist.parameters.value, |at, part| &at[part]).to_string();
            html.put("li", &[], |html| {
                html.put("p", &[], |html| {
                    html.leaf("code", &[], &parameter.name);
                    html.text(&format!(" {}", parameter.about));
                });
                html.put("p", &[("class", "soft")], |html| {
                    html.text("default ");
                    html.leaf("code", &[], &parameter.default);
                    if value != parameter.default {
                        html.text(", in the tests ");
                        html.leaf("code", &[], &value);
                    }
                    html.text(&format!(", may be {}", parameter.bounds));
                });
            });
        }
    });
}

/// Every fixture and what it shows, then the tests in Rego.
fn tests(html: &mut Writer, subject: Subject<'_>, examples: &[Example<'_>]) {
    let proof = Proof::of(subject.trials, &subject.control.text.id, &subject.module.source.name);
    html.leaf("h3", &[], "Tests");
    html.leaf("p", &[], &format!("{}. They reach {} {}.", proof.tests(), proof.lines(), proof.states()));
    html.put("table", &[], |html| {
        html.leaf("caption", &[], "Each fixture, and what the policy says of it");
        columns(html, &["Fixture", "Verdict"]);
        html.put("tbody", &[], |html| {
            for example in examples {
                html.put("tr", &[], |html| {
                    html.put("th", &[("scope", "row")], |html| {
                        html.leaf("code", &[], &example.case.name);
                        let findings = match &example.judgement {
                            Ok(judgement) => judgement.findings.iter().map(|f| f.id.as_str()).collect::<Vec<_>>().join(", "),
                            Err(reason) => reason.clone(),
                        };
                        html.leaf("span", &[("class", "sub")], &findings);
                    });
                    let class = if example.verdict() == "pass" { "mark good" } else { "mark bad" };
                    html.put("td", &[], |html| html.leaf("span", &[("class", class)], example.verdict()));
                });
            }
        });
    });
    let in_rego: Vec<_> = proof.tested.iter().filter(|test| test.group != subject.control.text.id).collect();
    if !in_rego.is_empty() {
        disclosure(html, &format!("Tests in Rego: {}", in_rego.len()), |html| {
            html.put("ul", &[], |html| {
                for test in in_rego {
                    html.leaf("li", &[], &format!("{}: {}", test.name, test.ending.word()));
                }
            });
        });
    }
}

/// What no test notices, each with the reason that somebody gave.
fn changes(html: &mut Writer, subject: Subject<'_>) {
    let proof = Proof::of(subject.trials, &subject.control.text.id, &subject.module.source.name);
    html.leaf("h3", &[], "Small changes of its policy");
    html.leaf("p", &[], &format!("{}: {}.", proof.mutants(), proof.mutants_in_full()));
    survivors(html, &proof.tried);
}

/// Changes that no test notices.
pub(super) fn survivors(html: &mut Writer, tried: &[&Tried]) {
    let survived: Vec<_> = tried.iter().filter(|tried| tried.fate == Fate::Survived).collect();
    if survived.is_empty() {
        return;
    }
    html.put("ul", &[("class", "plain items")], |html| {
        for tried in survived {
            html.put("li", &[], |html| {
                let (from, to) = tried.mutant.lines();
                html.put("p", &[], |html| {
                    html.leaf("code", &[], &format!("{}:{}", tried.mutant.file, tried.mutant.line()));
                    html.text(&format!(" {}", tried.mutant.rule));
                });
                html.code(&[], &format!("- {from}\n+ {to}"));
                html.leaf("p", &[], tried.reason.as_deref().unwrap_or("Nobody said why it may survive."));
            });
        }
    });
}

fn example_that_passes(html: &mut Writer, examples: &[Example<'_>]) {
    let Some(example) = examples.iter().find(|example| example.case.name == "pass") else { return };
    html.leaf("h3", &[], "An example that passes");
    said(html, example);
    disclosure(html, "Its facts", |html| {
        for (group, stated) in example.case.facts["facts"].as_object().into_iter().flatten() {
            html.put("p", &[], |html| {
                html.leaf("code", &[], group);
                let word = |key: &str| stated[key].as_str().unwrap_or_default();
                html.text(&format!(" {}, collected at {}, from {}", word("trust"), word("collected_at"), word("source")));
            });
            html.code(&[], &serde_json::to_string_pretty(&stated["value"]).unwrap_or_default());
        }
    });
}

/// When and for what an example was judged, and what came of it.
fn said(html: &mut Writer, example: &Example<'_>) {
    html.put("p", &[], |html| {
        let class = if example.verdict() == "pass" { "good" } else { "bad" };
        chip(html, class, example.verdict());
        let (case, plan) = (example.case, &example.case.plan);
        html.text(&format!("Fixture {}, as of {}, environment {}, release {}", case.name, case.at, plan.environment, plan.release));
    });
}

/// The first violation in the order of the criteria that a fixture shows: what differs, and what golive says.
fn example_that_fails(html: &mut Writer, subject: Subject<'_>, examples: &[Example<'_>]) {
    let text = &subject.control.text;
    let Some(pass) = examples.iter().find(|example| example.case.name == "pass") else { return };
    let mut codes = text.criteria.iter().flat_map(|(id, _)| text.violations.iter().filter(move |(_, v)| v.denies == *id));
    let Some((example, _)) = codes.find_map(|(code, _)| examples::of_code(examples, code)) else { return };
    html.leaf("h3", &[], "An example that fails");
    said(html, example);
    html.leaf("p", &[], "What differs from the example that passes:");
    html.put("ul", &[("class", "plain items")], |html| {
        for difference in examples::differences(&pass.case.facts, &example.case.facts) {
            html.put("li", &[], |html| {
                html.put("p", &[], |html| html.leaf("code", &[], &difference.pointer));
                html.put("dl", &[("class", "pairs")], |html| {
                    for (name, value) in [("There", &difference.before), ("Here", &difference.after)] {
                        pair_text(html, name, &value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string));
                    }
                });
            });
        }
    });
    let Ok(judgement) = &example.judgement else { return };
    html.leaf("p", &[], "What is said of it:");
    html.put("ul", &[("class", "plain items")], |html| {
        for finding in &judgement.findings {
            html.put("li", &[], |html| {
                html.put("p", &[], |html| html.put("strong", &[], |html| html.leaf("code", &[], &finding.id)));
                html.leaf("p", &[], &finding.message);
                for pointer in &finding.pointers {
                    html.put("p", &[("class", "soft")], |html| {
                        html.text("at ");
                        html.leaf("code", &[], pointer);
                    });
                }
            });
        }
    });
}
