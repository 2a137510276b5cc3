//! The tokens of strict JSON, quickly: what is taken here is what the strict reader takes, and nothing is said of the rest.

use super::token::{Token, window};
use bumpalo::Bump;
use bumpalo::collections::String as Text;

/// The largest integer that every JSON reader and both Rego engines hold exactly.
const MAX_EXACT: i64 = (1 << 53) - 1;
const MAX_EXACT_FLOAT: f64 = 9_007_199_254_740_991.0;

/// Eight bytes at a time: each byte's lowest and its highest bit.
const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// A number of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

/// A cursor over a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0 }
    }

    /// The byte that stands here; 0 at the end, which stands nowhere in JSON.
    #[inline]
    pub fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    pub fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The text from here to where another cursor stands.
    pub fn until(&self, other: &Self) -> Option<&'a str> {
        self.text.get(self.at..other.at)
    }

    /// What lies ahead.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    #[inline]
    pub fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    #[inline]
    pub fn space(&mut self) {
        if self.peek() <= b' ' {
            self.more_space();
        }
    }

    fn more_space(&mut self) {
        loop {
            while self.eight() == Some(LOW * 0x20) {
                self.at += 8;
            }
            if !matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
                return;
            }
            self.at += 1;
        }
    }

    #[inline]
    fn eight(&self) -> Option<u64> {
        self.rest().first_chunk().map(|eight| u64::from_le_bytes(*eight))
    }

    /// Takes a text if it plainly stands here.
    #[inline]
    pub fn token(&mut self, token: &Token) -> bool {
        let stands = window(self.rest()).is_some_and(|(window, behind)| token.stands(&window, behind));
        if stands {
            self.at += token.len();
        }
        stands
    }

    /// Takes one byte.
    #[inline]
    pub fn take(&mut self, byte: u8) -> Option<()> {
        let hit = self.peek() == byte;
        self.at += usize::from(hit);
        hit.then_some(())
    }

    /// Takes these bytes if they stand here.
    #[inline]
    pub fn word(&mut self, word: &[u8]) -> bool {
        let hit = self.rest().starts_with(word);
        if hit {
            self.at += word.len();
        }
        hit
    }

    /// A string; it lies in the arena only where it has escapes.
    #[inline]
    pub fn string(&mut self, arena: &'a Bump) -> Option<&'a str> {
        self.take(b'"')?;
        let start = self.at;
        self.run();
        let text = self.text.get(start..self.at)?;
        match self.peek() {
            b'"' => {
                self.at += 1;
                Some(text)
            }
            b'\\' => self.escaped(text, arena),
            _ => None,
        }
    }

    /// A string of so many bytes that were looked at before, its quotes among them.
    #[inline]
    pub fn known(&mut self, bytes: usize) -> Option<&'a str> {
        let text = self.text.get(self.at + 1..self.at + bytes + 1)?;
        self.at += bytes + 2;
        Some(text)
    }

    /// Goes to the first quote, backslash or control character.
    #[inline]
    fn run(&mut self) {
        while let Some(word) = self.eight() {
            // Turning one bit puts the quote next to the control characters, and no other byte among them.
            let controls = (word ^ (LOW * 0x02)).wrapping_sub(LOW * 0x21);
            let slashes = (word ^ (LOW * 0x5c)).wrapping_sub(LOW);
            // The lowest bit that is set is exact: a borrow comes only from a byte that is set itself.
            let stop = (controls | slashes) & !word & HIGH;
            if stop != 0 {
                self.at += (stop.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
        while !self.at_end() && !matches!(self.peek(), b'"' | b'\\' | 0..=0x1f) {
            self.at += 1;
        }
    }

    fn escaped(&mut self, before: &str, arena: &'a Bump) -> Option<&'a str> {
        let mut out = Text::from_str_in(before, arena);
        loop {
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Some(out.into_bump_str());
                }
                b'\\' => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                _ => return None,
            }
            let start = self.at;
            self.run();
            out.push_str(self.text.get(start..self.at)?);
        }
    }

    fn escape(&mut self) -> Option<char> {
        let byte = self.peek();
        self.at += 1;
        Some(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return None,
        })
    }

    fn unicode(&mut self) -> Option<char> {
        let first = self.four()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        let second = if self.word(b"\\u") { self.four()? } else { return None };
        if !(0xdc00..0xe000).contains(&second) {
            return None;
        }
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn four(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |out, digit| Some(out * 16 + char::from(*digit).to_digit(16)?))
    }

    /// A number by JSON's grammar: an integer within 2^53, or what is no whole number.
    #[inline]
    pub fn number(&mut self) -> Option<Number> {
        let start = self.at;
        let minus = self.take(b'-').is_some();
        let first = self.at;
        let mut value: i64 = 0;
        while self.peek().is_ascii_digit() {
            // Sixteen digits are all that an exact integer has, so that this cannot overflow.
            if self.at - first >= 16 {
                return None;
            }
            value = value * 10 + i64::from(self.peek() - b'0');
            self.at += 1;
        }
        let digits = self.at - first;
        if digits == 0 || (digits > 1 && self.bytes.get(first) == Some(&b'0')) {
            return None;
        }
        if matches!(self.peek(), b'.' | b'e' | b'E') {
            return self.float(start);
        }
        (value <= MAX_EXACT).then_some(Number::Int(if minus { -value } else { value }))
    }

    /// The rest of a number with a point or an exponent.
    fn float(&mut self, start: usize) -> Option<Number> {
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            let _ = self.take(b'+').or_else(|| self.take(b'-'));
            self.digits()?;
        }
        let value: f64 = self.text.get(start..self.at)?.parse().ok()?;
        (value.abs() <= MAX_EXACT_FLOAT && value.fract() != 0.0).then_some(Number::Float(value))
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// Goes past a value whose form is not looked at: to the comma or bracket behind it.
    pub fn pass_value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                b'"' => self.pass_string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' | b',' if depth == 0 => return Some(()),
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ if self.at_end() => return None,
                _ => self.at += 1,
            }
        }
    }

    fn pass_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.run();
            match self.peek() {
                b'"' => return self.take(b'"'),
                b'\\' => self.at += 2,
                _ => return None,
            }
        }
    }
}
