//! Matchers of Alertmanager, held against labels of which only a part is known: what a series adds is not.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An answer that may not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It may be so.
    Maybe,
}

impl Known {
    /// So where both are.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Maybe,
        }
    }

    /// The word in facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Maybe => "unknown",
        }
    }
}

/// One condition on one label.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Matcher {
    /// The label.
    pub name: String,
    /// What it is compared with.
    pub value: String,
    /// Whether that is a regular expression.
    #[serde(rename = "isRegex")]
    pub is_regex: bool,
    /// False turns it round.
    #[serde(rename = "isEqual", default = "yes")]
    pub is_equal: bool,
}

fn yes() -> bool {
    true
}

/// Labels that are known of an alert. What is not among them may still come from the series.
pub type Labels = BTreeMap<String, String>;

impl Matcher {
    /// Reads `severity="page"`, quotes optional, as Alertmanager's configuration writes it.
    pub fn read(text: &str) -> Option<Self> {
        let at = text.find(['=', '!', '~'])?;
        let name = text[..at].trim();
        let (operator, rest) = ["=~", "!~", "!=", "="].iter().find_map(|op| Some((*op, text[at..].strip_prefix(op)?)))?;
        let value = rest.trim();
        let value = match value.strip_prefix('"') {
            Some(inner) => unquoted(inner.strip_suffix('"')?)?,
            None if value.contains('"') => return None,
            None => value.to_owned(),
        };
        let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        named.then(|| Self { name: name.to_owned(), value, is_regex: operator.ends_with('~'), is_equal: !operator.starts_with('!') })
    }

    /// Whether it holds for an alert.
    pub fn holds(&self, labels: &Labels) -> Known {
        let Some(value) = labels.get(&self.name).filter(|v| !v.contains("{{")) else { return Known::Maybe };
        let equal = if self.is_regex { fits(&self.value, value) } else { Some(self.value == *value) };
        match equal {
            Some(equal) if equal == self.is_equal => Known::Yes,
            Some(_) => Known::No,
            None => Known::Maybe,
        }
    }
}

/// Whether all of them hold.
pub fn all(matchers: &[Matcher], labels: &Labels) -> Known {
    matchers.iter().fold(Known::Yes, |so_far, matcher| so_far.and(matcher.holds(labels)))
}

/// Whether a value fits a whole regular expression; none where it is more than alternatives of plain words.
fn fits(pattern: &str, value: &str) -> Option<bool> {
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    let inner = pattern.strip_prefix('(').and_then(|p| p.strip_suffix(')')).unwrap_or(pattern);
    match inner {
        ".*" => return Some(true),
        ".+" => return Some(!value.is_empty()),
        _ => {}
    }
    let plain = |c: char| c.is_alphanumeric() || "_- /:|".contains(c);
    inner.chars().all(plain).then(|| inner.split('|').any(|word| word == value))
}

/// What stands between quotes.
fn unquoted(inner: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => out.push(chars.next().filter(|next| ['"', '\\'].contains(next))?),
            c => out.push(c),
        }
    }
    Some(out)
}

/// The parts between commas; a comma in quotes belongs to a value.
fn parts(text: &str) -> Vec<&str> {
    let (mut out, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                out.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(&text[start..]);
    out
}

/// The matchers of a route, or of one side of an inhibition, in today's form and the older two. None where one cannot be read.
pub fn of(node: &Value, list: &str, equal: &str, regex: &str) -> Option<Vec<Matcher>> {
    let mut out = Vec::new();
    for text in node[list].as_array().into_iter().flatten() {
        let text = text.as_str()?.trim();
        let bare = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
        for part in parts(bare).into_iter().filter(|part| !part.trim().is_empty()) {
            out.push(Matcher::read(part)?);
        }
    }
    for (key, is_regex) in [(equal, false), (regex, true)] {
        for (name, value) in node[key].as_object().into_iter().flatten() {
            let value = value.as_str()?.to_owned();
            out.push(Matcher { name: name.clone(), value, is_regex, is_equal: true });
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_decided() {
        let labels: Labels =
            [("severity", "page"), ("alertname", "Down"), ("team", "{{ $labels.team }}")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        for (text, want) in [
            ("severity=\"page\"", Known::Yes),
            ("severity = page", Known::Yes),
            ("severity!=page", Known::No),
            ("severity=~\"page|ticket\"", Known::Yes),
            ("severity=~\"^(ticket)$\"", Known::No),
            ("severity=~\"p.*e\"", Known::Maybe),
            ("severity!~\".+\"", Known::No),
            ("team=ops", Known::Maybe),
            ("job=claw", Known::Maybe),
        ] {
            assert_eq!(Matcher::read(text).expect(text).holds(&labels), want, "{text}");
        }
        for text in ["severity", "=x", "a b=c", "a=\"b", "a=\"x\", b=\"y\"", "a=b\""] {
            assert_eq!(Matcher::read(text), None, "{text}");
        }
        let node = serde_json::json!({ "matchers": ["{a=\"x,1\", b=\"y\"}"], "match": { "c": "z" } });
        let found = of(&node, "matchers", "match", "match_re").expect("matchers");
        let found: Vec<(&str, &str)> = found.iter().map(|m| (m.name.as_str(), m.value.as_str())).collect();
        assert_eq!(found, [("a", "x,1"), ("b", "y"), ("c", "z")]);
    }
}
