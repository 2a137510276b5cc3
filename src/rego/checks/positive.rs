//! Criteria are positive Rego: taking a fact away can never make one met.
//!
//! Looked at: the rules `met` and every rule and function that they reach.

use super::super::syntax::{Expr, ExprKind, Head, Rule, Statement, StatementKind, each_below};
use super::infer::{Inference, Names};
use super::kinds;
use super::types::{Type, flat, join, words_of};
use super::{Context, ControlView, graph};
use crate::schema::Kind;
use crate::text::{Problem, Span};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn check(context: &Context<'_>, control: &ControlView, problems: &mut Vec<Problem>) {
    let module = &context.modules[control.module];
    let met: Vec<&Rule> = module.rules.iter().filter(|r| r.name == "met").collect();
    let mut found = Vec::new();
    let reached = graph::reach(context, control.module, &["met"]);
    for rule in &met {
        let mut silent = Vec::new();
        let inference = Inference { context, control, input: None, problems: &mut silent, reads: BTreeSet::new(), depth: 0 };
        Positive { walk: inference, module: control.module, found: &mut found }.rule(rule);
    }
    for (index, name) in &reached {
        for rule in context.modules[*index].rules.iter().filter(|r| r.name == *name) {
            if name == "violations" {
                found.push((*index, "a criterion may not look at violations".to_owned(), rule.span.clone()));
            }
            forbidden_in(rule, *index, &mut found);
        }
    }
    for rule in &met {
        forbidden_in(rule, control.module, &mut found);
    }
    for (index, message, span) in found {
        let source = &context.modules[index].source;
        problems.push(
            Problem::new("golive::policy::positive", message)
                .at(source, span, "a criterion reaches this")
                .help("criteria are positive: what is taken away may never make one met (docs/writing-controls.md)"),
        );
    }
}

type Found = Vec<(usize, String, Span)>;

/// What no criterion may hold, whatever it is about.
fn forbidden_in(rule: &Rule, module: usize, found: &mut Found) {
    fn statements(list: &[Statement], refuse: &mut dyn FnMut(&str, &Span)) {
        for statement in list {
            if let StatementKind::Not(_) = &statement.kind {
                refuse("`not` in a criterion", &statement.span);
            }
            let (exprs, nested) = statement.parts();
            for e in exprs {
                each_below(e, &mut |e| expression(e, refuse));
                let whole = matches!(statement.kind, StatementKind::Expr(_));
                truths(e, whole, refuse);
            }
            statements(nested, refuse);
        }
    }
    /// What is true or false stands as a statement: as an operand its `false` would count as an answer.
    fn truths(e: &Expr, whole: bool, refuse: &mut dyn FnMut(&str, &Span)) {
        if !whole && is_truth(e) {
            refuse("a condition in a criterion stands by itself: its `false` is no proof", &e.span);
        }
        e.children().into_iter().for_each(|child| truths(child, false, refuse));
    }
    fn expression(e: &Expr, refuse: &mut dyn FnMut(&str, &Span)) {
        match &e.kind {
            ExprKind::SetOperation(..) => refuse("a set operation in a criterion", &e.span),
            ExprKind::Call(name, span, arguments) => match (name.join(".").as_str(), arguments.len()) {
                ("object.get", _) => refuse("`object.get` in a criterion: a default would stand in for a missing fact", span),
                ("is_null" | "object.keys", _) => refuse("this builtin in a criterion can hold of what is missing", span),
                _ => {}
            },
            ExprKind::Comprehension(kind, _, body) => {
                let plain = matches!(body.as_slice(), [Statement { kind: StatementKind::SomeIn(..), .. }]);
                if *kind == "object" || !plain {
                    refuse("a comprehension in a criterion is one `some x in LIST`, without a filter", &e.span);
                }
                for statement in body {
                    if let StatementKind::Not(_) = &statement.kind {
                        refuse("`not` in a criterion", &statement.span);
                    }
                }
            }
            _ => {}
        }
    }
    let mut refuse = |message: &str, span: &Span| found.push((module, message.to_owned(), span.clone()));
    for e in rule.head_exprs() {
        each_below(e, &mut |e| expression(e, &mut refuse));
        truths(e, false, &mut refuse);
    }
    for body in &rule.bodies {
        statements(&body.statements, &mut refuse);
    }
}

