//! The strict JSON reader: one reading of each text, or none.

use super::json_scan::Scanner;
use super::problem::Problem;
use super::source::{Branch, Limits, Source, Span, Tree};
use super::{Document, visible};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Reads one JSON document.
///
/// Refused: a byte order mark, text after the document, duplicate keys (after unescaping), keys that other readers treat
/// as their own, integers beyond 2^53 - 1, numbers out of range, lone surrogates, too deep nesting, too many keys.
///
/// # Errors
/// The first fault, with its place.
pub fn read_json(source: Arc<Source>, limits: &Limits) -> Result<Document, Problem> {
    let text = &source.text;
    if text.len() > limits.bytes {
        return Err(too_large(&source.name, limits.bytes));
    }
    if text.starts_with('\u{feff}') {
        let problem = Problem::new("golive::json::bom", "the text begins with a byte order mark (BOM)");
        return Err(problem.at(&source, 0..3, "BOM").help("save the file as UTF-8 without BOM"));
    }
    if text.trim().is_empty() {
        let problem = Problem::new("golive::json::empty", format!("{} is empty", visible(&source.name)));
        return Err(problem.help("an empty file states nothing: a JSON document is wanted"));
    }
    let mut reader = Reader { scan: Scanner { source: Arc::clone(&source), at: 0 }, limits, depth: 0, keys: 0 };
    reader.scan.skip_space();
    let (value, places) = reader.value()?;
    reader.scan.skip_space();
    let end = reader.scan.at;
    if end < source.text.len() {
        let problem = Problem::new("golive::json::trailing", "trailing text after the JSON document");
        let first = source.text[end..].chars().next().map_or(1, char::len_utf8);
        return Err(problem.at(&source, end..end + first, "the document ended before this"));
    }
    Ok(Document { source, value, places })
}

pub(super) fn too_large(name: &str, bytes: usize) -> Problem {
    Problem::new("golive::text::size", format!("{} is too large: more than {bytes} bytes", visible(name)))
}

struct Reader<'l> {
    scan: Scanner,
    limits: &'l Limits,
    depth: usize,
    keys: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<(Value, Tree), Problem> {
        let start = self.scan.at;
        let (value, children) = match self.scan.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => (Value::String(self.scan.string()?), Vec::new()),
            Some(b'-' | b'0'..=b'9') => (self.scan.number()?, Vec::new()),
            _ => (self.scan.word()?, Vec::new()),
        };
        Ok((value, Tree { span: start..self.scan.at, children }))
    }

    fn nested<T>(&mut self, read: fn(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        self.depth += 1;
        if self.depth > self.limits.depth {
            let message = format!("nested too deep: the limit is a depth of {}", self.limits.depth);
            return Err(self.scan.fail("golive::json::depth", message, self.scan.at..self.scan.at + 1, "here"));
        }
        self.scan.at += 1;
        let out = read(self)?;
        self.depth -= 1;
        Ok(out)
    }

    fn array(&mut self) -> Result<(Value, Vec<Branch>), Problem> {
        let mut items = Vec::new();
        let mut places = Vec::new();
        self.scan.skip_space();
        if self.scan.take(b']') {
            return Ok((Value::Array(items), places));
        }
        loop {
            self.scan.skip_space();
            let (value, tree) = self.value()?;
            items.push(value);
            places.push(Branch { key: None, tree });
            self.scan.skip_space();
            if self.scan.take(b']') {
                return Ok((Value::Array(items), places));
            }
            if !self.scan.take(b',') {
                return Err(self.scan.unexpected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self) -> Result<(Value, Vec<Branch>), Problem> {
        let mut members = Map::new();
        let mut places = Vec::new();
        self.scan.skip_space();
        if self.scan.take(b'}') {
            return Ok((Value::Object(members), places));
        }
        loop {
            self.scan.skip_space();
            let (key, span) = self.key(&members, &places)?;
            self.scan.skip_space();
            if !self.scan.take(b':') {
                return Err(self.scan.unexpected("`:`"));
            }
            self.scan.skip_space();
            let (value, tree) = self.value()?;
            members.insert(key.clone(), value);
            places.push(Branch { key: Some((key, span)), tree });
            self.scan.skip_space();
            if self.scan.take(b'}') {
                return Ok((Value::Object(members), places));
            }
            if !self.scan.take(b',') {
                return Err(self.scan.unexpected("`,` or `}`"));
            }
        }
    }

    fn key(&mut self, members: &Map<String, Value>, places: &[Branch]) -> Result<(String, Span), Problem> {
        if self.scan.peek() != Some(b'"') {
            return Err(self.scan.unexpected("a key in double quotes"));
        }
        let start = self.scan.at;
        let key = self.scan.string()?;
        let span = start..self.scan.at;
        self.keys += 1;
        if self.keys > self.limits.keys {
            let message = format!("too many keys: the limit is {}", self.limits.keys);
            return Err(self.scan.fail("golive::json::keys", message, span, "one too many"));
        }
        if key.starts_with("$serde_json::private") {
            let message = format!("reserved key `{}`: readers of JSON differ on what it means", visible(&key));
            return Err(self.scan.fail("golive::json::reserved_key", message, span, "reserved"));
        }
        if members.contains_key(&key) {
            let first =
                places.iter().filter_map(|b| b.key.as_ref()).find(|(name, _)| *name == key).map_or(0..0, |(_, first)| first.clone());
            let message = format!("duplicate key `{}`", visible(&key));
            let problem = self.scan.fail("golive::json::duplicate_key", message, span, "again here");
            return Err(problem
                .at(&self.scan.source, first, "first here")
                .help("readers of JSON differ on which of the two counts: keep one"));
        }
        Ok((key, span))
    }
}
