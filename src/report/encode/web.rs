//! HTML, and texts of formats that the web reads.

use crate::text::visible;

/// Text of one line for HTML: for an element or for an attribute between double quotes.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Neither is a character that a page may hold.
            '\u{fffe}' | '\u{ffff}' => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

/// A text of several lines for HTML: line breaks stay, tabs become spaces.
pub fn html_block(text: &str) -> String {
    text.lines().map(|line| html(&line.replace('\t', "    "))).collect::<Vec<_>>().join("\n")
}

/// Where a link leads, where the URI is a plain http or https one; for an attribute it must still be encoded.
pub fn href(uri: &str) -> Option<String> {
    super::destination(uri)
}

/// A name as a fragment of a page's own URL, and as the id that it leads to: two names never have the same.
pub fn fragment(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("~{byte:02x}"));
        }
    }
    out
}

/// Text for a message of SARIF: `[words](place)` would be a link there, and `{0}` a gap.
pub fn sarif(text: &str) -> String {
    visible(text).replace("](", "] (").replace('{', "{{").replace('}', "}}")
}

/// The value of one line `name=value` that GitHub reads: it holds no line break.
pub fn github_value(text: &str) -> String {
    visible(text)
}

/// One line of text behind the `::` of a workflow command of GitHub; line breaks of others are shown, not sent.
pub fn github_line(text: &str) -> String {
    super::github_text(&visible(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_has_no_markup_but_its_own() {
        assert_eq!(html("<script>a('b')&\"c\"</script>"), "&lt;script&gt;a(&#39;b&#39;)&amp;&quot;c&quot;&lt;/script&gt;");
        assert_eq!(html("\u{202e}a\u{1b}\n\u{0}\u{ffff}"), "&lt;U+202E&gt;a\\u001b\\u000a\\u0000?");
        assert_eq!(html_block("a <b>\n\tc\r\n\u{2028}d"), "a &lt;b&gt;\n    c\n&lt;U+2028&gt;d");
    }

    #[test]
    fn links_are_http_alone() {
        for (uri, want) in [
            ("https://h.test/a?b=1&c=2", Some("https://h.test/a?b=1&c=2")),
            ("http://h.test/\"><script>", Some("http://h.test/%22%3E%3Cscript%3E")),
            ("javascript:alert(1)", None),
            ("JavaScript:alert(1)", None),
            ("data:text/html,x", None),
            ("//h.test/", None),
            ("https://good@evil/", None),
            (" https://h.test/", None),
        ] {
            assert_eq!(href(uri).as_deref(), want, "{uri}");
        }
    }

    #[test]
    fn fragments_differ_where_names_do() {
        assert_eq!(fragment("backups.scheduled"), "backups.scheduled");
        assert_eq!(fragment("a b~c/ö"), "a~20b~7ec~2f~c3~b6");
    }

    #[test]
    fn messages_of_sarif_have_no_links_and_no_gaps() {
        assert_eq!(sarif("a\"b\\c [x](http://evil) {0}"), "a\"b\\c [x] (http://evil) {{0}}");
    }

    #[test]
    fn lines_of_github_are_one_line() {
        assert_eq!(github_line("ok\n::set-output name=gate::GO\r100%"), "ok\\u000a::set-output name=gate::GO\\u000d100%25");
        assert_eq!(github_value("x\nGATE=GO\u{85}\u{2028}"), "x\\u000aGATE=GO\\u0085<U+2028>");
    }
}
