//! A decision as text: one file per format, and one encoder of untrusted text per format.
//!
//! Every format shows the same findings; none of them judges or filters.

mod csv;
pub mod encode;
mod github;
mod github_output;
mod github_summary;
pub mod html;
mod human;
mod json;
mod junit;
pub mod junit_xml;
mod markdown;
pub mod page;
pub mod problems;
mod reasons;
mod sarif;
mod sarif_log;
pub mod sheet;
mod words;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod sample_annex;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trials;

use crate::model::Dossier;

pub use json::twin;
pub use words::{count, headline, mark, outcome, why};

/// How the output should look where the format has a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns of the reader's screen; formats that wrap never go below what their tables need.
    pub width: usize,
    /// Whether to write ANSI styles. They only repeat what words say.
    pub colour: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 80, colour: false }
    }
}

/// One way to write a decision.
pub trait Format: Sync {
    /// The name for `--output`.
    fn name(&self) -> &'static str;
    /// One line for the help.
    fn about(&self) -> &'static str;
    /// Whether it shows what stands behind the decision: an [`Annex`](crate::model::Annex) is made only where a format wants it.
    fn wants_annex(&self) -> bool {
        false
    }
    /// Whether it shows until when the decision holds, which takes many evaluations to find out.
    fn wants_forecast(&self) -> bool {
        false
    }
    /// Whether the text goes to the end of a file that is there already, as the files of GitHub's steps want it.
    fn appends(&self) -> bool {
        false
    }
    /// The whole text, ending in a line break.
    fn render(&self, dossier: &Dossier<'_>, look: &Look) -> String;
}

/// Every format, in the order of the help; the first is the default.
pub const FORMATS: &[&dyn Format] = &[
    &human::Human,
    &json::Json,
    &markdown::Markdown,
    &html::Html,
    &junit::Junit,
    &sarif::Sarif,
    &csv::Csv,
    &github::Github,
    &github_summary::GithubSummary,
    &github_output::GithubOutput,
];

/// The format of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}
