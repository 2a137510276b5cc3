//! Values that nobody reads: strictly JSON they must be all the same.

use super::read::{Key, Reader};

/// Keys that the strict reader refuses.
const RESERVED: &str = "$serde_json::private";

/// Whether a key is one that the strict reader refuses.
pub(super) fn is_reserved(key: &str) -> bool {
    key.starts_with(RESERVED)
}

impl<'a> Reader<'a> {
    /// The text of a value that the strict reader accepts.
    pub fn any_text(&mut self, levels: usize) -> Option<&'a str> {
        let start = self.cursor;
        self.any(levels)?;
        start.until(&self.cursor)
    }

    /// Goes past a value that the strict reader accepts, with so many levels at most.
    pub fn any(&mut self, levels: usize) -> Option<()> {
        match self.cursor.peek() {
            b'{' => self.any_object(levels.checked_sub(1)?),
            b'[' => self.any_list(levels.checked_sub(1)?),
            b'"' => self.cursor.string(self.arena).map(|_| ()),
            b'-' | b'0'..=b'9' => self.cursor.number().map(|_| ()),
            _ => [b"null".as_slice(), b"true", b"false"].into_iter().any(|word| self.cursor.word(word)).then_some(()),
        }
    }

    fn any_object(&mut self, levels: usize) -> Option<()> {
        let mut names: Vec<&'a str> = Vec::new();
        self.members(self.nothing, |reader, key| {
            let Key::Other(name) = key else { return None };
            names.push(name);
            if is_reserved(name) { None } else { reader.any(levels) }
        })?;
        names.sort_unstable();
        names.windows(2).all(|pair| pair[0] != pair[1]).then_some(())
    }

    fn any_list(&mut self, levels: usize) -> Option<()> {
        self.cursor.take(b'[')?;
        self.cursor.space();
        if self.cursor.take(b']').is_some() {
            return Some(());
        }
        loop {
            self.any(levels)?;
            self.cursor.space();
            if self.cursor.take(b',').is_none() {
                return self.cursor.take(b']');
            }
            self.cursor.space();
        }
    }
}
