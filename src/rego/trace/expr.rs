//! Expressions.

use super::value::{Data, Path, Val};
use super::{Compared, Halt, Names, Operand, Place, Run, Step, Stop, Tracer, Why, graph};
use crate::rego::syntax::{Expr, ExprKind, Statement};
use serde_json::Value as Json;
use std::rc::Rc;

impl<'m, 'a> Tracer<'m, 'a> {
    /// Whether a statement holds.
    pub(super) fn test(&mut self, module: usize, expr: &'m Expr, names: &mut Names<'a>) -> Run<()> {
        match &expr.kind {
            ExprKind::Compare(operator, a, b) => self.compare((module, expr), operator, (a, b), names),
            ExprKind::In(None, a, b) => self.compare((module, expr), "in", (a, b), names),
            ExprKind::In(Some(_), ..) => Err(Halt::Unsure),
            _ => {
                let value = self.eval(module, expr, names)?;
                self.look_at(&value);
                if value.is_false() {
                    let operand = operand(module, expr, &value);
                    return Err(Stop::at(module, &expr.span, Why::False(Box::new(operand))));
                }
                Ok(())
            }
        }
    }

    fn compare(
        &mut self,
        (module, expr): (usize, &'m Expr),
        operator: &'static str,
        (a, b): (&'m Expr, &'m Expr),
        names: &mut Names<'a>,
    ) -> Run<()> {
        let (left, right) = (self.eval(module, a, names)?, self.eval(module, b, names)?);
        self.look_at(&left);
        self.look_at(&right);
        let holds = holds(operator, &left, &right)?;
        let compared = Compared { operator, left: operand(module, a, &left), right: operand(module, b, &right) };
        if holds {
            self.steps.push(Step { place: Place { module, span: expr.span.clone() }, compared: Some(compared) });
            return Ok(());
        }
        Err(Stop::at(module, &expr.span, Why::Compared(Box::new(compared))))
    }

    /// The value of an expression; where there is none, what stopped it.
    pub(super) fn eval(&mut self, module: usize, expr: &'m Expr, names: &mut Names<'a>) -> Run<Val<'a>> {
        match &expr.kind {
            ExprKind::Constant(json) => Ok(Val::scalar(json.clone(), Vec::new())),
            ExprKind::Text(text) => Ok(Val::scalar(Json::String(text.clone()), Vec::new())),
            ExprKind::Var(_) | ExprKind::Field(..) | ExprKind::Index(..) => self.reference(module, expr, names),
            ExprKind::Array(items) => self.all(module, items, names).map(|items| Val::made(Data::List(Rc::new(items)), Vec::new())),
            ExprKind::Set(items) => self.all(module, items, names).and_then(Val::set),
            ExprKind::Object(fields) => {
                let mut members = Vec::new();
                for (key, value) in fields {
                    let ExprKind::Text(key) = &key.kind else { return Err(Halt::Unsure) };
                    members.push((key.clone(), self.eval(module, value, names)?));
                }
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                Ok(Val::made(Data::Object(Rc::new(members)), Vec::new()))
            }
            ExprKind::Comprehension(kind, terms, body) => self.comprehension(module, (kind, terms), body, names),
            ExprKind::Call(name, _, arguments) => self.call((module, expr), name, arguments, names),
            ExprKind::Compare(operator, a, b) => {
                let (left, right) = (self.eval(module, a, names)?, self.eval(module, b, names)?);
                let from = [left.sources(), right.sources()].concat();
                Ok(Val::scalar(Json::Bool(holds(operator, &left, &right)?), from))
            }
            ExprKind::In(None, a, b) => {
                let (left, right) = (self.eval(module, a, names)?, self.eval(module, b, names)?);
                let from = [left.sources(), right.sources()].concat();
                Ok(Val::scalar(Json::Bool(holds("in", &left, &right)?), from))
            }
            ExprKind::Arithmetic(operator, a, b) => {
                let (left, right) = (self.eval(module, a, names)?, self.eval(module, b, names)?);
                arithmetic(operator, &left, &right)
            }
            ExprKind::Minus(_) | ExprKind::SetOperation(..) | ExprKind::Assign(..) | ExprKind::In(Some(_), ..) => Err(Halt::Unsure),
        }
    }

