//! What a name at a place means.

use super::chain::{Where, before, name_end, name_start, where_is};
use super::spot::{Spot, rules};
use crate::model::ControlText;
use crate::text::Span;
use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

/// What stands at a place, in words; none where there are none.
pub fn hover(spot: &Spot<'_>) -> Option<Hover> {
    let (span, value) = match where_is(spot.text, spot.at) {
        Where::Code => code(spot)?,
        Where::Text(start) => id(spot, start)?,
        Where::Comment => metadata(spot)?,
    };
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Some(Hover { contents, range: Some(spot.range(&span)) })
}

/// A part of a reference, or a rule.
fn code(spot: &Spot<'_>) -> Option<(Span, String)> {
    let span = name_start(spot.text, spot.at)..name_end(spot.text, spot.at);
    if span.is_empty() {
        return None;
    }
    let (chain, _) = before(spot.text, span.end)?;
    let resolved = spot.resolved(span.end);
    let mut pages: Vec<String> = resolved.iter().filter_map(|chain| spot.atlas.page(chain)).collect();
    pages.dedup();
    if pages.is_empty() {
        pages.extend(rule(spot, &chain));
    }
    (!pages.is_empty()).then(|| (span, pages.join("\n\n---\n\n")))
}

/// A rule of this policy, or of a shared one.
fn rule(spot: &Spot<'_>, chain: &[String]) -> Option<String> {
    let (text, name) = match chain {
        [name] => (spot.text, name),
        [package, name] => (*spot.texts.get(format!("policies/lib/{package}.rego").as_str())?, name),
        _ => return None,
    };
    let told = rules(text).into_iter().find(|told| told.name == name)?;
    Some(format!("```rego\n{}\n```\n\n{}", told.head, told.about).trim_end().to_owned())
}

/// The id of a criterion or violation in a string.
fn id(spot: &Spot<'_>, start: usize) -> Option<(Span, String)> {
    let end = start + spot.text.get(start..)?.find(['"', '\n'])?;
    let words = said(spot.control.as_ref()?, spot.text.get(start..end)?)?;
    Some((start..end, words))
}

/// A word of METADATA: a criterion, a violation or a group.
fn metadata(spot: &Spot<'_>) -> Option<(Span, String)> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let start = spot.text[..spot.at].rfind(|c| !is_word(c)).map_or(0, |at| at + 1);
    let end = spot.text[spot.at..].find(|c| !is_word(c)).map_or(spot.text.len(), |length| spot.at + length);
    let word = spot.text.get(start..end).filter(|word| !word.is_empty())?;
    let control = spot.control.as_ref()?;
    let group =
        || control.facts.contains_key(word).then(|| spot.atlas.page(&["input".to_owned(), "facts".to_owned(), word.to_owned()])).flatten();
    let words = said(control, word).or_else(group)?;
    Some((start..end, words))
}

/// What METADATA says of an id.
fn said(control: &ControlText, id: &str) -> Option<String> {
    if let Some((_, words)) = control.criteria.iter().find(|(own, _)| own == id) {
        let denied: Vec<String> =
            control.violations.iter().filter(|(_, said)| said.denies == id).map(|(code, _)| format!("`{code}`")).collect();
        let denied = if denied.is_empty() { "no violation".to_owned() } else { denied.join(", ") };
        return Some(format!("Criterion `{id}`: {words}\n\nDenied by {denied}"));
    }
    let violation = control.violations.get(id)?;
    Some(format!("Violation `{id}`: {}\n\nDenies `{}`", violation.message, violation.denies))
}
