//! The decision as one self-contained page: no script, nothing fetched, readable on a screen and on paper.

mod behind;
mod control;
pub mod parts;
mod summary;
mod timeline;
mod top;
mod writer;

pub use writer::{Attributes, Html as Writer, page};

use super::{Format, Look, encode, words};
use crate::model::dossier::ControlAnnex;
use crate::model::{Dossier, Gate, Outcome};
use parts::{chip, pair, pair_text, section};

/// For the release record: what people look at, and an auditor prints.
pub struct Html;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn about(&self) -> &'static str {
        "one self-contained page for people and the release record"
    }

    fn wants_annex(&self) -> bool {
        true
    }

    fn render(&self, dossier: &Dossier<'_>, _look: &Look) -> String {
        let decision = dossier.decision;
        let title = format!("{}: {}, release {}", words::headline(decision), decision.environment, decision.release);
        let class = match decision.gate {
            Gate::Go if decision.waived() > 0 => "held",
            Gate::Go => "go",
            Gate::NoGo => "no-go",
        };
        page(&title, class, |html| {
            html.leaf("a", &[("class", "skip"), ("href", "#checklist")], "Skip to the checklist");
            html.put("header", &[], |html| html.put("div", &[("class", "top")], |html| top::top(html, dossier)));
            html.put("div", &[("class", "frame")], |html| {
                html.put("nav", &[("aria-label", "On this page")], |html| contents(html, dossier));
                html.put("main", &[], |html| {
                    summary::summary(html, dossier);
                    for (index, row) in decision.rows.iter().enumerate() {
                        control::control(html, dossier, index, row);
                    }
                    behind::behind(html, dossier);
                });
            });
            html.put("footer", &[], |html| foot(html, dossier));
        })
    }
}

/// The page's own contents, for wide screens.
fn contents(html: &mut Writer, dossier: &Dossier<'_>) {
    let decision = dossier.decision;
    html.put("ul", &[], |html| {
        for (id, name, shown) in summary::sections(dossier) {
            if shown {
                html.put("li", &[], |html| html.leaf("a", &[("href", &format!("#{id}"))], name));
            }
        }
        for (index, row) in decision.rows.iter().enumerate() {
            let class = if index == 0 { "apart" } else { "row" };
            html.put("li", &[("class", class)], |html| {
                html.put("a", &[("href", &to_control(&row.text.id))], |html| {
                    html.leaf("span", &[], &row.text.id);
                    let class = format!("mark {}", colour(row.outcome));
                    let word = if row.outcome == Outcome::Waived { words::outcome(row.outcome) } else { row.judgement.verdict.mark() };
                    html.leaf("span", &[("class", &class)], word);
                });
            });
        }
        for (at, (id, name)) in behind::sections(dossier).into_iter().enumerate() {
            let class = if at == 0 { "apart" } else { "row" };
            html.put("li", &[("class", class)], |html| html.leaf("a", &[("href", &format!("#{id}"))], name));
        }
    });
}

fn foot(html: &mut Writer, dossier: &Dossier<'_>) {
    let version = env!("CARGO_PKG_VERSION");
    let decision = dossier.decision;
    let text = format!("Made by golive {version} from the decision of {}; this page decides nothing.", decision.evaluated_at);
    html.leaf("p", &[], &text);
}

/// What stands behind a row, where the annex was made.
fn annex_of<'d>(dossier: &Dossier<'d>, index: usize) -> Option<&'d ControlAnnex> {
    dossier.annex.and_then(|annex| annex.controls.get(index))
}

/// The id of a control's section.
fn id_of_control(control: &str) -> String {
    format!("control-{}", encode::fragment(control))
}

/// Where a link to a control leads.
fn to_control(control: &str) -> String {
    format!("#{}", id_of_control(control))
}

/// The id of a group's section.
fn id_of_group(group: &str) -> String {
    format!("facts-{}", encode::fragment(group))
}

/// The class of an outcome. Colour only repeats the words.
fn colour(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "good",
        Outcome::Waived => "warn",
        Outcome::Blocking => "bad",
    }
}
