//! Reads values by their plans into an arena. Every `None` means "not plainly valid", and ends the reading.

use super::cursor::{Cursor, Number};
use super::moment;
use super::plan::{ByType, Field, List, Node, NumberRule, Plan, Records, TextRule, Words};
use crate::model::Instant;
use crate::model::time::parse_duration;
use crate::tree::{self, Keys, Value};
use bumpalo::Bump;

/// One document while it is read.
pub(super) struct Reader<'a> {
    pub cursor: Cursor<'a>,
    pub arena: &'a Bump,
    /// Elements of the lists that are not yet at their end.
    stack: Vec<Value<'a>>,
    /// The milliseconds of the last time or duration.
    millis: Option<i64>,
    /// How many keys the document may still have.
    keys: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str, arena: &'a Bump, keys: usize) -> Self {
        Self { cursor: Cursor::new(text), arena, stack: Vec::with_capacity(64), millis: None, keys }
    }

    /// The value that a node describes.
    pub fn value(&mut self, node: &'a Node) -> Option<Value<'a>> {
        match node {
            Node::Words(words) => self.words(words),
            Node::Text(rule) => self.text(rule),
            Node::Number(rule) => self.number(rule),
            Node::Record(record) => self.record(&record.keys, &record.plan),
            Node::List(list) => self.list(list),
            Node::ByType(by_type) => self.by_type(by_type),
        }
    }

    /// The members of an object, in whatever order, each as an index of the plan; whoever asks counts them.
    #[inline]
    pub fn members(&mut self, plan: &'a Plan, mut each: impl FnMut(&mut Self, usize, &'a Field) -> Option<()>) -> Option<()> {
        self.cursor.take(b'{')?;
        self.cursor.space();
        if self.cursor.take(b'}').is_some() {
            return Some(());
        }
        let mut after = 0;
        loop {
            let (index, field) = self.key(plan, after)?;
            self.cursor.space();
            each(self, index, field)?;
            self.cursor.space();
            if self.cursor.take(b',').is_none() {
                return self.cursor.take(b'}');
            }
            self.cursor.space();
            after = index + 1;
        }
    }

    /// The key that stands here, with its colon.
    #[inline]
    fn key(&mut self, plan: &'a Plan, after: usize) -> Option<(usize, &'a Field)> {
        self.keys = self.keys.checked_sub(1)?;
        let guess = plan.guess(after);
        if let Some(field) = plan.fields.get(guess)
            && self.cursor.word(&field.written).is_some()
        {
            return Some((guess, field));
        }
        self.other_key(plan, after)
    }

    fn other_key(&mut self, plan: &'a Plan, after: usize) -> Option<(usize, &'a Field)> {
        let index = plan.find(self.cursor.string(self.arena)?)?;
        self.cursor.space();
        self.cursor.take(b':')?;
        plan.learn(after, index);
        Some((index, plan.fields.get(index)?))
    }

    /// A closed object whose properties are all there, each once.
    fn record(&mut self, keys: &'a Keys, plan: &'a Plan) -> Option<Value<'a>> {
        let words = self.arena.alloc_slice_fill_copy(keys.len() + 1, Value::Undefined);
        *words.first_mut()? = Value::Keys(keys);
        let mut seen: u64 = 0;
        self.members(plan, |reader, index, field| {
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
        let record = tree::Record::new(words);
        for (list, total) in &plan.totals {
            match (record.slot(*list), record.slot(*total)) {
                (Value::List(items), Value::Int(total)) if i64::try_from(items.len()) == Ok(total) => {}
                _ => return None,
            }
        }
        Some(Value::Object(record))
    }

    /// A member of a record, and its milliseconds beside it.
    #[inline]
    pub fn field(&mut self, field: &'a Field, node: &'a Node, words: &mut [Value<'a>]) -> Option<()> {
        self.millis = None;
        let value = self.value(node)?;
        *words.get_mut(field.slot + 1)? = value;
        // A string is one leaf, so that the milliseconds are its own.
        if let (Some(slot), Value::Text(_), Some(millis)) = (field.millis, value, self.millis) {
            *words.get_mut(slot + 1)? = Value::Int(millis);
        }
        Some(())
    }

    fn list(&mut self, list: &'a List) -> Option<Value<'a>> {
        self.cursor.take(b'[')?;
        self.cursor.space();
        let base = self.stack.len();
        if self.cursor.take(b']').is_none() {
            loop {
                let item = self.value(&list.items)?;
                self.stack.push(item);
                self.cursor.space();
                if self.cursor.take(b',').is_none() {
                    self.cursor.take(b']')?;
                    break;
                }
                self.cursor.space();
            }
        }
        let items = self.stack.get(base..)?;
        if !(list.least..=list.most).contains(&items.len()) {
            return None;
        }
        let items = self.arena.alloc_slice_copy(items);
        self.stack.truncate(base);
        Some(Value::List(items))
    }

    #[inline]
    fn words(&mut self, words: &'a Words) -> Option<Value<'a>> {
        let text = self.cursor.string(self.arena)?;
        words.iter().find(|word| ***word == *text).map(|word| Value::Text(word))
    }

    #[inline]
    fn text(&mut self, rule: &TextRule) -> Option<Value<'a>> {
        match rule {
            TextRule::Plain { least, most, pattern } => {
                let text = self.cursor.string(self.arena)?;
                let fits = long_enough(text, *least) && short_enough(text, *most) && pattern.as_ref().is_none_or(|p| p.matches(text));
                fits.then_some(Value::Text(text))
            }
            TextRule::Time => self.time(),
            TextRule::Duration { least, most } => {
                let text = self.cursor.string(self.arena)?;
                let millis = parse_duration(text).filter(|ms| (least..=most).contains(&ms))?;
                self.millis = Some(millis);
                Some(Value::Text(text))
            }
        }
    }

    fn time(&mut self) -> Option<Value<'a>> {
        self.millis = self.cursor.rest().get(1..).and_then(moment::plain_time);
        let text = self.cursor.string(self.arena)?;
        if self.millis.is_none() {
            self.millis = Some(Instant::parse(text)?.ms);
        }
        Some(Value::Text(text))
    }

    /// The milliseconds of the time that was read last.
    pub fn last_millis(&self) -> Option<i64> {
        self.millis
    }

    fn number(&mut self, rule: &NumberRule) -> Option<Value<'a>> {
        let number = self.cursor.number()?;
        let (value, float) = match number {
            #[expect(clippy::cast_precision_loss, reason = "an integer within 2^53 is a float")]
            Number::Int(n) => (Value::Int(n), n as f64),
            Number::Float(_) if rule.whole => return None,
            Number::Float(n) => (Value::Float(n), n),
        };
        let allowed = match (&rule.only, number) {
            (None, _) => true,
            (Some(only), Number::Int(n)) => only.contains(&n),
            (Some(_), Number::Float(_)) => false,
        };
        (allowed && float >= rule.least && float <= rule.most).then_some(value)
    }

    fn by_type(&mut self, by_type: &'a ByType) -> Option<Value<'a>> {
        match self.cursor.peek() {
            b'{' => self.records(by_type.records.as_ref()?),
            b'[' => self.list(by_type.list.as_ref()?),
            b'"' => self.value(by_type.text.as_ref()?),
            b'n' if by_type.null => self.cursor.word(b"null").map(|()| Value::Null),
            b't' if by_type.yes => self.cursor.word(b"true").map(|()| Value::Bool(true)),
            b'f' if by_type.no => self.cursor.word(b"false").map(|()| Value::Bool(false)),
            b'-' | b'0'..=b'9' => self.number(by_type.number.as_ref()?),
            _ => None,
        }
    }

    /// The object that its tag names, wherever the tag stands.
    fn records(&mut self, records: &'a Records) -> Option<Value<'a>> {
        let plan = match &records.tag {
            None => records.plans.first().map(|(_, plan)| plan)?,
            Some(tag) => self.tagged(records, tag)?,
        };
        self.record(&records.keys, plan)
    }

    /// Looks ahead for what decides: the tag, or a member that only one of the objects has.
    fn tagged(&self, records: &'a Records, tag: &str) -> Option<&'a Plan> {
        let mut ahead = self.cursor;
        ahead.take(b'{')?;
        loop {
            ahead.space();
            let key = ahead.string(self.arena)?;
            ahead.space();
            ahead.take(b':')?;
            ahead.space();
            if key == tag {
                let word = ahead.string(self.arena)?;
                return records.plans.iter().find(|(own, _)| **own == *word).map(|(_, plan)| plan);
            }
            let mut having = records.plans.iter().filter(|(_, plan)| plan.find(key).is_some());
            if let (Some((_, plan)), None) = (having.next(), having.next()) {
                return Some(plan);
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
