//! Untrusted text made harmless, once per format. Every string that a format did not write itself goes through here.

use crate::text::visible;

/// Ends whatever a renderer was about to recognise: it splits the text in two, and nobody sees it.
const SPLIT: &str = "<!-- -->";

/// Text for a terminal: control characters as `\u001b`, characters that hide or reorder as `<U+202E>`.
pub fn terminal(text: &str) -> String {
    visible(text)
}

/// Serialised JSON in which no character hides or reorders its neighbours: those are `\uXXXX`, so the value stays the same.
pub fn json(serialised: &str) -> String {
    let mut out = String::with_capacity(serialised.len());
    for c in serialised.chars() {
        // Serialised JSON is ASCII outside its strings, and inside them every character may be written as an escape.
        // The line breaks between its members are the only control characters that it holds.
        if (c == '\u{7f}' || !c.is_ascii()) && is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

fn is_hidden(c: char) -> bool {
    let mut bytes = [0; 4];
    let text: &str = c.encode_utf8(&mut bytes);
    visible(text) != text
}

/// Text for Markdown: nothing in it is markup, a table's border, a link, an image, a mention or an emoji.
pub fn markdown(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Tables look for bars before anything else is read, and mathematics for dollars: an escape would be too late.
            '|' => out.push_str("&#124;"),
            '$' => out.push_str("&#36;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '~' => out.extend(['\\', c]),
            '#' => out.push_str(if after.starts_with(|c: char| c.is_ascii_digit()) { "\\#<!-- -->" } else { "\\#" }),
            '@' => out.extend(["@", SPLIT]),
            ':' if joins(before, after) => out.extend([":", SPLIT]),
            '.' if ends_in_www(before) => out.extend([SPLIT, "."]),
            '.' | ')' if is_list_number(before) => out.extend(['\\', c]),
            '-' | '+' | '=' if before.is_empty() => out.extend(['\\', c]),
            ' ' if before.is_empty() => out.push_str("&#32;"),
            c => out.push(c),
        }
    }
    out
}

/// Whether a colon could make a link (`https://`) or an emoji (`:tada:`); the colons of a time cannot.
fn joins(before: &str, after: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let minutes = after.chars().take_while(char::is_ascii_digit).count() == 2;
    let in_time = before.ends_with(digit) && minutes;
    !in_time && after.chars().next().is_some_and(|c| c != ' ')
}

/// Renderers make links of `www.` without a scheme too.
fn ends_in_www(before: &str) -> bool {
    let tail = before.as_bytes().rchunks(3).next();
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(b"www"))
}

/// `1.` at the beginning would open a list.
fn is_list_number(before: &str) -> bool {
    !before.is_empty() && before.bytes().all(|b| b.is_ascii_digit())
}

/// An id, pointer or digest for Markdown: as code, where what is inside of code is taken literally.
pub fn markdown_token(text: &str) -> String {
    let shown = visible(text);
    let ends_in_space = shown.starts_with(' ') || shown.ends_with(' ');
    if shown.is_empty() || ends_in_space || shown.contains(['`', '|', '\\', '$']) {
        return markdown(text);
    }
    format!("`{shown}`")
}

/// A link for Markdown, where the URI is a plain http or https one; else its text alone.
pub fn markdown_link(uri: &str) -> String {
    let label = markdown_token(uri);
    match destination(uri) {
        Some(destination) => format!("[{label}]({destination})"),
        None => label,
    }
}

