//! Problems of texts for machines: one file per format.

mod github;
mod json;
mod sarif;

use crate::text::{Position, Problem, Source, Span};

pub use github::github;
pub use json::json;
pub use sarif::sarif;

/// Where something stands in a text.
struct Region {
    start: Position,
    end: Position,
}

impl Region {
    fn of(source: &Source, span: &Span) -> Self {
        Self { start: source.position(span.start), end: source.position(span.end.max(span.start + 1)) }
    }
}

/// The file of a text, as others name it.
fn file(source: &Source) -> &str {
    source.name.strip_prefix("./").unwrap_or(&source.name)
}

/// A problem's first place.
fn first(problem: &Problem) -> Option<(&Source, Region)> {
    let (source, labels) = problem.labels.as_ref()?;
    let (span, _) = labels.first()?;
    Some((source, Region::of(source, span)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn problems() -> Vec<Problem> {
        let source = Arc::new(Source::new("policies/a b:c,d%.rego", "ä\nx := <\u{1b}[31m>\n"));
        let odd = Problem::new("golive::rego::syntax", "no\nRego: 100%").at(&source, 3..5, "here").help("write\r\nRego");
        vec![odd, Problem::new("golive::policy::unread", "nothing reads it").warning()]
    }

    #[test]
    fn commands_of_github_hold_no_line_break_and_no_separator_of_others() {
        let text = github(&problems());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(
            lines[0],
            "::error file=policies/a b%3Ac%2Cd%25.rego,line=2,endLine=2,col=1,endColumn=3,title=golive%3A%3Arego%3A%3Asyntax::no%0ARego: 100%25%0Awrite%0D%0ARego"
        );
        assert_eq!(lines[1], "::warning title=golive%3A%3Apolicy%3A%3Aunread::nothing reads it");
    }

    #[test]
    fn a_path_is_a_uri_in_sarif() {
        let value: serde_json::Value = serde_json::from_str(&sarif(&problems())).expect("JSON");
        let results = value["runs"][0]["results"].as_array().expect("results");
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "policies/a%20b:c,d%25.rego");
        assert_eq!(place["region"], serde_json::json!({"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 3}));
        assert_eq!(results[1]["level"], "warning");
    }
}
