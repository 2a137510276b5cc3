//! Which rule uses which: names resolved, cycles refused, local names that hide a rule refused.

use super::super::syntax::{Expr, ExprKind, Head, Module, Rule, StatementKind, each_statement};
use super::{Context, ROOT};
use crate::text::{Problem, Span, visible};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A rule: the index of its module, and its name.
pub(in crate::rego) type RuleId = (usize, String);

/// The rules that one rule names, with the place of each.
type Edges = Vec<(RuleId, Span)>;

/// Where names lead, made once for all checks.
#[derive(Debug)]
pub struct Index {
    /// Per module: the positions of its rules by name.
    rules: Vec<HashMap<String, Vec<usize>>>,
    /// The module of each package.
    packages: HashMap<Vec<String>, usize>,
    /// Per module and rule: the rules that it names, with the place of each.
    edges: OnceCell<Vec<Vec<Edges>>>,
}

impl Index {
    /// The index of some modules.
    pub fn new(modules: &[Module]) -> Self {
        let positions = |module: &Module| {
            let mut out: HashMap<String, Vec<usize>> = HashMap::new();
            for (position, rule) in module.rules.iter().enumerate() {
                out.entry(rule.name.clone()).or_default().push(position);
            }
            out
        };
        Self {
            rules: modules.iter().map(positions).collect(),
            packages: modules.iter().enumerate().map(|(index, m)| (m.package.clone(), index)).collect(),
            edges: OnceCell::new(),
        }
    }
}

/// The rules of one name in a module.
pub(in crate::rego) fn named<'a>(context: &Context<'a>, module: usize, name: &str) -> impl Iterator<Item = &'a Rule> + use<'a> {
    let positions = context.index.rules[module].get(name).cloned().unwrap_or_default();
    let rules = &context.modules[module].rules;
    positions.into_iter().map(move |position| &rules[position])
}

/// The rule that a dotted name stands for, seen from a module.
pub(in crate::rego) fn resolve<S: AsRef<str>>(context: &Context<'_>, from: usize, words: &[S]) -> Option<RuleId> {
    let (first, rest) = words.split_first()?;
    let first = first.as_ref();
    if rest.is_empty() {
        return has_rule(context, from, first).then(|| (from, first.to_owned()));
    }
    let import = context.modules[from].imports.iter().find(|i| i.alias == first);
    let mut path: Vec<String> = match import {
        Some(import) => import.path.clone(),
        None if first == "data" => vec![first.to_owned()],
        None => return None,
    };
    path.extend(rest.iter().map(|word| word.as_ref().to_owned()));
    if path.first()? != "data" {
        return None;
    }
    let (name, package) = path[1..].split_last()?;
    let index = *context.index.packages.get(package)?;
    has_rule(context, index, name).then(|| (index, name.clone()))
}

fn has_rule(context: &Context<'_>, module: usize, name: &str) -> bool {
    context.index.rules[module].contains_key(name)
}

/// How many arguments a function takes; none where the rule is no function.
pub(super) fn arity(context: &Context<'_>, module: usize, name: &str) -> Option<usize> {
    named(context, module, name).next().and_then(|r| match &r.head {
        Head::Function(arguments, _) => Some(arguments.len()),
        _ => None,
    })
}

/// The rules that an expression names directly, with the place of each.
fn uses(context: &Context<'_>, from: usize, expr: &Expr, out: &mut Vec<(RuleId, Span)>) {
    // The longest prefix that is a rule: `schedule.state` names the rule `schedule`.
    let hit = match &expr.kind {
        ExprKind::Call(name, ..) => resolve(context, from, name),
        ExprKind::Var(_) | ExprKind::Field(..) => {
            expr.path().and_then(|words| (1..=words.len()).rev().find_map(|n| resolve(context, from, &words[..n])))
        }
        _ => None,
    };
    out.extend(hit.map(|id| (id, expr.span.clone())));
}

/// Every rule that each rule names, by module and position.
fn edges<'c>(context: &'c Context<'_>) -> &'c [Vec<Vec<(RuleId, Span)>>] {
    context.index.edges.get_or_init(|| {
        let of_rule = |module: usize, rule: &Rule| {
            let mut out = Vec::new();
            rule.each_expr(&mut |expr| uses(context, module, expr, &mut out));
            out
        };
        let modules = context.modules.iter().enumerate();
        modules.map(|(index, m)| m.rules.iter().map(|r| of_rule(index, r)).collect()).collect()
    })
}

/// The rules reachable from the rules of some names, themselves not counted.
pub(super) fn reach(context: &Context<'_>, module: usize, start: &[&str]) -> BTreeSet<RuleId> {
    let mut seen = BTreeSet::new();
    let below = |id: &RuleId, todo: &mut Vec<RuleId>| {
        for position in context.index.rules[id.0].get(&id.1).into_iter().flatten() {
            todo.extend(edges(context)[id.0][*position].iter().map(|(id, _)| id.clone()));
        }
    };
    let mut todo = Vec::new();
    for name in start {
        below(&(module, (*name).to_owned()), &mut todo);
    }
    while let Some(id) = todo.pop() {
        if !seen.contains(&id) {
            below(&id, &mut todo);
            seen.insert(id);
        }
    }
    seen
}

