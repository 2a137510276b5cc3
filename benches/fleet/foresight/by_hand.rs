//! One time judged without golive: the controls by the judge written by hand, exceptions and gate by a few lines here.

use crate::native::{self, Limits, Row};
use golive::checklist::Checklist;
use golive::evaluate::evaluate;
use golive::exceptions::{Exceptions, settle};
use golive::facts::Facts;
use golive::gate::decide;
use golive::model::{Gate, Instant, Remediation, Waiver};
use std::collections::BTreeSet;

/// All that a forecast is about, at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub controls: Vec<Control>,
    pub waivers: Vec<&'static str>,
    pub go: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    pub verdict: String,
    pub findings: BTreeSet<String>,
    pub outcome: &'static str,
    pub overdue: bool,
}

impl State {
    /// What of it is different in another one.
    pub fn beside(&self, other: &Self) -> String {
        let controls = self.controls.iter().zip(&other.controls).enumerate().filter(|(_, (own, other))| own != other);
        let controls: Vec<String> = controls.map(|(index, (own, _))| format!("  {index}: {own:?}")).collect();
        format!("{}\n  {:?} {}", controls.join("\n"), self.waivers, if self.go { "GO" } else { "NO_GO" })
    }
}

/// The reference's word on a time.
pub fn reference(checklist: &Checklist, facts: &Facts, exceptions: &Exceptions, at: Instant) -> State {
    let settled = settle(checklist, facts, evaluate(checklist, facts, at).judgements, exceptions, at);
    let plan = &facts.plan;
    let decided = decide(checklist, &plan.environment, &plan.release, at.ms, &settled.rows);
    let controls = settled.rows.iter().map(|row| Control {
        verdict: row.judgement.verdict.to_string(),
        findings: row.judgement.findings.iter().map(|finding| finding.id.clone()).collect(),
        outcome: row.outcome.word(),
        overdue: row.remediation.as_ref().is_some_and(|r| at.ms >= r.target_date.ms),
    });
    State {
        controls: controls.collect(),
        waivers: settled.waivers.iter().map(|(_, state)| state.word()).collect(),
        go: decided.is_ok_and(|(gate, _)| gate == Gate::Go),
    }
}

