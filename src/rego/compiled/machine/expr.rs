//! Expressions.

use super::body::Sink;
use super::{Answer, Halt, Machine, one};
use crate::rego::compiled::program::{Call, Case, Comparison, Comprehension, Expr, Operation};
use crate::tree::{Record, Truth, Value};
use std::cmp::Ordering;

impl<'p, 'a> Machine<'p, 'a> {
    /// Whether an expression holds: it is neither undefined nor false.
    pub(super) fn holds(&mut self, expr: &'p Expr) -> Answer<bool> {
        match expr {
            Expr::Compare(comparison, a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                compare(*comparison, a, b).map(|holds| holds == Some(true))
            }
            Expr::Clock { comparison, grows, left, right } => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                self.clock((*comparison, *grows), left, right).map(|holds| holds == Some(true))
            }
            Expr::In(value, within) => {
                let (value, within) = (self.eval(value)?, self.eval(within)?);
                is_member(value, within)
            }
            Expr::Call(call) if call.is_condition => self.condition(call),
            _ => Ok(!matches!(self.eval(expr)?, Value::Undefined | Value::Bool(Truth::False))),
        }
    }

    /// Whether a call that is true or undefined holds.
    fn condition(&mut self, call: &'p Call) -> Answer<bool> {
        if !self.place(call)? {
            return Ok(false);
        }
        let mut holds = false;
        for case in &call.definitions {
            if self.fits(case)? && self.solve(&case.definition.body, &mut Sink::Holds { first: case.definition.first })? {
                if call.first {
                    return Ok(true);
                }
                holds = true;
            }
        }
        Ok(holds)
    }

    /// The value of an expression that only names something; none for the others.
    #[expect(clippy::inline_always, reason = "measured: three operands in four are such, and a call costs more than they do")]
    #[inline(always)]
    fn named(&self, expr: &Expr) -> Option<Value<'a>> {
        Some(match expr {
            Expr::Constant(value) => *value,
            Expr::Local(slot) => self.local(*slot),
            Expr::Field(local, slot) => match self.local(*local) {
                Value::Object(record) => record.slot(*slot),
                _ => Value::Undefined,
            },
            Expr::LocalPath(local, slots) => follow(self.local(*local), slots),
            Expr::InputPath(slots) => follow(self.input, slots),
            _ => return None,
        })
    }

    #[expect(clippy::inline_always, reason = "measured: see `named`")]
    #[inline(always)]
    pub(super) fn eval(&mut self, expr: &'p Expr) -> Answer<Value<'a>> {
        match self.named(expr) {
            Some(value) => Ok(value),
            None => self.compute(expr),
        }
    }

    fn compute(&mut self, expr: &'p Expr) -> Answer<Value<'a>> {
        match expr {
            Expr::Input => Ok(self.input),
            Expr::Constant(_) | Expr::Local(_) | Expr::Field(..) | Expr::LocalPath(..) | Expr::InputPath(_) => {
                self.named(expr).ok_or(Halt::Ask)
            }
            Expr::Rule(index) => self.rule(*index),
            Expr::Path(root, slots) => Ok(follow(self.eval(root)?, slots)),
            Expr::Member(base, name) => Ok(match self.eval(base)? {
                Value::Object(record) => record.get(name),
                // What the set holds is its own place.
                Value::Set(_) => return Err(Halt::Ask),
                _ => Value::Undefined,
            }),
            Expr::Index(base, index) => self.index(base, index),
            Expr::Compare(comparison, a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                Ok(compare(*comparison, a, b)?.map_or(Value::Undefined, Value::from))
            }
            Expr::Clock { comparison, grows, left, right } => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                Ok(self.clock((*comparison, *grows), left, right)?.map_or(Value::Undefined, Value::from))
            }
            Expr::Arithmetic(operation, a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                calculate(*operation, a, b)
            }
            Expr::In(value, within) => {
                let (value, within) = (self.eval(value)?, self.eval(within)?);
                is_member(value, within).map(Value::from)
            }
            Expr::List(items) => match self.all(items)? {
                Some(values) => Ok(self.list_of(&values)),
                None => Ok(Value::Undefined),
            },
            Expr::Set(items) => match self.all(items)? {
                Some(values) => self.set_of(values),
                None => Ok(Value::Undefined),
            },
            Expr::Record(keys, members) => self.record(keys, members),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Call(call) => self.call(call),
            Expr::Builtin(builtin, arguments) => self.builtin(*builtin, arguments),
        }
    }

    /// A comparison with the clock on one side: when it turns is kept.
    fn clock(&mut self, (comparison, grows): (Comparison, bool), left: Value<'a>, right: Value<'a>) -> Answer<Option<bool>> {
        if let (Value::Int(a), Value::Int(b)) = (left, right) {
            // By so much has the growing side to grow until both are equal.
            let apart = if grows { b.checked_sub(a) } else { a.checked_sub(b) }.ok_or(Halt::Ask)?;
            let behind = apart.checked_add(1).ok_or(Halt::Ask)?;
            // `left < right` turns when a growing left side reaches right; `left <= right` one later. Where right grows it is the
            // other way round.
            match (comparison, grows) {
                (Comparison::Less | Comparison::AtLeast, true) | (Comparison::AtMost | Comparison::More, false) => self.turns(apart),
                (Comparison::AtMost | Comparison::More, true) | (Comparison::Less | Comparison::AtLeast, false) => self.turns(behind),
                (Comparison::Equal | Comparison::Unequal, _) => {
                    self.turns(apart);
                    self.turns(behind);
                }
            }
        }
        compare(comparison, left, right)
    }

    /// The values of some expressions; none where one is undefined. Later ones are not looked at then, as in the interpreter.
    fn all(&mut self, items: &'p [Expr]) -> Answer<Option<Vec<Value<'a>>>> {
        self.make(items.len())?;
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match self.eval(item)? {
                Value::Undefined => return Ok(None),
                value => values.push(value),
            }
        }
        Ok(Some(values))
    }

    fn record(&mut self, keys: &'static crate::tree::Keys, members: &'p [(usize, Expr)]) -> Answer<Value<'a>> {
        self.make(members.len() + 1)?;
        let words = self.arena.alloc_slice_fill_copy(members.len() + 1, Value::Undefined);
        if let Some(first) = words.first_mut() {
            *first = Value::Keys(keys);
        }
        for (slot, expr) in members {
            match (self.eval(expr)?, words.get_mut(slot + 1)) {
                (Value::Undefined, _) => return Ok(Value::Undefined),
                (value, Some(word)) => *word = value,
                (_, None) => return Err(Halt::Ask),
            }
        }
        Ok(Value::Object(Record::new(words)))
    }

    fn index(&mut self, base: &'p Expr, index: &'p Expr) -> Answer<Value<'a>> {
        let index = self.eval(index)?;
        let base = self.eval(base)?;
        Ok(match (base, index) {
            (Value::Undefined, _) | (_, Value::Undefined) => Value::Undefined,
            (Value::List(items), Value::Int(at)) => {
                usize::try_from(at).ok().and_then(|at| items.get(at)).copied().unwrap_or(Value::Undefined)
            }
            (Value::Object(record), Value::Text(name)) => record.get(name),
            _ => return Err(Halt::Ask),
        })
    }

    fn comprehension(&mut self, comprehension: &'p Comprehension) -> Answer<Value<'a>> {
        let mut found = Vec::new();
        let mut sink = Sink::Members { member: &comprehension.term, strict: false, found: &mut found };
        self.solve(&comprehension.body, &mut sink)?;
        self.make(found.len())?;
        if comprehension.is_set { self.set_of(found) } else { Ok(self.list_of(&found)) }
    }

    fn call(&mut self, call: &'p Call) -> Answer<Value<'a>> {
        if !self.place(call)? {
            return Ok(Value::Undefined);
        }
        let mut value = Value::Undefined;
        for case in &call.definitions {
            if !self.fits(case)? {
                continue;
            }
            match self.output(&case.definition)? {
                Value::Undefined => {}
                found if call.first => return Ok(found),
                found => value = one(value, found)?,
            }
        }
        Ok(value)
    }

    /// Finds the arguments of a call. False where one is undefined; all are looked at, because each could be an error.
    fn place(&mut self, call: &'p Call) -> Answer<bool> {
        let mut defined = true;
        for (slot, argument) in &call.arguments {
            let value = self.eval(argument)?;
            defined &= !matches!(value, Value::Undefined);
            if let Some(slot) = slot {
                self.set_local(*slot, value);
            }
        }
        Ok(defined)
    }

    /// Whether the arguments equal the literals that stand in the place of parameters.
    fn fits(&mut self, case: &'p Case) -> Answer<bool> {
        for (argument, literal) in &case.literals {
            let argument = self.eval(argument)?;
            if !argument.equals(*literal).ok_or(Halt::Ask)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Members of members; undefined where one is absent.
#[inline]
fn follow<'a>(root: Value<'a>, slots: &[usize]) -> Value<'a> {
    slots.iter().fold(root, |value, slot| match value {
        Value::Object(record) => record.slot(*slot),
        _ => Value::Undefined,
    })
}

/// Whether a comparison holds; none where a side is undefined.
#[inline]
fn compare(comparison: Comparison, a: Value<'_>, b: Value<'_>) -> Answer<Option<bool>> {
    if matches!(a, Value::Undefined) || matches!(b, Value::Undefined) {
        return Ok(None);
    }
    let holds = match comparison {
        Comparison::Equal => a.equals(b),
        Comparison::Unequal => a.equals(b).map(|equal| !equal),
        Comparison::Less => a.order(b).map(Ordering::is_lt),
        Comparison::AtMost => a.order(b).map(Ordering::is_le),
        Comparison::More => a.order(b).map(Ordering::is_gt),
        Comparison::AtLeast => a.order(b).map(Ordering::is_ge),
    };
    holds.map(Some).ok_or(Halt::Ask)
}

/// Integers only; what leaves 64 bits, and everything else, is for the interpreter.
fn calculate<'a>(operation: Operation, a: Value<'a>, b: Value<'a>) -> Answer<Value<'a>> {
    match (a, b) {
        (Value::Undefined, _) | (_, Value::Undefined) => Ok(Value::Undefined),
        (Value::Int(a), Value::Int(b)) => {
            let result = match operation {
                Operation::Plus => a.checked_add(b),
                Operation::Minus => a.checked_sub(b),
                Operation::Times => a.checked_mul(b),
            };
            result.map(Value::Int).ok_or(Halt::Ask)
        }
        _ => Err(Halt::Ask),
    }
}

fn is_member(value: Value<'_>, within: Value<'_>) -> Answer<bool> {
    let mut members = match within {
        Value::List(items) | Value::Set(items) => items.iter().copied(),
        Value::Object(record) => {
            for (_, member) in record.members() {
                if member.equals(value).ok_or(Halt::Ask)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        _ => return Ok(false),
    };
    members.try_fold(false, |found, member| if found { Ok(true) } else { member.equals(value).ok_or(Halt::Ask) })
}
