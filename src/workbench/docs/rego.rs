//! The Rego of one control, rule by rule.

use crate::rego::syntax::{Expr, ExprKind, Head, Module, Rule};

/// A control's rules, by what they are about.
#[derive(Debug, Default)]
pub struct Rules {
    /// The criterion and the text of each rule that proves one.
    met: Vec<(String, String)>,
    /// The code and the text of each rule that states a violation.
    violations: Vec<(String, String)>,
    /// All others.
    pub shared: Vec<String>,
    /// The shared libraries that it imports.
    pub libraries: Vec<String>,
}

impl Rules {
    /// Of a control's module.
    pub fn of(module: &Module) -> Self {
        let text = module.source.text.as_str();
        let mut starts: Vec<usize> = module.rules.iter().map(|rule| start(text, rule.span.start)).collect();
        starts.push(text.len());
        let mut out = Self { libraries: libraries(module), ..Self::default() };
        for (rule, ends) in module.rules.iter().zip(starts.windows(2)) {
            let [from, to] = ends else { continue };
            let own = text.get(*from..*to).unwrap_or_default().trim_end().to_owned();
            match (rule.name.as_str(), subject(rule)) {
                ("met", Some(criterion)) => out.met.push((criterion, own)),
                ("violations", Some(code)) => out.violations.push((code, own)),
                _ => out.shared.push(own),
            }
        }
        out
    }

    /// The rules that prove a criterion.
    pub fn proving(&self, criterion: &str) -> String {
        joined(self.met.iter().filter(|(own, _)| own == criterion))
    }

    /// The rules that state a violation.
    pub fn stating(&self, code: &str) -> String {
        joined(self.violations.iter().filter(|(own, _)| own == code))
    }
}

fn joined<'r>(rules: impl Iterator<Item = &'r (String, String)>) -> String {
    rules.map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n\n")
}

/// Where a rule begins, with the comment right above it.
fn start(text: &str, head: usize) -> usize {
    let line = |at: usize| text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let mut start = line(head);
    while start > 0 {
        let above = line(start - 1);
        if !text.get(above..start).is_some_and(|words| words.starts_with('#')) {
            break;
        }
        start = above;
    }
    start
}

/// The criterion that a rule proves, or the code that it states.
fn subject(rule: &Rule) -> Option<String> {
    let Head::Set(Some(key)) = &rule.head else { return None };
    let literal = |expr: &Expr| match &expr.kind {
        ExprKind::Text(text) => Some(text.clone()),
        _ => None,
    };
    match &key.kind {
        ExprKind::Object(fields) => {
            fields.iter().find(|(name, _)| literal(name).as_deref() == Some("code")).and_then(|(_, value)| literal(value))
        }
        _ => literal(key),
    }
}

fn libraries(module: &Module) -> Vec<String> {
    let lib = |path: &[String]| match path {
        [data, golive, lib, name, ..] if data == "data" && golive == "golive" && lib == "lib" => Some(name.clone()),
        _ => None,
    };
    module.imports.iter().filter_map(|import| lib(&import.path)).collect()
}
