//! A waiver before it is approved by anybody's reader: what `golive waiver new` writes.

use crate::model::{Finding, Instant, Waiver};
use crate::text::{json_string, visible};

/// A waivers file with one waiver, as YAML; each finding has its words beside it where they are known.
///
/// Nothing is checked here: whoever writes it reads it again first.
pub fn draft(waiver: &Waiver, words: &[Finding]) -> String {
    let bound = &waiver.remediation;
    let mut out = String::from("format: golive.waivers/1\nwaivers:\n");
    for (lead, key, value) in [
        ("  - ", "id", &waiver.id),
        ("    ", "control", &bound.control),
        ("    ", "environment", &bound.environment),
        ("    ", "release", &bound.release),
    ] {
        field(&mut out, lead, key, value);
    }
    out.push_str("    findings:\n");
    for id in &waiver.findings {
        for finding in words.iter().filter(|finding| finding.id == *id && !finding.message.is_empty()) {
            out.push_str(&format!("      # {}\n", visible(&finding.message)));
        }
        out.push_str("      - ");
        json_string(id, &mut out);
        out.push('\n');
    }
    for (key, value) in [
        ("reason", &waiver.reason),
        ("ticket", &waiver.ticket),
        ("requested_by", &waiver.requested_by),
        ("approved_by", &waiver.approved_by),
    ] {
        field(&mut out, "    ", key, value);
    }
    time(&mut out, "    ", "created_at", waiver.created_at);
    time(&mut out, "    ", "expires_at", waiver.expires_at);
    out.push_str("    remediation:\n");
    field(&mut out, "      ", "owner", &bound.owner);
    field(&mut out, "      ", "action", &bound.action);
    time(&mut out, "      ", "target_date", bound.target_date);
    out
}

/// Texts are quoted as in JSON, which YAML reads alike: none of them is taken for anything else.
fn field(out: &mut String, lead: &str, key: &str, value: &str) {
    out.push_str(&format!("{lead}{key}: "));
    json_string(value, out);
    out.push('\n');
}

fn time(out: &mut String, lead: &str, key: &str, at: Instant) {
    out.push_str(&format!("{lead}{key}: \"{at}\"\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Remediation;
    use crate::text::{Limits, Source, read_yaml};
    use std::sync::Arc;

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "plain",
            "a: b # c",
            "no",
            "- x",
            "\"quoted\" \\ back",
            "tab\tline\nbreak",
            "\u{202e}abc",
            "é \u{1f600}",
            "'",
            "%d {x} [y] *z &a !t",
        ] {
            let remediation = Remediation {
                control: text.to_owned(),
                environment: text.to_owned(),
                release: "0.1.1".to_owned(),
                owner: text.to_owned(),
                action: text.to_owned(),
                target_date: Instant { ms: 1_700_000_000_000 },
            };
            let waiver = Waiver {
                id: text.to_owned(),
                findings: vec![text.to_owned(), "b[c]".to_owned()],
                reason: text.to_owned(),
                ticket: text.to_owned(),
                requested_by: text.to_owned(),
                approved_by: text.to_owned(),
                created_at: Instant { ms: 1_700_000_000_123 },
                expires_at: Instant { ms: 1_700_000_001_000 },
                remediation,
            };
            let words =
                [Finding { id: text.to_owned(), criterion: None, message: format!("{text}\n- injected: yes"), pointers: Vec::new() }];
            let written = draft(&waiver, &words);
            let read = read_yaml(Arc::new(Source::new("w.yaml", written.as_str())), &Limits::default())
                .unwrap_or_else(|p| panic!("{p}\n{written}"));
            let entry = &read.value["waivers"][0];
            for key in ["id", "control", "environment", "reason", "ticket", "requested_by", "approved_by"] {
                assert_eq!(entry[key], text, "{key}\n{written}");
            }
            assert_eq!(entry["findings"], serde_json::json!([text, "b[c]"]), "{written}");
            assert_eq!(entry["remediation"]["action"], text, "{written}");
            assert_eq!(entry["created_at"], "2023-11-14T22:13:20.123Z");
            assert_eq!(entry.as_object().map(serde_json::Map::len), Some(12), "{written}");
        }
    }
}
