//! A place in a policy, and all that is known around it.

use super::atlas::{Atlas, Collectors};
use super::chain::{Chain, before};
use super::names::{Names, Texts};
use super::place::Encoding;
use crate::checklist::{Files, control_text};
use crate::model::ControlText;
use crate::text::Span;
use lsp_types::Range;

/// A place in a policy.
pub struct Spot<'s> {
    /// Its text.
    pub text: &'s str,
    /// The byte.
    pub at: usize,
    /// What columns count.
    pub encoding: Encoding,
    /// All policies.
    pub texts: Texts<'s>,
    /// The schemas.
    pub atlas: Atlas<'s>,
    /// What METADATA says, where the policy is a control's.
    pub control: Option<ControlText>,
}

impl<'s> Spot<'s> {
    /// A place in a file of a checklist; none where the file is not one of its policies.
    pub fn new(files: &'s Files, collectors: &'s Collectors, name: &str, at: usize, encoding: Encoding) -> Option<Self> {
        let source = files.get(name).filter(|_| name.ends_with(".rego"))?;
        let texts = files.under("policies/").filter(|(path, _)| path.ends_with(".rego") && !Files::is_test(path));
        Some(Self {
            text: &source.text,
            at: at.min(source.text.len()),
            encoding,
            texts: texts.map(|(path, source)| (path, source.text.as_str())).collect(),
            atlas: Atlas::new(files, collectors),
            control: super::control_of(name).and_then(|id| control_text(&id, source)),
        })
    }

    /// The names of the policy.
    pub fn names(&self) -> Names<'_> {
        Names { text: self.text, texts: &self.texts }
    }

    /// What the reference that ends at a byte stands for.
    pub fn resolved(&self, end: usize) -> Vec<Chain> {
        before(self.text, end).map_or_else(Vec::new, |(chain, start)| self.names().resolve(&chain, start))
    }

    /// The places of a span.
    pub fn range(&self, span: &Span) -> Range {
        self.encoding.range(self.text, span)
    }
}

/// A rule as its first line says it, and the comment above it.
pub struct Told<'t> {
    /// The rule's name.
    pub name: &'t str,
    /// The first line, without the opening of a body.
    pub head: &'t str,
    /// The comment above it.
    pub about: String,
}

/// The rules of a policy, each told once.
pub fn rules(text: &str) -> Vec<Told<'_>> {
    let mut out: Vec<Told<'_>> = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in text.lines() {
        if let Some(words) = line.strip_prefix('#') {
            comment.push(words.trim());
            continue;
        }
        let name = &line[..super::chain::name_end(line, 0)];
        let is_rule = !name.is_empty() && !["package", "import", "default"].contains(&name);
        if is_rule && !out.iter().any(|told| told.name == name) {
            let head = line.split(" if").next().unwrap_or(line).trim();
            out.push(Told { name, head, about: comment.join(" ") });
        }
        comment.clear();
    }
    out
}
