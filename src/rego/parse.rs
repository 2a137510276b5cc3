//! Parses policies with the engine and turns its complaints into problems with a place.

use super::syntax::Module;
use super::{convert, scan};
use crate::text::{Problem, Source, Span, visible};
use std::sync::Arc;

/// The policies that the engine accepted, in the order given.
pub struct Parsed {
    pub(super) engine: regorus::Engine,
    pub(super) sources: Vec<Arc<Source>>,
}

impl Parsed {
    /// Their syntax trees.
    pub fn modules(&mut self) -> Vec<Module> {
        modules(&mut self.engine, &self.sources)
    }
}

pub(super) fn modules(engine: &mut regorus::Engine, sources: &[Arc<Source>]) -> Vec<Module> {
    engine.get_modules().iter().zip(sources).map(|(m, s)| convert::module(m, s)).collect()
}

/// A source that is no policy, and why.
pub type Unparsed = (Arc<Source>, Problem);

/// Parses each source as Rego v1: the policies, and one problem for each source that is empty, too deep, or no Rego.
pub fn parse(sources: Vec<Arc<Source>>) -> (Parsed, Vec<Unparsed>) {
    let mut engine = regorus::Engine::new();
    engine.set_rego_v0(false);
    engine.set_strict_builtin_errors(true);
    let (mut accepted, mut unparsed) = (Vec::new(), Vec::new());
    for source in sources {
        match add(&mut engine, &source) {
            Ok(()) => accepted.push(source),
            Err(problem) => unparsed.push((source, problem)),
        }
    }
    (Parsed { engine, sources: accepted }, unparsed)
}

/// Parses sources of which each must be a policy.
///
/// # Errors
/// The problems of those that are none.
pub fn parse_all(sources: Vec<Arc<Source>>) -> Result<Parsed, Vec<Problem>> {
    let (parsed, unparsed) = parse(sources);
    if unparsed.is_empty() { Ok(parsed) } else { Err(unparsed.into_iter().map(|(_, problem)| problem).collect()) }
}

fn add(engine: &mut regorus::Engine, source: &Arc<Source>) -> Result<(), Problem> {
    scan::scan(source)?;
    let blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if source.text.lines().all(blank) {
        let message = format!("{} is empty: it holds no policy", visible(&source.name));
        return Err(Problem::new("golive::rego::empty", message).at(source, 0..source.text.len().min(1), "nothing here"));
    }
    match engine.add_policy(source.name.clone(), source.text.clone()) {
        Ok(_) => Ok(()),
        Err(error) => Err(syntax_problem(source, &error.to_string())),
    }
}

fn syntax_problem(source: &Arc<Source>, error: &str) -> Problem {
    let message = error.rsplit("error: ").next().unwrap_or(error).trim();
    let problem = Problem::new("golive::rego::syntax", format!("Rego: {}", visible(message)));
    let problem = match place(source, error) {
        Some(span) => problem.at(source, span, "here"),
        None => problem,
    };
    problem.help("policies are Rego v1: a rule's body stands behind `if`, a set's element behind `contains`")
}

/// The first `--> file:line:column` of an engine message as a span of that source.
pub(super) fn place(source: &Source, error: &str) -> Option<Span> {
    let spot = error.lines().find_map(|l| l.trim_start().strip_prefix("--> "))?;
    let mut parts = spot.rsplit(':');
    let column: usize = parts.next()?.trim().parse().ok()?;
    let line: usize = parts.next()?.parse().ok()?;
    let start: usize = source.text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let at = (start + column.saturating_sub(1)).min(source.text.len());
    Some(at..(at + 1).min(source.text.len()))
}
