//! Every small change of a module, made on its text at the places that its syntax tree names.

use super::mutant::{Kind, Mutant, one_line};
use crate::rego::syntax::{Expr, ExprKind, Head, Module, Rule, Statement, StatementKind, each_below};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What of a violation's head a verdict or an id of a finding depends on; the rest only tells.
const SUBJECT: &str = "subject";

/// All changes of a module that stands in `file`, in the order of their places.
pub(super) fn mutants(file: &str, module: &Module) -> Vec<Mutant> {
    let mut out = Vec::new();
    let mut definitions: BTreeMap<String, usize> = BTreeMap::new();
    for rule in &module.rules {
        let label = label(rule);
        let count = definitions.entry(label.clone()).or_default();
        *count += 1;
        let label = if *count == 1 { label } else { format!("{label}#{count}") };
        let mut changes = Changes { file, module, rule: label, out: &mut out };
        changes.rule(rule);
    }
    // Two changes that come to the same text are one.
    let mut seen = BTreeSet::new();
    out.retain(|mutant| seen.insert((mutant.span.start, mutant.span.end, mutant.text.clone())));
    out.sort_by(|a, b| (a.span.start, a.span.end, &a.text).cmp(&(b.span.start, b.span.end, &b.text)));
    out
}

/// A rule's name, with what its head says where that is a literal.
fn label(rule: &Rule) -> String {
    let literal = match &rule.head {
        Head::Set(Some(Expr { kind: ExprKind::Text(text), .. })) => Some(text),
        Head::Set(Some(Expr { kind: ExprKind::Object(members), .. })) => {
            members.iter().find_map(|(key, value)| match (&key.kind, &value.kind) {
                (ExprKind::Text(key), ExprKind::Text(code)) if key == "code" => Some(code),
                _ => None,
            })
        }
        _ => None,
    };
    literal.map_or_else(|| rule.name.clone(), |literal| format!("{}[\"{literal}\"]", rule.name))
}

struct Changes<'m> {
    file: &'m str,
    module: &'m Module,
    rule: String,
    out: &'m mut Vec<Mutant>,
}

