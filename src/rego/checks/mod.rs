//! What is refused at load, because the engine would pass over it in silence.
//!
//! Each check looks at the syntax trees of all policies and returns every problem that it finds.

mod builtins;
mod entry;
pub(super) mod graph;
mod infer;
mod infer_reference;
mod kinds;
mod paths;
mod pointers;
mod positive;
mod tests;
mod types;

pub use builtins::ALLOWED;
pub use graph::Index;
pub use paths::{Reads, unused_functions};
pub use tests::check_tests;

use super::syntax::Module;
use crate::schema::Shape;
use crate::text::{Problem, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The package that all policies live in.
pub const ROOT: &str = "golive";

/// What the checks of one control need to know of its METADATA.
#[derive(Debug, Clone)]
pub struct ControlView {
    /// The control's id.
    pub id: String,
    /// Index of its module.
    pub module: usize,
    /// The groups that it may see.
    pub groups: Vec<String>,
    /// Its criteria, each with the place where METADATA names it.
    pub criteria: Vec<(String, Span)>,
    /// Its violations: code, what it denies, message, place.
    pub violations: Vec<(String, String, String, Span)>,
}

/// What the checks need to know of the gate policy.
#[derive(Debug, Clone, Copy)]
pub struct GateView<'a> {
    /// Index of its module.
    pub module: usize,
    /// The shape of its input.
    pub input: &'a Shape,
}

/// The name under which it is told what the gate policy reads; no control's id is without a point.
pub const GATE: &str = "gate";

/// Everything that the checks read.
#[derive(Debug)]
pub struct Context<'a> {
    /// All modules.
    pub modules: &'a [Module],
    /// The shape of each group of facts.
    pub groups: BTreeMap<&'a str, &'a Shape>,
    /// The shape of one group's envelope, without `value`.
    pub envelope: &'a Shape,
    /// The shape of the parameters.
    pub parameters: &'a Shape,
    /// The controls.
    pub controls: &'a [ControlView],
    /// The gate policy, where it is there.
    pub gate: Option<GateView<'a>>,
    /// Where names lead.
    pub index: Index,
}

/// Runs every check.
///
/// # Errors
/// All problems of all policies, in the order of their places; otherwise what each control reads, by its id.
pub fn check_modules(context: &Context<'_>) -> Result<BTreeMap<String, Reads>, Vec<Problem>> {
    let mut problems = Vec::new();
    entry::check(context, &mut problems);
    builtins::check(context, &mut problems);
    let acyclic = graph::check(context, &mut problems);
    let mut reads = BTreeMap::new();
    if acyclic {
        for control in context.controls {
            reads.insert(control.id.clone(), paths::check(context, control, &mut problems));
            positive::check(context, control, &mut problems);
        }
        reads.extend(context.gate.map(|gate| (GATE.to_owned(), paths::gate(context, gate, &mut problems))));
    }
    if problems.is_empty() { Ok(reads) } else { Err(sorted(problems)) }
}

/// What each control of policies that passed every check reads, by its id.
pub fn reads(context: &Context<'_>) -> BTreeMap<String, Reads> {
    let mut known = Vec::new();
    let mut reads: BTreeMap<_, _> =
        context.controls.iter().map(|control| (control.id.clone(), paths::check(context, control, &mut known))).collect();
    reads.extend(context.gate.map(|gate| (GATE.to_owned(), paths::gate(context, gate, &mut known))));
    reads
}

/// In the order of their places, each said once.
fn sorted(problems: Vec<Problem>) -> Vec<Problem> {
    let key = |p: &Problem| {
        let place = p.labels.as_ref().and_then(|(s, l)| Some((s.name.clone(), l.first()?.0.start)));
        (place, p.message.clone())
    };
    let mut seen = BTreeSet::new();
    let mut out: Vec<_> = problems.into_iter().filter(|p| seen.insert(key(p))).collect();
    out.sort_by_key(key);
    out
}

/// The `{name}` places of a message.
pub fn placeholders(message: &str) -> impl Iterator<Item = &str> {
    message.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
}
