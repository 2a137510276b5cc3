//! Tests that are written in Rego: found, and run one by one on the interpreter.

use super::engine::{Answer, Engine, EngineError, Limits, Lines};
use super::parse::{Parsed, parse_all};
use super::syntax::{Expr, ExprKind, Head, Module, Rule, Statement, StatementKind, each_below};
use crate::text::{Problem, Source, Span};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::Arc;

const TEST: &str = "test_";
const TODO: &str = "todo_test_";
/// What begins the names of rules that golive adds to a file of tests.
const OWN: &str = "golive_own_";

/// One test.
#[derive(Debug, Clone)]
pub struct Test {
    /// The package, such as `golive.controls.backups.scheduled_test`.
    pub package: String,
    /// Its name, such as `test_late`.
    pub name: String,
    /// Where it is written.
    pub source: Arc<Source>,
    /// The head of its first rule.
    pub span: Span,
    /// It is not run: a `todo_test_`.
    pub is_todo: bool,
    /// It has a result for each of its cases: `test_late[name]`.
    pub has_cases: bool,
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// Its rule is `true`.
    Passed,
    /// Its rule is not; where it is known, what does not hold.
    Failed(Option<Broken>),
    /// The engine could not say.
    Errored(String),
}

/// A word or a number is not true, whatever it looks like.
fn no_boolean(value: &Json) -> Mark {
    Mark::Errored(format!("its value is {value}, not a boolean"))
}

/// The statement of a test that does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// Where it stands.
    pub span: Span,
    /// What it compares: the text of each side, and its value where it has one.
    pub sides: Vec<(String, Option<Json>)>,
}

/// Policies and their tests, ready to run.
pub struct Exam {
    /// The tests in the order of their files.
    pub tests: Vec<Test>,
    policies: Vec<Arc<Source>>,
    sources: Vec<Arc<Source>>,
    modules: Vec<Module>,
    engine: Engine,
    parameters: Json,
    limits: Limits,
}

impl Exam {
    /// Parses policies and tests; `check` sees the syntax trees of all, and how many of them are policies.
    ///
    /// # Errors
    /// What is wrong with the tests.
    pub fn new(
        policies: Vec<Arc<Source>>,
        sources: Vec<Arc<Source>>,
        parameters: &Json,
        limits: Limits,
        check: impl FnOnce(&[Module], usize) -> Result<(), Vec<Problem>>,
    ) -> Result<Self, Vec<Problem>> {
        let first = policies.len();
        let mut parsed = parse_all(policies.iter().chain(&sources).cloned().collect())?;
        let modules = parsed.modules();
        check(&modules, first)?;
        let modules = modules.into_iter().skip(first).collect::<Vec<_>>();
        let tests = tests(&modules);
        let added: Vec<String> = modules.iter().map(cases).collect();
        if added.iter().any(|text| !text.is_empty()) {
            parsed = with_added(&policies, &sources, &added)?;
        }
        let broken = |e: EngineError| vec![Problem::new("golive::policy::test", e.to_string())];
        let engine = Engine::new(parsed, parameters, limits).map_err(broken)?;
        Ok(Self { tests, policies, sources, modules, engine, parameters: parameters.clone(), limits })
    }

    /// Watches from now on which lines are evaluated.
    pub fn watch_lines(&mut self) {
        self.engine.watch_lines();
    }

    /// The lines that were evaluated since, and those that were not.
    pub fn lines(&self) -> Lines {
        self.engine.lines()
    }

