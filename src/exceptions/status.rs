//! How waivers and remediations stand at a time, for those who look after them.

use crate::checklist::{Checklist, Control};
use crate::facts::{Facts, Plan};
use crate::model::{ExceptionState, Instant, Millis, Remediation, Waiver};
use std::collections::{BTreeMap, BTreeSet};

/// A waiver, and how it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct WaiverStatus {
    /// The waiver.
    pub waiver: Waiver,
    /// How it stands; without facts only as far as its dates say it.
    pub state: WaiverState,
    /// The first moment at which it cannot hold any more: its own end, or its remediation's target date.
    pub ends_at: Instant,
    /// Findings that stand and that it does not list.
    pub uncovered: Vec<String>,
    /// Findings that it lists and that do not stand; none without facts.
    pub gone: Option<Vec<String>>,
    /// It was written after the newest of the facts that its findings are about were collected; none without facts.
    pub after_facts: Option<bool>,
}

/// How a waiver stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaiverState {
    /// Active, and its end is near.
    Expiring,
    /// It covers every finding of its control.
    Active,
    /// Its dates hold; without facts nobody can say more.
    InTime,
    /// Its beginning has not come.
    Pending,
    /// Findings stand that it does not list.
    Lapsed,
    /// Its remediation's target date has passed.
    Overdue,
    /// Its end has come.
    Expired,
    /// Its control is `error`.
    NotWaivable,
    /// Its control passes, or another waiver covers it.
    Unused,
    /// It is for another environment or release.
    OutOfScope,
}

impl WaiverState {
    /// The state's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Expiring => "expiring",
            Self::Active => "active",
            Self::InTime => "in-time",
            Self::Pending => "pending",
            Self::Lapsed => "lapsed",
            Self::Overdue => "overdue",
            Self::Expired => "expired",
            Self::NotWaivable => "not-waivable",
            Self::Unused => "unused",
            Self::OutOfScope => "out-of-scope",
        }
    }

    fn of(state: &ExceptionState) -> Self {
        match state {
            ExceptionState::Active => Self::Active,
            ExceptionState::Expired => Self::Expired,
            ExceptionState::Pending => Self::Pending,
            ExceptionState::OutOfScope => Self::OutOfScope,
            ExceptionState::Overdue => Self::Overdue,
            ExceptionState::Lapsed { .. } => Self::Lapsed,
            ExceptionState::NotWaivable => Self::NotWaivable,
            ExceptionState::Unused => Self::Unused,
        }
    }
}

/// What waivers are held against, beside the clock.
#[derive(Clone, Copy)]
pub struct Judged<'j> {
    /// The checklist.
    pub checklist: &'j Checklist,
    /// The facts.
    pub facts: &'j Facts,
    /// The ids of the findings of each control, by its id.
    pub findings: &'j BTreeMap<String, BTreeSet<String>>,
}

/// How each waiver stands; `states` are those of the decision.
pub fn judged(states: &[(Waiver, ExceptionState)], judged: Judged<'_>, now: Instant, expiring: Millis) -> Vec<WaiverStatus> {
    let status = |(waiver, state): &(Waiver, ExceptionState)| {
        let standing = judged.findings.get(waiver.control());
        let gone = waiver.findings.iter().filter(|id| !standing.is_some_and(|standing| standing.contains(*id)));
        WaiverStatus {
            state: near(WaiverState::of(state), waiver, now, expiring),
            ends_at: waiver.ends_at(),
            uncovered: match state {
                ExceptionState::Lapsed { uncovered } => uncovered.clone(),
                _ => Vec::new(),
            },
            gone: Some(gone.cloned().collect()),
            after_facts: newest(waiver, judged).map(|newest| waiver.created_at > newest),
            waiver: waiver.clone(),
        }
    };
    states.iter().map(status).collect()
}

/// How each waiver stands as far as its dates, and the plan where there is one, say it.
pub fn dated(waivers: &[Waiver], plan: Option<&Plan>, now: Instant) -> Vec<WaiverStatus> {
    let state = |waiver: &Waiver| {
        let scope = &waiver.remediation;
        if plan.is_some_and(|plan| plan.environment != scope.environment || plan.release != scope.release) {
            WaiverState::OutOfScope
        } else if now >= waiver.expires_at {
            WaiverState::Expired
        } else if now < waiver.created_at {
            WaiverState::Pending
        } else if waiver.remediation.is_overdue(now) {
            WaiverState::Overdue
        } else {
            WaiverState::InTime
        }
    };
    let status = |waiver: &Waiver| WaiverStatus {
        state: state(waiver),
        ends_at: waiver.ends_at(),
        uncovered: Vec::new(),
        gone: None,
        after_facts: None,
        waiver: waiver.clone(),
    };
    waivers.iter().map(status).collect()
}

fn near(state: WaiverState, waiver: &Waiver, now: Instant, expiring: Millis) -> WaiverState {
    let ends = waiver.ends_at().ms.saturating_sub(now.ms) <= expiring;
    if state == WaiverState::Active && ends { WaiverState::Expiring } else { state }
}

/// When the newest of the groups was collected that a waiver's findings are about.
fn newest(waiver: &Waiver, judged: Judged<'_>) -> Option<Instant> {
    let control = judged.checklist.control(waiver.control())?;
    let about: BTreeSet<String> = waiver.findings.iter().flat_map(|id| groups(judged.checklist, control, id)).collect();
    about.iter().filter_map(|name| Some(judged.facts.groups.get(name)?.group.collected_at)).max()
}

