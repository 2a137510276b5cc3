//! Untrusted text made harmless, once per format. Every string that a format did not write itself goes through here.

mod web;

pub use web::{fragment, github_line, github_value, href, html, html_block, sarif};

use crate::text::visible;

/// Text for a terminal: control characters as `\u001b`, characters that hide or reorder as `<U+202E>`.
pub fn terminal(text: &str) -> String {
    visible(text)
}

/// A document of golive's own as indented JSON, ending in a line break. Structs with string keys always serialise; were it ever
/// otherwise, what follows is valid for no schema.
pub fn document(twin: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(twin)
        .unwrap_or_else(|fault| serde_json::Value::from(format!("this could not be written: {fault}")).to_string());
    json(&text) + "\n"
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

/// Text behind the `::` of a workflow command of GitHub.
pub fn github_text(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a workflow command of GitHub.
pub fn github_property(text: &str) -> String {
    github_text(text).replace(':', "%3A").replace(',', "%2C")
}

/// A path as a URI reference: relative paths stay relative.
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    // A colon in the first part would look like a scheme's end.
    if path.split('/').next().is_some_and(|part| part.contains(':')) {
        out.push_str("./");
    } else if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' | b':' | b',' | b'+' | b'@' | b'=' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Text for Markdown: words that nothing acts upon stand as they are, all others as code, where everything is literal.
///
/// What the text itself has between backticks is code too. A table's cell must still escape its bars: see [`cell`].
pub fn markdown(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len());
    for chunk in chunks(&text) {
        let begins = out.is_empty();
        if !begins {
            out.push(' ');
        }
        if acts(chunk) || (begins && opens_block(chunk)) {
            out.push_str(&code(chunk));
        } else {
            out.push_str(chunk);
        }
    }
    out
}

/// The parts between spaces; what stands between a pair of backticks is not divided.
fn chunks(text: &str) -> Vec<&str> {
    let (mut out, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(found) = text[at..].find([' ', '`']) {
        let here = at + found;
        at = here + 1;
        if text[here..].starts_with('`') {
            at = closing(text, here).map_or(at, |end| end + 1);
        } else {
            out.push(&text[start..here]);
            start = at;
        }
    }
    out.push(&text[start..]);
    out.retain(|chunk| !chunk.is_empty());
    out
}

/// The backtick that closes the one at `open`, where they look like a pair to a person too.
fn closing(text: &str, open: usize) -> Option<usize> {
    let inner = text[open + 1..].split_once('`')?.0;
    let tight = !inner.is_empty() && !inner.starts_with(' ') && !inner.ends_with(' ');
    tight.then_some(open + 1 + inner.len())
}

/// Whether a renderer could act upon something in a chunk: markup, HTML, an entity, a link, a mention, a reference,
/// an emoji or mathematics.
fn acts(chunk: &str) -> bool {
    // A backslash inside of the code: its neighbour may be a bar, which only `code` can part from it.
    let Some(text) = without_pairs(chunk).filter(|_| !chunk.contains("``") && !chunk.contains("\\|")) else { return true };
    let lower = text.to_ascii_lowercase();
    text.contains(['\\', '`', '*', '[', ']', '<', '>', '|', '~', '#', '$', '@', '^'])
        || (text.contains('&') && text != "&")
        || lower.contains("://")
        || lower.contains("www.")
        || has_emphasis(&text)
        || has_emoji(&text)
}

/// The chunk with a letter for each pair of backticks and what is between. `None` where a pair has no end.
fn without_pairs(chunk: &str) -> Option<String> {
    let (mut out, mut at) = (String::with_capacity(chunk.len()), 0);
    while let Some(found) = chunk[at..].find('`') {
        let open = at + found;
        out.push_str(&chunk[at..open]);
        out.push('x');
        at = closing(chunk, open)? + 1;
    }
    out.push_str(&chunk[at..]);
    Some(out)
}

/// Low lines between letters are part of a name; others could emphasise.
fn has_emphasis(text: &str) -> bool {
    text.match_indices('_').any(|(at, _)| {
        let inside = |c: char| c.is_alphanumeric();
        !text[..at].ends_with(inside) || !text[at + 1..].starts_with(inside)
    })
}

/// `:tada:` and `:100:`; the minutes of a time are no emoji.
fn has_emoji(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let inner = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
    inner.iter().any(|name| {
        let minutes = name.len() == 2 && name.bytes().all(|b| b.is_ascii_digit());
        !minutes && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b))
    })
}

