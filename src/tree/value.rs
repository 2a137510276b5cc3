//! One value.

use super::Keys;

/// A boolean that fills a word.
///
/// A narrow one would leave a gap in [`Value`], every copy would be made of pieces that overlap, and a processor waits long for
/// those (measured: half of all the time of a judgement).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u64)]
pub enum Truth {
    /// `false`.
    False,
    /// `true`.
    True,
}

/// A value of a tree: three words, copied freely. The tag has a word of its own, see [`Truth`].
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub enum Value<'a> {
    /// Absent: what a reference to nothing comes to.
    Undefined,
    /// `null`.
    Null,
    /// A boolean.
    Bool(Truth),
    /// An integer.
    Int(i64),
    /// A number that is no integer.
    Float(f64),
    /// A string.
    Text(&'a str),
    /// A list.
    List(&'a [Value<'a>]),
    /// A set: sorted, each member once.
    Set(&'a [Value<'a>]),
    /// An object.
    Object(Record<'a>),
    /// Not a value: the first word of a record.
    Keys(&'a Keys),
}

/// An object: its keys, then one slot for each of them in their order; the slot of a member that is absent is undefined.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a>(&'a [Value<'a>]);

impl From<bool> for Value<'_> {
    fn from(holds: bool) -> Self {
        Self::Bool(if holds { Truth::True } else { Truth::False })
    }
}

impl Value<'_> {
    /// The value as JSON, a set as a list in its order; none where it is undefined.
    pub fn to_json(self) -> Option<serde_json::Value> {
        use serde_json::Value as Json;
        Some(match self {
            Self::Undefined | Self::Keys(_) => return None,
            Self::Null => Json::Null,
            Self::Bool(truth) => (truth == Truth::True).into(),
            Self::Int(n) => n.into(),
            Self::Float(f) => f.into(),
            Self::Text(s) => s.into(),
            Self::List(items) | Self::Set(items) => Json::Array(items.iter().map(|v| v.to_json()).collect::<Option<_>>()?),
            Self::Object(record) => Json::Object(record.members().map(|(k, v)| Some((k.to_owned(), v.to_json()?))).collect::<Option<_>>()?),
        })
    }
}

impl<'a> Record<'a> {
    /// A record from its words: [`Value::Keys`], then one value for each key. Whatever else is given is an empty record.
    pub fn new(words: &'a [Value<'a>]) -> Self {
        match words.first() {
            Some(Value::Keys(keys)) if keys.len() + 1 == words.len() => Self(words),
            _ => Self(&[]),
        }
    }

    /// The value in a slot, undefined where there is none.
    #[inline]
    pub fn slot(self, slot: usize) -> Value<'a> {
        self.0.get(slot + 1).copied().unwrap_or(Value::Undefined)
    }

    /// The member of a name, undefined where there is none.
    pub fn get(self, name: &str) -> Value<'a> {
        self.keys().and_then(|keys| keys.slot(name)).map_or(Value::Undefined, |slot| self.slot(slot))
    }

    /// Its members in the order of their names, without those that are absent.
    pub fn members(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        let names = self.keys().into_iter().flat_map(Keys::names);
        names.zip(self.0.iter().skip(1).copied()).filter(|(_, value)| !matches!(value, Value::Undefined))
    }

    fn keys(self) -> Option<&'a Keys> {
        match self.0.first() {
            Some(Value::Keys(keys)) => Some(keys),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_three_words_and_so_has_an_answer_that_may_be_none() {
        let word = size_of::<usize>();
        assert_eq!([size_of::<Value<'_>>(), size_of::<Option<Value<'_>>>()], [3 * word; 2]);
    }
}
