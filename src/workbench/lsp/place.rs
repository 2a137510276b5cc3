//! Places in a text as editors count them, and names of files as URIs.

use crate::text::Span;
use lsp_types::{Position, PositionEncodingKind, Range, Uri};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: what every client understands.
    Utf16,
}

impl Encoding {
    /// The one that costs nothing where the client offers it.
    pub fn of(offered: &[&str]) -> Self {
        if offered.contains(&"utf-8") { Self::Utf8 } else { Self::Utf16 }
    }

    /// Its name in the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
        }
    }

    /// Where a byte of a text stands.
    pub fn position(self, text: &str, at: usize) -> Position {
        let at = floor(text, at);
        let starts = starts(text);
        let line = starts.partition_point(|start| *start <= at).saturating_sub(1);
        let before = text.get(starts.get(line).copied().unwrap_or(0)..at).unwrap_or_default();
        let column: usize = before.chars().map(|c| self.width(c)).sum();
        Position::new(number(line), number(column))
    }

    /// The places of a span.
    pub fn range(self, text: &str, span: &Span) -> Range {
        Range::new(self.position(text, span.start), self.position(text, span.end))
    }

    /// The byte at a place; beyond the end of a line it is the line's end.
    pub fn offset(self, text: &str, position: Position) -> usize {
        let starts = starts(text);
        let Some(start) = starts.get(position.line as usize) else { return text.len() };
        let mut left = position.character as usize;
        let mut at = *start;
        for c in text.get(at..).unwrap_or_default().chars() {
            let width = self.width(c);
            if c == '\n' || c == '\r' || left < width {
                break;
            }
            left -= width;
            at += c.len_utf8();
        }
        at
    }
}

/// Where each line begins: behind a line feed, a carriage return, or both.
fn starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The file that a URI names; none where it is no file of this machine.
pub fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    if !rest.starts_with('/') {
        return None;
    }
    let mut bytes = Vec::with_capacity(rest.len());
    let mut left = rest.as_bytes();
    while let Some((first, more)) = left.split_first() {
        let hex = more.get(..2).filter(|hex| *first == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        left = if byte.is_some() { more.get(2..).unwrap_or_default() } else { more };
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// The URI of a file.
pub fn uri_of(path: &Path) -> String {
    let mut out = "file://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A URI as the protocol's types hold it.
pub fn parsed(uri: &str) -> Option<Uri> {
    Uri::from_str(uri).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_what_was_agreed() {
        let text = "a\r\n# 𝄞 ü x\nb";
        let x = text.find('x').unwrap_or_default();
        for (encoding, column) in [(Encoding::Utf8, 10), (Encoding::Utf16, 7)] {
            let place = Position::new(1, column);
            assert_eq!(encoding.position(text, x), place);
            assert_eq!(encoding.offset(text, place), x);
        }
    }

    #[test]
    fn a_place_beyond_the_text_is_its_nearest() {
        let text = "ab\r\ncd";
        assert_eq!(Encoding::Utf16.offset(text, Position::new(0, 99)), 2);
        assert_eq!(Encoding::Utf16.offset(text, Position::new(9, 0)), text.len());
        assert_eq!(Encoding::Utf16.position(text, 99), Position::new(1, 2));
        // The middle of a character of two units.
        assert_eq!(Encoding::Utf16.offset("𝄞", Position::new(0, 1)), 0);
    }

    #[test]
    fn files_and_uris_name_each_other() {
        let path = Path::new("/a b/ü%/c.rego");
        let uri = uri_of(path);
        assert_eq!(uri, "file:///a%20b/%C3%BC%25/c.rego");
        assert_eq!(path_of(&uri).as_deref(), Some(path));
        assert!(parsed(&uri).is_some());
        assert_eq!(path_of("untitled:Untitled-1"), None);
        assert_eq!(path_of("file:///a%2"), Some(PathBuf::from("/a%2")));
        assert_eq!(path_of("file://host/a"), None);
    }
}
