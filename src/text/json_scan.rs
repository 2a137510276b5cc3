//! The tokens of strict JSON: strings and numbers, and what stands where a token should.

use super::problem::Problem;
use super::source::{Source, Span};
use serde_json::{Number, Value};
use std::sync::Arc;

/// The largest integer that every JSON reader and both Rego engines hold exactly.
const MAX_EXACT: u64 = (1 << 53) - 1;
/// The same as a float, which holds it exactly.
const MAX_EXACT_FLOAT: f64 = 9_007_199_254_740_991.0;

/// A cursor over the text.
pub(super) struct Scanner {
    pub source: Arc<Source>,
    pub at: usize,
}

impl Scanner {
    pub fn peek(&self) -> Option<u8> {
        self.source.text.as_bytes().get(self.at).copied()
    }

    pub fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes one byte if it is the wanted one.
    pub fn take(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    pub fn fail(&self, code: &'static str, message: impl Into<String>, span: Span, label: &str) -> Problem {
        Problem::new(code, message).at(&self.source, span, label)
    }

    /// What stands here instead of what was wanted.
    pub fn unexpected(&self, wanted: &str) -> Problem {
        let Some(c) = self.source.text[self.at..].chars().next() else {
            let end = self.source.text.len();
            return self
                .fail("golive::json::cut", format!("the text ends where {wanted} should stand"), end..end, "ends here")
                .help("the file is cut off: write it again");
        };
        let span = self.at..self.at + c.len_utf8();
        let found = super::visible(&c.to_string());
        let problem = self.fail("golive::json::syntax", format!("expected {wanted}, found `{found}`"), span, "here");
        match c {
            '\'' => problem.help("JSON strings stand in double quotes"),
            '/' | '#' => problem.help("JSON has no comments"),
            _ => problem,
        }
    }

    /// A word such as `true`; anything else that looks like a word is named whole.
    pub fn word(&mut self) -> Result<Value, Problem> {
        let start = self.at;
        let text = &self.source.text[start..];
        let len = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        let value = match &text[..len] {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            word @ ("NaN" | "Infinity" | "nan" | "inf") => {
                let message = format!("`{word}` is no JSON value");
                return Err(self.fail("golive::json::number", message, start..start + len, "not a number"));
            }
            "" => return Err(self.unexpected("a value")),
            word => {
                let message = format!("`{}` is no JSON value", super::visible(word));
                return Err(self.fail("golive::json::syntax", message, start..start + len, "here"));
            }
        };
        self.at += len;
        Ok(value)
    }

    /// A number by JSON's grammar, an integer only within 2^53.
    pub fn number(&mut self) -> Result<Value, Problem> {
        let start = self.at;
        self.take(b'-');
        let int_start = self.at;
        let digits = self.digits();
        if digits == 0 {
            return Err(self.unexpected("a digit"));
        }
        if digits > 1 && self.source.text.as_bytes()[int_start] == b'0' {
            return Err(self.fail("golive::json::number", "a number has a leading zero", start..self.at, "here"));
        }
        let mut integer = true;
        if self.take(b'.') {
            integer = false;
            if self.digits() == 0 {
                return Err(self.unexpected("a digit after the point"));
            }
        }
        if self.take(b'e') || self.take(b'E') {
            integer = false;
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return Err(self.unexpected("a digit in the exponent"));
            }
        }
        self.to_number(start..self.at, integer)
    }

    fn to_number(&self, span: Span, integer: bool) -> Result<Value, Problem> {
        let text = &self.source.text[span.clone()];
        if integer {
            return match text.parse::<i64>() {
                Ok(n) if n.unsigned_abs() <= MAX_EXACT => Ok(Value::Number(n.into())),
                _ => Err(self
                    .fail("golive::json::number", "an integer is beyond 2^53 - 1", span, "not exact everywhere")
                    .help("readers of JSON differ beyond 9007199254740991: write it as a string")),
            };
        }
        let float = text.parse::<f64>().ok().filter(|f| f.is_finite() && f.abs() <= MAX_EXACT_FLOAT);
        match float.and_then(Number::from_f64) {
            // `1.0`, `1e2` and what rounds to a whole number: readers differ on whether these are integers.
            Some(n) if n.as_f64().is_some_and(|f| f.fract() == 0.0) => Err(self
                .fail("golive::json::number", "a whole number is written with a point or an exponent", span, "not an integer token")
                .help("write an integer as an integer")),
            Some(n) => Ok(Value::Number(n)),
            None => Err(self.fail("golive::json::number", "a number is out of range", span, "too large")),
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    /// A string, unescaped; the cursor stands on its opening quote.
    pub fn string(&mut self) -> Result<String, Problem> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.source.text[self.at..];
            // These are single bytes in UTF-8 and never part of another character.
            let stop = rest.bytes().position(|b| b == b'"' || b == b'\\' || b < b' ').unwrap_or(rest.len());
            out.push_str(&rest[..stop]);
            self.at += stop;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(byte) => {
                    let message = format!("a string holds the raw control character U+{byte:04X}");
                    return Err(self.fail("golive::json::syntax", message, self.at..self.at + 1, "escape it"));
                }
                None => {
                    return Err(self.fail("golive::json::cut", "a string never ends", start..self.at, "begins here"));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.at;
        self.at += 1;
        let byte = self.peek();
        self.at += usize::from(byte.is_some_and(|b| b.is_ascii()));
        Ok(match byte {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => return Err(self.fail("golive::json::syntax", "an unknown escape", start..self.at, "here")),
        })
    }

    fn unicode(&mut self, start: usize) -> Result<char, Problem> {
        let high = self.hex4(start)?;
        if !(0xd800..0xe000).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or('\u{fffd}'));
        }
        if high < 0xdc00 && self.take(b'\\') && self.take(b'u') {
            let low = self.hex4(start)?;
            if (0xdc00..0xe000).contains(&low) {
                let joined = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                if let Some(c) = char::from_u32(joined) {
                    return Ok(c);
                }
            }
        }
        Err(self.fail("golive::json::syntax", "a lone surrogate is no character", start..self.at, "here"))
    }

    fn hex4(&mut self, start: usize) -> Result<u32, Problem> {
        let digits = self.source.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(value) = digits.and_then(|d| u32::from_str_radix(d, 16).ok()) else {
            return Err(self.fail("golive::json::syntax", "`\\u` wants four hexadecimal digits", start..self.at, "here"));
        };
        self.at += 4;
        Ok(value)
    }
}
