//! A run of one control's policy that keeps why: which statement stopped each criterion, and what it compared.
//!
//! It is no third engine: nothing is decided by it. Whoever shows what it says holds its answers against the interpreter's
//! first, and what it is not sure of, it does not say.

mod body;
mod builtin;
mod call;
mod expr;
mod value;

use super::checks::{Context, graph};
use super::syntax::{ExprKind, Head, Rule};
use crate::text::Span;
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};
use value::{Read, Val};

/// A place in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The module's index.
    pub module: usize,
    /// The bytes of its text.
    pub span: Span,
}

/// Tokens that begin with `input` or `data`.
pub type Tokens = Vec<String>;

/// One side of a comparison.
#[derive(Debug, Clone)]
pub struct Operand {
    /// Where it is written.
    pub place: Place,
    /// Its value; none where there is none.
    pub value: Option<Json>,
    /// What in the input and the parameters it was computed from.
    pub sources: Vec<Tokens>,
}

/// A comparison that was made.
#[derive(Debug, Clone)]
pub struct Compared {
    /// `==`, `!=`, `<`, `<=`, `>`, `>=` or `in`.
    pub operator: &'static str,
    /// The left side.
    pub left: Operand,
    /// The right side.
    pub right: Operand,
}

/// The statement that stopped a body.
#[derive(Debug, Clone)]
pub struct Stop {
    /// Where it stands.
    pub place: Place,
    /// How many statements of its body held before it.
    pub progress: usize,
    /// Why it did not hold.
    pub why: Why,
}

/// Why a statement did not hold.
#[derive(Debug, Clone)]
pub enum Why {
    /// The comparison is false.
    Compared(Box<Compared>),
    /// There is no such value: the last value that is there, and the name that it lacks.
    Absent(Box<Operand>, String),
    /// The value is `false`.
    False(Box<Operand>),
    /// What stands behind `not` holds.
    Held,
    /// Members of a collection were tried: with `some` none got through, with `every` these did not.
    Members {
        /// Whether all of them had to.
        every: bool,
        /// The collection.
        within: Box<Operand>,
        /// How many members it has.
        total: usize,
        /// Members that stopped, and where.
        stopped: Vec<(Member, Stop)>,
    },
    /// A rule or a function came to nothing: its name, and what stopped each of its definitions.
    Called(String, Vec<Stop>),
}

/// One member of a collection.
#[derive(Debug, Clone)]
pub struct Member {
    /// The name that it has in the policy.
    pub name: String,
    /// Where it stands, where it stands in the input or the parameters.
    pub path: Option<Tokens>,
    /// Its value.
    pub value: Json,
}

/// A statement that held.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it stands.
    pub place: Place,
    /// What it compared; none for `not`, whose inside did not hold.
    pub compared: Option<Compared>,
}

/// What a run looked at: a place, and whether the whole value counted or only which members it has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// The place.
    pub path: Tokens,
    /// The whole value.
    pub deep: bool,
}

/// One rule `met` or `violations`.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The rule, from its head to its last statement.
    pub place: Place,
    /// The criterion's id, or the violation's code.
    pub name: String,
    /// Each way in which it holds: for a criterion one, for violations all.
    pub holds: Vec<Held>,
    /// What stopped it, where it does not hold.
    pub stop: Option<Stop>,
    /// What decided that a criterion does not hold: while nothing of it changes, it stays so.
    pub looked: BTreeSet<Look>,
}

/// One way in which a rule holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// The member that it gives.
    pub member: Json,
    /// The statements that held.
    pub steps: Vec<Step>,
    /// What decided that a violation holds: while nothing of it changes, it stays so.
    pub looked: BTreeSet<Look>,
}

/// A whole run.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// The rules `met`.
    pub criteria: Vec<Entry>,
    /// The rules `violations`.
    pub violations: Vec<Entry>,
}

/// Nothing further is known.
#[derive(Debug)]
enum Halt {
    /// A statement stopped.
    Stop(Box<Stop>),
    /// It is for the interpreter to say.
    Unsure,
}

type Run<T> = Result<T, Halt>;

/// So many loops and calls are traced.
const MOST_STEPS: usize = 1_000_000;

/// What was found of a rule.
struct Known<'a> {
    value: Result<Val<'a>, Box<Stop>>,
    looked: Vec<Read>,
}

/// The names of one body.
#[derive(Debug, Default)]
struct Names<'a>(Vec<(String, Val<'a>)>);

/// How much was looked at and compared so far.
#[derive(Clone, Copy)]
struct Mark {
    path: usize,
    all: usize,
    steps: usize,
}

/// A run.
struct Tracer<'m, 'a> {
    context: &'m Context<'m>,
    input: &'a Json,
    parameters: &'a Json,
    rules: HashMap<(usize, String), Known<'a>>,
    /// What was looked at on the way that is gone at present, and all that was ever looked at.
    path: Vec<Read>,
    all: Vec<Read>,
    steps: Vec<Step>,
    worked: usize,
}

