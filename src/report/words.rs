//! The words that formats for people share.

use crate::model::control::ParameterChange;
use crate::model::{CriterionState, Decision, ExceptionState, Gate, Outcome, Verdict, Waiver};

/// What a control marked FAIL lacks where nobody stated a remediation.
pub const INCOMPLETE: &str = "record incomplete: no remediation (owner, action, target date)";

/// The decision in one line: `GO`, `GO with 2 waived` or `NO_GO: 3 controls block`. It holds no untrusted text.
pub fn headline(decision: &Decision) -> String {
    match decision.gate {
        Gate::Go => match decision.waived() {
            0 => "GO".to_owned(),
            waived => format!("GO with {waived} waived"),
        },
        Gate::NoGo => {
            let names = blockers(decision);
            let controls = names.iter().filter(|name| is_control(decision, name)).count();
            let rules = names.len() - controls;
            let what = match (controls, rules) {
                (0, 0) => "the gate gave no reason".to_owned(),
                (1, 0) => "1 control blocks".to_owned(),
                (0, 1) => "1 gate rule blocks".to_owned(),
                (_, 0) => format!("{controls} controls block"),
                (0, _) => format!("{rules} gate rules block"),
                _ => format!("{} and {} block", count(controls, "control"), count(rules, "gate rule")),
            };
            format!("{}: {what}", decision.gate.word())
        }
    }
}

/// What keeps the gate closed, each named once: controls in the checklist's order, then codes of the gate policy.
pub fn blockers(decision: &Decision) -> Vec<&str> {
    if decision.gate == Gate::Go {
        return Vec::new();
    }
    let blocking = |row: &&crate::model::Row| {
        row.outcome == Outcome::Blocking || decision.blocking.iter().any(|b| b.by == row.text.id)
    };
    let mut names: Vec<&str> = decision.rows.iter().filter(blocking).map(|row| row.text.id.as_str()).collect();
    for blocking in &decision.blocking {
        if !names.contains(&blocking.by.as_str()) {
            names.push(&blocking.by);
        }
    }
    names
}

fn is_control(decision: &Decision, name: &str) -> bool {
    decision.rows.iter().any(|row| row.text.id == name)
}

/// `1 control`, `2 controls`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The checklist's mark, with the verdict where the mark alone does not say it.
pub fn mark(verdict: Verdict) -> String {
    if verdict.is_pass() { verdict.mark().to_owned() } else { format!("{} ({verdict})", verdict.mark()) }
}

/// The outcome, loud where a reader must not overlook it.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Waived => "WAIVED",
        Outcome::Blocking => "BLOCKING",
    }
}

/// Where the time of the evaluation came from.
pub fn clock(decision: &Decision) -> &'static str {
    if decision.clock_given { "given" } else { "system" }
}

/// How a criterion stands.
pub fn criterion(state: CriterionState) -> &'static str {
    match state {
        CriterionState::Met => "met",
        CriterionState::Denied => "denied",
        CriterionState::Open => "open",
        CriterionState::Contradicted => "contradicted",
    }
}

/// How a waiver stands.
pub fn exception(state: &ExceptionState) -> &'static str {
    match state {
        ExceptionState::Active => "active",
        ExceptionState::Expired => "expired",
        ExceptionState::Pending => "pending",
        ExceptionState::OutOfScope => "out-of-scope",
        ExceptionState::Overdue => "overdue",
        ExceptionState::Lapsed { .. } => "lapsed",
        ExceptionState::NotWaivable => "not-waivable",
        ExceptionState::Unused => "unused",
    }
}

/// Why a waiver stands as it does. The findings that a lapsed one does not list are left to the caller.
pub fn why(waiver: &Waiver, state: &ExceptionState) -> String {
    let bound = &waiver.remediation;
    match state {
        ExceptionState::Active => "it covers every finding of its control".to_owned(),
        ExceptionState::Expired => format!("it ended at {}", waiver.expires_at),
        ExceptionState::Pending => format!("it begins at {}", waiver.created_at),
        ExceptionState::OutOfScope => format!("it is for environment {}, release {}", bound.environment, bound.release),
        ExceptionState::Overdue => format!("its remediation was due at {}", bound.target_date),
        ExceptionState::Lapsed { .. } => "it does not list all findings that stand".to_owned(),
        ExceptionState::NotWaivable => "its control is error, which no waiver covers".to_owned(),
        ExceptionState::Unused => "its control passes".to_owned(),
    }
}

/// The findings that a lapsed waiver does not list.
pub fn uncovered(state: &ExceptionState) -> &[String] {
    match state {
        ExceptionState::Lapsed { uncovered } => uncovered,
        _ => &[],
    }
}

/// A parameter that differs from the checklist's default: what is in force, and what the default is.
pub fn parameter(change: &ParameterChange) -> String {
    format!("is {}, default {}", change.value, change.default)
}
