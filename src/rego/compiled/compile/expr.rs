//! Expressions.

use super::{Compiler, Outside, Scope, Typed};
use crate::rego::compiled::constant;
use crate::rego::compiled::program::{Comparison, Comprehension, Expr, Operation};
use crate::rego::compiled::types::{Type, UNEVEN};
use crate::rego::syntax::{self, ExprKind};
use crate::tree::{Keys, Value};
use serde_json::Value as Json;
use std::rc::Rc;
use std::sync::Arc;

impl<'s> Compiler<'_, 's> {
    pub(super) fn expr(&mut self, module: usize, e: &syntax::Expr, scope: &mut Scope<'s>) -> Result<Typed<'s>, Outside> {
        self.count_node(module, &e.span)?;
        match &e.kind {
            ExprKind::Constant(json) => Self::literal(module, e, json),
            ExprKind::Text(text) => Ok(Typed::constant(constant::text(text), Type::Text)),
            ExprKind::Var(_) | ExprKind::Field(..) | ExprKind::Index(..) => self.reference(module, e, scope),
            ExprKind::Array(items) => self.list(module, items, scope),
            ExprKind::Set(items) => self.set(module, e, items, scope),
            ExprKind::Object(members) => self.object(module, members, scope),
            ExprKind::Comprehension(word, terms, body) => self.comprehension(module, e, (word, terms), body, scope),
            ExprKind::Call(name, span, arguments) => self.call(module, (name, span), arguments, scope),
            ExprKind::Compare(word, a, b) => self.compare(module, word, (a, b), scope),
            ExprKind::Arithmetic(word, a, b) => self.arithmetic(module, e, word, (a, b), scope),
            ExprKind::In(None, value, collection) => {
                let (value, within) = (self.expr(module, value, scope)?, self.expr(module, collection, scope)?);
                self.still(&value.kind);
                self.still(&within.kind);
                let total = value.total && within.total;
                Ok(Typed { expr: Expr::In(Box::new(value.expr), Box::new(within.expr)), kind: Type::Bool, sure: true, total })
            }
            ExprKind::In(Some(_), ..) => Self::outside(module, &e.span, "`key, value in`"),
            ExprKind::Minus(inner) => match &inner.kind {
                ExprKind::Constant(Json::Number(n)) if n.as_i64().is_some() => {
                    let negative = Json::from(-n.as_i64().unwrap_or_default());
                    Self::literal(module, e, &negative)
                }
                _ => Self::outside(module, &e.span, "a minus sign"),
            },
            ExprKind::SetOperation(..) => Self::outside(module, &e.span, "an operator between sets"),
            ExprKind::Assign(..) => Self::outside(module, &e.span, "an assignment inside an expression"),
        }
    }

    fn literal(module: usize, e: &syntax::Expr, json: &Json) -> Result<Typed<'s>, Outside> {
        match constant::of_json(json) {
            Some(value) => Ok(Typed::constant(value, Type::Constant(Rc::new(json.clone())))),
            None => Self::outside(module, &e.span, "a number of this size"),
        }
    }

    fn all(&mut self, module: usize, items: &[syntax::Expr], scope: &mut Scope<'s>) -> Result<(Vec<Typed<'s>>, bool, bool), Outside> {
        let typed = items.iter().map(|item| self.expr(module, item, scope)).collect::<Result<Vec<_>, _>>()?;
        for item in &typed {
            self.still(&item.kind);
        }
        let (sure, total) = (typed.iter().all(|t| t.sure), typed.iter().all(|t| t.total));
        Ok((typed, sure, total))
    }

    fn list(&mut self, module: usize, items: &[syntax::Expr], scope: &mut Scope<'s>) -> Result<Typed<'s>, Outside> {
        let (typed, sure, total) = self.all(module, items, scope)?;
        let kind = typed.iter().map(|t| t.kind.clone()).reduce(Type::join).unwrap_or(Type::Any);
        let kind = Type::List(Rc::new(kind));
        if let Some(values) = constants(&typed) {
            return Ok(Typed::constant(constant::list(values), kind));
        }
        Ok(Typed { expr: Expr::List(typed.into_iter().map(|t| t.expr).collect()), kind, sure, total })
    }

    fn set(&mut self, module: usize, e: &syntax::Expr, items: &[syntax::Expr], scope: &mut Scope<'s>) -> Result<Typed<'s>, Outside> {
        let (typed, sure, total) = self.all(module, items, scope)?;
        let kind = typed.iter().map(|t| t.kind.clone()).reduce(Type::join).unwrap_or(Type::Any);
        let kind = Type::Set(Rc::new(kind));
        if let Some(mut values) = constants(&typed) {
            return match Value::arrange(&mut values) {
                Some(()) => Ok(Typed::constant(constant::set(values), kind)),
                None => Self::outside(module, &e.span, "a set of such numbers"),
            };
        }
        Ok(Typed { expr: Expr::Set(typed.into_iter().map(|t| t.expr).collect()), kind, sure, total })
    }

    fn object(&mut self, module: usize, members: &[(syntax::Expr, syntax::Expr)], scope: &mut Scope<'s>) -> Result<Typed<'s>, Outside> {
        let mut named = Vec::new();
        for (key, value) in members {
            let ExprKind::Text(name) = &key.kind else {
                return Self::outside(module, &key.span, "a key that is no string literal");
            };
            if named.iter().any(|(known, _)| known == name) {
                return Self::outside(module, &key.span, "a key twice");
            }
            let typed = self.expr(module, value, scope)?;
            self.still(&typed.kind);
            named.push((name.clone(), typed));
        }
        let keys = constant::keys(Keys::new(named.iter().map(|(name, _)| name.as_str())));
        let (sure, total) = (named.iter().all(|(_, t)| t.sure), named.iter().all(|(_, t)| t.total));
        let kind = Type::record(named.iter().map(|(name, t)| (name.clone(), t.kind.clone())));
        let members = named.into_iter().filter_map(|(name, t)| Some((keys.slot(&name)?, t.expr))).collect();
        Ok(Typed { expr: Expr::Record(keys, members), kind, sure, total })
    }

    fn comprehension(
        &mut self,
        module: usize,
        e: &syntax::Expr,
        (word, terms): (&str, &[syntax::Expr]),
        body: &[syntax::Statement],
        scope: &mut Scope<'s>,
    ) -> Result<Typed<'s>, Outside> {
        let ("array" | "set", [term]) = (word, terms) else {
            return Self::outside(module, &e.span, "a comprehension of an object");
        };
        let outer = scope.names.len();
        let (body, sound) = self.body(module, body, scope)?;
        let term = self.expr(module, term, scope)?;
        self.still(&term.kind);
        scope.names.truncate(outer);
        let is_set = word == "set";
        let items = Rc::new(term.kind);
        let kind = if is_set { Type::Set(items) } else { Type::List(items) };
        let total = sound && term.total;
        Ok(Typed { expr: Expr::Comprehension(Arc::new(Comprehension { is_set, term: term.expr, body })), kind, sure: true, total })
    }

    fn compare(
        &mut self,
        module: usize,
        word: &str,
        (a, b): (&syntax::Expr, &syntax::Expr),
        scope: &mut Scope<'s>,
    ) -> Result<Typed<'s>, Outside> {
        let comparison = match word {
            "==" => Comparison::Equal,
            "!=" => Comparison::Unequal,
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            ">" => Comparison::More,
            _ => Comparison::AtLeast,
        };
        let (a, b) = (self.expr(module, a, scope)?, self.expr(module, b, scope)?);
        let (sure, total) = (a.sure && b.sure, a.total && b.total);
        let whole = a.kind.is_int() && b.kind.is_int();
        let slope = a.kind.slope().saturating_sub(b.kind.slope());
        let moves = a.kind.moves() || b.kind.moves();
        let (left, right) = (Box::new(a.expr), Box::new(b.expr));
        let expr = match slope {
            1 | -1 if whole => Expr::Clock { comparison, grows: slope > 0, left, right },
            0 if !moves => Expr::Compare(comparison, left, right),
            _ => {
                self.steady = false;
                Expr::Compare(comparison, left, right)
            }
        };
        Ok(Typed { expr, kind: Type::Bool, sure, total })
    }

    fn arithmetic(
        &mut self,
        module: usize,
        e: &syntax::Expr,
        word: &str,
        (a, b): (&syntax::Expr, &syntax::Expr),
        scope: &mut Scope<'s>,
    ) -> Result<Typed<'s>, Outside> {
        let operation = match word {
            "+" => Operation::Plus,
            "-" => Operation::Minus,
            "*" => Operation::Times,
            _ => return Self::outside(module, &e.span, format!("the operator `{word}`")),
        };
        let (a, b) = (self.expr(module, a, scope)?, self.expr(module, b, scope)?);
        let whole = a.kind.is_int() && b.kind.is_int();
        let (sure, total) = (a.sure && b.sure, a.total && b.total && whole);
        let slope = match operation {
            _ if a.kind.slope().abs() == UNEVEN || b.kind.slope().abs() == UNEVEN => UNEVEN,
            Operation::Plus => a.kind.slope().saturating_add(b.kind.slope()),
            Operation::Minus => a.kind.slope().saturating_sub(b.kind.slope()),
            Operation::Times => {
                if a.kind.moves() || b.kind.moves() {
                    UNEVEN
                } else {
                    0
                }
            }
        };
        if !whole {
            self.still(&a.kind);
            self.still(&b.kind);
        }
        let kind = match (whole, a.kind.moves() || b.kind.moves()) {
            (true, false) => Type::Int,
            (true, true) => Type::Clock(slope),
            (false, _) => Type::Any,
        };
        Ok(Typed { expr: Expr::Arithmetic(operation, Box::new(a.expr), Box::new(b.expr)), kind, sure, total })
    }
}

/// The values of expressions that are all constants, none of them undefined.
fn constants(typed: &[Typed<'_>]) -> Option<Vec<Value<'static>>> {
    typed
        .iter()
        .map(|t| match t.expr {
            Expr::Constant(value) if !matches!(value, Value::Undefined) => Some(value),
            _ => None,
        })
        .collect()
}
