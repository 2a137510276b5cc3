//! The part of Rego's syntax tree that the checks look at, with spans, independent of the engine.

use crate::text::{Source, Span};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One file.
#[derive(Debug, Clone)]
pub struct Module {
    /// Its text.
    pub source: Arc<Source>,
    /// The package's path without `data`, such as `["golive", "controls", "backups", "scheduled"]`.
    pub package: Vec<String>,
    /// Where the package is named.
    pub package_span: Span,
    /// Its imports.
    pub imports: Vec<Import>,
    /// Its rules, in the file's order.
    pub rules: Vec<Rule>,
}

/// `import data.a.b as c`.
#[derive(Debug, Clone)]
pub struct Import {
    /// The whole path, root included.
    pub path: Vec<String>,
    /// The name that it is known by in the module.
    pub alias: String,
    /// Where it stands.
    pub span: Span,
}

/// One rule, or one of the bodies of a rule written several times.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The head.
    pub span: Span,
    /// All of it, bodies included.
    pub extent: Span,
    /// Its kind.
    pub head: Head,
    /// Its bodies; none is a constant.
    pub bodies: Vec<Body>,
}

/// What a rule defines.
#[derive(Debug, Clone)]
pub enum Head {
    /// `name := value if …`; without a value it is `true`.
    Value(Option<Expr>),
    /// `name contains key if …`.
    Set(Option<Expr>),
    /// `name(args) := value if …`.
    Function(Vec<Expr>, Option<Expr>),
    /// `default name := …`.
    Default,
    /// Partial objects and reference heads, with what stands in their brackets.
    Other(Vec<Expr>),
}

/// One body.
#[derive(Debug, Clone)]
pub struct Body {
    /// It stands behind `else`.
    pub is_else: bool,
    /// Its own value, where `else` gives one.
    pub value: Option<Expr>,
    /// Its statements.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Where it stands.
    pub span: Span,
    /// What it says.
    pub kind: StatementKind,
    /// What it replaces while it is asked.
    pub with: Vec<With>,
}

/// `with target as value`.
#[derive(Debug, Clone)]
pub struct With {
    /// Where it stands.
    pub span: Span,
    /// What is replaced.
    pub target: Expr,
    /// What stands in its place.
    pub value: Expr,
}

/// The kinds of statements.
#[derive(Debug, Clone)]
pub enum StatementKind {
    /// `some x, y`.
    Declare(Vec<String>),
    /// `some k, v in collection`.
    SomeIn(Option<Expr>, Expr, Expr),
    /// An expression.
    Expr(Expr),
    /// `not expression`.
    Not(Expr),
    /// `every k, v in domain { … }`.
    Every(Option<String>, String, Expr, Vec<Statement>),
}