/// The URI for the inside of a link's parentheses. `None` where its host could be read as another one.
fn destination(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    if host.is_empty() || !host.chars().all(plain) {
        return None;
    }
    let mut out = String::with_capacity(uri.len());
    for byte in uri.bytes() {
        match byte {
            b'&' => out.push_str("&amp;"),
            b if b.is_ascii_alphanumeric() || b"-._~/?#:@,;=+%".contains(&b) => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_get_no_commands() {
        assert_eq!(terminal("\u{1b}[2J\u{9b}1m\r\nGO"), "\\u001b[2J\\u009b1m\\u000d\\u000aGO");
        assert_eq!(terminal("a\u{202e}b\u{2066}"), "a<U+202E>b<U+2066>");
        assert_eq!(terminal("Größe 大"), "Größe 大");
    }

    #[test]
    fn json_hides_nothing_and_says_the_same() {
        for text in ["\u{2028}\u{2029}", "\u{7f}\u{85}\u{9b}", "\u{202e}x\u{2069}\u{feff}", "\u{e0041}\u{10ffff}", "\u{1b}[31m", "大ö\"\\/"] {
            let plain = serde_json::Value::from(text).to_string();
            let encoded = json(&plain);
            assert!(!encoded.chars().any(|c| c.is_control() || is_hidden(c)), "{encoded}");
            assert_eq!(serde_json::from_str::<String>(&encoded).ok().as_deref(), Some(text));
        }
        assert_eq!(json("\"\u{202e}\""), "\"\\u202e\"");
        assert_eq!(json("\"\u{e0041}\""), "\"\\udb40\\udc41\"");
        assert_eq!(json("{\n  \"ö\": 1\n}"), "{\n  \"ö\": 1\n}");
    }

    #[test]
    fn markdown_is_text() {
        for (text, want) in [
            ("plain words, 1.5 s (at 12:30:05Z): fine", "plain words, 1.5 s (at 12:30:05Z): fine"),
            ("](http://evil)", "\\](http:<!-- -->//evil)"),
            ("![x](https://evil/p.png)", "\\!\\[x\\](https:<!-- -->//evil/p.png)"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("| --- |", "&#124; --- &#124;"),
            ("a\\|b", "a\\\\&#124;b"),
            ("a\n# GO", "a\\\\u000a\\# GO"),
            ("`*_~x_*`", "\\`\\*\\_\\~x\\_\\*\\`"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("www.evil.test", "www<!-- -->.evil.test"),
            ("see WWW.evil.test", "see WWW<!-- -->.evil.test"),
            ("mail@evil.test", "mail@<!-- -->evil.test"),
            ("fixes #12", "fixes \\#<!-- -->12"),
            (":white_check_mark: PASS", ":<!-- -->white\\_check\\_mark: PASS"),
            ("at :100:", "at :<!-- -->100:"),
            ("$x$", "&#36;x&#36;"),
            ("1. list", "1\\. list"),
            ("12) list", "12\\) list"),
            ("- list", "\\- list"),
            ("+ a+b", "\\+ a+b"),
            ("===", "\\==="),
            ("    code", "&#32;   code"),
            ("a\u{202e}b", "a&lt;U+202E&gt;b"),
            ("\u{1b}[2J", "\\\\u001b\\[2J"),
            ("Größe 大", "Größe 大"),
        ] {
            assert_eq!(markdown(text), want, "{text:?}");
        }
    }

    #[test]
    fn tokens_are_code_only_where_code_is_literal() {
        for (text, want) in [
            ("critical-finding[CVE-2026-1]", "`critical-finding[CVE-2026-1]`"),
            ("/facts/on_call/value", "`/facts/on_call/value`"),
            ("<script>", "`<script>`"),
            ("a`b", "a\\`b"),
            ("a|b", "a&#124;b"),
            ("a\nb", "a\\\\u000ab"),
            (" a", "&#32;a"),
            ("", ""),
        ] {
            assert_eq!(markdown_token(text), want, "{text:?}");
        }
    }

    #[test]
    fn links_lead_where_they_say() {
        for (uri, want) in [
            ("https://ci.example.test/a_b?x=1&y=2", "[`https://ci.example.test/a_b?x=1&y=2`](https://ci.example.test/a_b?x=1&amp;y=2)"),
            ("http://h/a)(b c", "[`http://h/a)(b c`](http://h/a%29%28b%20c)"),
            ("http://h/](http://evil)", "[`http://h/](http://evil)`](http://h/%5D%28http://evil%29)"),
            ("https://h/|", "[https:<!-- -->//h/&#124;](https://h/%7C)"),
            ("https://h/\u{202e}", "[`https://h/<U+202E>`](https://h/%E2%80%AE)"),
            ("https://good@evil/", "`https://good@evil/`"),
            ("https://good\\@evil/", "https:<!-- -->//good\\\\@<!-- -->evil/"),
            ("https://gооd/", "`https://gооd/`"),
            ("https://", "`https://`"),
            ("javascript:alert(1)", "`javascript:alert(1)`"),
            ("file:///etc/x", "`file:///etc/x`"),
            (" https://h/", "&#32;https:<!-- -->//h/"),
        ] {
            assert_eq!(markdown_link(uri), want, "{uri:?}");
        }
    }
}
