//! What is refused in tests of policies: a name that leads nowhere is undefined, and whoever says `not` of it would pass.

use super::super::syntax::{Expr, ExprKind, Rule};
use super::{Context, builtins, graph};
use crate::text::{Problem, Span, visible};
use std::collections::BTreeSet;

/// Holds the modules from `first` on, which are tests, against those before it.
///
/// # Errors
/// All problems of all tests, in the order of their places.
pub fn check_tests(context: &Context<'_>, first: usize) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let (policies, tests) = context.modules.split_at(first.min(context.modules.len()));
    for (offset, module) in tests.iter().enumerate() {
        let taken = policies.iter().any(|policy| policy.package == module.package);
        if taken || !module.package.last().is_some_and(|word| word.ends_with("_test")) {
            let message = format!("the package `{}` is not one of tests", visible(&module.package.join(".")));
            let problem = Problem::new("golive::policy::test_package", message).at(&module.source, module.package_span.clone(), "here");
            problems.push(problem.help("the package of tests ends in `_test`, so that no test adds to what it is about"));
        }
        graph::imports(context, module, &mut problems);
        for rule in &module.rules {
            builtins::calls(context, first + offset, rule, &mut problems);
            names(context, first + offset, rule, &mut problems);
        }
    }
    graph::acyclic(context, &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(super::sorted(problems)) }
}

/// Refuses what names a package or a parameter and leads nowhere.
fn names(context: &Context<'_>, index: usize, rule: &Rule, problems: &mut Vec<Problem>) {
    let mut found: Vec<(Vec<String>, Span)> = Vec::new();
    let mut inner: BTreeSet<(usize, usize)> = BTreeSet::new();
    rule.each_expr(&mut |expr: &Expr| {
        // Of `a.b.c` the whole is looked at, not its beginning.
        if let ExprKind::Field(base, ..) = &expr.kind {
            inner.insert((base.span.start, base.span.end));
        }
        if let Some(path) = expr.path().filter(|_| !inner.contains(&(expr.span.start, expr.span.end))) {
            found.push((path.into_iter().map(str::to_owned).collect(), expr.span.clone()));
        }
    });
    for (path, span) in found {
        if !leads_somewhere(context, index, &path) {
            let message = format!("nothing provides `{}`", visible(&path.join(".")));
            let problem = Problem::new("golive::policy::path", message).at(&context.modules[index].source, span, "here");
            problems.push(problem.help("a test names rules of the checklist, its own rules, `input` and `data.parameters`"));
        }
    }
}

/// Whether a path that begins with a package is a rule, a package or a parameter.
fn leads_somewhere(context: &Context<'_>, index: usize, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return true };
    let import = context.modules[index].imports.iter().find(|import| import.alias == *first);
    let whole: Vec<&str> = match import {
        Some(import) => import.path.iter().chain(rest).map(String::as_str).collect(),
        None if first == "data" => path.iter().map(String::as_str).collect(),
        None => return true,
    };
    match whole.as_slice() {
        ["data"] => false,
        ["data", "parameters", rest @ ..] => is_parameter(context, rest),
        ["data", package @ ..] => {
            let is_package = context.modules.iter().any(|module| module.package == package);
            is_package || (1..=whole.len()).any(|end| graph::resolve(context, index, &whole[..end]).is_some())
        }
        _ => true,
    }
}

/// Whether a path leads into the parameters, as far as their schema tells.
fn is_parameter(context: &Context<'_>, path: &[&str]) -> bool {
    use crate::schema::Kind;
    let mut shape = context.parameters;
    for word in path {
        shape = match &shape.kind {
            Kind::Object(properties) => match properties.get(*word).or_else(|| properties.get(word.strip_suffix("_ms").unwrap_or(word))) {
                Some(below) => below,
                None => return *word == "clock_skew_ms",
            },
            Kind::Map(below) => below,
            _ => return true,
        };
    }
    true
}
