//! What each expression of a policy stands for in the schemas: so that a path that no schema knows is found at load, and
//! what a control reads is known without running it.

use super::super::syntax::{Body, Expr, ExprKind, Head, Rule, Statement, StatementKind};
use super::{Context, ControlView, graph};
use crate::schema::{Kind, LeafKind, Shape};
use crate::text::{Problem, Span, visible};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What an expression stands for.
#[derive(Debug, Clone)]
pub(super) enum Type<'s> {
    /// Nodes of schemas, each with its path, such as `facts/backups/artifacts/*/id`.
    Nodes(Vec<(String, &'s Shape)>),
    /// A number; the path is that of the time or duration that it was made from.
    Number(Option<String>),
    /// A string that is not a fact.
    Text,
    /// `input`, `input.facts`, `input.envelope`, `data`.
    Root(&'static str),
    /// A list that the policy makes.
    List(Box<Type<'s>>),
    /// Anything else.
    Unknown,
}

/// The names of one body.
pub(super) type Names<'s> = BTreeMap<String, Type<'s>>;

/// The walk over one control and the shared functions that it uses.
pub(super) struct Inference<'c, 's> {
    pub context: &'c Context<'s>,
    pub control: &'c ControlView,
    pub problems: &'c mut Vec<Problem>,
    /// Paths of facts and parameters whose value matters.
    pub reads: BTreeSet<String>,
    /// The innermost calls, against endless work.
    pub depth: usize,
}

impl<'s> Inference<'_, 's> {
    pub(super) fn refuse(&mut self, module: usize, message: String, span: &Span, help: Option<String>) {
        let source = &self.context.modules[module].source;
        let problem = Problem::new("golive::policy::path", message).at(source, span.clone(), "here");
        self.problems.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }

    /// The type of a rule's value, over all its bodies; every expression in them is looked at.
    pub(super) fn rule(&mut self, module: usize, rule: &Rule, arguments: &[Type<'s>]) -> Type<'s> {
        let mut names = Names::new();
        let value = match &rule.head {
            Head::Function(parameters, value) => {
                for (parameter, argument) in parameters.iter().zip(arguments) {
                    if let ExprKind::Var(name) = &parameter.kind {
                        names.insert(name.clone(), argument.clone());
                    }
                }
                value.as_ref()
            }
            Head::Value(value) | Head::Set(value) => value.as_ref(),
            Head::Default | Head::Other(_) => None,
        };
        let none = [Body { is_else: false, value: None, statements: Vec::new() }];
        let bodies = if rule.bodies.is_empty() { &none[..] } else { &rule.bodies[..] };
        let mut out = Type::Unknown;
        for body in bodies {
            let mut inner = names.clone();
            self.statements(module, &body.statements, &mut inner);
            if let Some(value) = body.value.as_ref().or(value) {
                let is_reference = value.path().is_some() || matches!(value.kind, ExprKind::Index(..));
                let found = if is_reference { self.reference(module, value, &mut inner) } else { self.value(module, value, &mut inner) };
                out = join(out, found);
            }
        }
        match &rule.head {
            Head::Set(_) => Type::List(Box::new(out)),
            _ => out,
        }
    }

    pub(super) fn statements(&mut self, module: usize, statements: &[Statement], names: &mut Names<'s>) {
        for statement in statements {
            match &statement.kind {
                StatementKind::Declare(_) => {}
                StatementKind::Expr(e) => {
                    self.value(module, e, names);
                }
                StatementKind::Not(e) => {
                    self.value(module, e, &mut names.clone());
                }
                StatementKind::SomeIn(key, value, collection) => {
                    let found = self.reference(module, collection, names);
                    let items = Self::items(&found);
                    bind(value, items, names);
                    if let Some(key) = key {
                        bind(key, Type::Unknown, names);
                    }
                }
                StatementKind::Every(key, value, domain, body) => {
                    let found = self.reference(module, domain, names);
                    let mut inner = names.clone();
                    inner.insert(value.clone(), Self::items(&found));
                    if let Some(key) = key {
                        inner.insert(key.clone(), Type::Unknown);
                    }
                    self.statements(module, body, &mut inner);
                }
            }
        }
    }

    /// The type of an expression whose value matters: a leaf that it names is read.
    pub(super) fn value(&mut self, module: usize, expr: &Expr, names: &mut Names<'s>) -> Type<'s> {
        let found = self.reference(module, expr, names);
        self.read(&found);
        found
    }

    pub(super) fn read(&mut self, found: &Type<'s>) {
        match found {
            Type::Nodes(nodes) => {
                for (path, shape) in nodes {
                    leaves(path, shape, &mut self.reads);
                }
            }
            Type::Number(Some(path)) => {
                self.reads.insert(path.clone());
            }
            _ => {}
        }
    }

    pub(super) fn items(collection: &Type<'s>) -> Type<'s> {
        match collection {
            Type::List(items) => items.as_ref().clone(),
            Type::Nodes(nodes) => {
                let mut out = Vec::new();
                for (path, shape) in flat(nodes) {
                    match &shape.kind {
                        Kind::List { items, .. } => out.push((format!("{path}/*"), items.as_ref())),
                        Kind::Object(properties) => out.extend(properties.iter().map(|(n, s)| (format!("{path}/{n}"), s))),
                        Kind::Map(values) => out.push((format!("{path}/*"), values.as_ref())),
                        _ => {}
                    }
                }
                Type::Nodes(out)
            }
            _ => Type::Unknown,
        }
    }

    /// The type of `base.field`, refusing a field that no schema knows.
    pub(super) fn field(&mut self, module: usize, base: &Type<'s>, field: &str, span: &Span) -> Type<'s> {
        match base {
            Type::Root(root) => self.root_field(module, root, field, span),
            Type::Nodes(nodes) => {
                let mut out = Vec::new();
                let mut number = None;
                let mut known: Vec<String> = Vec::new();
                for (path, shape) in flat(nodes) {
                    match &shape.kind {
                        Kind::Object(properties) => {
                            if let Some(property) = properties.get(field) {
                                out.push((format!("{path}/{field}"), property));
                            } else if let Some(name) = millis_of(properties, field) {
                                number = Some(format!("{path}/{name}"));
                            }
                            for (name, property) in properties {
                                known.push(name.clone());
                                if is_time(property) {
                                    known.push(format!("{name}_ms"));
                                }
                            }
                        }
                        Kind::Map(values) => {
                            let name = field.strip_suffix("_ms").filter(|_| is_time(values));
                            match name {
                                Some(name) => number = Some(format!("{path}/{name}")),
                                None => out.push((format!("{path}/{field}"), values.as_ref())),
                            }
                        }
                        _ => {}
                    }
                }
                if let Some(path) = number {
                    return Type::Number(Some(path));
                }
                if out.is_empty() && !nodes.is_empty() {
                    let at = nodes.first().map_or("", |(p, _)| p.as_str()).replace('/', ".");
                    let help = crate::schema::did_you_mean(field, known.iter().map(String::as_str));
                    self.refuse(module, format!("no schema knows `{}` in `{at}`", visible(field)), span, help);
                }
                Type::Nodes(out)
            }
            _ => Type::Unknown,
        }
    }

    fn root_field(&mut self, module: usize, root: &'static str, field: &str, span: &Span) -> Type<'s> {
        let context = self.context;
        match (root, field) {
            ("input", "facts") => Type::Root("input.facts"),
            ("input", "envelope") => Type::Root("input.envelope"),
            ("input", "environment" | "release") => Type::Text,
            ("input", "now_ms") => Type::Number(None),
            ("input", _) => {
                let known = ["facts", "envelope", "environment", "release", "now_ms"];
                let help = crate::schema::did_you_mean(field, known);
                self.refuse(module, format!("`input` has no `{}`", visible(field)), span, help);
                Type::Unknown
            }
            ("input.facts" | "input.envelope", group) => {
                if self.control.groups.iter().any(|g| g == group) {
                    let (path, shape) = if root == "input.facts" {
                        (format!("facts/{group}"), context.groups.get(group).copied())
                    } else {
                        (format!("envelope/{group}"), Some(context.envelope))
                    };
                    return shape.map_or(Type::Unknown, |s| Type::Nodes(vec![(path, s)]));
                }
                let message = if context.groups.contains_key(group) {
                    format!("the control does not name the group `{}` in METADATA's `facts`", visible(group))
                } else {
                    format!("no schema knows the group `{}`", visible(group))
                };
                let help = crate::schema::did_you_mean(group, self.control.groups.iter().map(String::as_str));
                self.refuse(module, message, span, help);
                Type::Unknown
            }
            ("data", "parameters") => Type::Nodes(vec![("parameters".to_owned(), context.parameters)]),
            _ => {
                self.refuse(
                    module,
                    format!("nothing provides `{root}.{}`", visible(field)),
                    span,
                    Some("data holds `parameters` and the shared functions of `golive.lib`".to_owned()),
                );
                Type::Unknown
            }
        }
    }

    /// The type of what a call gives, its arguments looked at.
    pub(super) fn call(&mut self, module: usize, name: &[String], arguments: &[Expr], names: &mut Names<'s>) -> Type<'s> {
        let builtin = name.join(".");
        if builtin == "object.get"
            && let [object, Expr { kind: ExprKind::Text(key), span }, rest @ ..] = arguments
        {
            let base = self.reference(module, object, names);
            for e in rest {
                self.value(module, e, names);
            }
            let found = self.field(module, &base, key, span);
            self.read(&found);
            return found;
        }
        if builtin == "count" {
            // Its length is read, not what stands in it.
            for argument in arguments {
                let found = self.reference(module, argument, names);
                if let Type::Nodes(nodes) = found {
                    self.reads.extend(nodes.into_iter().map(|(path, _)| path));
                }
            }
            return Type::Number(None);
        }
        if super::builtins::ALLOWED.contains(&builtin.as_str()) {
            let mut first = None;
            for argument in arguments {
                let found = self.value(module, argument, names);
                first.get_or_insert(found);
            }
            return match builtin.as_str() {
                "max" | "min" => first.map_or(Type::Unknown, |f| Self::items(&f)),
                "lower" | "upper" | "trim_space" => Type::Text,
                "count" | "sum" | "abs" | "ceil" | "floor" | "round" | "semver.compare" => Type::Number(None),
                _ => Type::Unknown,
            };
        }
        let found: Vec<Type<'s>> = arguments.iter().map(|a| self.reference(module, a, names)).collect();
        let Some((target, rule)) = graph::resolve(self.context, module, name) else { return Type::Unknown };
        if self.depth > 24 {
            return Type::Unknown;
        }
        self.depth += 1;
        let context = self.context;
        let mut out = Type::Unknown;
        for rule in graph::named(context, target, &rule) {
            let value = self.rule(target, rule, &found);
            out = join(out, value);
        }
        self.depth -= 1;
        out
    }
}

/// The nodes with every choice opened.
pub(super) fn flat<'s>(nodes: &[(String, &'s Shape)]) -> Vec<(String, &'s Shape)> {
    nodes
        .iter()
        .flat_map(|(path, shape)| match &shape.kind {
            Kind::Choice(shapes) => flat(&shapes.iter().map(|s| (path.clone(), s)).collect::<Vec<_>>()),
            _ => vec![(path.clone(), *shape)],
        })
        .collect()
}

fn is_time(shape: &Shape) -> bool {
    matches!(shape.kind, Kind::Leaf(LeafKind::Time | LeafKind::Duration))
}

fn millis_of<'a>(properties: &BTreeMap<String, Shape>, field: &'a str) -> Option<&'a str> {
    let name = field.strip_suffix("_ms")?;
    properties.get(name).is_some_and(is_time).then_some(name)
}

/// Every leaf at or below a node.
fn leaves(path: &str, shape: &Shape, out: &mut BTreeSet<String>) {
    match &shape.kind {
        Kind::Leaf(_) => {
            out.insert(path.to_owned());
        }
        Kind::Choice(shapes) => shapes.iter().for_each(|s| leaves(path, s, out)),
        Kind::List { items, .. } => leaves(&format!("{path}/*"), items, out),
        Kind::Map(values) => leaves(&format!("{path}/*"), values, out),
        Kind::Object(properties) => properties.iter().for_each(|(n, s)| leaves(&format!("{path}/{n}"), s, out)),
    }
}

fn bind<'s>(pattern: &Expr, found: Type<'s>, names: &mut Names<'s>) {
    match &pattern.kind {
        ExprKind::Var(name) => {
            names.insert(name.clone(), found);
        }
        ExprKind::Array(parts) => parts.iter().for_each(|p| bind(p, Type::Unknown, names)),
        _ => {}
    }
}

pub(super) fn join<'s>(a: Type<'s>, b: Type<'s>) -> Type<'s> {
    match (a, b) {
        (Type::Unknown, other) => other,
        (Type::Nodes(mut a), Type::Nodes(b)) => {
            a.extend(b);
            Type::Nodes(a)
        }
        (a, _) => a,
    }
}

/// The words that an enumeration or constant allows, where a type is nothing else.
pub(super) fn words_of(found: &Type<'_>) -> Option<Vec<String>> {
    let Type::Nodes(nodes) = found else { return None };
    let mut out = Vec::new();
    for (_, shape) in flat(nodes) {
        match &shape.kind {
            Kind::Leaf(LeafKind::Enum(values)) => out.extend(values.iter().filter_map(Value::as_str).map(str::to_owned)),
            Kind::Leaf(LeafKind::Const(value)) => out.extend(value.as_str().map(str::to_owned)),
            _ => return None,
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Whether a type can be something other than a number.
pub(super) fn not_numeric(found: &Type<'_>) -> bool {
    match found {
        Type::Number(_) | Type::Unknown => false,
        Type::Nodes(nodes) => flat(nodes).iter().any(|(_, shape)| match &shape.kind {
            Kind::Leaf(LeafKind::Plain(types)) => types.iter().any(|t| t != "integer" && t != "number"),
            _ => true,
        }),
        _ => true,
    }
}
