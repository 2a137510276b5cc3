//! Untrusted text made visible: what a reader's eye or terminal would act on is shown as its code point.

/// The text with control characters as `\u001b`, and with direction marks, zero-width and private characters as `<U+202E>`.
///
/// Letters of any script stay as they are. The result holds no line break.
pub fn visible(text: &str) -> String {
    // Nearly every text is plain ASCII.
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if is_deceptive(c) => out.push_str(&format!("<U+{:04X}>", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// Writes a JSON string in which no character hides or reorders its neighbours: control characters, line separators and
/// whatever [`visible`] would show as a code point are `\uXXXX`, so that the value stays the same.
pub fn json_string(text: &str, out: &mut String) {
    out.push('"');
    if text.bytes().all(|b| matches!(b, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~')) {
        out.push_str(text);
    } else {
        text.chars().for_each(|c| json_character(c, out));
    }
    out.push('"');
}

fn json_character(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        c if is_plain(c) => out.push(c),
        c => {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
}

/// Text for a cell of a spreadsheet, which takes what begins like a formula for one: an apostrophe before it makes it text.
/// Control characters and what hides or reorders its neighbours are shown as [`visible`] shows them.
pub fn spreadsheet(text: &str) -> String {
    let shown = visible(text);
    let formula = |c: char| "=+-@\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(c);
    let acts = text.starts_with(['\t', '\r', '\n']) || shown.trim_start().starts_with(formula);
    if acts { format!("'{shown}") } else { shown }
}

/// Whether a character shows itself and nothing else: neither a control character nor a deceptive one.
pub fn is_plain(c: char) -> bool {
    !matches!(c, '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}') && !is_deceptive(c)
}

/// Characters that change how their neighbours look, or show nothing at all.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e000}'..='\u{f8ff}'
        | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::{json_string, spreadsheet};

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u{ff1d}1", "-:17"] {
            assert!(spreadsheet(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(spreadsheet("facts/a.json"), "facts/a.json");
        assert_eq!(spreadsheet("a\u{1b}[2J\nb"), "a\\u001b[2J\\u000ab");
        assert_eq!(spreadsheet(""), "");
    }

    #[test]
    fn a_json_string_is_one_line_and_the_same_value() {
        for text in [
            "",
            "plain",
            "a\"b\\c",
            "a\u{2028}b\u{2029}c\nd\te\u{1b}[2J",
            "\u{202e}abc",
            "\u{e0001}\u{10ffff}",
            "Zürich 東京",
            "\u{7f}\u{85}",
        ] {
            let mut out = String::new();
            json_string(text, &mut out);
            assert_eq!(serde_json::from_str::<String>(&out).expect("a JSON string"), text);
            assert_eq!(super::visible(&out), out);
        }
    }
}
