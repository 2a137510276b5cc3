//! From syntax trees to a program, or to what stands outside the dialect.

mod body;
mod builtin;
mod call;
mod expr;
mod reference;

use super::program;
use super::program::{Definition, Expr, Program, Rule, RuleKind, Slot};
use super::types::Type;
use crate::rego::checks::{Context, graph};
use crate::rego::syntax::{self, Head};
use crate::text::{Problem, Span, visible};
use crate::tree::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// More nodes than this are not compiled: functions are written out where they are called.
const MOST_NODES: usize = 200_000;

/// Calls inside calls, rules that use rules; recursion is refused when a checklist is loaded.
const DEEPEST: usize = 64;

/// Why some policies are not compiled: the interpreter judges them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Outside {
    /// The module.
    pub module: usize,
    /// The place in it.
    pub span: Span,
    /// What stands there, in words.
    pub message: String,
}

impl Outside {
    /// The same as a hint for those who edit policies; `what` is judged by the interpreter then.
    pub fn problem(&self, modules: &[syntax::Module], what: &str) -> Problem {
        let message = format!("{}: a batch leaves {} to the interpreter", visible(&self.message), visible(what));
        let problem = Problem::new("golive::policy::interpreted", message);
        let problem = match modules.get(self.module) {
            Some(module) => problem.at(&module.source, self.span.clone(), "outside the compiled dialect"),
            None => problem,
        };
        problem.help("docs/dialect.md says what is compiled; what is not is as right, and slower").warning()
    }
}

/// Compiles some rules of a module, and all that they use. `input` is what is known of the input, `parameters` what
/// `data.parameters` holds.
///
/// # Errors
/// The first thing outside the dialect.
pub fn compile(context: &Context<'_>, module: usize, rules: &[&str], input: &Type<'_>, parameters: &Json) -> Result<Program, Outside> {
    let mut compiler = Compiler { context, input, parameters, rules: Vec::new(), known: BTreeMap::new(), nodes: 0, depth: 0, steady: true };
    let mut entries = Vec::new();
    for name in rules {
        let rule = compiler.rule(module, name, &(0..0))?;
        compiler.still(&rule.kind);
        match rule.expr {
            Expr::Rule(index) => entries.push(index),
            _ => return Err(Outside { module, span: 0..0, message: format!("`{name}` is another rule's value") }),
        }
    }
    let steady = compiler.steady;
    let rules = compiler.rules.into_iter().map(|rule| rule.ok_or(Outside { module, span: 0..0, message: "a rule uses itself".to_owned() }));
    Ok(Program { rules: rules.collect::<Result<_, _>>()?, entries, steady })
}

/// An expression and what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Typed<'s> {
    pub expr: Expr,
    pub kind: Type<'s>,
    /// It is never undefined.
    pub sure: bool,
    /// It is never an error.
    pub total: bool,
}

impl<'s> Typed<'s> {
    fn constant(value: Value<'static>, kind: Type<'s>) -> Self {
        Self { expr: Expr::Constant(value), kind, sure: !matches!(value, Value::Undefined), total: true }
    }

    fn undefined() -> Self {
        Self::constant(Value::Undefined, Type::Any)
    }
}

/// The names of one body, innermost last, and how many places its frame has so far.
#[derive(Debug, Default)]
pub(super) struct Scope<'s> {
    names: Vec<(String, Typed<'s>)>,
    slots: Slot,
}

impl<'s> Scope<'s> {
    fn find(&self, name: &str) -> Option<&Typed<'s>> {
        self.names.iter().rev().find(|(known, _)| known == name).map(|(_, typed)| typed)
    }

    fn slot(&mut self) -> Slot {
        self.slots += 1;
        self.slots - 1
    }
}

pub(super) struct Compiler<'c, 's> {
    context: &'c Context<'s>,
    input: &'c Type<'s>,
    parameters: &'c Json,
    /// None while a rule is being compiled.
    rules: Vec<Option<Rule>>,
    /// What a rule's name stands for.
    known: BTreeMap<(usize, String), Typed<'s>>,
    nodes: usize,
    depth: usize,
    /// The clock was used in comparisons only.
    steady: bool,
}