    /// Runs one test; a test with cases gives one mark for each, with its name.
    pub fn run(&self, test: &Test) -> Vec<(Option<String>, Mark)> {
        let rule = |name: &str| format!("data.{}.{name}", test.package);
        if !test.has_cases {
            return vec![(None, self.mark(test, self.engine.evaluate(&[&rule(&test.name)], &Json::Null, self.limits)))];
        }
        let rules = [rule(&format!("{OWN}{}", test.name)), rule(&test.name)];
        let answers = match self.engine.evaluate(&[&rules[0], &rules[1]], &Json::Null, self.limits) {
            Ok(answers) => answers,
            Err(error) => return vec![(None, Mark::Errored(error.to_string()))],
        };
        let [Answer::Value(Json::Array(cases)), Answer::Value(results)] = answers.as_slice() else {
            return vec![(None, Mark::Errored("none of its cases could be named".to_owned()))];
        };
        if cases.is_empty() {
            return vec![(None, Mark::Errored("it has no cases".to_owned()))];
        }
        let each = cases.iter().map(|case| {
            let words: Vec<String> = case.as_array().into_iter().flatten().map(word).collect();
            let result = words.iter().try_fold(results, |value, word| value.get(word));
            let mark = match result {
                Some(Json::Bool(true)) => Mark::Passed,
                Some(value) if !value.is_boolean() => no_boolean(value),
                _ => Mark::Failed(None),
            };
            (Some(words.join("/")), mark)
        });
        each.collect()
    }

    fn mark(&self, test: &Test, answer: Result<Vec<Answer>, EngineError>) -> Mark {
        match answer {
            Ok(answers) if answers == [Answer::Value(Json::Bool(true))] => Mark::Passed,
            Ok(answers) => match answers.as_slice() {
                [Answer::Value(value)] if !value.is_boolean() => no_boolean(value),
                _ => Mark::Failed(self.broken(test)),
            },
            Err(error) => Mark::Errored(error.to_string()),
        }
    }

    /// The first statement of a failed test that does not hold: found by asking for longer and longer beginnings of its body.
    fn broken(&self, test: &Test) -> Option<Broken> {
        let (at, module) = self.modules.iter().enumerate().find(|(_, module)| module.source.name == test.source.name)?;
        let mut rules = module.rules.iter().filter(|rule| rule.name == test.name);
        let (rule, None) = (rules.next()?, rules.next()) else { return None };
        let statements = &rule.bodies.first()?.statements;
        let text = |span: &Span| module.source.text.get(span.clone()).unwrap_or_default();
        let beginning = |end: usize| statements.iter().take(end).map(|s| text(&s.span)).collect::<Vec<_>>().join("\n\t");
        let mut added = String::new();
        for (index, statement) in statements.iter().enumerate() {
            added.push_str(&format!("\n{OWN}{} if {{\n\t{}\n}}\n", index + 1, beginning(index + 1)));
            for (side, expr) in sides(statement).into_iter().enumerate() {
                let with: String = statement.with.iter().map(|with| format!(" {}", text(&with.span))).collect();
                let body = format!("{}\n\t{OWN}it := {}{with}", beginning(index), text(&expr.span));
                added.push_str(&format!("\n{OWN}{}_{side} contains {OWN}it if {{\n\t{body}\n}}\n", index + 1));
            }
        }
        let mut all = vec![String::new(); self.modules.len()];
        *all.get_mut(at)? = added;
        let engine = Engine::new(with_added(&self.policies, &self.sources, &all).ok()?, &self.parameters, self.limits).ok()?;
        let ask = |name: &str| {
            let rule = format!("data.{}.{OWN}{name}", test.package);
            engine.evaluate(&[&rule], &Json::Null, self.limits).ok().and_then(|answers| answers.into_iter().next())
        };
        let index = (1..=statements.len()).find(|index| ask(&index.to_string()) == Some(Answer::Undefined))?;
        let statement = statements.get(index - 1)?;
        let value = |side: usize| match ask(&format!("{index}_{side}")) {
            Some(Answer::Value(Json::Array(values))) => values.into_iter().next(),
            _ => None,
        };
        let sides = sides(statement).into_iter().enumerate().map(|(side, expr)| (text(&expr.span).to_owned(), value(side)));
        Some(Broken { span: statement.span.clone(), sides: sides.collect() })
    }
}