    fn all(&mut self, module: usize, items: &'m [Expr], names: &mut Names<'a>) -> Run<Vec<Val<'a>>> {
        items.iter().map(|item| self.eval(module, item, names)).collect()
    }

    fn comprehension(
        &mut self,
        module: usize,
        (kind, terms): (&str, &'m [Expr]),
        body: &'m [Statement],
        names: &mut Names<'a>,
    ) -> Run<Val<'a>> {
        let ([term], true) = (terms, kind != "object") else { return Err(Halt::Unsure) };
        let (mark, mut found) = (self.mark(), Vec::new());
        let out = self.solve(module, body, names, &mut |tracer, names| {
            found.push(tracer.eval(module, term, names)?);
            Ok(false)
        });
        if let Err(Halt::Unsure) = out {
            return Err(Halt::Unsure);
        }
        self.failed(mark);
        let from = self.path.get(mark.path..).unwrap_or_default().to_vec();
        let mut value = if kind == "set" { Val::set(found)? } else { Val::made(Data::List(Rc::new(found)), Vec::new()) };
        value.from = from;
        Ok(value)
    }

    fn call(
        &mut self,
        (module, expr): (usize, &'m Expr),
        name: &'m [String],
        arguments: &'m [Expr],
        names: &mut Names<'a>,
    ) -> Run<Val<'a>> {
        let values = self.all(module, arguments, names)?;
        match graph::resolve(self.context, module, name) {
            Some((target, function)) => {
                let arguments: Vec<_> = values.into_iter().zip(arguments).collect();
                self.function((module, expr), (target, &function), &arguments)
            }
            None => super::builtin::call(&name.join("."), &values),
        }
    }

    fn reference(&mut self, module: usize, expr: &'m Expr, names: &mut Names<'a>) -> Run<Val<'a>> {
        if let Some(words) = expr.path() {
            let (value, used) = self.start((module, expr), &words, names)?;
            return words.iter().skip(used).try_fold(value, |value, word| self.step((module, expr), &value, word));
        }
        match &expr.kind {
            ExprKind::Field(base, name, _) => {
                let base = self.eval(module, base, names)?;
                self.step((module, expr), &base, name)
            }
            ExprKind::Index(base, index) => {
                let (base, index) = (self.eval(module, base, names)?, self.eval(module, index, names)?);
                self.look_at(&index);
                let key = match index.plain() {
                    Some(Json::String(text)) => text.clone(),
                    Some(Json::Number(number)) => number.to_string(),
                    _ => return Err(Halt::Unsure),
                };
                match base.items() {
                    Some(items) => {
                        self.look_whole(&base);
                        for (known, value) in items {
                            if known.equals(&index)? {
                                return Ok(value);
                            }
                        }
                        Err(self.absent((module, expr), &base, &key))
                    }
                    None => Err(self.absent((module, expr), &base, &key)),
                }
            }
            _ => Err(Halt::Unsure),
        }
    }

    /// What the first words of a reference stand for, and how many they are.
    fn start(&mut self, (module, expr): (usize, &'m Expr), words: &[&str], names: &Names<'a>) -> Run<(Val<'a>, usize)> {
        let Some(first) = words.first() else { return Err(Halt::Unsure) };
        if let Some(value) = names.find(first) {
            return Ok((value.clone(), 1));
        }
        if *first == "input" {
            return Ok((Val::at(self.input, Path::root("input")), 1));
        }
        if let Some((id, used)) = self.rule_named(module, words) {
            return Ok((self.rule((module, &expr.span), &id)?, used));
        }
        if words.get(..2) == Some(&["data", "parameters"]) {
            return Ok((Val::at(self.parameters, Path::root("data").join("parameters")), 2));
        }
        Err(Halt::Unsure)
    }

    fn step(&mut self, (module, expr): (usize, &'m Expr), base: &Val<'a>, name: &str) -> Run<Val<'a>> {
        match base.member(name) {
            Some(value) => Ok(value),
            None if matches!(base.data, Data::Set(_)) => Err(Halt::Unsure),
            None => Err(self.absent((module, expr), base, name)),
        }
    }

    fn absent(&mut self, (module, expr): (usize, &'m Expr), base: &Val<'a>, name: &str) -> Halt {
        self.look_whole(base);
        let operand = operand(module, expr, base);
        Stop::at(module, &expr.span, Why::Absent(Box::new(operand), name.to_owned()))
    }

    /// Which members a value has was looked at.
    fn look_whole(&mut self, value: &Val<'a>) {
        self.look(value.outline());
    }
}

fn holds<'a>(operator: &str, left: &Val<'a>, right: &Val<'a>) -> Run<bool> {
    if operator == "in" {
        for (_, member) in right.items().unwrap_or_default() {
            if member.equals(left)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let order = left.order(right)?;
    Ok(match operator {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        _ => return Err(Halt::Unsure),
    })
}

/// One side of a comparison, as it is told.
pub(super) fn operand(module: usize, expr: &Expr, value: &Val<'_>) -> Operand {
    let mut sources: Vec<_> = value.sources().iter().map(|read| read.path.tokens()).collect();
    sources.sort();
    sources.dedup();
    Operand { place: Place { module, span: expr.span.clone() }, value: Some(value.json()), sources }
}

fn arithmetic<'a>(operator: &str, left: &Val<'a>, right: &Val<'a>) -> Run<Val<'a>> {
    let number = |value: &Val<'a>| value.plain().and_then(Json::as_i64).ok_or(Halt::Unsure);
    let (a, b) = (number(left)?, number(right)?);
    let out = match operator {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        _ => None,
    };
    let from = [left.sources(), right.sources()].concat();
    Ok(Val::scalar(out.ok_or(Halt::Unsure)?.into(), from))
}