/// Refuses cycles, imports of nothing, uses across controls and local names that hide a rule. True where no cycle is left.
pub(super) fn check(context: &Context<'_>, problems: &mut Vec<Problem>) -> bool {
    for (index, module) in context.modules.iter().enumerate() {
        imports(context, module, problems);
        for (position, rule) in module.rules.iter().enumerate() {
            hidden(context, index, rule, problems);
            for ((target, _), span) in &edges(context)[index][position] {
                let is_lib = |m: &Module| m.package.get(1).is_some_and(|p| p == "lib");
                if *target != index && !is_lib(&context.modules[*target]) {
                    let message =
                        format!("`{}` is no shared function: a control may not use another", context.modules[*target].package.join("."));
                    problems.push(Problem::new("golive::policy::other_control", message).at(&module.source, span.clone(), "here"));
                }
            }
        }
    }
    acyclic(context, problems)
}

/// Refuses rules that lead back to themselves: the engine would end the process. True where there are none.
pub(super) fn acyclic(context: &Context<'_>, problems: &mut Vec<Problem>) -> bool {
    let mut all: BTreeMap<RuleId, Vec<(RuleId, Span)>> = BTreeMap::new();
    for (index, module) in context.modules.iter().enumerate() {
        for (position, rule) in module.rules.iter().enumerate() {
            let found = edges(context)[index][position].iter().cloned();
            all.entry((index, rule.name.clone())).or_default().extend(found);
        }
    }
    let before = problems.len();
    let mut done = BTreeSet::new();
    for id in all.keys() {
        let mut stack = Vec::new();
        cycles(context, &all, id, &mut stack, &mut done, problems);
    }
    problems.len() == before
}

fn cycles(
    context: &Context<'_>,
    all: &BTreeMap<RuleId, Vec<(RuleId, Span)>>,
    id: &RuleId,
    stack: &mut Vec<RuleId>,
    done: &mut BTreeSet<RuleId>,
    problems: &mut Vec<Problem>,
) {
    if done.contains(id) {
        return;
    }
    stack.push(id.clone());
    for (next, span) in all.get(id).into_iter().flatten() {
        if let Some(at) = stack.iter().position(|s| s == next) {
            let names: Vec<_> = stack[at..].iter().chain([next]).map(|(_, n)| n.as_str()).collect();
            let message = format!("recursion: {}", names.join(" → "));
            problems.push(Problem::new("golive::policy::recursion", message).at(
                &context.modules[id.0].source,
                span.clone(),
                "leads back to itself",
            ));
        } else if stack.len() < 200 {
            cycles(context, all, next, stack, done, problems);
        }
    }
    stack.pop();
    done.insert(id.clone());
}

pub(super) fn imports(context: &Context<'_>, module: &Module, problems: &mut Vec<Problem>) {
    for import in &module.imports {
        let words: Vec<&str> = import.path.iter().map(String::as_str).collect();
        let known = match words.as_slice() {
            ["rego", "v1"] | ["input", ..] | ["data", "parameters", ..] => true,
            ["data", package @ ..] => context.modules.iter().any(|m| m.package == package),
            _ => false,
        };
        if super::builtins::is_name(&import.alias) {
            let message = format!("the import `{}` has the name of a builtin, which it would replace", visible(&import.alias));
            problems.push(Problem::new("golive::policy::import", message).at(&module.source, import.span.clone(), "here"));
        }
        if !known {
            let message = format!("nothing provides `{}`", visible(&words.join(".")));
            let packages: Vec<String> = context.modules.iter().map(|m| format!("data.{}", m.package.join("."))).collect();
            let help =
                crate::schema::nearest(&words.join("."), packages.iter().map(String::as_str)).map(|n| format!("did you mean `{n}`?"));
            let problem = Problem::new("golive::policy::import", message).at(&module.source, import.span.clone(), "here");
            problems.push(match help {
                Some(help) => problem.help(help),
                None => problem,
            });
        }
    }
}

/// A local name that hides a rule, an import or a root would make every other check blind.
fn hidden(context: &Context<'_>, index: usize, rule: &Rule, problems: &mut Vec<Problem>) {
    let module = &context.modules[index];
    let mut locals: Vec<(String, Span)> = Vec::new();
    let mut names = |expr: &Expr| {
        super::super::syntax::each_below(expr, &mut |e| {
            if let ExprKind::Var(name) = &e.kind {
                locals.push((name.clone(), e.span.clone()));
            }
        });
    };
    if let Head::Function(arguments, _) = &rule.head {
        arguments.iter().for_each(&mut names);
    }
    let mut declared: Vec<(String, Span)> = Vec::new();
    for body in &rule.bodies {
        each_statement(&body.statements, &mut |statement| match &statement.kind {
            StatementKind::Declare(vars) => declared.extend(vars.iter().map(|v| (v.clone(), statement.span.clone()))),
            StatementKind::SomeIn(key, value, _) => {
                key.iter().chain([value]).for_each(&mut names);
            }
            StatementKind::Every(key, value, ..) => {
                declared.extend(key.iter().chain([value]).map(|v| (v.clone(), statement.span.clone())));
            }
            StatementKind::Expr(Expr { kind: ExprKind::Assign(":=", left, _), .. }) => names(left),
            _ => {}
        });
    }
    locals.extend(declared);
    for (name, span) in locals {
        let taken = has_rule(context, index, &name)
            || module.imports.iter().any(|i| i.alias == name)
            || ["input", "data", ROOT].contains(&name.as_str());
        if taken {
            let message = format!("the local name `{}` hides a rule, an import or a root", visible(&name));
            problems.push(Problem::new("golive::policy::hidden", message).at(&module.source, span, "choose another name"));
        }
    }
}
