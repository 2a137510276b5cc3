//! References: local names, the input, parameters, other rules, and members of all of them.

use super::{Compiler, Outside, Scope, Typed};
use crate::rego::checks::graph;
use crate::rego::compiled::constant;
use crate::rego::compiled::program::{Expr, Slot};
use crate::rego::compiled::types::Type;
use crate::rego::syntax::{self, ExprKind, Head};
use crate::text::Span;
use std::rc::Rc;

impl<'s> Compiler<'_, 's> {
    pub(super) fn reference(&mut self, module: usize, e: &syntax::Expr, scope: &mut Scope<'s>) -> Result<Typed<'s>, Outside> {
        if let Some(words) = e.path() {
            return self.path(module, &e.span, &words, scope);
        }
        match &e.kind {
            ExprKind::Field(base, name, _) => {
                let base = self.expr(module, base, scope)?;
                Self::member(module, &e.span, base, name)
            }
            ExprKind::Index(base, index) => {
                if base.path().is_some_and(|words| words.first() == Some(&"data")) {
                    return Self::outside(module, &e.span, "`data` with a computed name");
                }
                let (base, index) = (self.expr(module, base, scope)?, self.expr(module, index, scope)?);
                self.still(&base.kind);
                self.still(&index.kind);
                let kind = if base.kind.indices().is_int() { base.kind.items() } else { Type::Any };
                let total = base.total && index.total;
                Ok(Typed { expr: Expr::Index(Box::new(base.expr), Box::new(index.expr)), kind, sure: false, total })
            }
            _ => Self::outside(module, &e.span, "a reference of this form"),
        }
    }

    /// `a.b.c`.
    fn path(&mut self, module: usize, span: &Span, words: &[&str], scope: &Scope<'s>) -> Result<Typed<'s>, Outside> {
        let Some((first, rest)) = words.split_first() else { return Self::outside(module, span, "an empty reference") };
        let context = self.context;
        let (start, rest) = if let Some(local) = scope.find(first) {
            (local.clone(), rest)
        } else if *first == "input" {
            (Typed { expr: Expr::Input, kind: self.input.clone(), sure: true, total: true }, rest)
        } else if let Some(n) = (1..=words.len()).rev().find(|n| graph::resolve(context, module, &words[..*n]).is_some()) {
            let Some((target, name)) = graph::resolve(context, module, &words[..n]) else {
                return Self::outside(module, span, "a name of nothing");
            };
            if graph::named(context, target, &name).any(|r| matches!(r.head, Head::Function(..))) {
                return Self::outside(module, span, "a function that is not called");
            }
            (self.rule(target, &name, span)?, &words[n..])
        } else if words.len() > 1 && words[..2] == ["data", "parameters"] {
            return self.parameter(module, span, &words[2..]);
        } else {
            return Self::outside(module, span, format!("`{}`: a name that no rule of the checklist has", words.join(".")));
        };
        rest.iter().try_fold(start, |base, name| Self::member(module, span, base, name))
    }

    fn parameter(&mut self, module: usize, span: &Span, words: &[&str]) -> Result<Typed<'s>, Outside> {
        let found = words.iter().try_fold(self.parameters, |json, word| json.get(word));
        let Some(json) = found else { return Ok(Typed::undefined()) };
        match constant::of_json(json) {
            Some(value) => Ok(Typed::constant(value, Type::Constant(Rc::new(json.clone())))),
            None => Self::outside(module, span, "a parameter that is a number of this size"),
        }
    }

    /// A member of what stands before it.
    fn member(module: usize, span: &Span, base: Typed<'s>, name: &str) -> Result<Typed<'s>, Outside> {
        if matches!(base.kind, Type::Set(_)) {
            // To the interpreter `set.name` is the member itself where the set holds it.
            return Self::outside(module, span, "a member of a set by its name");
        }
        let Some(member) = base.kind.member(name) else {
            // Whatever the base is, it has no such member; but if it can be an error, that must not be lost.
            return if base.total { Ok(Typed::undefined()) } else { Self::outside(module, span, "a member of what has none") };
        };
        let sure = base.sure && member.sure;
        let kind = member.kind;
        let expr = match (base.expr, member.slot) {
            (Expr::Constant(value), _) => {
                let crate::tree::Value::Object(record) = value else { return Ok(Typed::undefined()) };
                return Ok(Typed::constant(record.get(name), kind));
            }
            (expr, Some(slot)) => step(expr, slot),
            (expr, None) => Expr::Member(Box::new(expr), constant::name(name)),
        };
        Ok(Typed { expr, kind, sure, total: base.total })
    }
}

/// One slot further.
fn step(base: Expr, slot: Slot) -> Expr {
    let further = |slots: Box<[Slot]>| {
        let mut slots = slots.into_vec();
        slots.push(slot);
        slots.into()
    };
    match base {
        Expr::Local(local) => Expr::Field(local, slot),
        Expr::Field(local, first) => Expr::LocalPath(local, [first, slot].into()),
        Expr::LocalPath(local, slots) => Expr::LocalPath(local, further(slots)),
        Expr::Input => Expr::InputPath([slot].into()),
        Expr::InputPath(slots) => Expr::InputPath(further(slots)),
        Expr::Path(root, slots) => Expr::Path(root, further(slots)),
        other => Expr::Path(Box::new(other), [slot].into()),
    }
}
