//! The same value written in many ways, valid and not.

use serde_json::Value;
use std::fmt::Write as _;

/// Numbers from a seed (splitmix64).
pub struct Seeded(pub u64);

impl Seeded {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("below a usize")
    }
}

/// How a value is written.
#[derive(Default)]
pub struct Writer {
    /// Members in an order of their own.
    pub shuffled: Option<Seeded>,
    /// Space wherever it may stand.
    pub space: &'static str,
    /// Every so many characters of strings (and keys, where `escaped_keys`) are written as escapes.
    pub escaped: Option<usize>,
    pub escaped_keys: bool,
    /// The object with this number gets its first member twice.
    pub doubled: Option<usize>,
    /// How many objects were written.
    pub objects: usize,
}

impl Writer {
    pub fn write(&mut self, value: &Value) -> String {
        let mut out = self.space.to_owned();
        self.value(value, &mut out);
        out.push_str(self.space);
        out
    }

    fn value(&mut self, value: &Value, out: &mut String) {
        match value {
            Value::Object(members) => {
                let mut members: Vec<(&String, &Value)> = members.iter().collect();
                if let Some(seeded) = &mut self.shuffled {
                    for at in (1..members.len()).rev() {
                        members.swap(at, seeded.below(at + 1));
                    }
                }
                if self.doubled == Some(self.objects) {
                    members.extend(members.first().copied());
                }
                self.objects += 1;
                self.bracketed(members.len(), ['{', '}'], out, |writer, index, out| {
                    let (key, value) = members[index];
                    writer.string(key, writer.escaped_keys, out);
                    let _ = write!(out, "{0}:{0}", writer.space);
                    writer.value(value, out);
                });
            }
            Value::Array(items) => self.bracketed(items.len(), ['[', ']'], out, |writer, index, out| writer.value(&items[index], out)),
            Value::String(text) => self.string(text, true, out),
            other => out.push_str(&other.to_string()),
        }
    }

    fn bracketed(&mut self, count: usize, brackets: [char; 2], out: &mut String, mut each: impl FnMut(&mut Self, usize, &mut String)) {
        out.push(brackets[0]);
        out.push_str(self.space);
        for index in 0..count {
            if index > 0 {
                let _ = write!(out, "{0},{0}", self.space);
            }
            each(self, index, out);
        }
        out.push_str(self.space);
        out.push(brackets[1]);
    }

    fn string(&self, text: &str, may_escape: bool, out: &mut String) {
        let Some(every) = self.escaped.filter(|_| may_escape) else {
            out.push_str(&Value::from(text).to_string());
            return;
        };
        out.push('"');
        for (index, c) in text.chars().enumerate() {
            match c {
                _ if index % every == 0 => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                    let _ = write!(out, "\\u{unit:04x}");
                }),
                '/' => out.push_str("\\/"),
                _ => {
                    let quoted = Value::from(c.to_string()).to_string();
                    out.push_str(&quoted[1..quoted.len() - 1]);
                }
            }
        }
        out.push('"');
    }
}
