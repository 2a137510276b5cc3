//! Reads values by their plans into an arena. Every `None` means "not plainly valid", and ends the reading.

use super::cursor::{Cursor, Number};
use super::moment;
use super::plan::{ByType, Field, List, Node, NumberRule, Plan, Records, TextRule, Words};
use crate::model::Instant;
use crate::model::time::parse_duration;
use crate::tree::{Keys, Record, Value};
use bumpalo::Bump;

/// A key of an object.
pub(super) enum Key<'a> {
    /// One that its plan knows, and where it stands there.
    Known(usize, &'a Field),
    /// Any other.
    Other(&'a str),
}

/// One document while it is read.
pub(super) struct Reader<'a> {
    /// A plan that knows no key.
    pub nothing: &'a Plan,
    pub cursor: Cursor<'a>,
    pub arena: &'a Bump,
    /// Room for elements of lists that are not yet at their end.
    stacks: Vec<Vec<Value<'a>>>,
    /// The milliseconds of the last time or duration.
    millis: Option<i64>,
    /// How many keys the document may still have.
    keys: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str, nothing: &'a Plan, arena: &'a Bump, keys: usize) -> Self {
        Self { nothing, cursor: Cursor::new(text), arena, stacks: Vec::new(), millis: None, keys }
    }

    /// The value that a node describes, put where it belongs: a value is three words, and handing it on costs more than reading it.
    pub fn value(&mut self, node: &'a Node, out: &mut Value<'a>) -> Option<()> {
        *out = match node {
            Node::Words(words) => Value::Text(self.words(words)?),
            Node::Text(rule) => Value::Text(self.text(rule)?),
            Node::Number(rule) => return self.number(rule, out),
            Node::Record(record) => Value::Object(self.record(&record.keys, &record.plan)?),
            Node::List(list) => Value::List(self.list(list)?),
            Node::ByType(by_type) => return self.by_type(by_type, out),
        };
        Some(())
    }

    /// Where the reading stands.
    pub fn mark(&self) -> (Cursor<'a>, usize) {
        (self.cursor, self.keys)
    }

    /// Goes back to where it stood.
    pub fn go_back(&mut self, (cursor, keys): (Cursor<'a>, usize)) {
        (self.cursor, self.keys) = (cursor, keys);
    }

    /// The members of an object, in whatever order, each as an index of the plan; whoever asks counts them.
    #[inline]
    pub fn members(&mut self, plan: &'a Plan, mut each: impl FnMut(&mut Self, Key<'a>) -> Option<()>) -> Option<()> {
        self.cursor.take(b'{')?;
        self.cursor.space();
        if self.cursor.take(b'}').is_some() {
            return Some(());
        }
        let mut after = 0;
        loop {
            let key = self.key(plan, after)?;
            if let Key::Known(index, _) = key {
                after = index + 1;
            }
            self.cursor.space();
            each(self, key)?;
            self.cursor.space();
            match self.cursor.peek() {
                b',' => self.cursor.skip(1),
                _ => return self.cursor.take(b'}'),
            }
        }
    }

    /// The key that stands here, with its colon.
    #[inline]
    fn key(&mut self, plan: &'a Plan, after: usize) -> Option<Key<'a>> {
        self.keys = self.keys.checked_sub(1)?;
        let guess = plan.guess(after);
        self.cursor.space();
        match plan.fields.get(guess) {
            Some(field) if self.cursor.token(&field.key.written) => Some(Key::Known(guess, field)),
            _ => self.other_key(plan, after),
        }
    }

    #[cold]
    fn other_key(&mut self, plan: &'a Plan, after: usize) -> Option<Key<'a>> {
        let name = self.cursor.string(self.arena)?;
        self.cursor.space();
        self.cursor.take(b':')?;
        let known = plan.find(name).and_then(|index| Some((index, plan.fields.get(index)?)));
        let Some((index, field)) = known else { return Some(Key::Other(name)) };
        plan.learn(after, index);
        Some(Key::Known(index, field))
    }

    /// A closed object whose properties are all there, each once.
    fn record(&mut self, keys: &'a Keys, plan: &'a Plan) -> Option<Record<'a>> {
        let words = self.arena.alloc_slice_fill_copy(keys.len() + 1, Value::Undefined);
        *words.first_mut()? = Value::Keys(keys);
        let mut seen: u64 = 0;
        self.members(plan, |reader, key| {
            let Key::Known(index, field) = key else { return None };
            let bit = 1_u64.checked_shl(u32::try_from(index).ok()?)?;
            if seen & bit != 0 {
                return None;
            }
            seen |= bit;
            reader.field(field, &field.node, words)
        })?;
        if seen.count_ones() as usize != plan.fields.len() {
            return None;
        }
        let record = Record::new(words);
        for (list, total) in &plan.totals {
            match (record.slot(*list), record.slot(*total)) {
                (Value::List(items), Value::Int(total)) if i64::try_from(items.len()) == Ok(total) => {}
                _ => return None,
            }
        }
        Some(record)
    }

    /// A member of a record, and its milliseconds beside it.
    #[inline]
    pub fn field(&mut self, field: &'a Field, node: &'a Node, words: &mut [Value<'a>]) -> Option<()> {
        let Some(beside) = field.millis else { return self.value(node, words.get_mut(field.slot + 1)?) };
        self.millis = None;
        let value = words.get_mut(field.slot + 1)?;
        self.value(node, value)?;
        // A string is one leaf, so that the milliseconds are its own.
        if let (Value::Text(_), Some(millis)) = (value, self.millis) {
            *words.get_mut(beside + 1)? = Value::Int(millis);
        }
        Some(())
    }

    #[inline(never)]
    fn list(&mut self, list: &'a List) -> Option<&'a [Value<'a>]> {
        self.cursor.take(b'[')?;
        self.cursor.space();
        if self.cursor.take(b']').is_some() {
            return (list.least == 0).then_some(&[]);
        }
        // Lists in lists need stacks of their own; each is used again.
        let mut stack = self.stacks.pop().unwrap_or_default();
        loop {
            stack.push(Value::Undefined);
            self.value(&list.items, stack.last_mut()?)?;
            self.cursor.space();
            match self.cursor.peek() {
                b',' => self.cursor.skip(1),
                _ => break,
            }
            self.cursor.space();
        }
        self.cursor.take(b']')?;
        if !(list.least..=list.most).contains(&stack.len()) {
            return None;
        }
        let items = self.arena.alloc_slice_copy(&stack);
        stack.clear();
        self.stacks.push(stack);
        Some(items)
    }

    #[inline]
    fn words(&mut self, words: &'a Words) -> Option<&'a str> {
        if let Some(word) = words.iter().find(|word| self.cursor.token(&word.written)) {
            return Some(&word.text);
        }
        let text = self.cursor.string(self.arena)?;
        words.iter().find(|word| *word.text == *text).map(|word| &*word.text)
    }

    #[inline]
    fn text(&mut self, rule: &TextRule) -> Option<&'a str> {
        match rule {
            TextRule::Plain { least, most, pattern } => {
                let text = self.cursor.string(self.arena)?;
                let fits = long_enough(text, *least) && short_enough(text, *most) && pattern.as_ref().is_none_or(|p| p.matches(text));
                fits.then_some(text)
            }
            TextRule::Digest => self.digest(),
            TextRule::Time => self.time(),
            TextRule::Duration { least, most } => {
                let text = self.cursor.string(self.arena)?;
                let millis = parse_duration(text).filter(|ms| (least..=most).contains(&ms))?;
                self.millis = Some(millis);
                Some(text)
            }
        }
    }

    #[inline(never)]
    fn time(&mut self) -> Option<&'a str> {
        if let [b'"', ahead @ ..] = self.cursor.rest()
            && let Some((millis, length)) = moment::plain_time(ahead)
        {
            self.millis = Some(millis);
            return self.cursor.known(length);
        }
        let text = self.cursor.string(self.arena)?;
        self.millis = Some(Instant::parse(text)?.ms);
        Some(text)
    }

    #[inline(never)]
    fn digest(&mut self) -> Option<&'a str> {
        if let Some([b'"', digits @ .., b'"']) = self.cursor.rest().first_chunk::<66>()
            && is_digest(digits)
        {
            return self.cursor.known(64);
        }
        self.cursor.string(self.arena).filter(|text| is_digest(text.as_bytes()))
    }

    /// The milliseconds of the time that was read last.
    pub fn last_millis(&self) -> Option<i64> {
        self.millis
    }

    #[inline(never)]
    fn number(&mut self, rule: &NumberRule, out: &mut Value<'a>) -> Option<()> {
        let number = self.cursor.number()?;
        let float = match number {
            #[expect(clippy::cast_precision_loss, reason = "an integer within 2^53 is a float")]
            Number::Int(n) => n as f64,
            Number::Float(n) => n,
        };
        *out = match number {
            Number::Int(n) => Value::Int(n),
            Number::Float(n) => Value::Float(n),
        };
        let allowed = match (&rule.only, number) {
            (None, Number::Int(_)) => true,
            (None, Number::Float(_)) => !rule.whole,
            (Some(only), Number::Int(n)) => only.contains(&n),
            (Some(_), Number::Float(_)) => false,
        };
        (allowed && float >= rule.least && float <= rule.most).then_some(())
    }

    #[inline(never)]
    fn by_type(&mut self, by_type: &'a ByType, out: &mut Value<'a>) -> Option<()> {
        *out = match self.cursor.peek() {
            b'{' => Value::Object(self.records(by_type.records.as_ref()?)?),
            b'[' => Value::List(self.list(by_type.list.as_ref()?)?),
            b'"' => return self.value(by_type.text.as_ref()?, out),
            b'-' | b'0'..=b'9' => return self.number(by_type.number.as_ref()?, out),
            b'n' if by_type.null && self.cursor.word(b"null") => Value::Null,
            b't' if by_type.yes && self.cursor.word(b"true") => Value::from(true),
            b'f' if by_type.no && self.cursor.word(b"false") => Value::from(false),
            _ => return None,
        };
        Some(())
    }

    /// The object that its tag names, wherever the tag stands.
    fn records(&mut self, records: &'a Records) -> Option<Record<'a>> {
        let index = if records.tag.is_some() { self.tagged(records)? } else { 0 };
        let (_, plan) = records.plans.get(index)?;
        self.record(&records.keys, plan)
    }

    /// Looks ahead for what decides: the tag, or a member that only one of the objects has.
    fn tagged(&self, records: &'a Records) -> Option<usize> {
        let mut ahead = self.cursor;
        ahead.take(b'{')?;
        loop {
            ahead.space();
            let head = match records.heads.iter().find(|head| ahead.token(&head.key.written)) {
                Some(head) => head,
                None => {
                    let key = ahead.string(self.arena)?;
                    ahead.space();
                    ahead.take(b':')?;
                    records.heads.iter().find(|head| *head.key.text == *key)?
                }
            };
            ahead.space();
            if let Some(only) = head.only {
                return Some(only);
            }
            if records.tag.as_deref() == Some(&*head.key.text) {
                let quick = records.plans.iter().position(|(word, _)| ahead.token(&word.written));
                return quick.or_else(|| {
                    let word = ahead.string(self.arena)?;
                    records.plans.iter().position(|(own, _)| *own.text == *word)
                });
            }
            ahead.pass_value()?;
            ahead.take(b',')?;
        }
    }
}

/// Whether a text has so many characters at least: a character has four bytes at most.
fn long_enough(text: &str, least: usize) -> bool {
    text.len() >= least && (least <= 1 || text.len() / 4 >= least || text.chars().count() >= least)
}

/// Whether a text has so many characters at most: a character has at least one byte.
fn short_enough(text: &str, most: usize) -> bool {
    text.len() <= most || text.chars().count() <= most
}

/// Sixty-four hexadecimal digits in small letters; without a branch for each, so that several are looked at in one step.
#[inline]
fn is_digest(text: &[u8]) -> bool {
    let digit = |byte: u8| (byte.wrapping_sub(b'0') < 10) | (byte.wrapping_sub(b'a') < 6);
    text.len() == 64 && text.iter().fold(true, |all, byte| all & digit(*byte))
}
