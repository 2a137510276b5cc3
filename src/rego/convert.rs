//! From the engine's syntax tree to ours.

use super::syntax::{Body, Expr, ExprKind, Head, Import, Module, Rule, Statement, StatementKind, With};
use super::values;
use crate::text::{Source, Span};
use regorus::Value;
use regorus::unstable as ast;
use std::sync::Arc;

pub(super) fn module(module: &ast::Module, source: &Arc<Source>) -> Module {
    let imports = module.imports.iter().map(|import| {
        let path = owned(&expr(&import.refr));
        let alias = match &import.r#as {
            Some(name) => name.text().to_owned(),
            None => path.last().cloned().unwrap_or_default(),
        };
        Import { path, alias, span: span(&import.span) }
    });
    let package = expr(&module.package.refr);
    Module {
        source: Arc::clone(source),
        package: owned(&package),
        package_span: package.span,
        imports: imports.collect(),
        rules: module.policy.iter().map(|r| rule(r)).collect(),
    }
}

fn owned(reference: &Expr) -> Vec<String> {
    fn words(e: &Expr, out: &mut Vec<String>) {
        match &e.kind {
            ExprKind::Var(name) => out.push(name.clone()),
            ExprKind::Field(base, field, _) => {
                words(base, out);
                out.push(field.clone());
            }
            ExprKind::Index(base, index) => {
                words(base, out);
                if let ExprKind::Text(text) = &index.kind {
                    out.push(text.clone());
                }
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    words(reference, &mut out);
    out
}

/// A span with the quotes of a string at its beginning or end, which the engine leaves out.
fn span(s: &ast::Span) -> Span {
    let (start, end) = (s.start as usize, s.end as usize);
    let bytes = s.source.contents().as_bytes();
    let is_quote = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|byte| matches!(byte, b'"' | b'`'));
    let before = start.checked_sub(1);
    start - usize::from(is_quote(before))..end + usize::from(is_quote(Some(end)))
}

fn text(value: &Value) -> String {
    value.as_string().map_or_else(|_| String::new(), ToString::to_string)
}

fn rule(rule: &ast::Rule) -> Rule {
    match rule {
        ast::Rule::Default { span: s, refr, .. } => {
            Rule { name: owned(&expr(refr)).join("."), span: span(s), extent: span(s), head: Head::Default, bodies: Vec::new() }
        }
        ast::Rule::Spec { span: s, head, bodies } => {
            let (name, place, head) = self::head(head);
            Rule { name, span: place, extent: span(s), head, bodies: bodies.iter().map(body).collect() }
        }
    }
}

fn head(head: &ast::RuleHead) -> (String, Span, Head) {
    let value = |assign: &Option<ast::RuleAssign>| assign.as_ref().map(|a| expr(&a.value));
    match head {
        ast::RuleHead::Compr { span: s, refr, assign } => {
            let reference = expr(refr);
            let name = owned(&reference).join(".");
            let kind = if matches!(reference.kind, ExprKind::Var(_)) { Head::Value(value(assign)) } else { Head::Other(keys(&reference)) };
            (name, span(s), kind)
        }
        ast::RuleHead::Set { span: s, refr, key } => (owned(&expr(refr)).join("."), span(s), Head::Set(key.as_ref().map(|k| expr(k)))),
        ast::RuleHead::Func { span: s, refr, args, assign } => {
            let args = args.iter().map(|a| expr(a)).collect();
            (owned(&expr(refr)).join("."), span(s), Head::Function(args, value(assign)))
        }
    }
}

/// What stands in the brackets of `name[a][b]`, from left to right.
fn keys(reference: &Expr) -> Vec<Expr> {
    match &reference.kind {
        ExprKind::Index(base, key) => keys(base).into_iter().chain([key.as_ref().clone()]).collect(),
        ExprKind::Field(base, field, span) => {
            keys(base).into_iter().chain([Expr { span: span.clone(), kind: ExprKind::Text(field.clone()) }]).collect()
        }
        _ => Vec::new(),
    }
}

fn body(body: &ast::RuleBody) -> Body {
    Body { is_else: body.is_else, value: body.assign.as_ref().map(|a| expr(&a.value)), statements: query(&body.query) }
}

fn query(query: &ast::Query) -> Vec<Statement> {
    query.stmts.iter().map(statement).collect()
}

fn statement(stmt: &ast::LiteralStmt) -> Statement {
    let kind = match &stmt.literal {
        ast::Literal::SomeVars { vars, .. } => StatementKind::Declare(vars.iter().map(|v| v.text().to_owned()).collect()),
        ast::Literal::SomeIn { key, value, collection, .. } => {
            StatementKind::SomeIn(key.as_ref().map(|k| expr(k)), expr(value), expr(collection))
        }
        ast::Literal::Expr { expr: e, .. } => StatementKind::Expr(expr(e)),
        ast::Literal::NotExpr { expr: e, .. } => StatementKind::Not(expr(e)),
        ast::Literal::Every { key, value, domain, query: q, .. } => {
            StatementKind::Every(key.as_ref().map(|k| k.text().to_owned()), value.text().to_owned(), expr(domain), query(q))
        }
    };
    Statement { span: span(&stmt.span), kind, with: stmt.with_mods.iter().map(with).collect() }
}

fn with(modifier: &ast::WithModifier) -> With {
    With { span: span(&modifier.span), target: expr(&modifier.refr), value: expr(&modifier.r#as) }
}

fn expr(e: &ast::Expr) -> Expr {
    use ast::Expr as A;
    let boxed = |e: &ast::Ref<ast::Expr>| Box::new(expr(e));
    let list = |items: &[ast::Ref<ast::Expr>]| items.iter().map(|i| expr(i)).collect::<Vec<_>>();
    let kind = match e {
        A::String { value, .. } | A::RawString { value, .. } => ExprKind::Text(text(value)),
        A::Number { value, .. } | A::Bool { value, .. } | A::Null { value, .. } => {
            ExprKind::Constant(values::to_json(value).unwrap_or_default())
        }
        A::Var { value, .. } => ExprKind::Var(text(value)),
        A::Array { items, .. } => ExprKind::Array(list(items)),
        A::Set { items, .. } => ExprKind::Set(list(items)),
        A::Object { fields, .. } => ExprKind::Object(fields.iter().map(|(_, k, v)| (expr(k), expr(v))).collect()),
        A::ArrayCompr { term, query: q, .. } => ExprKind::Comprehension("array", vec![expr(term)], query(q)),
        A::SetCompr { term, query: q, .. } => ExprKind::Comprehension("set", vec![expr(term)], query(q)),
        A::ObjectCompr { key, value, query: q, .. } => ExprKind::Comprehension("object", vec![expr(key), expr(value)], query(q)),
        A::Call { fcn, params, .. } => {
            let function = expr(fcn);
            ExprKind::Call(owned(&function), function.span, list(params))
        }
        A::UnaryExpr { expr: e, .. } => ExprKind::Minus(boxed(e)),
        A::RefDot { refr, field, .. } => ExprKind::Field(boxed(refr), text(&field.1), span(&field.0)),
        A::RefBrack { refr, index, .. } => match index.as_ref() {
            A::String { value, span: s, .. } => ExprKind::Field(boxed(refr), text(value), span(s)),
            _ => ExprKind::Index(boxed(refr), boxed(index)),
        },
        A::BinExpr { lhs, rhs, .. } => ExprKind::SetOperation(boxed(lhs), boxed(rhs)),
        A::BoolExpr { op, lhs, rhs, .. } => {
            let word = match op {
                ast::BoolOp::Lt => "<",
                ast::BoolOp::Le => "<=",
                ast::BoolOp::Eq => "==",
                ast::BoolOp::Ge => ">=",
                ast::BoolOp::Gt => ">",
                ast::BoolOp::Ne => "!=",
            };
            ExprKind::Compare(word, boxed(lhs), boxed(rhs))
        }
        A::ArithExpr { op, lhs, rhs, .. } => {
            let word = match op {
                ast::ArithOp::Add => "+",
                ast::ArithOp::Sub => "-",
                ast::ArithOp::Mul => "*",
                ast::ArithOp::Div => "/",
                ast::ArithOp::Mod => "%",
            };
            ExprKind::Arithmetic(word, boxed(lhs), boxed(rhs))
        }
        A::AssignExpr { op, lhs, rhs, .. } => {
            let word = if *op == ast::AssignOp::ColEq { ":=" } else { "=" };
            ExprKind::Assign(word, boxed(lhs), boxed(rhs))
        }
        A::Membership { key, value, collection, .. } => ExprKind::In(key.as_ref().map(boxed), boxed(value), boxed(collection)),
    };
    Expr { span: span(e.span()), kind }
}
