//! What a schema comes to when it is made ready for one pass: what may stand at each place, and where it goes.

use super::token::Token;
use crate::schema::PlainPattern;
use crate::tree::Keys;
use std::sync::atomic::{AtomicU8, Ordering};

/// What may stand at one place of a document.
#[derive(Debug)]
pub(super) enum Node {
    /// A string by a rule.
    Text(TextRule),
    /// A string out of a few.
    Words(Words),
    /// A number.
    Number(NumberRule),
    /// An object.
    Record(Record),
    /// A list.
    List(List),
    /// Several kinds of values, told apart by their first byte.
    ByType(Box<ByType>),
}

/// Strings that are allowed; the schema's own are what a tree holds.
pub(super) type Words = Box<[Word]>;

/// One string that is allowed.
#[derive(Debug)]
pub(super) struct Word {
    pub text: Box<str>,
    /// As it is mostly written: in quotes.
    pub written: Token,
}

/// What a string must be.
#[derive(Debug)]
pub(super) enum TextRule {
    /// So many characters, and this pattern.
    Plain { least: usize, most: usize, pattern: Option<PlainPattern> },
    /// Sixty-four hexadecimal digits.
    Digest,
    /// A time.
    Time,
    /// A length of time, with its bounds in milliseconds.
    Duration { least: i64, most: i64 },
}

/// What a number must be.
#[derive(Debug)]
pub(super) struct NumberRule {
    /// Integers only.
    pub whole: bool,
    pub least: f64,
    pub most: f64,
    /// These only.
    pub only: Option<Box<[i64]>>,
}

/// An object with the names of its place.
#[derive(Debug)]
pub(super) struct Record {
    pub keys: Keys,
    pub plan: Plan,
}

/// A list with its bounds.
#[derive(Debug)]
pub(super) struct List {
    pub items: Box<Node>,
    pub least: usize,
    pub most: usize,
}

/// At most one node for each type of JSON, so that never two may hold.
#[derive(Debug, Default)]
pub(super) struct ByType {
    pub null: bool,
    /// `true` and `false`.
    pub yes: bool,
    pub no: bool,
    pub number: Option<NumberRule>,
    pub text: Option<Node>,
    pub list: Option<List>,
    pub records: Option<Records>,
}

/// Objects of one place: one, or several that a tag tells apart. Their keys are the same.
#[derive(Debug)]
pub(super) struct Records {
    pub keys: Keys,
    /// The property whose constant differs in each; none where there is one object only.
    pub tag: Option<Box<str>>,
    /// The tag's word, and the object.
    pub plans: Box<[(Word, Plan)]>,
    /// What each key says of the object that has it.
    pub heads: Box<[Head]>,
}

/// A key that some of several objects have.
#[derive(Debug)]
pub(super) struct Head {
    pub key: Word,
    /// The object, where only one of them has the key.
    pub only: Option<usize>,
}

/// The members of one closed object.
#[derive(Debug)]
pub(super) struct Plan {
    /// In the order of their names.
    pub fields: Box<[Field]>,
    /// Slots of adverse lists and of their totals.
    pub totals: Box<[(usize, usize)]>,
    /// Which member followed each one the last time; the first entry is for the beginning. A guess, never more.
    next: Box<[AtomicU8]>,
}

/// One member.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name, written with the colon.
    pub key: Word,
    /// Where its value goes.
    pub slot: usize,
    /// Where its milliseconds go, if it may be a time or a duration.
    pub millis: Option<usize>,
    pub node: Node,
}

impl Word {
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), written: Token::new(serde_json::Value::from(text).to_string().as_bytes()) }
    }

    /// The same as a key: with its colon.
    pub fn key(text: &str) -> Self {
        Self { text: text.into(), written: Token::new(format!("{}:", serde_json::Value::from(text)).as_bytes()) }
    }
}

impl Field {
    pub fn new(name: &str, slot: usize, millis: Option<usize>, node: Node) -> Self {
        Self { key: Word::key(name), slot, millis, node }
    }

    /// A member whose value goes elsewhere.
    pub fn elsewhere(name: &str) -> Self {
        Self::new(name, usize::MAX, None, Node::ByType(Box::default()))
    }

    /// Whether its value goes elsewhere.
    pub fn is_elsewhere(&self) -> bool {
        self.slot == usize::MAX
    }
}

impl Plan {
    pub fn new(fields: Vec<Field>, totals: Vec<(usize, usize)>) -> Self {
        let next = (0..=fields.len()).map(|at| AtomicU8::new(u8::try_from(at).unwrap_or(u8::MAX))).collect();
        Self { fields: fields.into(), totals: totals.into(), next }
    }

    /// Which member probably comes after so many (0: at the beginning, else one more than the index of the last).
    #[inline]
    pub fn guess(&self, after: usize) -> usize {
        self.next.get(after).map_or(0, |guess| usize::from(guess.load(Ordering::Relaxed)))
    }

    /// Remembers what came.
    pub fn learn(&self, after: usize, index: usize) {
        if let (Some(guess), Ok(index)) = (self.next.get(after), u8::try_from(index)) {
            guess.store(index, Ordering::Relaxed);
        }
    }

    /// The index of a member.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.fields.binary_search_by(|field| (*field.key.text).cmp(name)).ok()
    }
}
