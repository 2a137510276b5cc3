//! HTML that grows element by element. Names of elements and attributes are the program's own words; every text and every
//! value of an attribute goes through the one encoder.

use crate::report::encode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Elements that stand inside of a line: no line break is put behind them.
const INLINE: &[&str] = &["a", "abbr", "b", "code", "em", "small", "span", "strong", "text", "time", "title"];

/// How every page looks.
const STYLE: &str = include_str!("style.css");

/// Names and values of attributes.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

/// A page, or a part of one.
#[derive(Debug, Default)]
pub struct Html {
    text: String,
}

impl Html {
    /// An element and what is inside of it.
    pub fn put(&mut self, name: &'static str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        inside(self);
        self.text.push_str(&format!("</{name}>"));
        if !INLINE.contains(&name) {
            self.text.push('\n');
        }
    }

    /// An element that holds a text of one line.
    pub fn leaf(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.put(name, attributes, |html| html.text(text));
    }

    /// An element that holds nothing and has no end.
    pub fn void(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.open(name, attributes);
        self.text.push('\n');
    }

    /// Text of one line.
    pub fn text(&mut self, text: &str) {
        self.text.push_str(&encode::html(text));
    }

    /// Text of several lines, as code.
    pub fn code(&mut self, attributes: Attributes<'_>, text: &str) {
        self.put("pre", attributes, |html| html.put("code", &[], |html| html.text.push_str(&encode::html_block(text))));
    }

    /// A URI: a link where it is a plain http or https one, else its text.
    pub fn link(&mut self, uri: &str) {
        match encode::href(uri) {
            Some(href) => self.leaf("a", &[("href", &href), ("rel", "noopener noreferrer")], uri),
            None => self.leaf("code", &[], uri),
        }
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.text.push('<');
        self.text.push_str(name);
        for (attribute, value) in attributes {
            self.text.push_str(&format!(" {attribute}=\"{}\"", encode::html(value)));
        }
        self.text.push('>');
    }
}

/// A whole page: its title, what stands before everything else, and its body of the given class.
///
/// The page holds no script and asks for nothing from anywhere: its policy forbids both.
pub fn page(title: &str, class: &str, body: impl FnOnce(&mut Html)) -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'");
    let mut html = Html { text: "<!DOCTYPE html>\n".to_owned() };
    html.put("html", &[("lang", "en")], |html| {
        html.put("head", &[], |html| {
            html.void("meta", &[("charset", "utf-8")]);
            html.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
            html.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
            html.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
            html.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
            html.void("meta", &[("name", "generator"), ("content", concat!("golive ", env!("CARGO_PKG_VERSION")))]);
            html.leaf("title", &[], title);
            html.void("link", &[("rel", "icon"), ("href", "data:,")]);
            // The style is the program's own, and its bytes are what the policy names.
            html.text.push_str(&format!("<style>{STYLE}</style>\n"));
        });
        html.put("body", &[("class", class)], body);
    });
    html.text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_values_are_encoded() {
        let mut html = Html::default();
        html.put("p", &[("title", "\"><x>")], |html| html.text("<b>&"));
        html.code(&[], "a\n<b>");
        html.link("javascript:alert(1)");
        html.link("https://h.test/?a=1&b=\"");
        let want = "<p title=\"&quot;&gt;&lt;x&gt;\">&lt;b&gt;&amp;</p>\n<pre><code>a\n&lt;b&gt;</code></pre>\n<code>javascript:alert(1)</code><a href=\"https://h.test/?a=1&amp;b=%22\" rel=\"noopener noreferrer\">https://h.test/?a=1&amp;b=&quot;</a>";
        assert_eq!(html.text, want);
    }

    #[test]
    fn the_style_ends_nothing_and_fetches_nothing() {
        for bad in ["</", "url(", "@import", "\\", "<"] {
            assert!(!STYLE.contains(bad), "{bad}");
        }
    }
}
