//! Remediations and how they stand.

use super::{INNER, clock, distance, entry, tally};
use crate::exceptions::{RemediationState, RemediationStatus};
use crate::facts::Plan;
use crate::model::{Decision, Instant};
use crate::report::page::{BAD, GOOD, HELD, Page, Part, STRONG};
use crate::report::{Look, encode, mark};
use serde::Serialize;

/// Remediations, and what they were held against.
pub struct RemediationList<'l> {
    /// The remediations.
    pub remediations: &'l [RemediationStatus],
    /// The decision on the facts; none without facts.
    pub decision: Option<&'l Decision>,
    /// What is planned, where it is known.
    pub plan: Option<&'l Plan>,
    /// The time.
    pub now: Instant,
    /// Whether it was given.
    pub given: bool,
}

#[derive(Serialize)]
struct Document<'l> {
    format: &'static str,
    evaluated_at: String,
    clock: &'static str,
    environment: Option<&'l str>,
    release: Option<&'l str>,
    judged: bool,
    remediations: Vec<Row<'l>>,
}

#[derive(Serialize)]
struct Row<'l> {
    control: &'l str,
    environment: &'l str,
    release: &'l str,
    state: &'static str,
    owner: &'l str,
    action: &'l str,
    target_date: String,
    waiver: Option<&'l str>,
    verdict: Option<&'static str>,
    closed_by: Option<RecordRow<'l>>,
}

#[derive(Serialize)]
struct RecordRow<'l> {
    seq: u64,
    evaluated_at: String,
    release: &'l str,
}

impl RemediationList<'_> {
    /// `golive.remediations-status/1` as JSON.
    pub fn json(&self) -> String {
        let plan = self.plan;
        encode::document(&Document {
            format: "golive.remediations-status/1",
            evaluated_at: self.now.to_string(),
            clock: clock(self.given),
            environment: plan.map(|plan| plan.environment.as_str()),
            release: plan.map(|plan| plan.release.as_str()),
            judged: self.decision.is_some(),
            remediations: self.remediations.iter().map(|status| self.row(status)).collect(),
        })
    }

    fn row<'r>(&self, status: &'r RemediationStatus) -> Row<'r> {
        let own = &status.remediation;
        let closed = status.closed_by.as_ref();
        Row {
            control: &own.control,
            environment: &own.environment,
            release: &own.release,
            state: status.state.word(),
            owner: &own.owner,
            action: &own.action,
            target_date: own.target_date.to_string(),
            waiver: status.waiver.as_deref(),
            verdict: self.verdict(status).map(crate::model::Verdict::word),
            closed_by: closed.map(|r| RecordRow { seq: r.seq, evaluated_at: r.evaluated_at.to_string(), release: &r.release }),
        }
    }

    /// The verdict of its control, where the facts are about its environment and release.
    fn verdict(&self, status: &RemediationStatus) -> Option<crate::model::Verdict> {
        let (decision, own) = (self.decision?, &status.remediation);
        let row = decision.rows.iter().find(|row| row.text.id == own.control)?;
        (decision.environment == own.environment && decision.release == own.release).then_some(row.judgement.verdict)
    }

    /// For people at a terminal.
    pub fn human(&self, look: &Look) -> String {
        let mut page = Page::new(look);
        let words = self.remediations.iter().map(|status| status.state.word());
        let head = format!("{} (at {}, clock: {})", tally("remediation", words), self.now, clock(self.given));
        page.put(0, 2, &[Part::words(head).styled(STRONG)]);
        for status in self.remediations {
            page.blank();
            self.one(&mut page, status);
        }
        page.finish()
    }

    fn one(&self, page: &mut Page, status: &RemediationStatus) {
        let own = &status.remediation;
        let style = match status.state {
            RemediationState::Overdue => BAD,
            RemediationState::DueSoon => HELD,
            RemediationState::Open => STRONG,
            RemediationState::Closed => GOOD,
        };
        let mut title = vec![
            Part::whole(&own.control).styled(STRONG),
            Part::words(status.state.word()).styled(style),
            Part::words(format!("in {}, release {}", own.environment, own.release)),
        ];
        title.extend(self.verdict(status).map(|verdict| Part::words(format!("(now {})", mark(verdict)))));
        page.put(2, INNER, &title);
        entry(page, "Owner", vec![Part::words(&own.owner)]);
        entry(page, "Action", vec![Part::words(&own.action)]);
        entry(page, "Target date", vec![Part::words(format!("{} ({})", own.target_date, distance(own.target_date, self.now)))]);
        if let Some(waiver) = &status.waiver {
            entry(page, "Waiver", vec![Part::whole(waiver)]);
        }
        if let Some(record) = &status.closed_by {
            let words = format!("by record {} of release {}, judged at {}", record.seq, record.release, record.evaluated_at);
            entry(page, "Closed", vec![Part::words(words)]);
        }
    }
}
