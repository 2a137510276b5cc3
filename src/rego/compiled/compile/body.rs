//! Statements.

use super::{Compiler, Outside, Scope, Typed};
use crate::rego::compiled::program::{Expr, Slot, Statement};
use crate::rego::compiled::types::Type;
use crate::rego::syntax::{self, ExprKind, With};
use crate::text::Span;

impl<'s> Compiler<'_, 's> {
    /// The statements of one body; names that they bind stay in the scope. True where none can be an error.
    pub(super) fn body(
        &mut self,
        module: usize,
        statements: &[syntax::Statement],
        scope: &mut Scope<'s>,
    ) -> Result<(Vec<Statement>, bool), Outside> {
        let mut out = Vec::new();
        let mut total = true;
        for statement in statements {
            if let Some(With { span: with, .. }) = statement.with.first() {
                return Self::outside(module, with, "`with`");
            }
            self.count_node(module, &statement.span)?;
            let (statement, sound) = self.statement(module, statement, scope)?;
            total &= sound;
            out.push(statement);
        }
        Ok((out, total))
    }

    fn statement(&mut self, module: usize, statement: &syntax::Statement, scope: &mut Scope<'s>) -> Result<(Statement, bool), Outside> {
        use syntax::StatementKind as S;
        match &statement.kind {
            S::Expr(syntax::Expr { kind: ExprKind::Assign(":=", left, right), .. }) => {
                let typed = self.expr(module, right, scope)?;
                let total = typed.total;
                let slot = Self::bind(module, left, Typed { sure: true, total: true, ..typed.clone() }, scope)?;
                Ok((Statement::Let(slot, typed.expr), total))
            }
            S::Expr(e) | S::Not(e) => {
                let typed = self.expr(module, e, scope)?;
                self.still(&typed.kind);
                let make = if matches!(statement.kind, S::Not(_)) { Statement::Not } else { Statement::Holds };
                Ok((make(typed.expr), typed.total))
            }
            S::SomeIn(key, value, collection) => {
                let within = self.expr(module, collection, scope)?;
                self.still(&within.kind);
                let total = within.total && within.kind.is_collection();
                let key = match key {
                    Some(key) => Self::pattern(module, key, within.kind.indices(), scope)?,
                    None => None,
                };
                let value = Self::pattern(module, value, within.kind.items(), scope)?;
                Ok((Statement::Some { key, value, within: within.expr }, total))
            }
            S::Every(key, value, domain, body) => self.every(module, (key.as_deref(), value), domain, body, scope),
            S::Declare(_) => Self::outside(module, &statement.span, "`some` without `in`"),
        }
    }

    fn every(
        &mut self,
        module: usize,
        (key, value): (Option<&str>, &str),
        domain: &syntax::Expr,
        body: &[syntax::Statement],
        scope: &mut Scope<'s>,
    ) -> Result<(Statement, bool), Outside> {
        let within = self.expr(module, domain, scope)?;
        self.still(&within.kind);
        let outer = scope.names.len();
        let key = match key {
            Some(key) => Some(Self::name(module, &domain.span, key, within.kind.indices(), scope)?),
            None => None,
        };
        let value = Self::name(module, &domain.span, value, within.kind.items(), scope)?;
        let (body, first) = self.body(module, body, scope)?;
        scope.names.truncate(outer);
        Ok((Statement::Every { key, value, within: within.expr, body, first }, within.total && first))
    }

    /// A pattern of `some`: a new name, or `_`.
    fn pattern(module: usize, pattern: &syntax::Expr, kind: Type<'s>, scope: &mut Scope<'s>) -> Result<Option<Slot>, Outside> {
        match &pattern.kind {
            ExprKind::Var(name) if name == "_" => Ok(None),
            ExprKind::Var(name) => Self::name(module, &pattern.span, name, kind, scope).map(Some),
            _ => Self::outside(module, &pattern.span, "a pattern in `some`"),
        }
    }

    fn bind(module: usize, pattern: &syntax::Expr, typed: Typed<'s>, scope: &mut Scope<'s>) -> Result<Slot, Outside> {
        match &pattern.kind {
            ExprKind::Var(name) if name != "_" => Self::name(module, &pattern.span, name, typed.kind, scope),
            _ => Self::outside(module, &pattern.span, "a pattern in `:=`"),
        }
    }

    /// A new name with a place of its own.
    fn name(module: usize, span: &Span, name: &str, kind: Type<'s>, scope: &mut Scope<'s>) -> Result<Slot, Outside> {
        if scope.find(name).is_some() {
            return Self::outside(module, span, format!("`{name}` is a name twice"));
        }
        let slot = scope.slot();
        scope.names.push((name.to_owned(), Typed { expr: Expr::Local(slot), kind, sure: true, total: true }));
        Ok(slot)
    }
}
