//! Runs a program on the facts of one document.

mod body;
mod builtin;
mod expr;

use super::program::{Definition, Expr, Program, Rule, RuleKind};
use crate::tree::Value;
use body::Sink;
use bumpalo::Bump;
use std::time::{Duration, Instant};

/// What the judgement of one control may use.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Wall-clock time.
    pub time: Duration,
    /// Bytes of values that its policy makes.
    pub memory: usize,
}

/// No answer. It fills a word for the same reason as [`crate::tree::Truth`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Halt {
    /// It is for the interpreter to say: an error, or something rare.
    Ask,
    /// The time limit passed.
    Time,
    /// The memory limit passed.
    Memory,
}

/// The clock is looked at once in so many steps.
const STEPS: u32 = 4096;

/// One run: a program, the input, and what was found so far.
pub struct Machine<'p, 'a> {
    program: &'p Program,
    input: Value<'a>,
    arena: &'a Bump,
    bounds: Bounds,
    /// The value of each rule that was asked for.
    found: Vec<Option<Value<'a>>>,
    locals: Vec<Value<'a>>,
    base: usize,
    steps: u32,
    /// How often the clock was looked at.
    looks: u64,
    begun: Option<Instant>,
    made: usize,
    /// How far the clock may go back, and on, before a comparison that was made turns.
    back: i64,
    on: i64,
}

type Answer<T> = Result<T, Halt>;

impl<'p, 'a> Machine<'p, 'a> {
    /// A run of a program on one input; what it makes lies in the arena.
    pub fn new(program: &'p Program, input: Value<'a>, arena: &'a Bump, bounds: Bounds) -> Self {
        let found = vec![None; program.rules.len()];
        Self {
            program,
            input,
            arena,
            bounds,
            found,
            locals: Vec::with_capacity(64),
            base: 0,
            steps: 0,
            looks: 0,
            begun: None,
            made: 0,
            back: i64::MIN,
            on: i64::MAX,
        }
    }