/// The groups that a finding is about.
fn groups(checklist: &Checklist, control: &Control, id: &str) -> BTreeSet<String> {
    if let Some((group, _)) = id.strip_prefix("facts:").and_then(|rest| rest.split_once(':')) {
        return BTreeSet::from([group.to_owned()]);
    }
    let code = id.split('[').next().unwrap_or(id);
    let criterion = match id.strip_prefix("unproven:") {
        Some(criterion) => Some(criterion),
        None => control.text.violations.get(code).map(|violation| violation.denies.as_str()),
    };
    let read = criterion.and_then(|criterion| checklist.reads(control).groups_of.get(criterion));
    read.map_or_else(|| control.text.facts.keys().cloned().collect(), |groups| groups.iter().cloned().collect())
}

/// What one decision record says of one control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The record's number in its chain.
    pub seq: u64,
    /// When it was judged.
    pub evaluated_at: Instant,
    /// The release that was judged.
    pub release: String,
    /// Whether the control passed.
    pub passes: bool,
}

/// What decision records say: by control and environment, in the order of their numbers.
pub type History = BTreeMap<(String, String), Vec<Recorded>>;

/// A remediation, and how it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RemediationStatus {
    /// The remediation.
    pub remediation: Remediation,
    /// The waiver that it belongs to.
    pub waiver: Option<String>,
    /// How it stands.
    pub state: RemediationState,
    /// The record that closed it.
    pub closed_by: Option<Recorded>,
}

/// How a remediation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemediationState {
    /// Its target date has passed.
    Overdue,
    /// Its target date is near.
    DueSoon,
    /// Its target date is further away.
    Open,
    /// A later record shows that its control passes.
    Closed,
}

impl RemediationState {
    /// The state's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::DueSoon => "due-soon",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// How each remediation stands, those of waivers among them; the earliest target dates first, closed ones last.
pub fn remediation_statuses(
    (waivers, remediations): (&[Waiver], &[Remediation]),
    history: &History,
    now: Instant,
    due_soon: Millis,
) -> Vec<RemediationStatus> {
    let of_waivers = waivers.iter().map(|w| (&w.remediation, Some(w)));
    let all = of_waivers.chain(remediations.iter().map(|r| (r, None)));
    let status = |(remediation, waiver): (&Remediation, Option<&Waiver>)| {
        let closed_by = closing(remediation, waiver, history, now).cloned();
        let state = if closed_by.is_some() {
            RemediationState::Closed
        } else if remediation.is_overdue(now) {
            RemediationState::Overdue
        } else if remediation.target_date.ms.saturating_sub(now.ms) <= due_soon {
            RemediationState::DueSoon
        } else {
            RemediationState::Open
        };
        RemediationStatus { remediation: remediation.clone(), waiver: waiver.map(|w| w.id.clone()), state, closed_by }
    };
    let mut out: Vec<RemediationStatus> = all.map(status).collect();
    out.sort_by(|a, b| {
        let key = |s: &RemediationStatus| {
            (s.state == RemediationState::Closed, s.remediation.target_date, s.remediation.control.clone(), s.waiver.clone())
        };
        key(a).cmp(&key(b))
    });
    out
}

/// The record that closed a remediation: the first one from which on the control passes, after one of the remediation's release in which it
/// did not, and after the waiver was written. Facts that were not recorded close nothing.
fn closing<'h>(remediation: &Remediation, waiver: Option<&Waiver>, history: &'h History, now: Instant) -> Option<&'h Recorded> {
    let records = history.get(&(remediation.control.clone(), remediation.environment.clone()))?;
    let known: Vec<&Recorded> = records.iter().filter(|r| r.evaluated_at <= now).collect();
    let failed = known.iter().rposition(|record| !record.passes);
    let begun = known.iter().any(|record| !record.passes && record.release == remediation.release) || waiver.is_some();
    let later = |record: &&&Recorded| waiver.is_none_or(|waiver| record.evaluated_at > waiver.created_at);
    let after = known.get(failed.map_or(0, |index| index + 1)..)?;
    after.iter().find(later).copied().filter(|_| begun)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remediation() -> Remediation {
        Remediation {
            control: "a.b".to_owned(),
            environment: "prod".to_owned(),
            release: "1".to_owned(),
            owner: "o".to_owned(),
            action: "x".to_owned(),
            target_date: Instant { ms: 100 },
        }
    }

    #[test]
    fn only_a_later_record_closes() {
        let record = |seq: u64, release: &str, passes| Recorded {
            seq,
            evaluated_at: Instant { ms: i64::try_from(seq).unwrap() * 10 },
            release: release.to_owned(),
            passes,
        };
        for (records, now, wanted) in [
            (vec![], 50, RemediationState::DueSoon),
            (vec![], 49, RemediationState::Open),
            (vec![], 100, RemediationState::Overdue),
            (vec![record(1, "1", true)], 50, RemediationState::DueSoon),
            (vec![record(1, "1", false), record(2, "1", true)], 50, RemediationState::Closed),
            (vec![record(1, "1", false), record(2, "2", true)], 200, RemediationState::Closed),
            (vec![record(1, "1", false), record(2, "1", true), record(3, "1", false)], 50, RemediationState::DueSoon),
            (vec![record(1, "0", false), record(2, "1", true)], 50, RemediationState::DueSoon),
            // A record of the future says nothing yet.
            (vec![record(1, "1", false), record(9, "1", true)], 50, RemediationState::DueSoon),
        ] {
            let history = History::from([(("a.b".to_owned(), "prod".to_owned()), records.clone())]);
            let found = remediation_statuses((&[], &[remediation()]), &history, Instant { ms: now }, 50);
            assert_eq!(found[0].state, wanted, "{records:?} at {now}");
            assert_eq!(found[0].closed_by.as_ref().map(|r| r.seq), (wanted == RemediationState::Closed).then_some(2));
        }
    }
}
