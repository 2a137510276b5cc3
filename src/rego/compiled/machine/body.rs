//! Bodies: every way in which all statements hold.

use super::{Answer, Halt, Machine, one};
use crate::rego::compiled::program::{Expr, Statement};
use crate::tree::Value;

/// What becomes of each solution of a body.
pub(super) enum Sink<'s, 'p, 'a> {
    /// Nothing; `first`: one is enough.
    Holds { first: bool },
    /// It gives a member; `strict`: an undefined member is for the interpreter.
    Members { member: &'p Expr, strict: bool, found: &'s mut Vec<Value<'a>> },
    /// It gives the value, which must be the same each time.
    Value { expr: &'p Expr, found: &'s mut Value<'a> },
}

impl<'p, 'a> Machine<'p, 'a> {
    /// Finds the solutions of a body. True where there is one.
    pub(super) fn solve(&mut self, body: &'p [Statement], sink: &mut Sink<'_, 'p, 'a>) -> Answer<bool> {
        for (index, statement) in body.iter().enumerate() {
            let holds = match statement {
                Statement::Holds(expr) => self.holds(expr)?,
                Statement::Not(expr) => !self.holds(expr)?,
                Statement::Let(slot, expr) => match self.eval(expr)? {
                    Value::Undefined => false,
                    value => {
                        self.set_local(*slot, value);
                        true
                    }
                },
                Statement::Every { key, value, within, body, first } => self.every((*key, *value), within, (body, *first))?,
                Statement::Some { key, value, within } => {
                    let rest = body.get(index + 1..).unwrap_or_default();
                    return self.some((*key, *value), within, rest, sink);
                }
            };
            if !holds {
                return Ok(false);
            }
        }
        self.solution(sink)
    }

    fn solution(&mut self, sink: &mut Sink<'_, 'p, 'a>) -> Answer<bool> {
        match sink {
            Sink::Holds { .. } => {}
            Sink::Members { member, strict, found } => match self.eval(member)? {
                Value::Undefined if *strict => return Err(Halt::Ask),
                Value::Undefined => {}
                value => {
                    self.make(1)?;
                    found.push(value);
                }
            },
            Sink::Value { expr, found } => match self.eval(expr)? {
                Value::Undefined => {}
                value => **found = one(**found, value)?,
            },
        }
        Ok(true)
    }

    fn some(
        &mut self,
        (key, value): (Option<usize>, Option<usize>),
        within: &'p Expr,
        rest: &'p [Statement],
        sink: &mut Sink<'_, 'p, 'a>,
    ) -> Answer<bool> {
        let enough = matches!(sink, Sink::Holds { first: true });
        let mut any = false;
        let collection = self.eval(within)?;
        let mut each = |machine: &mut Self, index: Value<'a>, member: Value<'a>| -> Answer<bool> {
            machine.step()?;
            if let Some(slot) = key {
                machine.set_local(slot, index);
            }
            if let Some(slot) = value {
                machine.set_local(slot, member);
            }
            any |= machine.solve(rest, sink)?;
            Ok(any && enough)
        };
        match collection {
            Value::List(items) => {
                for (index, item) in (0..).zip(items) {
                    if each(self, Value::Int(index), *item)? {
                        break;
                    }
                }
            }
            Value::Set(items) => {
                for item in items {
                    if each(self, *item, *item)? {
                        break;
                    }
                }
            }
            Value::Object(record) => {
                for (name, member) in record.members() {
                    if each(self, Value::Text(name), member)? {
                        break;
                    }
                }
            }
            Value::Undefined => {}
            _ => return Err(Halt::Ask),
        }
        Ok(any)
    }

    fn every(&mut self, (key, value): (Option<usize>, usize), within: &'p Expr, (body, first): (&'p [Statement], bool)) -> Answer<bool> {
        let collection = self.eval(within)?;
        let each = |machine: &mut Self, index: Value<'a>, member: Value<'a>| -> Answer<bool> {
            machine.step()?;
            if let Some(slot) = key {
                machine.set_local(slot, index);
            }
            machine.set_local(value, member);
            machine.solve(body, &mut Sink::Holds { first })
        };
        match collection {
            Value::List(items) => {
                for (index, item) in (0..).zip(items) {
                    if !each(self, Value::Int(index), *item)? {
                        return Ok(false);
                    }
                }
            }
            Value::Set(items) => {
                for item in items {
                    if !each(self, *item, *item)? {
                        return Ok(false);
                    }
                }
            }
            Value::Object(record) => {
                for (name, member) in record.members() {
                    if !each(self, Value::Text(name), member)? {
                        return Ok(false);
                    }
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}