impl<'s> Compiler<'_, 's> {
    fn outside<T>(module: usize, span: &Span, message: impl Into<String>) -> Result<T, Outside> {
        Err(Outside { module, span: span.clone(), message: message.into() })
    }

    /// What a rule's value is: a place of the program, or what stands behind a mere name.
    fn rule(&mut self, module: usize, name: &str, span: &Span) -> Result<Typed<'s>, Outside> {
        let id = (module, name.to_owned());
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let context = self.context;
        let rules: Vec<&syntax::Rule> = graph::named(context, module, name).collect();
        if let Some(alias) = self.alias(module, &rules)? {
            self.known.insert(id, alias.clone());
            return Ok(alias);
        }
        if self.depth >= DEEPEST {
            return Self::outside(module, span, "rules that use each other too deep");
        }
        let index = self.rules.len();
        self.rules.push(None);
        self.depth += 1;
        let (rule, kind, total) = self.definitions(module, &rules, span)?;
        self.depth -= 1;
        // Nothing else is known of a set of one type of members than that it is one.
        let kind = if rule.kind == RuleKind::Set { Type::Set(std::rc::Rc::new(kind)) } else { kind };
        let typed = Typed { expr: Expr::Rule(index), kind, sure: rule.kind == RuleKind::Set, total };
        self.rules[index] = Some(rule);
        self.known.insert(id, typed.clone());
        Ok(typed)
    }

    /// `name := input.facts.group.list`: another name for the same thing.
    fn alias(&mut self, module: usize, rules: &[&syntax::Rule]) -> Result<Option<Typed<'s>>, Outside> {
        let [rule] = rules else { return Ok(None) };
        let (Head::Value(Some(value)), true) = (&rule.head, rule.bodies.is_empty()) else { return Ok(None) };
        let typed = self.expr(module, value, &mut Scope::default())?;
        let is_name = matches!(typed.expr, Expr::Constant(_) | Expr::Input | Expr::InputPath(_));
        Ok(is_name.then_some(typed))
    }

    fn definitions(&mut self, module: usize, rules: &[&syntax::Rule], span: &Span) -> Result<(Rule, Type<'s>, bool), Outside> {
        let mut out = Rule { kind: RuleKind::Value, definitions: Vec::new() };
        let mut kind: Option<Type<'s>> = None;
        let mut total = true;
        for (index, rule) in rules.iter().enumerate() {
            let (rule_kind, value) = match &rule.head {
                Head::Value(value) => (RuleKind::Value, value.as_ref()),
                Head::Set(Some(member)) => (RuleKind::Set, Some(member)),
                _ => return Self::outside(module, &rule.span, "a head of this form"),
            };
            if index > 0 && rule_kind != out.kind {
                return Self::outside(module, &rule.span, "a name with rules of two kinds");
            }
            out.kind = rule_kind;
            let mut scope = Scope::default();
            let (mut definition, typed, sound) = self.definition(module, rule, value, &mut scope)?;
            // The interpreter leaves such a rule at its first solution.
            definition.first = is_literal(value);
            definition.frame = scope.slots;
            // A member that is undefined is an error where others are not.
            if rule_kind == RuleKind::Set {
                self.still(&typed.kind);
            }
            total &= sound && (rule_kind == RuleKind::Value || typed.sure);
            total &= rule_kind == RuleKind::Set || definition.first || !has_choice(&definition.body);
            kind = Some(match kind {
                Some(known) => known.join(typed.kind),
                None => typed.kind,
            });
            out.definitions.push(definition);
        }
        if out.kind == RuleKind::Value && !agree(out.definitions.iter()) {
            total = false;
        }
        match kind {
            Some(kind) => Ok((out, kind, total)),
            None => Self::outside(module, span, "a name that no rule has"),
        }
    }

    /// One rule or function as written once: its body and its value. True where neither can be an error.
    fn definition(
        &mut self,
        module: usize,
        rule: &syntax::Rule,
        value: Option<&syntax::Expr>,
        scope: &mut Scope<'s>,
    ) -> Result<(Definition, Typed<'s>, bool), Outside> {
        let statements = match rule.bodies.as_slice() {
            [] => &[][..],
            [body] if !body.is_else && body.value.is_none() => &body.statements[..],
            _ => return Self::outside(module, &rule.span, "a rule with several bodies"),
        };
        let (body, sound) = self.body(module, statements, scope)?;
        let typed = match value {
            Some(value) => self.expr(module, value, scope)?,
            None => Typed::constant(Value::from(true), Type::Bool),
        };
        let total = sound && typed.total;
        let definition = Definition { body, value: typed.expr.clone(), first: false, frame: 0 };
        Ok((definition, typed, total))
    }

    /// What is used here must not move with the clock, or it is not known when an answer changes.
    fn still(&mut self, kind: &Type<'_>) {
        self.steady &= !kind.moves();
    }

    fn count_node(&mut self, module: usize, span: &Span) -> Result<(), Outside> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Self::outside(module, span, "too many calls: the functions written out are too large");
        }
        Ok(())
    }
}

/// What the interpreter takes for a constant output: a literal as it stands, or none at all.
fn is_literal(value: Option<&syntax::Expr>) -> bool {
    value.is_none_or(|e| matches!(e.kind, syntax::ExprKind::Text(_) | syntax::ExprKind::Constant(_)))
}

/// Whether a body may have several solutions.
fn has_choice(body: &[program::Statement]) -> bool {
    body.iter().any(|s| matches!(s, program::Statement::Some { .. }))
}

/// Whether all definitions come to one constant: then they cannot contradict each other.
fn agree<'d>(definitions: impl ExactSizeIterator<Item = &'d Definition>) -> bool {
    if definitions.len() < 2 {
        return true;
    }
    let mut first = None;
    for definition in definitions {
        let Expr::Constant(value) = &definition.value else { return false };
        let known = *first.get_or_insert(*value);
        if known.equals(*value) != Some(true) {
            return false;
        }
    }
    true
}
