//! A control's entry rules against its METADATA: each criterion has a rule, each rule a criterion; the same for violations.

use super::super::syntax::{Expr, ExprKind, Head, Module, Rule};
use super::{Context, ControlView};
use crate::schema::did_you_mean;
use crate::text::{Problem, Span, visible};
use std::collections::BTreeSet;

pub(super) fn check(context: &Context<'_>, problems: &mut Vec<Problem>) {
    for module in context.modules {
        for rule in &module.rules {
            dialect(module, rule, problems);
        }
    }
    for control in context.controls {
        let module = &context.modules[control.module];
        criteria(module, control, problems);
        violations(module, control, problems);
    }
}

/// Constructs that no policy may use: they have several readings, or the engine keeps silent about their conflicts.
fn dialect(module: &Module, rule: &Rule, problems: &mut Vec<Problem>) {
    let mut refuse = |message: &str, span: &Span| {
        problems.push(Problem::new("golive::policy::dialect", message).at(&module.source, span.clone(), "here"));
    };
    match &rule.head {
        Head::Default => refuse("`default` is not accepted: what is not proven stays undefined", &rule.span),
        Head::Other(_) => refuse("partial objects and rules with a reference as their head are not accepted", &rule.span),
        _ => {}
    }
    if super::builtins::is_name(&rule.name) {
        refuse("the rule has the name of a builtin, which it would replace", &rule.span);
    }
    for body in rule.bodies.iter().filter(|b| b.is_else) {
        let span = body.statements.first().map_or(rule.span.clone(), |s| s.span.clone());
        refuse("`else` is not accepted: write each case as a rule of its own", &span);
    }
    rule.each_expr(&mut |expr| match &expr.kind {
        ExprKind::Assign("=", ..) => refuse("`=` is not accepted: `:=` gives a name, `==` compares", &expr.span),
        ExprKind::Index(_, index) if matches!(&index.kind, ExprKind::Var(v) if v.starts_with('_') || v.starts_with('$')) => {
            refuse("`[_]` is not accepted: `some x in list` says the same", &expr.span);
        }
        _ => {}
    });
}

fn rules<'m>(module: &'m Module, name: &'m str) -> impl Iterator<Item = &'m Rule> {
    module.rules.iter().filter(move |r| r.name == name)
}

fn criteria(module: &Module, control: &ControlView, problems: &mut Vec<Problem>) {
    let known: Vec<&str> = control.criteria.iter().map(|(id, _)| id.as_str()).collect();
    let mut seen = BTreeSet::new();
    for rule in rules(module, "met") {
        let Head::Set(Some(key)) = &rule.head else {
            let problem = Problem::new("golive::policy::criterion", "`met` is a set: `met contains \"<criterion>\" if { … }`");
            problems.push(problem.at(&module.source, rule.span.clone(), "here"));
            continue;
        };
        let ExprKind::Text(id) = &key.kind else {
            let problem = Problem::new("golive::policy::criterion", "a criterion's head must be a string literal");
            problems.push(problem.at(&module.source, key.span.clone(), "not a string literal"));
            continue;
        };
        if known.contains(&id.as_str()) {
            seen.insert(id.clone());
        } else {
            let problem = Problem::new("golive::policy::criterion", format!("METADATA lists no criterion `{}`", visible(id))).at(
                &module.source,
                key.span.clone(),
                "unknown criterion",
            );
            problems.push(with_help(problem, did_you_mean(id, known.iter().copied())));
        }
    }
    for (id, span) in &control.criteria {
        if !seen.contains(id) {
            let names: Vec<&str> = module.rules.iter().map(|r| r.name.as_str()).collect();
            let near = if rules(module, "met").next().is_none() { crate::schema::nearest("met", names) } else { None };
            let problem = Problem::new("golive::policy::criterion", format!("no rule proves the criterion `{}`", visible(id))).at(
                &module.source,
                span.clone(),
                "no `met contains` for it",
            );
            problems.push(with_help(problem, near.map(|n| format!("did you mean `met` where `{n}` stands?"))));
        }
    }
}

fn violations(module: &Module, control: &ControlView, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for rule in rules(module, "violations") {
        if let Some(code) = violation(module, control, rule, problems) {
            seen.insert(code);
        }
    }
    let criteria: Vec<&str> = control.criteria.iter().map(|(id, _)| id.as_str()).collect();
    for (code, denies, _, span) in &control.violations {
        let at = |message: String| Problem::new("golive::policy::violation", message).at(&module.source, span.clone(), "here");
        if !seen.contains(code) {
            problems.push(at(format!("no rule makes the violation `{}`", visible(code))));
        }
        if !criteria.contains(&denies.as_str()) {
            let problem = at(format!("the violation `{}` denies `{}`, which is no criterion", visible(code), visible(denies)));
            problems.push(with_help(problem, did_you_mean(denies, criteria.iter().copied())));
        }
    }
}

/// Checks one violation's head and returns its code.
fn violation(module: &Module, control: &ControlView, rule: &Rule, problems: &mut Vec<Problem>) -> Option<String> {
    let mut refuse = |message: String, span: &Span| {
        problems.push(Problem::new("golive::policy::violation", message).at(&module.source, span.clone(), "here"));
    };
    let Head::Set(Some(Expr { kind: ExprKind::Object(fields), span })) = &rule.head else {
        refuse("a violation's head is `violations contains {\"code\": …, \"at\": …, \"values\": …} if { … }`".to_owned(), &rule.span);
        return None;
    };
    let field = |name: &str| fields.iter().find(|(k, _)| matches!(&k.kind, ExprKind::Text(t) if t == name)).map(|(_, v)| v);
    for (key, _) in fields {
        if !matches!(&key.kind, ExprKind::Text(t) if ["code", "subject", "at", "values"].contains(&t.as_str())) {
            refuse("a violation has `code`, `at`, `values` and may have `subject`".to_owned(), &key.span);
        }
    }
    let Some(Expr { kind: ExprKind::Text(code), span: place }) = field("code") else {
        refuse("a violation's `code` must be a string literal".to_owned(), span);
        return None;
    };
    let Some((_, _, message, _)) = control.violations.iter().find(|(c, ..)| c == code) else {
        let known = control.violations.iter().map(|(c, ..)| c.as_str());
        let problem = Problem::new("golive::policy::violation", format!("METADATA lists no violation `{}`", visible(code))).at(
            &module.source,
            place.clone(),
            "unknown code",
        );
        problems.push(with_help(problem, did_you_mean(code, known)));
        return Some(code.clone());
    };
    if !matches!(field("at"), Some(Expr { kind: ExprKind::Array(_) | ExprKind::Comprehension("array", ..), .. })) {
        refuse("a violation's `at` is a list of paths".to_owned(), span);
    }
    let Some(Expr { kind: ExprKind::Object(values), span: place }) = field("values") else {
        refuse("a violation's `values` is an object".to_owned(), span);
        return Some(code.clone());
    };
    let given: Vec<&str> =
        values.iter().filter_map(|(k, _)| if let ExprKind::Text(t) = &k.kind { Some(t.as_str()) } else { None }).collect();
    for name in crate::rego::checks::placeholders(message) {
        if !given.iter().any(|g| *g == name || g.strip_suffix("_ms") == Some(name)) {
            refuse(format!("the message of `{}` wants `{{{}}}`, which `values` does not give", visible(code), visible(name)), place);
        }
    }
    Some(code.clone())
}

fn with_help(problem: Problem, help: Option<String>) -> Problem {
    match help {
        Some(help) => problem.help(help),
        None => problem,
    }
}