/// An expression and where it stands.
#[derive(Debug, Clone)]
pub struct Expr {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expressions.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// `null`, a boolean or a number.
    Constant(Json),
    /// A string literal.
    Text(String),
    /// A name.
    Var(String),
    /// `[a, b]`.
    Array(Vec<Expr>),
    /// `{a, b}`.
    Set(Vec<Expr>),
    /// `{k: v}`.
    Object(Vec<(Expr, Expr)>),
    /// A comprehension: its kind's word, its terms, its body.
    Comprehension(&'static str, Vec<Expr>, Vec<Statement>),
    /// A call: the dotted name, its place, the arguments.
    Call(Vec<String>, Span, Vec<Expr>),
    /// `-a`.
    Minus(Box<Expr>),
    /// `a.field`, and the place of the field.
    Field(Box<Expr>, String, Span),
    /// `a[b]`.
    Index(Box<Expr>, Box<Expr>),
    /// A comparison, with its operator.
    Compare(&'static str, Box<Expr>, Box<Expr>),
    /// Arithmetic, with its operator.
    Arithmetic(&'static str, Box<Expr>, Box<Expr>),
    /// `a | b`, `a & b`.
    SetOperation(Box<Expr>, Box<Expr>),
    /// `a := b`, `a = b`.
    Assign(&'static str, Box<Expr>, Box<Expr>),
    /// `k, v in collection`.
    In(Option<Box<Expr>>, Box<Expr>, Box<Expr>),
}

impl Expr {
    /// The expressions directly below.
    pub fn children(&self) -> Vec<&Expr> {
        use ExprKind as K;
        match &self.kind {
            K::Constant(_) | K::Text(_) | K::Var(_) => Vec::new(),
            K::Array(items) | K::Set(items) | K::Call(_, _, items) | K::Comprehension(_, items, _) => items.iter().collect(),
            K::Object(fields) => fields.iter().flat_map(|(k, v)| [k, v]).collect(),
            K::Minus(a) | K::Field(a, _, _) => vec![a],
            K::Index(a, b) | K::Compare(_, a, b) | K::Arithmetic(_, a, b) | K::SetOperation(a, b) | K::Assign(_, a, b) => vec![a, b],
            K::In(key, value, collection) => key.iter().map(AsRef::as_ref).chain([value.as_ref(), collection.as_ref()]).collect(),
        }
    }

    /// A reference such as `input.facts.x` as its words, where it is made of names and fields only.
    pub fn path(&self) -> Option<Vec<&str>> {
        match &self.kind {
            ExprKind::Var(name) => Some(vec![name]),
            ExprKind::Field(base, field, _) => {
                let mut path = base.path()?;
                path.push(field);
                Some(path)
            }
            _ => None,
        }
    }
}

impl Statement {
    /// The expressions directly in it, those behind `with` included, and the statements nested in it.
    pub fn parts(&self) -> (Vec<&Expr>, &[Statement]) {
        let (mut exprs, nested): (Vec<&Expr>, &[Statement]) = match &self.kind {
            StatementKind::Declare(_) => (Vec::new(), &[]),
            StatementKind::SomeIn(key, value, collection) => (key.iter().chain([value, collection]).collect(), &[]),
            StatementKind::Expr(e) | StatementKind::Not(e) => (vec![e], &[]),
            StatementKind::Every(_, _, domain, body) => (vec![domain], body),
        };
        exprs.extend(self.with.iter().flat_map(|with| [&with.target, &with.value]));
        (exprs, nested)
    }
}

/// Calls `see` on every expression of some statements, outermost first, comprehensions and `every` bodies included.
pub fn each_expr<'a>(statements: &'a [Statement], see: &mut dyn FnMut(&'a Expr)) {
    for statement in statements {
        let (exprs, nested) = statement.parts();
        for e in exprs {
            each_below(e, see);
        }
        each_expr(nested, see);
    }
}

/// Calls `see` on an expression and everything below it.
pub fn each_below<'a>(expr: &'a Expr, see: &mut dyn FnMut(&'a Expr)) {
    see(expr);
    expr.children().into_iter().for_each(|e| each_below(e, see));
    if let ExprKind::Comprehension(_, _, body) = &expr.kind {
        each_expr(body, see);
    }
}

/// Calls `see` on every statement, nested ones and those of comprehensions included.
pub fn each_statement<'a>(statements: &'a [Statement], see: &mut dyn FnMut(&'a Statement)) {
    for statement in statements {
        see(statement);
        let (exprs, nested) = statement.parts();
        for expr in exprs {
            each_below(expr, &mut |e| {
                if let ExprKind::Comprehension(_, _, body) = &e.kind {
                    // A comprehension's own comprehensions are reached by `each_below` already: look at this level only.
                    for inner in body {
                        see(inner);
                        each_statement(inner.parts().1, see);
                    }
                }
            });
        }
        each_statement(nested, see);
    }
}

impl Module {
    /// The lines that statements of its rules begin in, counted from 1.
    pub fn lines(&self) -> BTreeSet<u32> {
        let mut starts = Vec::new();
        for body in self.rules.iter().flat_map(|rule| &rule.bodies) {
            each_statement(&body.statements, &mut |statement| starts.push(statement.span.start));
        }
        let line = |start: usize| self.source.text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
        starts.into_iter().filter_map(|start| u32::try_from(line(start)).ok()).collect()
    }
}

impl Rule {
    /// Every statement of its bodies.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.bodies.iter().flat_map(|b| b.statements.iter())
    }

    /// The expressions of its head: value, key, arguments.
    pub fn head_exprs(&self) -> Vec<&Expr> {
        let own: Vec<&Expr> = match &self.head {
            Head::Value(value) | Head::Set(value) => value.iter().collect(),
            Head::Function(args, value) => args.iter().chain(value).collect(),
            Head::Default | Head::Other(_) => Vec::new(),
        };
        own.into_iter().chain(self.bodies.iter().filter_map(|b| b.value.as_ref())).collect()
    }

    /// Calls `see` on every expression of the rule.
    pub fn each_expr<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        self.head_exprs().into_iter().for_each(|e| each_below(e, see));
        for body in &self.bodies {
            each_expr(&body.statements, see);
        }
    }
}
