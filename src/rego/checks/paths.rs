//! What a control reads, by group and by criterion.

use super::super::syntax::{ExprKind, Head, Rule};
use super::infer::Inference;
use super::{Context, ControlView, GATE, GateView, graph};
use crate::text::{Problem, visible};
use std::collections::{BTreeMap, BTreeSet};

/// What a control reads, known without running it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// Paths whose value matters, such as `facts/backups/artifacts/*/files` or `parameters/backups/window`.
    pub paths: BTreeSet<String>,
    /// The paths that each criterion reads.
    pub paths_of: BTreeMap<String, BTreeSet<String>>,
    /// The groups that each criterion reads.
    pub groups_of: BTreeMap<String, BTreeSet<String>>,
}

pub(super) fn check(context: &Context<'_>, control: &ControlView, problems: &mut Vec<Problem>) -> Reads {
    let module = &context.modules[control.module];
    let mut out = Reads::default();
    for rule in &module.rules {
        let entry = CONTROL_RULES.contains(&rule.name.as_str());
        // A function is looked at where it is called, with what it is called with.
        if !entry {
            continue;
        }
        let before = problems.len();
        let mut walk = Inference { context, control, input: None, problems, reads: BTreeSet::new(), depth: 0 };
        walk.rule(control.module, rule, &[]);
        let reads = walk.reads;
        // Where a path is wrong, that is the whole story.
        let clean = problems.len() == before;
        if let Some(criterion) = criterion_of(rule) {
            let groups = reads.iter().filter_map(|path| {
                let (root, rest) = path.split_once('/')?;
                ["facts", "envelope"].contains(&root).then(|| rest.split('/').next().unwrap_or(rest).to_owned())
            });
            let groups: BTreeSet<String> = groups.collect();
            if groups.is_empty() && clean {
                let message = format!("the criterion `{}` does not read input: it would hold of any facts", visible(&criterion));
                problems.push(Problem::new("golive::policy::criterion", message).at(&module.source, rule.span.clone(), "reads no facts"));
            }
            out.paths_of.entry(criterion.clone()).or_default().extend(reads.iter().cloned());
            out.groups_of.entry(criterion).or_default().extend(groups);
        }
        out.paths.extend(reads);
    }
    unused(context, control.module, &CONTROL_RULES, problems);
    out
}

/// A control's entry rules.
const CONTROL_RULES: [&str; 2] = ["met", "violations"];

/// The gate policy's entry rules.
const GATE_RULES: [&str; 2] = ["decision", "closed"];

/// The same of the gate policy.
pub(super) fn gate(context: &Context<'_>, gate: GateView<'_>, problems: &mut Vec<Problem>) -> Reads {
    let nobody = ControlView { id: GATE.to_owned(), module: gate.module, groups: Vec::new(), criteria: Vec::new(), violations: Vec::new() };
    let mut reads = BTreeSet::new();
    for rule in context.modules[gate.module].rules.iter().filter(|rule| GATE_RULES.contains(&rule.name.as_str())) {
        let input = Some(gate.input);
        let mut walk = Inference { context, control: &nobody, input, problems, reads: BTreeSet::new(), depth: 0 };
        walk.rule(gate.module, rule, &[]);
        reads.extend(walk.reads);
    }
    unused(context, gate.module, &GATE_RULES, problems);
    Reads { paths: reads, ..Reads::default() }
}

/// Warnings for shared functions that no policy calls: nothing has looked at what they read.
pub fn unused_functions(context: &Context<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let entries = context.controls.iter().map(|control| (control.module, &CONTROL_RULES));
    let entries: Vec<_> = entries.chain(context.gate.map(|gate| (gate.module, &GATE_RULES))).collect();
    let reached: BTreeSet<_> = entries.iter().flat_map(|(module, rules)| graph::reach(context, *module, *rules)).collect();
    for (index, module) in context.modules.iter().enumerate() {
        if module.package.get(1).is_none_or(|part| part != "lib") {
            continue;
        }
        for rule in module.rules.iter().filter(|rule| !reached.contains(&(index, rule.name.clone()))) {
            let message = format!("no control uses `{}`", visible(&rule.name));
            let problem = Problem::new("golive::policy::unused", message).at(&module.source, rule.span.clone(), "unused").warning();
            problems.push(problem.help("what a shared rule reads is checked where a control uses it: use it, or remove it"));
        }
    }
    problems
}

fn criterion_of(rule: &Rule) -> Option<String> {
    match &rule.head {
        Head::Set(Some(key)) if rule.name == "met" => match &key.kind {
            ExprKind::Text(id) => Some(id.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// A rule that nothing uses is a slip of the pen: `denny` denies nothing.
fn unused(context: &Context<'_>, index: usize, entries: &[&str; 2], problems: &mut Vec<Problem>) {
    let module = &context.modules[index];
    let reached = graph::reach(context, index, entries);
    for rule in &module.rules {
        let used = entries.contains(&rule.name.as_str()) || reached.contains(&(index, rule.name.clone()));
        if !used {
            let message = format!("nothing uses the rule `{}`", visible(&rule.name));
            let problem = Problem::new("golive::policy::unused", message).at(&module.source, rule.span.clone(), "unknown entry rule");
            let [first, second] = entries;
            let whose = if *entries == GATE_RULES { "the gate's" } else { "a control's" };
            problems
                .push(problem.help(format!("{whose} entry rules are `{first}` and `{second}`; every other rule must serve one of them")));
        }
    }
}