/// Whether an expression is `true` or `false` by its form.
fn is_truth(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Compare(..) | ExprKind::In(..) => true,
        ExprKind::Call(name, ..) => PREDICATES.contains(&name.join(".").as_str()),
        _ => false,
    }
}

/// Builtins that answer `true` or `false`.
const PREDICATES: &[&str] =
    &["contains", "endswith", "is_array", "is_boolean", "is_null", "is_number", "is_object", "is_string", "semver.is_valid", "startswith"];

/// What depends on where a list comes from: `every`, and comparisons of a list's size or extreme.
struct Positive<'f, 'c, 's> {
    walk: Inference<'c, 's>,
    module: usize,
    found: &'f mut Found,
}

impl<'s> Positive<'_, '_, 's> {
    fn rule(&mut self, rule: &Rule) {
        self.bodies(rule, &Names::new());
    }

    /// Every body, and what the head takes from it.
    fn bodies(&mut self, rule: &Rule, given: &Names<'s>) {
        let none: &[Statement] = &[];
        let constant = rule.bodies.is_empty().then_some(none);
        for statements in constant.into_iter().chain(rule.bodies.iter().map(|b| b.statements.as_slice())) {
            let mut names = given.clone();
            self.block(statements, &mut names, &[]);
            for value in rule.head_exprs() {
                self.size("elsewhere", value, &mut names);
                self.inside(value, &mut names);
            }
        }
    }

    fn refuse(&mut self, message: impl Into<String>, span: &Span) {
        self.found.push((self.module, message.into(), span.clone()));
    }

    /// `outer` holds the lists that an enclosing block requires not to be empty.
    fn block(&mut self, statements: &[Statement], names: &mut Names<'s>, outer: &[String]) {
        let mut nonempty = counted(self.walk.context, self.module, statements);
        nonempty.extend_from_slice(outer);
        for statement in statements {
            for expr in statement.parts().0 {
                self.inside(expr, names);
            }
            if let StatementKind::Every(key, value, domain, body) = &statement.kind {
                let found = self.walk.reference(self.module, domain, names);
                self.domain(domain, &found, &nonempty);
                let mut inner = names.clone();
                inner.insert(value.clone(), Inference::items(&found));
                // A list of the same spelling is another one where its name is given anew.
                let root = |text: &str| text.split(['.', '[']).next().unwrap_or_default().to_owned();
                let kept: Vec<String> = nonempty.iter().filter(|n| root(n) != *value && key.as_ref() != Some(&root(n))).cloned().collect();
                self.block(body, &mut inner, &kept);
            }
            self.walk.statements(self.module, std::slice::from_ref(statement), names);
        }
    }

    /// `every` ranges over facts or parameters themselves; where they could be shortened they must not be empty.
    fn domain(&mut self, domain: &Expr, found: &Type<'s>, nonempty: &[String]) {
        let Type::Nodes(nodes) = found else {
            return self.refuse("`every` in a criterion ranges over a list of facts or parameters itself", &domain.span);
        };
        for (path, shape) in flat(nodes) {
            let Kind::List { adverse, .. } = &shape.kind else {
                self.refuse("`every` in a criterion ranges over a list of facts or parameters itself", &domain.span);
                continue;
            };
            let bounded = shape.schema.get("minItems").and_then(Value::as_u64).is_some_and(|n| n > 0);
            let text = self.walk.context.modules[self.module].source.text.get(domain.span.clone()).unwrap_or_default();
            if !adverse && !bounded && !nonempty.iter().any(|n| n == text) {
                let message = format!(
                    "`every` holds of the empty list `{}`: require `count({text}) > 0` beside it, or mark it adverse",
                    path.replace('/', ".")
                );
                self.refuse(message, &domain.span);
            }
        }
    }