impl Changes<'_> {
    fn text(&self, span: &Span) -> &str {
        self.module.source.text.get(span.clone()).unwrap_or_default()
    }

    fn shown(&self, span: &Span) -> String {
        format!("`{}`", one_line(self.text(span)))
    }

    fn push(&mut self, kind: Kind, span: Span, text: impl Into<String>, wanted: String) {
        let (file, source, rule) = (self.file.to_owned(), Arc::clone(&self.module.source), self.rule.clone());
        self.out.push(Mutant { file, source, rule, kind, wanted, span, text: text.into() });
    }

    fn rule(&mut self, rule: &Rule) {
        let end = self.module.source.text.get(rule.extent.end..).map_or(0, |rest| usize::from(rest.starts_with('\n')));
        let wanted = "a case in which this definition alone makes the difference".to_owned();
        self.push(Kind::Deleted, rule.extent.start..rule.extent.end + end, "", wanted);
        match &rule.head {
            Head::Set(Some(Expr { kind: ExprKind::Object(members), .. })) => {
                for (key, value) in members {
                    if matches!(&key.kind, ExprKind::Text(key) if key == SUBJECT) {
                        self.expr(value);
                    }
                }
            }
            Head::Set(Some(Expr { kind: ExprKind::Text(_), .. })) => {}
            _ => rule.head_exprs().into_iter().for_each(|expr| self.expr(expr)),
        }
        let names: BTreeSet<&str> = rule.head_exprs().into_iter().flat_map(names).collect();
        for body in &rule.bodies {
            self.body(&body.statements, &names);
        }
    }

    /// The statements of one body; `names` are those that its head needs.
    fn body(&mut self, statements: &[Statement], names: &BTreeSet<&str>) {
        for (index, statement) in statements.iter().enumerate() {
            self.drop(statement, statements.get(index + 1), statements.len());
            match &statement.kind {
                StatementKind::Declare(_) => {}
                StatementKind::SomeIn(_, value, collection) => {
                    self.expr(collection);
                    let rest = statements.get(index + 1..).unwrap_or_default();
                    if !self::names(value).iter().any(|name| names.contains(name)) {
                        self.every_for_some(statement, rest);
                    }
                }
                StatementKind::Expr(expr) => {
                    if !matches!(expr.kind, ExprKind::Assign(..) | ExprKind::Compare(..)) {
                        let wanted = format!("cases with and without {}, all else being the same", self.shown(&statement.span));
                        self.push(Kind::Negation, statement.span.start..statement.span.start, "not ", wanted);
                    }
                    self.expr(expr);
                }
                StatementKind::Not(expr) => {
                    let wanted = format!("cases with and without {}, all else being the same", self.shown(&expr.span));
                    self.push(Kind::Negation, statement.span.start..expr.span.start, "", wanted);
                    self.expr(expr);
                }
                StatementKind::Every(_, _, domain, inner) => {
                    self.expr(domain);
                    self.some_for_every(statement, inner, statements.len());
                    self.body(inner, &BTreeSet::new());
                }
            }
        }
    }

    /// A condition dropped; what gives a name is left, without it there is no program.
    fn drop(&mut self, statement: &Statement, next: Option<&Statement>, all: usize) {
        if matches!(
            statement.kind,
            StatementKind::Declare(_) | StatementKind::SomeIn(..) | StatementKind::Expr(Expr { kind: ExprKind::Assign(..), .. })
        ) {
            return;
        }
        let wanted = format!("a case in which {} does not hold, and all else of the rule does", self.shown(&statement.span));
        if all == 1 {
            return self.push(Kind::Dropped, statement.span.clone(), "true", wanted);
        }
        let span = match next {
            Some(next) => statement.span.start..next.span.start,
            // The last one goes with the separator before it.
            None => {
                self.module
                    .source
                    .text
                    .get(..statement.span.start)
                    .map_or(statement.span.start, |before| before.trim_end_matches([' ', '\t', '\n', ';']).len())
                    ..statement.span.end
            }
        };
        self.push(Kind::Dropped, span, "", wanted);
    }

    fn some_for_every(&mut self, statement: &Statement, inner: &[Statement], all: usize) {
        let before = self.module.source.text.get(..statement.span.start).unwrap_or_default();
        let (Some(first), Some(last), Some(rest)) = (inner.first(), inner.last(), self.text(&statement.span).strip_prefix("every")) else {
            return;
        };
        let Some(head) =
            rest.get(..first.span.start.saturating_sub(statement.span.start + 5)).and_then(|head| head.trim_end().strip_suffix('{'))
        else {
            return;
        };
        if all > 1 || before.trim_end().ends_with('{') {
            let text = format!("some{}\n\t{}", head.trim_end(), self.text(&(first.span.start..last.span.end)));
            self.push(
                Kind::Quantifier,
                statement.span.clone(),
                text,
                "a case in which it holds for some elements and not for all".to_owned(),
            );
        }
    }

    fn every_for_some(&mut self, statement: &Statement, rest: &[Statement]) {
        let (Some(first), Some(last)) = (rest.first(), rest.last()) else { return };
        let Some(head) = self.text(&statement.span).strip_prefix("some") else { return };
        let text = format!("every{head} {{\n\t{}\n}}", self.text(&(first.span.start..last.span.end)));
        let span = statement.span.start..last.span.end;
        self.push(
            Kind::Quantifier,
            span,
            text,
            "a case in which it holds for some elements and not for all, and one without elements".to_owned(),
        );
    }

    /// The changes of an expression and of all below it.
    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Constant(value) => self.constant(expr, value),
            ExprKind::Text(text) => {
                let other = if text.is_empty() { "x".to_owned() } else { format!("{text}~") };
                let wanted = format!("a case in which {} is what the facts say, or a part of it", self.shown(&expr.span));
                self.push(Kind::Constant, expr.span.clone(), serde_json::Value::from(other).to_string(), wanted);
            }
            ExprKind::Compare(operator, left, right) | ExprKind::Arithmetic(operator, left, right) => self.operator(operator, left, right),
            ExprKind::Object(members) => {
                // A key is a name, not a value.
                for (_, value) in members {
                    self.expr(value);
                }
                return;
            }
            ExprKind::Assign(_, _, right) => return self.expr(right),
            _ => {}
        }
        expr.children().into_iter().for_each(|child| self.expr(child));
        if let ExprKind::Comprehension(_, terms, body) = &expr.kind {
            let needed: BTreeSet<&str> = terms.iter().flat_map(names).collect();
            self.body(body, &needed);
        }
    }

    fn constant(&mut self, expr: &Expr, value: &serde_json::Value) {
        let shown = self.shown(&expr.span);
        if let Some(number) = value.as_i64() {
            for other in [number.saturating_sub(1), number.saturating_add(1)] {
                let wanted = format!("cases on both sides of {shown}, and at it: {other} must not do as well");
                self.push(Kind::Constant, expr.span.clone(), other.to_string(), wanted);
            }
        } else if let Some(truth) = value.as_bool() {
            self.push(Kind::Constant, expr.span.clone(), (!truth).to_string(), format!("a case that tells {shown} from {}", !truth));
        }
    }

    fn operator(&mut self, operator: &str, left: &Expr, right: &Expr) {
        let gap = left.span.end..right.span.start;
        let Some(at) = self.text(&gap).find(operator).map(|at| gap.start + at) else { return };
        let (a, b) = (one_line(self.text(&left.span)), one_line(self.text(&right.span)));
        let equal = format!("a case in which `{a} == {b}`");
        let others: &[(&str, String)] = &match operator {
            "<" => vec![("<=", equal), (">", format!("cases on both sides of `{a} == {b}`"))],
            "<=" => vec![("<", equal), (">=", format!("cases on both sides of `{a} == {b}`"))],
            ">" => vec![(">=", equal), ("<", format!("cases on both sides of `{a} == {b}`"))],
            ">=" => vec![(">", equal), ("<=", format!("cases on both sides of `{a} == {b}`"))],
            "==" => vec![("!=", format!("cases with and without `{a} == {b}`, all else being the same"))],
            "!=" => vec![("==", format!("cases with and without `{a} == {b}`, all else being the same"))],
            "+" => vec![("-", format!("a case in which `{a} - {b}` would not do"))],
            "-" | "*" => vec![("+", format!("a case in which `{a} + {b}` would not do"))],
            _ => Vec::new(),
        };
        for (other, wanted) in others {
            self.push(Kind::Operator, at..at + operator.len(), *other, wanted.clone());
        }
    }
}

/// The names in an expression.
fn names(expr: &Expr) -> Vec<&str> {
    let mut out = Vec::new();
    each_below(expr, &mut |e| {
        if let ExprKind::Var(name) = &e.kind {
            out.push(name.as_str());
        }
    });
    out
}
