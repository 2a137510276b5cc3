//! What a runbook's Markdown holds: front matter, title, code.

use crate::text::{Document, Limits, Problem, Source, read_yaml_part};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;
use std::sync::Arc;

/// A piece of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The code itself.
    pub text: String,
    /// Where it stands.
    pub kind: Kind,
}

/// Where code stands, and what it is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A block of shell commands, or one without a language.
    Shell,
    /// A block of a shell session, with prompts.
    Session,
    /// A block of something else.
    Block,
    /// In a line of text: it may only mention a command.
    Inline,
}

/// Title and code, in the order of the text.
#[derive(Debug, Default)]
pub struct Page {
    /// The first heading.
    pub title: String,
    /// All code.
    pub code: Vec<Code>,
}

/// Reads a page; front matter is no part of it.
pub fn page(text: &str) -> Page {
    let body = split(text).map_or(text, |(_, body)| &text[body..]);
    let mut out = Page::default();
    let mut block: Option<Code> = None;
    let mut heading = None;
    let mut html = String::new();
    for event in Parser::new_ext(body, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => block = Some(Code { text: String::new(), kind: kind_of(&kind) }),
            Event::End(TagEnd::CodeBlock) => out.code.extend(block.take()),
            Event::Start(Tag::Heading { .. }) if out.title.is_empty() => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => out.title = heading.take().unwrap_or(out.title),
            Event::Text(words) => match (&mut block, &mut heading) {
                (Some(code), _) => code.text.push_str(&words),
                (None, Some(title)) => title.push_str(&words),
                (None, None) => {}
            },
            // A block of HTML may hold code.
            Event::Html(words) => html.push_str(&words),
            Event::End(TagEnd::HtmlBlock) => out.code.extend(code_of(&std::mem::take(&mut html))),
            Event::Code(words) => {
                if let Some(title) = &mut heading {
                    title.push_str(&words);
                }
                out.code.push(Code { text: words.into_string(), kind: Kind::Inline });
            }
            _ => {}
        }
    }
    out
}

/// The code in a block of HTML.
fn code_of(html: &str) -> Option<Code> {
    let lower = html.to_ascii_lowercase();
    let begin = ["<pre", "<code"].iter().filter_map(|tag| lower.find(tag)).min()?;
    // Tags begin lines of their own, so that what stands behind one is seen to be the beginning of a line.
    let text = html.get(begin..)?.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<Vec<_>>().join("\n");
    Some(Code { text, kind: Kind::Block })
}

fn kind_of(kind: &CodeBlockKind<'_>) -> Kind {
    let CodeBlockKind::Fenced(info) = kind else { return Kind::Shell };
    let language = info.split([' ', ',', '{', '\t']).next().unwrap_or_default().to_ascii_lowercase();
    match language.as_str() {
        "" | "sh" | "bash" | "shell" | "zsh" | "ksh" | "dash" => Kind::Shell,
        "console" | "bash-session" | "zsh-session" | "shell-session" | "shellsession" | "sh-session" | "terminal" => Kind::Session,
        _ => Kind::Block,
    }
}

