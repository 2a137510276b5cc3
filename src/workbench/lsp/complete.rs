//! What can stand at a place: names of facts, envelopes and parameters, words of enumerations, ids from METADATA, rules.

use super::atlas::Member;
use super::chain::{Chain, Where, name_start, where_is};
use super::spot::{Spot, Told, rules};
use crate::text::Span;
use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent, MarkupKind, TextEdit};

/// Everything that can stand at a place.
pub fn complete(spot: &Spot<'_>) -> Vec<CompletionItem> {
    match where_is(spot.text, spot.at) {
        Where::Comment => groups_of_metadata(spot),
        Where::Text(start) => words(spot, start),
        Where::Code => code(spot),
    }
}

/// An item that replaces a span.
fn item(spot: &Spot<'_>, span: &Span, kind: CompletionItemKind, member: Member) -> CompletionItem {
    let edit = TextEdit { range: spot.range(span), new_text: member.name.clone() };
    let about = MarkupContent { kind: MarkupKind::Markdown, value: member.about };
    CompletionItem {
        label: member.name,
        kind: Some(kind),
        detail: (!member.kind.is_empty()).then_some(member.kind),
        documentation: (!about.value.is_empty()).then_some(Documentation::MarkupContent(about)),
        text_edit: Some(CompletionTextEdit::Edit(edit)),
        ..CompletionItem::default()
    }
}

fn code(spot: &Spot<'_>) -> Vec<CompletionItem> {
    let start = name_start(spot.text, spot.at);
    let span = start..spot.at;
    match spot.text[..start].strip_suffix('.') {
        Some(base) => {
            let mut out: Vec<CompletionItem> = Vec::new();
            for chain in spot.resolved(base.len()) {
                for found in members(spot, &span, &chain) {
                    if !out.iter().any(|known| known.label == found.label) {
                        out.push(found);
                    }
                }
            }
            out
        }
        None => names(spot, &span),
    }
}

/// The names behind a path.
fn members(spot: &Spot<'_>, span: &Span, chain: &Chain) -> Vec<CompletionItem> {
    let library = match chain.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["data", "golive", "lib", name] => spot.texts.get(format!("policies/lib/{name}.rego").as_str()),
        _ => None,
    };
    if let Some(text) = library {
        let member = |told: Told<'_>| Member { name: told.name.to_owned(), kind: told.head.to_owned(), about: told.about };
        return rules(text).into_iter().map(|told| item(spot, span, CompletionItemKind::FUNCTION, member(told))).collect();
    }
    let is_group = matches!(chain.iter().map(String::as_str).collect::<Vec<_>>()[..], ["input", "facts" | "envelope"]);
    let own = |name: &str| spot.control.as_ref().is_none_or(|control| control.facts.contains_key(name));
    let found = spot.atlas.members(chain).into_iter().map(|member| {
        // A group that METADATA does not name would be refused: it stands last.
        let sort = is_group.then(|| format!("{}{}", u8::from(!own(&member.name)), member.name));
        CompletionItem { sort_text: sort, ..item(spot, span, CompletionItemKind::FIELD, member) }
    });
    found.collect()
}

/// The names that a policy may begin a reference with.
fn names(spot: &Spot<'_>, span: &Span) -> Vec<CompletionItem> {
    let plain = |name: &str, about: &str| Member { name: name.to_owned(), kind: String::new(), about: about.to_owned() };
    let roots = [("input", "What a control sees."), ("data", "What the checklist provides.")];
    let mut out: Vec<CompletionItem> =
        roots.iter().map(|(name, about)| item(spot, span, CompletionItemKind::VARIABLE, plain(name, about))).collect();
    let imports = spot.text.lines().filter_map(|line| line.strip_prefix("import ")?.trim().rsplit(['.', ' ']).next());
    out.extend(imports.map(|name| item(spot, span, CompletionItemKind::MODULE, plain(name, ""))));
    for told in rules(spot.text).into_iter().filter(|told| !["met", "violations"].contains(&told.name)) {
        let member = Member { name: told.name.to_owned(), kind: told.head.to_owned(), about: told.about };
        out.push(item(spot, span, CompletionItemKind::FUNCTION, member));
    }
    out
}

/// The words that a string may be.
fn words(spot: &Spot<'_>, start: usize) -> Vec<CompletionItem> {
    let span = start..spot.at;
    let before_quote = spot.text[..start - 1].trim_end();
    let word = |(name, about): (String, String)| Member { name, kind: String::new(), about };
    let put = |all: Vec<(String, String)>, kind| all.into_iter().map(|pair| item(spot, &span, kind, word(pair))).collect();
    if let Some(control) = &spot.control {
        if before_quote.ends_with("met contains") {
            return put(control.criteria.clone(), CompletionItemKind::CONSTANT);
        }
        if before_quote.ends_with("\"code\":") {
            let violations =
                control.violations.iter().map(|(code, said)| (code.clone(), format!("{}, denies `{}`", said.message, said.denies)));
            return put(violations.collect(), CompletionItemKind::CONSTANT);
        }
    }
    let compared = before_quote.strip_suffix("==").or_else(|| before_quote.strip_suffix("!=")).or_else(|| one_of(before_quote));
    let Some(reference) = compared.map(str::trim_end) else { return Vec::new() };
    let mut all: Vec<(String, String)> = Vec::new();
    for chain in spot.resolved(reference.len()) {
        let new: Vec<_> = spot.atlas.words(&chain).into_iter().filter(|(word, _)| !all.iter().any(|(known, _)| known == word)).collect();
        all.extend(new);
    }
    put(all, CompletionItemKind::ENUM_MEMBER)
}

/// What stands before `in {"a", ` where such a list is being written.
fn one_of(text: &str) -> Option<&str> {
    let (head, inside) = text.rsplit_once(['{', '['])?;
    let is_list = inside.split(',').all(|part| part.trim().is_empty() || part.trim().starts_with('"'));
    is_list.then(|| head.trim_end().strip_suffix(" in")).flatten()
}

/// The groups that METADATA may name.
fn groups_of_metadata(spot: &Spot<'_>) -> Vec<CompletionItem> {
    let start = name_start(spot.text, spot.at);
    let line = spot.text[..start].rsplit('\n').next().unwrap_or_default();
    let Some((_, inside)) = line.trim_start_matches(['#', ' ']).split_once("facts:") else { return Vec::new() };
    let span = start..spot.at;
    if inside.trim_end().ends_with(':') {
        let trust = [("observed", "Measured by a collector."), ("attested", "Stated by a person.")];
        let member = |(name, about): (&str, &str)| Member { name: name.to_owned(), kind: String::new(), about: about.to_owned() };
        return trust.map(|pair| item(spot, &span, CompletionItemKind::ENUM_MEMBER, member(pair))).to_vec();
    }
    let groups = spot.atlas.members(&["input".to_owned(), "facts".to_owned()]);
    groups.into_iter().map(|member| item(spot, &span, CompletionItemKind::MODULE, member)).collect()
}
