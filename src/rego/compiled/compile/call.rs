//! Calls: a function is written out where it is called, with what is known of its arguments there.

use super::{Compiler, DEEPEST, Outside, Scope, Typed, agree, has_choice};
use crate::rego::checks::graph;
use crate::rego::compiled::constant;
use crate::rego::compiled::program::{Call, Case, Expr};
use crate::rego::compiled::types::Type;
use crate::rego::syntax::{self, ExprKind, Head};
use crate::text::Span;
use crate::tree::{Truth, Value};
use std::sync::Arc;

impl<'s> Compiler<'_, 's> {
    pub(super) fn call(
        &mut self,
        module: usize,
        (name, span): (&[String], &Span),
        arguments: &[syntax::Expr],
        scope: &mut Scope<'s>,
    ) -> Result<Typed<'s>, Outside> {
        let arguments = arguments.iter().map(|a| self.expr(module, a, scope)).collect::<Result<Vec<_>, _>>()?;
        let Some((target, function)) = graph::resolve(self.context, module, name) else {
            return self.builtin(module, &name.join("."), span, arguments);
        };
        if self.depth >= DEEPEST {
            return Self::outside(module, span, "calls that are nested too deep");
        }
        self.depth += 1;
        let out = self.function((target, &function), (module, span), arguments, scope);
        self.depth -= 1;
        out
    }

    fn function(
        &mut self,
        (target, name): (usize, &str),
        (module, span): (usize, &Span),
        arguments: Vec<Typed<'s>>,
        scope: &mut Scope<'s>,
    ) -> Result<Typed<'s>, Outside> {
        let mut total = arguments.iter().all(|a| a.total);
        let (found, arguments) = place(arguments, scope);
        let context = self.context;
        let mut cases: Vec<Case> = Vec::new();
        let mut kind: Option<Type<'s>> = None;
        let mut single = true;
        for rule in graph::named(context, target, name) {
            let Head::Function(parameters, value) = &rule.head else {
                return Self::outside(module, span, "a call of what is no function");
            };
            if parameters.len() != arguments.len() {
                return Self::outside(module, span, "a call with another number of arguments");
            }
            let mut inner = Scope { names: Vec::new(), slots: scope.slots };
            let literals = Self::parameters(target, parameters, &arguments, &mut inner)?;
            let (mut definition, typed, sound) = self.definition(target, rule, value.as_ref(), &mut inner)?;
            scope.slots = inner.slots;
            total &= sound;
            let is_constant = matches!(definition.value, Expr::Constant(_));
            single &= is_constant || !has_choice(&definition.body);
            // The interpreter looks at every solution: one may be left out only where none can be an error.
            definition.first = sound && is_constant;
            kind = Some(match kind {
                Some(known) => known.join(typed.kind),
                None => typed.kind,
            });
            cases.push(Case { literals, definition });
        }
        let agreed = agree(cases.iter().map(|case| &case.definition).collect::<Vec<_>>().into_iter());
        total &= agreed && single;
        let is_condition = cases.iter().all(|case| matches!(case.definition.value, Expr::Constant(Value::Bool(Truth::True))));
        let call = Call { arguments: found, definitions: cases, first: total, is_condition };
        Ok(Typed { expr: Expr::Call(Arc::new(call)), kind: kind.unwrap_or(Type::Any), sure: false, total })
    }

    /// Names the arguments inside a function; what a literal stands for must equal it.
    fn parameters(
        target: usize,
        parameters: &[syntax::Expr],
        arguments: &[Typed<'s>],
        inner: &mut Scope<'s>,
    ) -> Result<Vec<(Expr, Value<'static>)>, Outside> {
        let mut literals = Vec::new();
        for (parameter, argument) in parameters.iter().zip(arguments) {
            let literal = match &parameter.kind {
                ExprKind::Text(_) | ExprKind::Constant(_) if argument.kind.moves() => None,
                ExprKind::Var(name) if name == "_" => continue,
                ExprKind::Var(name) if inner.find(name).is_none() => {
                    inner.names.push((name.clone(), argument.clone()));
                    continue;
                }
                ExprKind::Text(text) => Some(constant::text(text)),
                ExprKind::Constant(json) => constant::of_json(json),
                _ => None,
            };
            match literal {
                Some(literal) => literals.push((argument.expr.clone(), literal)),
                None => return Self::outside(target, &parameter.span, "a pattern as a parameter"),
            }
        }
        Ok(literals)
    }
}

/// What is found before a function is looked at, and what stands for each argument inside it. Each argument is found once;
/// names and constants stand for themselves.
fn place<'s>(arguments: Vec<Typed<'s>>, scope: &mut Scope<'s>) -> (Vec<(Option<usize>, Expr)>, Vec<Typed<'s>>) {
    let mut found = Vec::new();
    let mut placed = Vec::new();
    for argument in arguments {
        let stands = matches!(argument.expr, Expr::Local(_) | Expr::Constant(_));
        if stands {
            if !argument.sure {
                found.push((None, argument.expr.clone()));
            }
            placed.push(argument);
            continue;
        }
        let slot = scope.slot();
        found.push((Some(slot), argument.expr));
        placed.push(Typed { expr: Expr::Local(slot), kind: argument.kind, sure: true, total: true });
    }
    (found, placed)
}