/// What a statement compares.
fn sides(statement: &Statement) -> Vec<&Expr> {
    match &statement.kind {
        StatementKind::Expr(Expr { kind: ExprKind::Compare(_, left, right) | ExprKind::In(None, left, right), .. }) => {
            [left, right].into_iter().map(AsRef::as_ref).filter(|side| !is_literal(side)).collect()
        }
        _ => Vec::new(),
    }
}

fn is_literal(expr: &Expr) -> bool {
    let mut names = false;
    each_below(expr, &mut |e| names |= matches!(e.kind, ExprKind::Var(_)));
    !names
}

/// The tests of some modules, each name once.
fn tests(modules: &[Module]) -> Vec<Test> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for module in modules {
        let package = module.package.join(".");
        for rule in module.rules.iter().filter(|rule| is_test(&rule.name)) {
            let has_cases = matches!(&rule.head, Head::Other(keys) if !keys.is_empty());
            let name = rule.name.split('.').next().unwrap_or_default().to_owned();
            if seen.insert((package.clone(), name.clone())) {
                let (source, span) = (Arc::clone(&module.source), rule.span.clone());
                let is_todo = name.starts_with(TODO);
                out.push(Test { package: package.clone(), name, source, span, is_todo, has_cases });
            }
        }
    }
    out
}

fn is_test(name: &str) -> bool {
    name.starts_with(TEST) || name.starts_with(TODO)
}

/// Rules that name all cases of the tests that have some: the body up to where the last of the names is bound.
fn cases(module: &Module) -> String {
    let mut out = String::new();
    for rule in module.rules.iter().filter(|rule| rule.name.starts_with(TEST)) {
        let Head::Other(keys) = &rule.head else { continue };
        let text = |span: &Span| module.source.text.get(span.clone()).unwrap_or_default();
        let name = rule.name.split('.').next().unwrap_or_default();
        let keys_text: Vec<&str> = keys.iter().map(|key| text(&key.span)).collect();
        let body: Vec<&str> = naming(rule, keys).iter().map(|statement| text(&statement.span)).collect();
        let body = if body.is_empty() { "true".to_owned() } else { body.join("\n\t") };
        out.push_str(&format!("\n{OWN}{name} contains [{}] if {{\n\t{body}\n}}\n", keys_text.join(", ")));
    }
    out
}

/// The statements of a rule until the names in its head are bound.
fn naming<'r>(rule: &'r Rule, keys: &[Expr]) -> &'r [Statement] {
    let statements = rule.bodies.first().map_or(&[][..], |body| body.statements.as_slice());
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for key in keys {
        each_below(key, &mut |e| {
            if let ExprKind::Var(name) = &e.kind {
                open.insert(name);
            }
        });
    }
    let mut end = 0;
    for statement in statements {
        if open.is_empty() {
            break;
        }
        end += 1;
        let bound: Vec<&Expr> = match &statement.kind {
            StatementKind::SomeIn(key, value, _) => key.iter().chain([value]).collect(),
            StatementKind::Expr(Expr { kind: ExprKind::Assign(_, left, _), .. }) => vec![left],
            _ => Vec::new(),
        };
        for expr in bound {
            each_below(expr, &mut |e| {
                if let ExprKind::Var(name) = &e.kind {
                    open.remove(name.as_str());
                }
            });
        }
    }
    statements.get(..end).unwrap_or_default()
}

/// Policies and tests, each file of tests with rules of golive's behind its end.
fn with_added(policies: &[Arc<Source>], tests: &[Arc<Source>], added: &[String]) -> Result<Parsed, Vec<Problem>> {
    let longer =
        tests.iter().zip(added).map(|(source, added)| Arc::new(Source::new(source.name.clone(), format!("{}{added}", source.text))));
    parse_all(policies.iter().cloned().chain(longer).collect())
}

/// The name of a case.
fn word(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