    /// The members of the set that an entry rule makes, unsorted, maybe one twice.
    ///
    /// # Errors
    /// See [`Halt`]: nothing is known then.
    pub fn members(&mut self, entry: usize) -> Answer<Vec<Value<'a>>> {
        let rule = self.entry(entry)?;
        if rule.kind != RuleKind::Set {
            return Err(Halt::Ask);
        }
        self.collect(rule)
    }

    /// The value of an entry rule.
    ///
    /// # Errors
    /// See [`Halt`]: nothing is known then.
    pub fn value(&mut self, entry: usize) -> Answer<Value<'a>> {
        let index = self.program.entries.get(entry).copied().ok_or(Halt::Ask)?;
        self.rule(index)
    }

    /// How far the clock may go back, and on (exclusive), in milliseconds, before an answer of this run changes; none where
    /// that is not known.
    pub fn slack(&self) -> Option<(i64, i64)> {
        self.program.steady.then_some((self.back, self.on))
    }

    /// How many steps its loops have made so far: the same number for the same input, whatever the machine.
    pub fn work(&self) -> u64 {
        self.looks * u64::from(STEPS) + u64::from(self.steps)
    }

    fn entry(&self, entry: usize) -> Answer<&'p Rule> {
        let program = self.program;
        program.entries.get(entry).and_then(|index| program.rules.get(*index)).ok_or(Halt::Ask)
    }

    fn rule(&mut self, index: usize) -> Answer<Value<'a>> {
        if let Some(Some(value)) = self.found.get(index) {
            return Ok(*value);
        }
        let program = self.program;
        let rule = program.rules.get(index).ok_or(Halt::Ask)?;
        let value = match rule.kind {
            RuleKind::Value => self.complete(rule)?,
            RuleKind::Set => {
                let members = self.collect(rule)?;
                self.set_of(members)?
            }
        };
        if let Some(place) = self.found.get_mut(index) {
            *place = Some(value);
        }
        Ok(value)
    }

    fn complete(&mut self, rule: &'p Rule) -> Answer<Value<'a>> {
        let mut value = Value::Undefined;
        for definition in &rule.definitions {
            let found = self.in_frame(definition, |machine| machine.output(definition))?;
            if let Value::Undefined = found {
                continue;
            }
            // Two values are a conflict, which the interpreter explains.
            value = one(value, found)?;
        }
        Ok(value)
    }

    fn collect(&mut self, rule: &'p Rule) -> Answer<Vec<Value<'a>>> {
        let mut members = Vec::new();
        for definition in &rule.definitions {
            self.in_frame(definition, |machine| {
                if let (true, Expr::Constant(value)) = (definition.first, &definition.value) {
                    if machine.solve(&definition.body, &mut Sink::Holds { first: true })? {
                        members.push(*value);
                    }
                    return Ok(());
                }
                let mut sink = Sink::Members { member: &definition.value, strict: true, found: &mut members };
                machine.solve(&definition.body, &mut sink).map(drop)
            })?;
        }
        Ok(members)
    }

    /// The one value of a definition over all solutions of its body.
    fn output(&mut self, definition: &'p Definition) -> Answer<Value<'a>> {
        if let Expr::Constant(value) = &definition.value {
            let holds = self.solve(&definition.body, &mut Sink::Holds { first: definition.first })?;
            return Ok(if holds { *value } else { Value::Undefined });
        }
        let mut value = Value::Undefined;
        self.solve(&definition.body, &mut Sink::Value { expr: &definition.value, found: &mut value })?;
        Ok(value)
    }

    /// Runs a definition in a frame of its own.
    fn in_frame<T>(&mut self, definition: &Definition, run: impl FnOnce(&mut Self) -> Answer<T>) -> Answer<T> {
        let (base, length) = (self.base, self.locals.len());
        self.base = length;
        self.locals.resize(length + definition.frame, Value::Undefined);
        let out = run(self);
        self.locals.truncate(length);
        self.base = base;
        out
    }

    #[inline]
    fn local(&self, slot: usize) -> Value<'a> {
        self.locals.get(self.base + slot).copied().unwrap_or(Value::Undefined)
    }

    #[inline]
    fn set_local(&mut self, slot: usize, value: Value<'a>) {
        if let Some(place) = self.locals.get_mut(self.base + slot) {
            *place = value;
        }
    }

    /// One step of a loop.
    #[inline]
    fn step(&mut self) -> Answer<()> {
        self.steps += 1;
        if self.steps < STEPS { Ok(()) } else { self.look_at_the_clock() }
    }

    #[cold]
    fn look_at_the_clock(&mut self) -> Answer<()> {
        self.steps = 0;
        self.looks += 1;
        let begun = *self.begun.get_or_insert_with(Instant::now);
        if begun.elapsed() > self.bounds.time { Err(Halt::Time) } else { Ok(()) }
    }

    /// A comparison turns when the clock has gone so far.
    #[inline]
    fn turns(&mut self, after: i64) {
        if after <= 0 {
            self.back = self.back.max(after);
        } else {
            self.on = self.on.min(after);
        }
    }

    /// Counts values that are made before they are.
    #[inline]
    fn make(&mut self, values: usize) -> Answer<()> {
        self.made += (values + 1) * size_of::<Value<'_>>();
        if self.made > self.bounds.memory { Err(Halt::Memory) } else { Ok(()) }
    }

    fn list_of(&mut self, values: &[Value<'a>]) -> Value<'a> {
        Value::List(self.arena.alloc_slice_copy(values))
    }

    fn set_of(&mut self, mut values: Vec<Value<'a>>) -> Answer<Value<'a>> {
        Value::arrange(&mut values).ok_or(Halt::Ask)?;
        Ok(Value::Set(self.arena.alloc_slice_copy(&values)))
    }
}

/// The one value of two that must agree; the first may be undefined.
fn one<'a>(known: Value<'a>, found: Value<'a>) -> Answer<Value<'a>> {
    match known {
        Value::Undefined => Ok(found),
        known if known.equals(found) == Some(true) => Ok(known),
        _ => Err(Halt::Ask),
    }
}
