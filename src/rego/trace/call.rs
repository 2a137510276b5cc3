//! Rules and functions.

use super::body::only;
use super::value::{Data, Val};
use super::{Halt, Known, Names, Run, Stop, Tracer, Why, graph};
use crate::rego::syntax::{Expr, ExprKind, Head, Rule};
use crate::text::Span;
use serde_json::Value as Json;

impl<'m, 'a> Tracer<'m, 'a> {
    /// The value of a rule, found once.
    pub(super) fn rule(&mut self, (module, span): (usize, &Span), id: &(usize, String)) -> Run<Val<'a>> {
        self.work()?;
        if !self.rules.contains_key(id) {
            let known = self.found((module, span), id)?;
            self.rules.insert(id.clone(), known);
        }
        let Some(known) = self.rules.get(id) else { return Err(Halt::Unsure) };
        self.path.extend_from_slice(&known.looked);
        self.all.extend_from_slice(&known.looked);
        known.value.clone().map_err(Halt::Stop)
    }

    fn found(&mut self, (module, span): (usize, &Span), id: &(usize, String)) -> Run<Known<'a>> {
        let rules: Vec<&'m Rule> = graph::named(self.context, id.0, &id.1).collect();
        let mark = self.mark();
        let value = match rules.first().map(|rule| &rule.head) {
            Some(Head::Set(_)) => self.set(id.0, &rules),
            Some(Head::Value(_)) => self.complete((module, span), id, &rules),
            _ => Err(Halt::Unsure),
        };
        // Whatever was looked at may have made another value.
        let looked = self.all.get(mark.all..).unwrap_or_default().to_vec();
        self.back(mark);
        self.all.truncate(mark.all);
        match value {
            Ok(value) => Ok(Known { value: Ok(value), looked }),
            Err(Halt::Stop(stop)) => Ok(Known { value: Err(stop), looked }),
            Err(halt) => Err(halt),
        }
    }

    fn set(&mut self, module: usize, rules: &[&'m Rule]) -> Run<Val<'a>> {
        let mut members = Vec::new();
        for rule in rules {
            let Head::Set(Some(member)) = &rule.head else { return Err(Halt::Unsure) };
            let out = self.solve(module, only(rule)?, &mut Names::default(), &mut |tracer, names| {
                members.push(tracer.eval(module, member, names)?);
                Ok(false)
            });
            match out {
                Ok(()) | Err(Halt::Stop(_)) => {}
                Err(halt) => return Err(halt),
            }
        }
        Val::set(members)
    }

    fn complete(&mut self, (module, span): (usize, &Span), id: &(usize, String), rules: &[&'m Rule]) -> Run<Val<'a>> {
        let mut stops = Vec::new();
        for rule in rules {
            let Head::Value(value) = &rule.head else { return Err(Halt::Unsure) };
            match self.definition(id.0, rule, value.as_ref(), &mut Names::default()) {
                Err(Halt::Stop(stop)) if rule.bodies.is_empty() => return Err(Halt::Stop(stop)),
                Err(Halt::Stop(stop)) => stops.push(*stop),
                other => return other,
            }
        }
        Err(Stop::at(module, span, Why::Called(id.1.clone(), stops)))
    }

    /// The first value of one definition.
    fn definition(&mut self, module: usize, rule: &'m Rule, value: Option<&'m Expr>, names: &mut Names<'a>) -> Run<Val<'a>> {
        let mut found = None;
        self.solve(module, only(rule)?, names, &mut |tracer, names| {
            found = Some(match value {
                Some(value) => tracer.eval(module, value, names)?,
                None => Val::scalar(Json::Bool(true), Vec::new()),
            });
            Ok(true)
        })?;
        found.ok_or(Halt::Unsure)
    }

    /// A call of a function of the checklist.
    pub(super) fn function(
        &mut self,
        (module, expr): (usize, &'m Expr),
        (target, name): (usize, &str),
        arguments: &[(Val<'a>, &'m Expr)],
    ) -> Run<Val<'a>> {
        self.work()?;
        let begin = self.mark();
        let mut stops = Vec::new();
        for rule in graph::named(self.context, target, name) {
            let Head::Function(parameters, value) = &rule.head else { return Err(Halt::Unsure) };
            let mark = self.mark();
            let mut names = Names::default();
            if parameters.len() != arguments.len() {
                return Err(Halt::Unsure);
            }
            if !self.fits(parameters, arguments, &mut names)? {
                continue;
            }
            match self.definition(target, rule, value.as_ref(), &mut names) {
                Ok(found) => {
                    // The definitions that stopped before did not decide anything.
                    let own = self.path.split_off(mark.path.min(self.path.len()));
                    self.path.truncate(begin.path);
                    self.path.extend(own);
                    return Ok(found);
                }
                Err(Halt::Stop(stop)) => stops.push(*stop),
                Err(halt) => return Err(halt),
            }
            self.steps.truncate(mark.steps);
        }
        let words = self.written(module, expr);
        Err(Stop::at(module, &expr.span, Why::Called(words, stops)))
    }

    /// Names the arguments; false where one is not the literal that stands for it.
    fn fits(&mut self, parameters: &'m [Expr], arguments: &[(Val<'a>, &'m Expr)], names: &mut Names<'a>) -> Run<bool> {
        for (parameter, (argument, _)) in parameters.iter().zip(arguments) {
            let literal = match &parameter.kind {
                ExprKind::Var(name) => {
                    names.bind(name, argument.clone());
                    continue;
                }
                ExprKind::Text(text) => Json::String(text.clone()),
                ExprKind::Constant(json) => json.clone(),
                _ => return Err(Halt::Unsure),
            };
            self.look_at(argument);
            if !argument.equals(&Val::made(Data::Own(literal), Vec::new()))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The name of what is called, as it is written.
    fn written(&self, module: usize, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Call(name, ..) => name.join("."),
            _ => self.context.modules.get(module).and_then(|m| m.source.text.get(expr.span.clone())).unwrap_or_default().to_owned(),
        }
    }
}
