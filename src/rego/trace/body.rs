//! Bodies: each statement holds, or stops what follows it.

use super::expr::operand;
use super::value::{Path, Val};
use super::{Halt, Member, Names, Operand, Place, Run, Step, Stop, Tracer, Why};
use crate::rego::syntax::{Expr, ExprKind, Rule, Statement, StatementKind};

/// What becomes of a solution; true where one is enough.
pub(super) type Sink<'s, 'm, 'a> = dyn FnMut(&mut Tracer<'m, 'a>, &mut Names<'a>) -> Run<bool> + 's;

/// So many members of a collection are kept.
const MOST_MEMBERS: usize = 50;

/// The one body of a rule.
pub(super) fn only(rule: &Rule) -> Run<&[Statement]> {
    match rule.bodies.as_slice() {
        [] => Ok(&[]),
        [body] if !body.is_else && body.value.is_none() => Ok(&body.statements),
        _ => Err(Halt::Unsure),
    }
}

impl<'m, 'a> Tracer<'m, 'a> {
    /// Finds the solutions of a body. Where there is none, that is a [`Halt::Stop`], and what was looked at since decided it.
    pub(super) fn solve(&mut self, module: usize, body: &'m [Statement], names: &mut Names<'a>, sink: &mut Sink<'_, 'm, 'a>) -> Run<()> {
        let known = names.0.len();
        let out = self.statements(module, body, names, sink);
        names.0.truncate(known);
        out.map(drop)
    }

    fn statements(&mut self, module: usize, body: &'m [Statement], names: &mut Names<'a>, sink: &mut Sink<'_, 'm, 'a>) -> Run<bool> {
        let begin = self.mark();
        // A name's value hangs on what was looked at to find it, whatever stops later.
        let mut bound = Vec::new();
        for (index, statement) in body.iter().enumerate() {
            let mark = self.mark();
            if let StatementKind::SomeIn(key, value, within) = &statement.kind {
                let rest = body.get(index + 1..).unwrap_or_default();
                let out = self.some((module, statement), (key.as_ref(), value, within), rest, names, sink);
                return self.ended(out, index, (begin, mark), bound);
            }
            if let Err(halt) = self.statement(module, statement, names) {
                return self.ended(Err(halt), index, (begin, mark), bound);
            }
            if matches!(&statement.kind, StatementKind::Expr(Expr { kind: ExprKind::Assign(..), .. })) {
                bound.extend_from_slice(self.path.get(mark.path..).unwrap_or_default());
            }
        }
        sink(self, names)
    }

    /// Where a statement stopped, it alone decided that: what held before it did not.
    fn ended(&mut self, out: Run<bool>, index: usize, (begin, mark): (super::Mark, super::Mark), bound: Vec<super::Read>) -> Run<bool> {
        match out {
            Err(Halt::Stop(mut stop)) => {
                let own = self.path.split_off(mark.path.min(self.path.len()));
                self.back(begin);
                self.path.extend(bound);
                self.path.extend(own);
                stop.progress += index;
                Err(Halt::Stop(stop))
            }
            other => other,
        }
    }

    fn statement(&mut self, module: usize, statement: &'m Statement, names: &mut Names<'a>) -> Run<()> {
        self.work()?;
        match &statement.kind {
            StatementKind::Expr(Expr { kind: ExprKind::Assign(":=", target, value), .. }) => {
                let ExprKind::Var(name) = &target.kind else { return Err(Halt::Unsure) };
                let value = self.eval(module, value, names)?;
                names.bind(name, value);
                Ok(())
            }
            StatementKind::Expr(expr) => self.test(module, expr, names),
            StatementKind::Not(expr) => {
                let mark = self.mark();
                match self.test(module, expr, names) {
                    Ok(()) => Err(Stop::at(module, &statement.span, Why::Held)),
                    Err(Halt::Stop(_)) => {
                        self.steps.truncate(mark.steps);
                        self.steps.push(Step { place: Place { module, span: statement.span.clone() }, compared: None });
                        Ok(())
                    }
                    Err(halt) => Err(halt),
                }
            }
            StatementKind::Every(key, value, within, body) => self.every((module, statement), (key.as_deref(), value, within), body, names),
            StatementKind::Declare(_) | StatementKind::SomeIn(..) => Err(Halt::Unsure),
        }
    }