/// Traces one control on its input; none where something stands outside of what is traced.
pub fn trace(context: &Context<'_>, control: usize, input: &Json, parameters: &Json) -> Option<Trace> {
    let mut tracer =
        Tracer { context, input, parameters, rules: HashMap::new(), path: Vec::new(), all: Vec::new(), steps: Vec::new(), worked: 0 };
    let mut out = Trace::default();
    for rule in &context.modules.get(control)?.rules {
        match rule.name.as_str() {
            "met" => out.criteria.push(tracer.entry(control, rule, true).ok()?),
            "violations" => out.violations.push(tracer.entry(control, rule, false).ok()?),
            _ => {}
        }
    }
    Some(out)
}

/// Where the rules stand that can meet a criterion.
pub fn places(context: &Context<'_>, control: usize, criterion: &str) -> Vec<Place> {
    let rules = context.modules.get(control).map(|module| module.rules.as_slice()).unwrap_or_default();
    let named = |rule: &&Rule| matches!(&rule.head, Head::Set(Some(head)) if matches!(&head.kind, ExprKind::Text(id) if id == criterion));
    let own = rules.iter().filter(|rule| rule.name == "met").filter(named);
    own.map(|rule| Place { module: control, span: extent(rule) }).collect()
}

impl<'m, 'a> Tracer<'m, 'a> {
    fn entry(&mut self, module: usize, rule: &'m Rule, first: bool) -> Run<Entry> {
        let Head::Set(Some(head)) = &rule.head else { return Err(Halt::Unsure) };
        let name = match &head.kind {
            ExprKind::Text(text) => text.clone(),
            ExprKind::Object(fields) => code(fields).ok_or(Halt::Unsure)?,
            _ => return Err(Halt::Unsure),
        };
        self.forget();
        let mut holds = Vec::new();
        let outcome = self.solve(module, body::only(rule)?, &mut Names::default(), &mut |tracer, names| {
            let member = tracer.eval(module, head, names)?.json();
            let looked = if first { BTreeSet::new() } else { looks(&tracer.path) };
            holds.push(Held { member, steps: tracer.steps.clone(), looked });
            Ok(first)
        });
        let stop = match outcome {
            Ok(()) => None,
            Err(Halt::Stop(stop)) => Some(*stop),
            Err(Halt::Unsure) => return Err(Halt::Unsure),
        };
        let place = Place { module, span: extent(rule) };
        let looked = if first && stop.is_some() { looks(&self.path) } else { BTreeSet::new() };
        Ok(Entry { place, name, holds, stop, looked })
    }

    fn forget(&mut self) {
        self.path.clear();
        self.all.clear();
        self.steps.clear();
    }

    fn mark(&self) -> Mark {
        Mark { path: self.path.len(), all: self.all.len(), steps: self.steps.len() }
    }

    /// Back to a mark, as if nothing had been looked at since.
    fn back(&mut self, mark: Mark) {
        self.path.truncate(mark.path);
        self.steps.truncate(mark.steps);
    }

    /// Back to a mark, with all that was looked at since: it decided that nothing was found.
    fn failed(&mut self, mark: Mark) {
        self.back(mark);
        self.path.extend_from_slice(self.all.get(mark.all..).unwrap_or_default());
    }

    fn look(&mut self, reads: Vec<Read>) {
        self.path.extend_from_slice(&reads);
        self.all.extend(reads);
    }

    fn look_at(&mut self, value: &Val<'a>) {
        self.look(value.sources());
    }

    fn work(&mut self) -> Run<()> {
        self.worked += 1;
        if self.worked > MOST_STEPS { Err(Halt::Unsure) } else { Ok(()) }
    }

    /// The rule that a dotted name begins with, and how many of its words name it.
    fn rule_named(&self, module: usize, words: &[&str]) -> Option<((usize, String), usize)> {
        (1..=words.len()).rev().find_map(|n| graph::resolve(self.context, module, words.get(..n)?).map(|id| (id, n)))
    }
}

impl<'a> Names<'a> {
    fn find(&self, name: &str) -> Option<&Val<'a>> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    fn bind(&mut self, name: &str, value: Val<'a>) {
        if name != "_" {
            self.0.push((name.to_owned(), value));
        }
    }
}

impl Stop {
    fn at(module: usize, span: &Span, why: Why) -> Halt {
        Halt::Stop(Box::new(Self { place: Place { module, span: span.clone() }, progress: 0, why }))
    }
}

fn looks(reads: &[Read]) -> BTreeSet<Look> {
    reads.iter().map(|read| Look { path: read.path.tokens(), deep: read.deep }).collect()
}

fn code(fields: &[(super::syntax::Expr, super::syntax::Expr)]) -> Option<String> {
    fields.iter().find_map(|(key, value)| match (&key.kind, &value.kind) {
        (ExprKind::Text(key), ExprKind::Text(code)) if key == "code" => Some(code.clone()),
        _ => None,
    })
}

/// From the head to the last statement.
fn extent(rule: &Rule) -> Span {
    let last = rule.statements().map(|s| s.span.end).max().unwrap_or(rule.span.end);
    rule.span.start..last.max(rule.span.end)
}