    /// Functions that a criterion calls are walked with what they are called with; sizes are compared upwards only.
    fn inside(&mut self, expr: &Expr, names: &mut Names<'s>) {
        let context = self.walk.context;
        self.mixed(expr, names);
        self.text(expr, names);
        match &expr.kind {
            ExprKind::Call(name, _, arguments) => {
                if let Some((target, rule)) = graph::resolve(context, self.module, name) {
                    let found: Vec<_> = arguments.iter().map(|a| self.walk.reference(self.module, a, names)).collect();
                    self.enter(target, &rule, &found);
                }
            }
            ExprKind::Var(_) | ExprKind::Field(..) => {
                let words: Option<Vec<String>> = expr.path().map(|p| p.into_iter().map(str::to_owned).collect());
                if let Some(id) = words.and_then(|w| graph::resolve(context, self.module, &w))
                    && graph::arity(context, id.0, &id.1).is_none()
                {
                    self.enter(id.0, &id.1, &[]);
                }
            }
            ExprKind::Compare("!=", left, right) => self.unequal(expr, [left, right], names),
            ExprKind::Index(base, _) if !self.is_adverse(base, names) => {
                self.refuse("a list in a criterion is not indexed: say `some x in LIST`, or mark it adverse", &expr.span);
            }
            ExprKind::Compare(operator, left, right) => {
                for side in [left, right] {
                    self.whole(side, names);
                }
                self.size(operator, left, names);
                let turned = match *operator {
                    "<" => ">",
                    "<=" => ">=",
                    ">" => "<",
                    ">=" => "<=",
                    other => other,
                };
                self.size(turned, right, names);
            }
            _ => {}
        }
        if !matches!(expr.kind, ExprKind::Comprehension(..)) {
            let compares = matches!(expr.kind, ExprKind::Compare(..));
            for child in expr.children() {
                if !compares {
                    // A size or an extreme that goes elsewhere could be compared there in any way.
                    self.size("elsewhere", child, names);
                }
                self.inside(child, names);
            }
        }
        if let ExprKind::Comprehension(_, terms, body) = &expr.kind {
            let mut inner = names.clone();
            self.block(body, &mut inner, &[]);
            for term in terms {
                self.inside(term, &mut inner);
            }
        }
    }