    fn some(
        &mut self,
        (module, statement): (usize, &'m Statement),
        (key, value, within): (Option<&'m Expr>, &'m Expr, &'m Expr),
        rest: &'m [Statement],
        names: &mut Names<'a>,
        sink: &mut Sink<'_, 'm, 'a>,
    ) -> Run<bool> {
        let variable = |expr: &'m Expr| match &expr.kind {
            ExprKind::Var(name) => Ok(name.as_str()),
            _ => Err(Halt::Unsure),
        };
        let (value, key) = (variable(value)?, key.map(variable).transpose()?);
        let (collection, items) = self.collection(module, within, names)?;
        let (mut stopped, mut any, total) = (Vec::new(), false, items.len());
        let begin = self.mark();
        for (index, member) in items {
            self.work()?;
            let known = names.0.len();
            let shown = shown(value, &member);
            if let Some(key) = key {
                names.bind(key, index);
            }
            names.bind(value, member);
            let mark = self.mark();
            let out = self.statements(module, rest, names, sink);
            names.0.truncate(known);
            match out {
                Ok(true) => return Ok(true),
                Ok(false) => any = true,
                Err(Halt::Stop(stop)) => stopped.push((shown, *stop)),
                Err(halt) => return Err(halt),
            }
            self.back(mark);
        }
        if any {
            return Ok(false);
        }
        self.failed(begin);
        stopped.sort_by_key(|(_, stop)| std::cmp::Reverse(stop.progress));
        stopped.truncate(MOST_MEMBERS);
        Err(Stop::at(module, &statement.span, Why::Members { every: false, within: Box::new(collection), total, stopped }))
    }

    fn every(
        &mut self,
        (module, statement): (usize, &'m Statement),
        (key, value, within): (Option<&'m str>, &'m str, &'m Expr),
        body: &'m [Statement],
        names: &mut Names<'a>,
    ) -> Run<()> {
        let (collection, items) = self.collection(module, within, names)?;
        let (mut stopped, total) = (Vec::new(), items.len());
        let begin = self.mark();
        let mut first = None;
        for (index, member) in items {
            self.work()?;
            let known = names.0.len();
            let shown = shown(value, &member);
            if let Some(key) = key {
                names.bind(key, index);
            }
            names.bind(value, member);
            let mark = self.mark();
            let out = self.solve(module, body, names, &mut |_, _| Ok(true));
            names.0.truncate(known);
            match out {
                Ok(()) => {}
                Err(Halt::Stop(stop)) => {
                    // One member is enough to stop it: what the first one looked at decided.
                    let own = self.path.get(mark.path..).unwrap_or_default().to_vec();
                    first.get_or_insert(own);
                    self.back(mark);
                    stopped.push((shown, *stop));
                }
                Err(halt) => return Err(halt),
            }
        }
        let Some(first) = first else { return Ok(()) };
        self.back(begin);
        self.path.extend(first);
        stopped.truncate(MOST_MEMBERS);
        Err(Stop::at(module, &statement.span, Why::Members { every: true, within: Box::new(collection), total, stopped }))
    }

    /// The members of what `some` and `every` range over.
    fn collection(&mut self, module: usize, within: &'m Expr, names: &mut Names<'a>) -> Run<(Operand, Vec<(Val<'a>, Val<'a>)>)> {
        let value = self.eval(module, within, names)?;
        self.look(value.outline());
        let operand = operand(module, within, &value);
        match value.items() {
            Some(items) => Ok((operand, items)),
            None => Err(Stop::at(module, &within.span, Why::False(Box::new(operand)))),
        }
    }
}

fn shown(name: &str, value: &Val<'_>) -> Member {
    Member { name: name.to_owned(), path: value.at.as_ref().map(Path::tokens), value: value.json() }
}
