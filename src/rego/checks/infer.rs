//! What each expression of a policy stands for in the schemas: so that a path that no schema knows is found at load, and
//! what a control reads is known without running it.

use super::super::syntax::{Body, Expr, ExprKind, Head, Rule, Statement, StatementKind};
use super::types::{Type, flat, is_time, join, leaves, millis_of};
use super::{Context, ControlView, graph};
use crate::schema::{Kind, Shape};
use crate::text::{Problem, Span, visible};
use std::collections::{BTreeMap, BTreeSet};

/// The names of one body.
pub(super) type Names<'s> = BTreeMap<String, Type<'s>>;

/// The walk over one control and the shared functions that it uses.
pub(super) struct Inference<'c, 's> {
    pub context: &'c Context<'s>,
    pub control: &'c ControlView,
    /// The shape of `input` beside `now_ms`, where it is another than a control's.
    pub input: Option<&'s Shape>,
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
        let mut out = None;
        for body in bodies {
            let mut inner = names.clone();
            self.statements(module, &body.statements, &mut inner);
            if let Head::Set(Some(key)) = &rule.head
                && rule.name == "violations"
            {
                self.pointers(module, key, &mut inner);
            }
            if let Some(value) = body.value.as_ref().or(value) {
                let is_reference = value.path().is_some() || matches!(value.kind, ExprKind::Index(..));
                let found = if is_reference { self.reference(module, value, &mut inner) } else { self.value(module, value, &mut inner) };
                out = Some(join(out, found));
            }
        }
        let out = out.unwrap_or(Type::Unknown);
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
                        bind(key, Self::keys(&found), names);
                    }
                }
                StatementKind::Every(key, value, domain, body) => {
                    let found = self.reference(module, domain, names);
                    let mut inner = names.clone();
                    inner.insert(value.clone(), Self::items(&found));
                    if let Some(key) = key {
                        inner.insert(key.clone(), Self::keys(&found));
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
            Type::Nodes(nodes) | Type::Open(nodes) => {
                for (path, shape) in nodes {
                    leaves(path, shape, &mut self.reads);
                }
            }
            Type::Number(paths) => self.reads.extend(paths.iter().cloned()),
            Type::Made(members) => members.values().for_each(|member| self.read(member)),
            _ => {}
        }
    }

    /// The type of the keys of a collection.
    fn keys(collection: &Type<'s>) -> Type<'s> {
        match collection {
            Type::Made(members) => Type::Words(members.keys().cloned().collect()),
            Type::Nodes(nodes) => {
                let objects = flat(nodes).into_iter().map(|(_, shape)| match &shape.kind {
                    Kind::Object(properties) => Some(properties.keys().cloned().collect::<Vec<_>>()),
                    _ => None,
                });
                objects.collect::<Option<Vec<_>>>().map_or(Type::Unknown, |names| Type::Words(names.concat()))
            }
            _ => Type::Unknown,
        }
    }

    pub(super) fn items(collection: &Type<'s>) -> Type<'s> {
        match collection {
            Type::List(items) => items.as_ref().clone(),
            Type::Made(members) => members.values().fold(None, |all, one| Some(join(all, one.clone()))).unwrap_or(Type::Unknown),
            Type::Nodes(nodes) | Type::Open(nodes) => {
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
            Type::Made(members) => match members.get(field) {
                Some(found) => found.clone(),
                None => {
                    let help = crate::schema::did_you_mean(field, members.keys().map(String::as_str));
                    self.refuse(module, format!("the object has no `{}`", visible(field)), span, help);
                    Type::Unknown
                }
            },
            Type::Nodes(nodes) | Type::Open(nodes) => {
                let mut out = Vec::new();
                let mut numbers = Vec::new();
                let mut known: Vec<String> = Vec::new();
                for (path, shape) in flat(nodes) {
                    match &shape.kind {
                        Kind::Object(properties) => {
                            if let Some(property) = properties.get(field) {
                                out.push((format!("{path}/{field}"), property));
                            } else if let Some(name) = millis_of(properties, field) {
                                numbers.push(format!("{path}/{name}"));
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
                                Some(name) => numbers.push(format!("{path}/{name}")),
                                None => out.push((format!("{path}/{field}"), values.as_ref())),
                            }
                        }
                        _ => {}
                    }
                }
                if !numbers.is_empty() {
                    return Type::Number(numbers);
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
        if let Some(shape) = self.input.filter(|_| root == "input" && field != "now_ms") {
            return self.field(module, &Type::Nodes(vec![("input".to_owned(), shape)]), field, span);
        }
        match (root, field) {
            ("input", "facts") => Type::Root("input.facts"),
            ("input", "envelope") => Type::Root("input.envelope"),
            ("input", "environment" | "release") => Type::Text,
            ("input", "now_ms") => Type::Number(Vec::new()),
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
                if let Type::Nodes(nodes) | Type::Open(nodes) = found {
                    self.reads.extend(nodes.into_iter().map(|(path, _)| path));
                }
            }
            return Type::Number(Vec::new());
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
                "count" | "sum" | "abs" | "ceil" | "floor" | "round" | "semver.compare" => Type::Number(Vec::new()),
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
        let mut out = None;
        for rule in graph::named(context, target, &rule) {
            let value = self.rule(target, rule, &found);
            out = Some(join(out, value));
        }
        self.depth -= 1;
        out.unwrap_or(Type::Unknown)
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