/// Whether a chunk at the beginning would open a list or draw a line.
fn opens_block(chunk: &str) -> bool {
    let number = chunk.trim_end_matches(['.', ')']);
    chunk.bytes().all(|b| b"-+=:".contains(&b)) || (number.len() < chunk.len() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// An id, pointer, digest or name for Markdown: as code, whatever is in it.
pub fn markdown_token(text: &str) -> String {
    if text.is_empty() { "(empty)".to_owned() } else { code(&visible(text)) }
}

/// Text of one line as code.
fn code(text: &str) -> String {
    // In a table a bar is escaped before code is read, and a backslash before it would undo that: they are kept apart.
    let parts: Vec<String> = text.split_inclusive('\\').fold(Vec::<String>::new(), |mut parts, piece| {
        match parts.last_mut() {
            Some(last) if !(last.ends_with('\\') && piece.starts_with('|')) => last.push_str(piece),
            _ => parts.push(piece.to_owned()),
        }
        parts
    });
    parts.iter().map(|part| fenced(part)).collect::<Vec<_>>().join("<!-- -->")
}

/// Code between fences that do not occur in it.
fn fenced(text: &str) -> String {
    let runs: Vec<usize> = text.split(|c| c != '`').map(str::len).collect();
    let length = (1..=runs.len() + 1).find(|length| !runs.contains(length)).unwrap_or(1);
    let fence = "`".repeat(length);
    let both = |c: char| text.starts_with(c) && text.ends_with(c);
    // One space inside of each fence is not shown.
    let stripped = both(' ') && !text.trim_matches(' ').is_empty();
    let pad = if text.starts_with('`') || text.ends_with('`') || stripped { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A text of several lines as a block of code, whatever is in it; `language` is a word of our own.
pub fn markdown_block(language: &str, text: &str) -> String {
    let lines = text.lines().map(|line| visible(&line.replace('\t', "    "))).collect::<Vec<_>>().join("\n");
    let longest = lines.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{lines}\n{fence}")
}

/// Encoded Markdown as a table's cell.
pub fn cell(encoded: &str) -> String {
    encoded.replace('|', "\\|")
}

/// Text of one line for XML: for an element or for an attribute between double quotes.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // What is no character of XML, and hides nothing that a reader should see.
            '\u{fffe}' | '\u{ffff}' => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

/// A link for Markdown, where the URI is a plain http or https one; else its text alone.
pub fn markdown_link(uri: &str) -> String {
    match destination(uri) {
        Some(destination) if destination == uri && !uri.contains('&') => format!("<{uri}>"),
        Some(destination) => format!("[{}]({})", markdown_token(uri), destination.replace('&', "&amp;")),
        None => markdown_token(uri),
    }
}

/// The URI with everything escaped that could end a link. `None` where its host could be read as another one.
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
            b if b.is_ascii_alphanumeric() || b"-._~/?#:@,;=+%&".contains(&b) => out.push(char::from(b)),
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
    fn xml_has_no_markup_but_its_own() {
        assert_eq!(xml("a<b> & \"c\" 'd' ]]>"), "a&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos; ]]&gt;");
        assert_eq!(xml("\u{1b}[2J\n\u{0}\u{ffff}"), "\\u001b[2J\\u000a\\u0000?");
    }

    #[test]
    fn nothing_gets_out_of_a_block_of_code() {
        assert_eq!(markdown_block("rego", "a\n\tb\u{202e}\u{1b}[2J"), "```rego\na\n    b<U+202E>\\u001b[2J\n```");
        assert_eq!(markdown_block("rego", "x\n```\n# A heading\n````"), "`````rego\nx\n```\n# A heading\n````\n`````");
        assert_eq!(markdown_block("json", ""), "```json\n\n```");
    }

    #[test]
    fn json_hides_nothing_and_says_the_same() {
        for text in ["\u{2028}\u{2029}", "\u{7f}\u{85}\u{9b}", "\u{202e}x\u{2069}\u{feff}", "\u{e0041}\u{10ffff}", "\u{1b}[31m", "大ö\"\\/"]
        {
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
            ("plain words, 1.5 s (at 12:30:05Z): fine!", "plain words, 1.5 s (at 12:30:05Z): fine!"),
            ("claw-1:50151 at 2026-11-23T14:21:55.939Z", "claw-1:50151 at 2026-11-23T14:21:55.939Z"),
            ("auth_probes of \"R\" & 'D' {x}", "auth_probes of \"R\" & 'D' {x}"),
            ("`claw --version` (`a` or `b|c`), on", "`claw --version` (`a` or `b|c`), on"),
            ("](http://evil)", "`](http://evil)`"),
            ("![x](https://evil/p.png)", "`![x](https://evil/p.png)`"),
            ("<script>alert(1)</script>", "`<script>alert(1)</script>`"),
            ("| --- |", "`|` --- `|`"),
            ("a\n# GO", "`a\\u000a#` GO"),
            ("a` b` c", "`` a` `` `` b` `` c"),
            ("a``b x`y`z", "```a``b x`y`z```"),
            ("`a``b`", "``` `a``b` ```"),
            ("`a`@b", "`` `a`@b ``"),
            ("*b* _b_ ~s~ a_b_", "`*b*` `_b_` `~s~` `a_b_`"),
            ("&lt; R&D", "`&lt;` `R&D`"),
            ("WWW.evil.test ftp://evil", "`WWW.evil.test` `ftp://evil`"),
            ("mira@evil.test @mira", "`mira@evil.test` `@mira`"),
            ("fixes #12", "fixes `#12`"),
            (":white_check_mark: PASS", "`:white_check_mark:` PASS"),
            ("at :100:", "at `:100:`"),
            ("$x$", "`$x$`"),
            ("1. list", "`1.` list"),
            ("12) list", "`12)` list"),
            ("0.1.1", "0.1.1"),
            ("- list", "`-` list"),
            ("+ a+b", "`+` a+b"),
            ("===", "`===`"),
            ("    code  ", "code"),
            ("a\u{202e}b", "`a<U+202E>b`"),
            ("\u{1b}[2J", "`\\u001b[2J`"),
            ("Größe 大", "Größe 大"),
        ] {
            assert_eq!(markdown(text), want, "{text:?}");
        }
    }

    #[test]
    fn tokens_are_code_whatever_is_in_them() {
        for (text, want) in [
            ("critical-finding[CVE-2026-1]", "`critical-finding[CVE-2026-1]`"),
            ("<script>", "`<script>`"),
            ("a`b", "``a`b``"),
            ("`a``b", "``` `a``b ```"),
            ("` ``", "``` ` `` ```"),
            ("a|b", "`a|b`"),
            ("a\\|b\\c|d\\\\|e", "`a\\`<!-- -->`|b\\c|d\\\\`<!-- -->`|e`"),
            ("a\nb", "`a\\u000ab`"),
            (" a", "` a`"),
            (" a ", "`  a  `"),
            ("  ", "`  `"),
            ("", "(empty)"),
        ] {
            assert_eq!(markdown_token(text), want, "{text:?}");
        }
        assert_eq!(cell(&markdown_token("a|b")), "`a\\|b`");
    }

    #[test]
    fn links_lead_where_they_say() {
        for (uri, want) in [
            ("https://ci.example.test/a_b?x=1", "<https://ci.example.test/a_b?x=1>"),
            ("https://h/?x=1&y=2", "[`https://h/?x=1&y=2`](https://h/?x=1&amp;y=2)"),
            ("http://h/a)(b c", "[`http://h/a)(b c`](http://h/a%29%28b%20c)"),
            ("http://h/](http://evil)", "[`http://h/](http://evil)`](http://h/%5D%28http://evil%29)"),
            ("https://h/>|", "[`https://h/>|`](https://h/%3E%7C)"),
            ("https://h/\u{202e}", "[`https://h/<U+202E>`](https://h/%E2%80%AE)"),
            ("https://good@evil/", "`https://good@evil/`"),
            ("https://good\\@evil/", "`https://good\\@evil/`"),
            ("https://gооd/", "`https://gооd/`"),
            ("https://", "`https://`"),
            ("javascript:alert(1)", "`javascript:alert(1)`"),
            ("file:///etc/x", "`file:///etc/x`"),
            (" https://h/", "` https://h/`"),
        ] {
            assert_eq!(markdown_link(uri), want, "{uri:?}");
        }
    }
}
