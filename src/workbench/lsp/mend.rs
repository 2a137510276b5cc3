//! "Did you mean" as a change that an editor makes on request.

use super::place::Encoding;
use crate::schema::nearest;
use lsp_types::Diagnostic;
use serde_json::{Value, json};

/// The changes that diagnostics of a text propose.
pub fn mend(uri: &str, text: &str, encoding: Encoding, diagnostics: &[Diagnostic]) -> Value {
    diagnostics.iter().filter_map(|diagnostic| action(uri, text, encoding, diagnostic)).collect()
}

fn action(uri: &str, text: &str, encoding: Encoding, diagnostic: &Diagnostic) -> Option<Value> {
    let (_, meant) = diagnostic.message.rsplit_once("\nhelp: did you mean `")?;
    let meant = meant.strip_suffix("`?").filter(|word| is_word(word))?;
    let [start, end] = [diagnostic.range.start, diagnostic.range.end].map(|place| encoding.offset(text, place));
    let wrong = text.get(start..end)?;
    // A key of JSON is underlined with its quotes. Where something else than the slip is underlined, such as the value behind a
    // key, it must not be replaced.
    let quoted = wrong.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    nearest(quoted.unwrap_or(wrong), [meant])?;
    let new = if quoted.is_some() { format!("\"{meant}\"") } else { meant.to_owned() };
    let edit = json!({"changes": {uri: [{"range": diagnostic.range, "newText": new}]}});
    Some(json!({
        "title": format!("Change to `{meant}`"),
        "kind": "quickfix",
        "diagnostics": [diagnostic],
        "isPreferred": true,
        "edit": edit,
    }))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}