/// Where the front matter's YAML stands, and where the body begins.
fn split(text: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let begin = text.strip_prefix("---").and_then(|rest| rest.find('\n').filter(|n| rest[..*n].trim().is_empty())).map(|n| n + 4)?;
    let mut at = begin;
    for line in text[begin..].split_inclusive('\n') {
        if ["---", "..."].contains(&line.trim_end()) {
            return Some((begin..at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// The front matter as a strictly read document; none where there is none.
///
/// # Errors
/// Its first fault.
pub fn front_matter(name: &str, text: &str) -> Result<Option<Document>, Problem> {
    let Some((yaml, _)) = split(text) else { return Ok(None) };
    let source = Arc::new(Source::new(name, text));
    let begin = yaml.start;
    if text[yaml.clone()].trim().is_empty() {
        return Ok(None);
    }
    let (value, places) = read_yaml_part(&source, &text[yaml.clone()], &|at| begin + at, yaml, &Limits::default())?;
    Ok(Some(Document { source, value, places }))
}

/// What front matter says of a review. Dates are as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The release that the text was reviewed for.
    pub release: String,
    /// The day or the moment of the review.
    pub on: String,
    /// Who reviewed it.
    pub reviewer: String,
    /// Whether the text describes the release: `current`, where nothing else is said.
    pub result: String,
}

const KEYS: [&str; 3] = ["reviewed_for", "reviewed_on", "reviewer"];

/// The review in the front matter of a text; none where it has none of the keys.
///
/// # Errors
/// What is wrong with it, and in which line.
pub fn stamp(name: &str, text: &str) -> Result<Option<Stamp>, String> {
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let document = match front_matter(name, text) {
        Ok(Some(document)) => document,
        Ok(None) => return Ok(None),
        Err(problem) => {
            let at = problem.labels.as_ref().and_then(|(_, labels)| labels.first()).map_or(0, |(span, _)| span.start);
            return Err(format!("line {}: {}", line(at), problem.message));
        }
    };
    let value = &document.value;
    if KEYS.iter().all(|key| value.get(key).is_none()) {
        return Ok(None);
    }
    let word = |key: &str| match value.get(key) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Some(_) => {
            Err(format!("line {}: `{key}` must be text: put it between quotes", line(document.locate(&format!("/{key}")).value.start)))
        }
        None => Err(format!("its front matter has no `{key}`: a review says {}", KEYS.join(", "))),
    };
    let result = if value.get("review_result").is_some() { word("review_result")? } else { "current".to_owned() };
    Ok(Some(Stamp { release: word(KEYS[0])?, on: word(KEYS[1])?, reviewer: word(KEYS[2])?, result }))
}

/// The words of code that begin with a prefix and could be names of metrics; the second is true for a family such as `app_*`.
pub fn names<'a>(text: &'a str, prefix: &str) -> Vec<(&'a str, bool)> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(part) {
        let start = at + found;
        let length = text[start..].find(|c| !part(c)).unwrap_or(text.len() - start);
        let (word, rest) = (&text[start..start + length], &text[start + length..]);
        at = start + length;
        // A path or a file's name is none: `/srv/app_data`, `app_backup.sh`.
        let in_path = text[..start].ends_with(['/', '.', '-', '$', '@']) || rest.starts_with('/');
        let is_file = rest.strip_prefix('.').is_some_and(|r| r.starts_with(|c: char| c.is_ascii_alphanumeric()));
        if word.starts_with(prefix) && !in_path && !is_file {
            out.push((word, rest.starts_with('*')));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gives_title_and_code() {
        let text = "---\nreviewer: x\n---\n# Stop `claw`\n\nSee `claw_up` and\n\n```bash\nclaw stop\n```\n\n```json\n{}\n```\n\n    claw indented\n";
        let page = page(text);
        assert_eq!(page.title, "Stop claw");
        let kinds: Vec<(Kind, &str)> = page.code.iter().map(|c| (c.kind, c.text.trim())).collect();
        let want = [
            (Kind::Inline, "claw"),
            (Kind::Inline, "claw_up"),
            (Kind::Shell, "claw stop"),
            (Kind::Block, "{}"),
            (Kind::Shell, "claw indented"),
        ];
        assert_eq!(kinds, want);
    }

    #[test]
    fn code_may_be_html_or_a_session() {
        let page = page("<pre><code class=\"x\">claw stop --now\n</code></pre>\n\n```bash-session\n$ claw a\n```\n\n<p>claw is good</p>\n");
        assert_eq!(page.code.iter().map(|c| c.kind).collect::<Vec<_>>(), [Kind::Block, Kind::Session]);
        assert!(page.code[0].text.lines().any(|line| line == "claw stop --now"), "{page:?}");
    }

    #[test]
    fn a_review_is_whole_or_refused() {
        let with = |yaml: &str| stamp("a.md", &format!("---\n{yaml}---\n# A\n"));
        let good = with("reviewed_for: 0.1.1\nreviewed_on: 2026-11-20\nreviewer: ops\nowner: x\n").expect("a review").expect("one");
        assert_eq!((good.release.as_str(), good.on.as_str(), good.result.as_str()), ("0.1.1", "2026-11-20", "current"));
        assert_eq!(with("owner: x\n"), Ok(None));
        assert_eq!(stamp("a.md", "# A\n\n---\nreviewer: x\n---\n"), Ok(None));
        for (yaml, words) in [
            ("reviewed_for: 1.5\nreviewed_on: 2026-11-20\nreviewer: ops\n", "line 2: `reviewed_for` must be text"),
            ("reviewed_on: 2026-11-20\nreviewer: ops\n", "no `reviewed_for`"),
            ("reviewer: &a ops\nreviewed_for: *a\n", "line 2"),
            ("reviewer: a\nreviewer: b\n", "line 3: duplicate key"),
        ] {
            let fault = with(yaml).expect_err(words);
            assert!(fault.contains(words), "{fault}");
        }
    }

    #[test]
    fn metrics_are_told_from_files() {
        let found =
            |text| names(text, "claw_").iter().map(|(n, f)| format!("{n}{}", if *f { "*" } else { "" })).collect::<Vec<_>>().join(" ");
        assert_eq!(found("rate(claw_up_total{a=\"b\"}[5m]) > claw_x"), "claw_up_total claw_x");
        assert_eq!(found("see claw_storage_* and /srv/claw_data, claw_backup.sh, $claw_x"), "claw_storage_*");
    }
}
