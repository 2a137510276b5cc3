//! What a workflow's summary shows: the decision first, then the checklist, in so many bytes as GitHub takes.

use super::markdown::{checklist, conclusion, details, promises, scope, waivers};
use super::sheet::Sheet;
use super::{Format, Look};
use crate::model::Dossier;

/// GitHub takes 1 MiB for a step, and nothing at all of what is longer; other commands of the step want some of it, too.
const MOST: usize = 1_000_000;

/// For the file that `GITHUB_STEP_SUMMARY` names.
pub struct GithubSummary;

impl Format for GithubSummary {
    fn name(&self) -> &'static str {
        "github-summary"
    }

    fn about(&self) -> &'static str {
        "Markdown for the file $GITHUB_STEP_SUMMARY, at its end"
    }

    fn appends(&self) -> bool {
        true
    }

    fn render(&self, dossier: &Dossier<'_>, _look: &Look) -> String {
        let decision = dossier.decision;
        let mut page = Sheet::default();
        scope(&mut page, decision);
        conclusion(&mut page, decision);
        checklist(&mut page, decision);
        promises(&mut page, decision);
        details(&mut page, decision);
        waivers(&mut page, decision);
        cut(page.finish(), MOST)
    }
}

/// The whole lines of a text that fit, and that others were there. Nothing in these documents goes over several lines but tables,
/// which end where their lines do.
fn cut(text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    let kept: String = text
        .split_inclusive('\n')
        .scan(0, |size, line| {
            *size += line.len();
            (*size <= most).then_some(line)
        })
        .collect();
    let rest = text.len() - kept.len();
    format!("{kept}\n**Cut short: {rest} bytes more do not fit into the summary of a step.**\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_named() {
        assert_eq!(cut("a\nb\n".to_owned(), 4), "a\nb\n");
        let text = cut("aä\nbb\ncc\n".to_owned(), 8);
        assert_eq!(text, "aä\nbb\n\n**Cut short: 3 bytes more do not fit into the summary of a step.**\n");
    }
}
