//! What a control reads, by group and by criterion.

use super::super::syntax::{ExprKind, Head, Rule};
use super::infer::Inference;
use super::{Context, ControlView, graph};
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
        let entry = matches!(rule.name.as_str(), "met" | "violations");
        // A function is looked at where it is called, with what it is called with.
        if !entry {
            continue;
        }
        let mut walk = Inference { context, control, problems, reads: BTreeSet::new(), depth: 0 };
        walk.rule(control.module, rule, &[]);
        let reads = walk.reads;
        if let Some(criterion) = criterion_of(rule) {
            let groups = reads.iter().filter_map(|path| {
                let (root, rest) = path.split_once('/')?;
                ["facts", "envelope"].contains(&root).then(|| rest.split('/').next().unwrap_or(rest).to_owned())
            });
            let groups: BTreeSet<String> = groups.collect();
            if groups.is_empty() {
                let message = format!("the criterion `{}` does not read input: it would hold of any facts", visible(&criterion));
                problems.push(Problem::new("golive::policy::criterion", message).at(&module.source, rule.span.clone(), "reads no facts"));
            }
            out.paths_of.entry(criterion.clone()).or_default().extend(reads.iter().cloned());
            out.groups_of.entry(criterion).or_default().extend(groups);
        }
        out.paths.extend(reads);
    }
    unused(context, control, problems);
    out
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
fn unused(context: &Context<'_>, control: &ControlView, problems: &mut Vec<Problem>) {
    let module = &context.modules[control.module];
    let reached = graph::reach(context, control.module, &["met", "violations"]);
    for rule in &module.rules {
        let used = matches!(rule.name.as_str(), "met" | "violations") || reached.contains(&(control.module, rule.name.clone()));
        if !used {
            let message = format!("nothing uses the rule `{}`", visible(&rule.name));
            let problem = Problem::new("golive::policy::unused", message).at(&module.source, rule.span.clone(), "unknown entry rule");
            problems.push(problem.help("a control's entry rules are `met` and `violations`; every other rule must serve one of them"));
        }
    }
}
