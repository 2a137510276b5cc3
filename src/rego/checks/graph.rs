//! Which rule uses which: names resolved, cycles refused, local names that hide a rule refused.

use super::super::syntax::{Expr, ExprKind, Head, Module, Rule, StatementKind, each_statement};
use super::{Context, ROOT};
use crate::text::{Problem, Span, visible};
use std::collections::{BTreeMap, BTreeSet};

/// A rule: the index of its module, and its name.
pub(super) type RuleId = (usize, String);

/// The rule that a dotted name stands for, seen from a module.
pub(super) fn resolve_words(context: &Context<'_>, from: usize, words: &[String]) -> Option<RuleId> {
    let module = &context.modules[from];
    let (first, rest) = words.split_first()?;
    if rest.is_empty() && has_rule(module, first) {
        return Some((from, first.clone()));
    }
    let mut path: Vec<String> = match module.imports.iter().find(|i| i.alias == *first) {
        Some(import) => import.path.clone(),
        None => vec![first.clone()],
    };
    path.extend(rest.iter().cloned());
    if path.first()? != "data" {
        return None;
    }
    let (name, package) = path[1..].split_last()?;
    let index = context.modules.iter().position(|m| m.package == package)?;
    has_rule(&context.modules[index], name).then(|| (index, name.clone()))
}

fn has_rule(module: &Module, name: &str) -> bool {
    module.rules.iter().any(|r| r.name == name)
}

/// How many arguments a function takes; none where the rule is no function.
pub(super) fn arity(context: &Context<'_>, module: usize, name: &str) -> Option<usize> {
    context.modules[module].rules.iter().find(|r| r.name == name).and_then(|r| match &r.head {
        Head::Function(arguments, _) => Some(arguments.len()),
        _ => None,
    })
}

/// The rules that an expression names directly, with the place of each.
fn uses(context: &Context<'_>, from: usize, expr: &Expr, out: &mut Vec<(RuleId, Span)>) {
    let words: Option<Vec<String>> = match &expr.kind {
        ExprKind::Call(name, ..) => Some(name.clone()),
        _ => expr.path().map(|p| p.into_iter().map(str::to_owned).collect()),
    };
    if let Some(words) = words {
        // The longest prefix that is a rule: `schedule.state` names the rule `schedule`.
        let hit = (1..=words.len()).rev().find_map(|n| resolve_words(context, from, &words[..n]));
        out.extend(hit.map(|id| (id, expr.span.clone())));
    }
}

/// Every rule that a rule names, with the place of each.
pub(super) fn edges(context: &Context<'_>, module: usize, rule: &Rule) -> Vec<(RuleId, Span)> {
    let mut out = Vec::new();
    rule.each_expr(&mut |expr| uses(context, module, expr, &mut out));
    out
}

/// The rules reachable from some rules of one name, themselves included.
pub(super) fn reach(context: &Context<'_>, module: usize, start: &[&Rule]) -> BTreeSet<RuleId> {
    let mut seen = BTreeSet::new();
    let mut todo: Vec<RuleId> = start.iter().flat_map(|r| edges(context, module, r)).map(|(id, _)| id).collect();
    while let Some(id) = todo.pop() {
        if seen.insert(id.clone()) {
            for rule in context.modules[id.0].rules.iter().filter(|r| r.name == id.1) {
                todo.extend(edges(context, id.0, rule).into_iter().map(|(id, _)| id));
            }
        }
    }
    seen
}

/// Refuses cycles, imports of nothing, uses across controls and local names that hide a rule. True where no cycle is left.
pub(super) fn check(context: &Context<'_>, problems: &mut Vec<Problem>) -> bool {
    let mut all: BTreeMap<RuleId, Vec<(RuleId, Span)>> = BTreeMap::new();
    for (index, module) in context.modules.iter().enumerate() {
        imports(context, module, problems);
        for rule in &module.rules {
            hidden(module, rule, problems);
            let found = edges(context, index, rule);
            for ((target, _), span) in &found {
                let is_lib = |m: &Module| m.package.get(1).is_some_and(|p| p == "lib");
                if *target != index && !is_lib(&context.modules[*target]) {
                    let message = format!("`{}` is no shared function: a control may not use another", context.modules[*target].package.join("."));
                    problems.push(Problem::new("golive::policy::other_control", message).at(&module.source, span.clone(), "here"));
                }
            }
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
            problems.push(Problem::new("golive::policy::recursion", message).at(&context.modules[id.0].source, span.clone(), "leads back to itself"));
        } else if stack.len() < 200 {
            cycles(context, all, next, stack, done, problems);
        }
    }
    stack.pop();
    done.insert(id.clone());
}

fn imports(context: &Context<'_>, module: &Module, problems: &mut Vec<Problem>) {
    for import in &module.imports {
        let words: Vec<&str> = import.path.iter().map(String::as_str).collect();
        let known = match words.as_slice() {
            ["rego", "v1"] | ["input", ..] | ["data", "parameters", ..] => true,
            ["data", package @ ..] => context.modules.iter().any(|m| m.package == package),
            _ => false,
        };
        if !known {
            let message = format!("nothing provides `{}`", visible(&words.join(".")));
            let packages: Vec<String> = context.modules.iter().map(|m| format!("data.{}", m.package.join("."))).collect();
            let help = crate::schema::nearest(&words.join("."), packages.iter().map(String::as_str)).map(|n| format!("did you mean `{n}`?"));
            let problem = Problem::new("golive::policy::import", message).at(&module.source, import.span.clone(), "here");
            problems.push(match help {
                Some(help) => problem.help(help),
                None => problem,
            });
        }
    }
}

/// A local name that hides a rule, an import or a root would make every other check blind.
fn hidden(module: &Module, rule: &Rule, problems: &mut Vec<Problem>) {
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
        let taken = has_rule(module, &name) || module.imports.iter().any(|i| i.alias == name) || ["input", "data", ROOT].contains(&name.as_str());
        if taken {
            let message = format!("the local name `{}` hides a rule, an import or a root", visible(&name));
            problems.push(Problem::new("golive::policy::hidden", message).at(&module.source, span, "choose another name"));
        }
    }
}