/// A document that is judged at many times.
pub struct Hand<'h, 'a> {
    facts: &'h native::Facts<'a>,
    limits: &'h Limits,
    checklist: &'h Checklist,
    exceptions: &'h Exceptions,
    /// The dates of all exceptions, sorted.
    dates: Vec<i64>,
    last: Option<(i64, Vec<(Row, &'static str)>)>,
}

impl<'h, 'a> Hand<'h, 'a> {
    pub fn new(facts: &'h native::Facts<'a>, limits: &'h Limits, checklist: &'h Checklist, exceptions: &'h Exceptions) -> Self {
        let of_waiver = |w: &Waiver| [w.created_at.ms, w.expires_at.ms, w.remediation.target_date.ms];
        let mut dates: Vec<i64> = exceptions.waivers.iter().flat_map(of_waiver).collect();
        dates.extend(exceptions.remediations.iter().map(|r| r.target_date.ms));
        dates.sort_unstable();
        Self { facts, limits, checklist, exceptions, dates, last: None }
    }

    /// The same, with nothing judged yet.
    pub fn again(&self) -> Self {
        Self::new(self.facts, self.limits, self.checklist, self.exceptions)
    }

    /// The id of a control.
    pub fn control(&self, index: usize) -> String {
        self.checklist.controls[index].text.id.clone()
    }

    /// Judges every control at a time. Whether anything may be otherwise than at the time that was judged before it.
    pub fn moves(&mut self, at: i64) -> bool {
        let rows = native::judge(self.facts, self.limits, at);
        let passed = |at: i64| self.dates.partition_point(|date| *date <= at);
        let same = self.last.as_ref().is_some_and(|(before, last)| {
            let same = |((a, x), (b, y)): (&(Row, &str), &(Row, &str))| x == y && a.met == b.met && a.findings == b.findings;
            passed(*before) == passed(at) && last.iter().zip(&rows).all(same)
        });
        self.last = Some((at, rows));
        !same
    }

    /// The ids of all findings of a control at the time that was judged last, and its verdict.
    fn findings(&self, index: usize) -> (BTreeSet<String>, &'static str) {
        let Some((row, verdict)) = self.last.as_ref().and_then(|(_, rows)| rows.get(index)) else { return (BTreeSet::new(), "?") };
        let mut ids: BTreeSet<String> = row.findings.iter().cloned().collect();
        let bad: Vec<&str> = ids.iter().filter_map(|id| id.strip_prefix("facts:")?.split(':').next()).collect();
        let control = &self.checklist.controls[index];
        let reads = &self.checklist.reads(control).groups_of;
        let blind = |id: &str| reads.get(id).is_none_or(|groups| bad.iter().any(|group| groups.contains(*group)));
        let denied: BTreeSet<&str> = row.denials().map(|(criterion, _)| criterion).collect();
        let open = row.criteria.iter().filter(|id| !row.met.contains(id) && !denied.contains(*id) && (bad.is_empty() || !blind(id)));
        let mut open: Vec<String> = open.map(|id| format!("unproven:{id}")).collect();
        if *verdict == "error" {
            open.push("error".to_owned());
        }
        ids.extend(open);
        (ids, verdict)
    }

    /// All that a forecast is about, at a time.
    pub fn state(&mut self, at: i64) -> State {
        if self.last.as_ref().is_none_or(|(judged, _)| *judged != at) {
            self.moves(at);
        }
        let count = self.checklist.controls.len();
        let said: Vec<(BTreeSet<String>, &'static str)> = (0..count).map(|index| self.findings(index)).collect();
        let place = |id: &str| self.checklist.controls.iter().position(|c| c.text.id == id);
        let mut waived = vec![false; count];
        let mut waivers = Vec::new();
        for waiver in &self.exceptions.waivers {
            let control = place(waiver.control());
            let mut state = self.waiver(waiver, control.map(|index| &said[index]), at);
            if let ("active", Some(index)) = (state, control)
                && std::mem::replace(&mut waived[index], true)
            {
                state = "unused";
            }
            waivers.push(state);
        }
        let control = |(index, (findings, verdict)): (usize, (BTreeSet<String>, &'static str))| {
            let id = &self.checklist.controls[index].text.id;
            let outcome = match verdict {
                "pass" => "pass",
                _ if waived[index] => "waived",
                _ => "blocking",
            };
            let own = |r: &&Remediation| r.control == *id && self.is_planned(r);
            let late = self.exceptions.remediations.iter().find(own).is_some_and(|r| at >= r.target_date.ms);
            Control { verdict: verdict.to_owned(), findings, outcome, overdue: late && outcome == "blocking" }
        };
        let controls: Vec<Control> = said.into_iter().enumerate().map(control).collect();
        let go = controls.iter().all(|control| control.outcome != "blocking");
        State { controls, waivers, go }
    }

    fn is_planned(&self, scope: &Remediation) -> bool {
        scope.environment == self.facts.environment() && scope.release == self.facts.release()
    }

    fn waiver(&self, waiver: &Waiver, control: Option<&(BTreeSet<String>, &'static str)>, at: i64) -> &'static str {
        let Some((findings, verdict)) = control else { return "unused" };
        let listed = findings.iter().all(|id| waiver.findings.contains(id));
        if !self.is_planned(&waiver.remediation) {
            "out-of-scope"
        } else if at >= waiver.expires_at.ms {
            "expired"
        } else if at < waiver.created_at.ms {
            "pending"
        } else if *verdict == "pass" {
            "unused"
        } else if *verdict == "error" {
            "not-waivable"
        } else if at >= waiver.remediation.target_date.ms {
            "overdue"
        } else if listed && !findings.is_empty() {
            "active"
        } else {
            "lapsed"
        }
    }
}
