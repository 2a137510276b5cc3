//! Only builtins whose time and output are bounded by their input, and only functions that exist.

use super::super::syntax::{ExprKind, Rule, Statement, With, each_statement};
use super::{Context, graph};
use crate::schema::did_you_mean;
use crate::text::{Problem, visible};

/// The allow-list. Clock, randomness, network, environment, and whatever can grow beyond its input are not on it.
pub const ALLOWED: &[&str] = &[
    "abs",
    "ceil",
    "contains",
    "count",
    "endswith",
    "floor",
    "is_array",
    "is_boolean",
    "is_null",
    "is_number",
    "is_object",
    "is_string",
    "lower",
    "max",
    "min",
    "object.get",
    "object.keys",
    "round",
    "semver.compare",
    "semver.is_valid",
    "split",
    "startswith",
    "sum",
    "trim_space",
    "upper",
];

/// Whether a name is a builtin's, or the first part of one.
pub(super) fn is_name(name: &str) -> bool {
    ALLOWED.iter().any(|builtin| *builtin == name || builtin.split('.').next() == Some(name))
}

pub(super) fn check(context: &Context<'_>, problems: &mut Vec<Problem>) {
    for (index, module) in context.modules.iter().enumerate() {
        for rule in &module.rules {
            calls(context, index, rule, problems);
            let mut with = |statement: &Statement| {
                if let Some(With { span, .. }) = statement.with.first() {
                    problems.push(
                        Problem::new("golive::policy::with", "`with` is for tests only")
                            .at(&module.source, span.clone(), "here")
                            .help("a policy judges the facts that it is given"),
                    );
                }
            };
            for body in &rule.bodies {
                each_statement(&body.statements, &mut with);
            }
        }
    }
}

/// Refuses calls of what is neither on the allow-list nor a function of the policies.
pub(super) fn calls(context: &Context<'_>, index: usize, rule: &Rule, problems: &mut Vec<Problem>) {
    let source = &context.modules[index].source;
    rule.each_expr(&mut |expr| {
        let ExprKind::Call(name, span, arguments) = &expr.kind else { return };
        let function = name.join(".");
        if ALLOWED.contains(&function.as_str()) {
            return;
        }
        if let Some((target, rule)) = graph::resolve(context, index, name) {
            let wanted = graph::arity(context, target, &rule);
            if wanted.is_some_and(|n| n != arguments.len()) {
                let message = format!("`{}` takes {} arguments", visible(&function), wanted.unwrap_or(0));
                problems.push(Problem::new("golive::policy::function", message).at(source, span.clone(), "here"));
            }
            return;
        }
        let message = format!("the function `{}` is not allowed", visible(&function));
        let help = did_you_mean(&function, ALLOWED.iter().copied())
            .unwrap_or_else(|| format!("policies see their input only; allowed builtins: {}", ALLOWED.join(", ")));
        problems.push(Problem::new("golive::policy::builtin", message).at(source, span.clone(), "not on the allow-list").help(help));
    });
}