    fn enter(&mut self, module: usize, name: &str, arguments: &[Type<'s>]) {
        if self.walk.depth > 12 {
            return;
        }
        self.walk.depth += 1;
        let before = self.module;
        self.module = module;
        let context = self.walk.context;
        self.mixed_set(module, name);
        for rule in graph::named(context, module, name) {
            let mut names = Names::new();
            if let Head::Function(parameters, _) = &rule.head {
                for (parameter, argument) in parameters.iter().zip(arguments) {
                    if let ExprKind::Var(p) = &parameter.kind {
                        names.insert(p.clone(), argument.clone());
                    }
                }
            }
            self.bodies(rule, &names);
        }
        self.module = before;
        self.walk.depth -= 1;
    }

    /// A list is not compared as a whole: it could come to be equal by losing members.
    fn whole(&mut self, side: &Expr, names: &mut Names<'s>) {
        let found = self.walk.reference(self.module, side, names);
        let list = match &found {
            Type::List(_) | Type::Made(_) => true,
            Type::Nodes(nodes) | Type::Open(nodes) => flat(nodes).iter().any(|(_, s)| !matches!(s.kind, Kind::Leaf(_))),
            _ => false,
        };
        if list {
            self.refuse("a list or an object in a criterion is not compared as a whole", &side.span);
        }
    }

    /// `!=` between two facts is undefined where one is missing; beside a word it would let every other word pass, and beside a
    /// number that the policy makes whatever that number loses.
    fn unequal(&mut self, expr: &Expr, sides: [&Expr; 2], names: &mut Names<'s>) {
        for side in sides {
            let found = self.walk.reference(self.module, side, names);
            let stated = |path: &String| path.starts_with("facts/") || path.starts_with("envelope/");
            let free = match &found {
                Type::Nodes(nodes) => !nodes.is_empty() && words_of(&found).is_none(),
                Type::Number(paths) => !paths.is_empty() && paths.iter().all(stated),
                // The planned environment and release.
                Type::Text => true,
                _ => false,
            };
            if !free {
                return self.refuse("`!=` in a criterion: name the good values instead", &expr.span);
            }
        }
    }

    /// A collection that mixes facts with what the policy knows holds the latter whatever the former say.
    fn mixed(&mut self, expr: &Expr, names: &mut Names<'s>) {
        let (ExprKind::Array(items) | ExprKind::Set(items)) = &expr.kind else { return };
        let known = |item: &Expr| matches!(item.kind, ExprKind::Constant(_) | ExprKind::Text(_));
        if items.iter().all(known) {
            return;
        }
        let facts = items.iter().all(|item| {
            let found = self.walk.reference(self.module, item, names);
            matches!(found, Type::Nodes(nodes) if nodes.iter().all(|(path, _)| !path.starts_with("parameters")))
        });
        if !facts {
            self.refuse("a list or a set in a criterion holds facts alone, or words and numbers alone", &expr.span);
        }
    }

    /// The same of a set that rules make, member by member.
    fn mixed_set(&mut self, module: usize, name: &str) {
        let mut found = None;
        for rule in graph::named(self.walk.context, module, name).filter(|rule| matches!(rule.head, Head::Set(_))) {
            found = Some(join(found, self.walk.rule(module, rule, &[])));
            if matches!(&found, Some(Type::List(items)) if matches!(**items, Type::Open(_))) {
                return self.refuse("a set in a criterion holds facts alone, or words and numbers alone", &rule.span);
            }
        }
    }

    /// `count("a word")` is its length, and `contains("many words", fact)` holds of each of them.
    fn text(&mut self, expr: &Expr, names: &mut Names<'s>) {
        let ExprKind::Call(name, _, arguments) = &expr.kind else { return };
        let Some(first) = arguments.first() else { return };
        match name.join(".").as_str() {
            "count" => {
                let found = self.walk.reference(self.module, first, names);
                if kinds::kinds(first, &found).is_some_and(|kinds| kinds.contains("a string")) {
                    self.refuse("`count` in a criterion counts a list: the length of a text proves nothing", &expr.span);
                }
            }
            "contains" | "startswith" | "endswith" => {
                let found = self.walk.reference(self.module, first, names);
                if !matches!(found, Type::Nodes(_)) {
                    self.refuse("in a criterion a fact is searched, never a text of the policy's own", &expr.span);
                }
            }
            _ => {}
        }
    }

    /// `count(list) == 0`, `max(list) < n`: true of a list that lost its members, unless its total is stated.
    fn size(&mut self, operator: &str, side: &Expr, names: &mut Names<'s>) {
        let ExprKind::Call(name, _, arguments) = &side.kind else { return };
        let aggregate = matches!(name.join(".").as_str(), "count" | "max" | "min" | "sum");
        let grows = name.join(".") == "count" && matches!(operator, ">" | ">=");
        let [list] = arguments.as_slice() else { return };
        if !aggregate || grows {
            return;
        }
        if !self.is_adverse(list, names) {
            self.refuse(format!("`{}` here can come true when the list loses members: mark the list adverse", name.join(".")), &side.span);
        }
    }

    fn is_adverse(&mut self, list: &Expr, names: &mut Names<'s>) -> bool {
        if let ExprKind::Comprehension(_, _, body) = &list.kind {
            return body.iter().all(|s| match &s.kind {
                StatementKind::SomeIn(_, _, collection) => self.is_adverse(collection, names),
                _ => true,
            });
        }
        match self.walk.reference(self.module, list, names) {
            Type::Nodes(nodes) => {
                flat(&nodes).iter().all(|(path, s)| path.starts_with("parameters") || matches!(s.kind, Kind::List { adverse: true, .. }))
            }
            _ => false,
        }
    }
}

/// The texts of the lists that a block requires to hold something: `count(LIST) > 0`.
fn counted(context: &Context<'_>, module: usize, statements: &[Statement]) -> Vec<String> {
    let text = &context.modules[module].source.text;
    let mut out = Vec::new();
    for statement in statements {
        let StatementKind::Expr(Expr { kind: ExprKind::Compare(">" | ">=", left, right), .. }) = &statement.kind else { continue };
        let least: Option<u64> = text.get(right.span.clone()).and_then(|n| n.parse().ok());
        let StatementKind::Expr(Expr { kind: ExprKind::Compare(operator, ..), .. }) = &statement.kind else { continue };
        let positive = least.is_some_and(|n| *operator == ">" || n > 0);
        if let (ExprKind::Call(name, _, arguments), true) = (&left.kind, positive)
            && name.join(".") == "count"
            && let [list] = arguments.as_slice()
        {
            out.extend(text.get(list.span.clone()).map(str::to_owned));
        }
    }
    out
}
