//! Equality and order of values, as Rego has them: null, booleans, numbers, strings, lists, sets, objects.

use super::Value;
use std::cmp::Ordering;

/// Integers up to here are the same number as a float.
const EXACT: u64 = 1 << 53;

impl Value<'_> {
    /// The order of two values; none where it is not known exactly (a float beside an integer that no float holds).
    #[inline]
    pub fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => Some(a.cmp(&b)),
            _ => self.any_order(other),
        }
    }

    fn any_order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => Some(a.cmp(&b)),
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(&b)),
            (Value::Float(a), Value::Float(b)) => a.partial_cmp(&b),
            (Value::Int(a), Value::Float(b)) => exact(a)?.partial_cmp(&b),
            (Value::Float(a), Value::Int(b)) => a.partial_cmp(&exact(b)?),
            (Value::List(a), Value::List(b)) | (Value::Set(a), Value::Set(b)) => lists(a, b),
            (Value::Object(a), Value::Object(b)) => objects(a, b),
            _ => Some(self.rank().cmp(&other.rank())),
        }
    }

    /// Whether two values are equal; none where it is not known exactly.
    #[inline]
    pub fn equals(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => Some(a == b),
            (Value::Int(a), Value::Int(b)) => Some(a == b),
            _ => self.order(other).map(Ordering::is_eq),
        }
    }

    /// Sorts values and leaves each once; none where an order is not known exactly.
    pub fn arrange(values: &mut Vec<Self>) -> Option<()> {
        let mut known = true;
        values.sort_by(|a, b| {
            a.order(*b).unwrap_or_else(|| {
                known = false;
                Ordering::Equal
            })
        });
        values.dedup_by(|a, b| a.order(*b) == Some(Ordering::Equal));
        known.then_some(())
    }

    fn rank(self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Int(_) | Value::Float(_) => 2,
            Value::Text(_) => 3,
            Value::List(_) => 4,
            Value::Set(_) => 5,
            Value::Object(_) => 6,
            Value::Undefined | Value::Keys(_) => 7,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "only integers that a float holds exactly")]
fn exact(n: i64) -> Option<f64> {
    (n.unsigned_abs() <= EXACT).then_some(n as f64)
}

fn lists(a: &[Value<'_>], b: &[Value<'_>]) -> Option<Ordering> {
    for (a, b) in a.iter().zip(b) {
        match a.order(*b)? {
            Ordering::Equal => {}
            other => return Some(other),
        }
    }
    Some(a.len().cmp(&b.len()))
}

fn objects(a: super::Record<'_>, b: super::Record<'_>) -> Option<Ordering> {
    let (mut a, mut b) = (a.members(), b.members());
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Some(Ordering::Equal),
            (None, Some(_)) => return Some(Ordering::Less),
            (Some(_), None) => return Some(Ordering::Greater),
            (Some((a, left)), Some((b, right))) => match a.cmp(b).then(left.order(right)?) {
                Ordering::Equal => {}
                other => return Some(other),
            },
        }
    }
}
