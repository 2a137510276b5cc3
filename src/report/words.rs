//! The words that formats for people share.

use crate::model::decision::Origin;
use crate::model::{Decision, ExceptionState, Gate, Outcome, Remediation, Row, Verdict, Waiver};

/// What a control marked FAIL lacks where nobody stated a remediation.
pub const INCOMPLETE: &str = "Record incomplete: no remediation (owner, action, target date)";

/// The decision in one line: `GO`, `GO with 2 waived` or `NO_GO: 3 controls block, 1 waived`. It holds no untrusted text.
pub fn headline(decision: &Decision) -> String {
    let waived = decision.waived();
    match decision.gate {
        Gate::Go if waived == 0 => "GO".to_owned(),
        Gate::Go => format!("GO with {waived} waived"),
        Gate::NoGo => {
            let names = blockers(decision);
            let controls = names.iter().filter(|name| row(decision, name).is_some()).count();
            let rules = names.len() - controls;
            let what = match (controls, rules) {
                (0, 0) => "the gate gave no reason".to_owned(),
                (1, 0) => "1 control blocks".to_owned(),
                (0, 1) => "1 gate rule blocks".to_owned(),
                (_, 0) => format!("{controls} controls block"),
                (0, _) => format!("{rules} gate rules block"),
                _ => format!("{} and {} block", count(controls, "control"), count(rules, "gate rule")),
            };
            let waived = if waived == 0 { "none".to_owned() } else { waived.to_string() };
            format!("{}: {what}, {waived} waived", decision.gate.word())
        }
    }
}

/// What keeps the gate closed, each named once: controls in the checklist's order, then codes of the gate policy.
pub fn blockers(decision: &Decision) -> Vec<&str> {
    if decision.gate == Gate::Go {
        return Vec::new();
    }
    let blocking = |row: &&Row| row.outcome == Outcome::Blocking || decision.blocking.iter().any(|b| b.by == row.text.id);
    let mut names: Vec<&str> = decision.rows.iter().filter(blocking).map(|row| row.text.id.as_str()).collect();
    for blocking in &decision.blocking {
        if !names.contains(&blocking.by.as_str()) {
            names.push(&blocking.by);
        }
    }
    names
}

/// The row of that control.
pub fn row<'a>(decision: &'a Decision, control: &str) -> Option<&'a Row> {
    decision.rows.iter().find(|row| row.text.id == control)
}

/// The words of the gate policy for a blocker that is no blocking control; those of a control are its findings.
pub fn reasons<'a>(decision: &'a Decision, blocker: &str) -> Vec<&'a str> {
    if row(decision, blocker).is_some_and(|row| row.outcome == Outcome::Blocking) {
        return Vec::new();
    }
    decision.blocking.iter().filter(|b| b.by == blocker).map(|b| b.message.as_str()).collect()
}

/// What closes the gate beside controls that do not pass, each with its reason. A closed gate is never without one.
pub fn closing(decision: &Decision) -> Vec<(&str, &str)> {
    let names = blockers(decision);
    if names.is_empty() && decision.gate == Gate::NoGo {
        return vec![("gate", "the gate gave no reason")];
    }
    names.into_iter().flat_map(|name| reasons(decision, name).into_iter().map(move |reason| (name, reason))).collect()
}

/// The records that a person must complete before proceeding; `None` where no control is marked FAIL.
pub fn incomplete(decision: &Decision) -> Option<Vec<&str>> {
    let mut failed = decision.rows.iter().filter(|row| !row.judgement.verdict.is_pass()).peekable();
    failed.peek()?;
    Some(failed.filter(|row| row.is_incomplete()).map(|row| row.text.id.as_str()).collect())
}

/// What stands before the names of incomplete records, and what behind them.
pub fn records(incomplete: usize) -> (String, &'static str) {
    match incomplete {
        0 => ("0 records incomplete:".to_owned(), "each FAIL has an owner, an action and a target date"),
        _ => (format!("{} incomplete:", count(incomplete, "record")), "- record owner, action and target date before proceeding"),
    }
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

/// Where the time of the evaluation came from, and whether the facts are as old as it.
pub fn clock(decision: &Decision) -> &'static str {
    match (decision.recorded, decision.clock_given) {
        (true, _) => "given, facts: RECORDED",
        (false, true) => "given",
        (false, false) => "system",
    }
}

/// What a decision depended on, as names and values: for formats that have no other place for it.
pub fn basis(decision: &Decision) -> Vec<(String, String)> {
    let checklist = &decision.checklist;
    let about = format!("{} version {}, {}, {}", checklist.id, checklist.version, checklist.origin, count(checklist.controls, "control"));
    let mut out: Vec<(String, String)> = [
        ("environment", decision.environment.clone()),
        ("release", decision.release.clone()),
        ("evaluated_at", decision.evaluated_at.to_string()),
        ("clock", clock(decision).to_owned()),
        ("checklist", about),
        ("checklist digest", checklist.digest.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    out.extend(decision.facts.iter().map(|(name, digest)| (format!("facts {name}"), digest.clone())));
    out.extend(parameters(decision));
    out
}

/// Each parameter that is not the checklist's default.
pub fn parameters(decision: &Decision) -> impl Iterator<Item = (String, String)> {
    let changes = decision.checklist.parameters.iter();
    changes.map(|change| (format!("parameter {}", change.pointer), format!("{} (default {})", change.value, change.default)))
}

/// The target date, and whether it has passed.
pub fn target(decision: &Decision, remediation: &Remediation) -> String {
    let overdue = if remediation.is_overdue(decision.evaluated_at) { " (overdue)" } else { "" };
    format!("{}{overdue}", remediation.target_date)
}

/// Why a waiver stands as it does. The findings that a lapsed one does not list are left to the caller.
pub fn why(decision: &Decision, waiver: &Waiver, state: &ExceptionState) -> String {
    let bound = &waiver.remediation;
    match state {
        ExceptionState::Active => "it covers every finding of its control".to_owned(),
        ExceptionState::Expired => format!("it ended at {}", waiver.expires_at),
        ExceptionState::Pending => format!("it begins at {}", waiver.created_at),
        ExceptionState::OutOfScope => format!("it is for environment {}, release {}", bound.environment, bound.release),
        ExceptionState::Overdue => format!("its remediation was due at {}", bound.target_date),
        ExceptionState::Lapsed { uncovered } if uncovered.is_empty() => "its control has no finding that it could accept".to_owned(),
        ExceptionState::Lapsed { .. } => "it does not accept these findings:".to_owned(),
        ExceptionState::NotWaivable => "its control is error, which no waiver covers".to_owned(),
        ExceptionState::Unused => match row(decision, waiver.control()) {
            None => "the checklist has no such control".to_owned(),
            Some(row) => match &row.waiver {
                Some(other) => format!("waiver {} covers its control", other.id),
                None => "its control passes".to_owned(),
            },
        },
    }
}

/// The findings that a lapsed waiver does not list.
pub fn uncovered(state: &ExceptionState) -> &[String] {
    match state {
        ExceptionState::Lapsed { uncovered } => uncovered,
        _ => &[],
    }
}

/// Where the facts of all rows came from, each group once.
pub fn origins(decision: &Decision) -> Vec<&Origin> {
    let mut origins: Vec<&Origin> = Vec::new();
    for origin in decision.rows.iter().flat_map(|row| &row.origins) {
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}
