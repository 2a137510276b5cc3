//! Waivers and how they stand.

use super::{INNER, clock, distance, entry, tally};
use crate::exceptions::{WaiverState, WaiverStatus};
use crate::facts::Plan;
use crate::model::{Decision, Instant};
use crate::report::page::{BAD, GOOD, HELD, Page, Part, STRONG};
use crate::report::{Look, encode, why};
use anstyle::Style;
use serde::Serialize;

/// Waivers, and what they were held against.
pub struct WaiverList<'l> {
    /// The waivers.
    pub waivers: &'l [WaiverStatus],
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
    waivers: Vec<Row<'l>>,
}

#[derive(Serialize)]
struct Row<'l> {
    id: &'l str,
    control: &'l str,
    environment: &'l str,
    release: &'l str,
    state: &'static str,
    why: String,
    created_at: String,
    expires_at: String,
    ends_at: String,
    findings: &'l [String],
    uncovered: &'l [String],
    gone: Option<&'l [String]>,
    after_facts: Option<bool>,
    reason: &'l str,
    ticket: &'l str,
    requested_by: &'l str,
    approved_by: &'l str,
    remediation: RemediationRow<'l>,
}

#[derive(Serialize)]
struct RemediationRow<'l> {
    owner: &'l str,
    action: &'l str,
    target_date: String,
}

impl WaiverList<'_> {
    /// `golive.waivers-status/1` as JSON.
    pub fn json(&self) -> String {
        let plan = self.plan;
        encode::document(&Document {
            format: "golive.waivers-status/1",
            evaluated_at: self.now.to_string(),
            clock: clock(self.given),
            environment: plan.map(|plan| plan.environment.as_str()),
            release: plan.map(|plan| plan.release.as_str()),
            judged: self.decision.is_some(),
            waivers: self.waivers.iter().map(|status| self.row(status)).collect(),
        })
    }

    fn row<'r>(&self, status: &'r WaiverStatus) -> Row<'r> {
        let waiver = &status.waiver;
        let bound = &waiver.remediation;
        Row {
            id: &waiver.id,
            control: &bound.control,
            environment: &bound.environment,
            release: &bound.release,
            state: status.state.word(),
            why: self.why(status),
            created_at: waiver.created_at.to_string(),
            expires_at: waiver.expires_at.to_string(),
            ends_at: status.ends_at.to_string(),
            findings: &waiver.findings,
            uncovered: &status.uncovered,
            gone: status.gone.as_deref(),
            after_facts: status.after_facts,
            reason: &waiver.reason,
            ticket: &waiver.ticket,
            requested_by: &waiver.requested_by,
            approved_by: &waiver.approved_by,
            remediation: RemediationRow { owner: &bound.owner, action: &bound.action, target_date: bound.target_date.to_string() },
        }
    }

    /// Why a waiver stands as it does.
    fn why(&self, status: &WaiverStatus) -> String {
        let waiver = &status.waiver;
        let told = self.decision.and_then(|decision| {
            let (_, state) = decision.waivers.iter().find(|(known, _)| known.id == waiver.id)?;
            Some(why(decision, waiver, state))
        });
        told.unwrap_or_else(|| match status.state {
            WaiverState::Expired => format!("it ended at {}", waiver.expires_at),
            WaiverState::Pending => format!("it begins at {}", waiver.created_at),
            WaiverState::Overdue => format!("its remediation was due at {}", waiver.remediation.target_date),
            WaiverState::OutOfScope => "it is for another environment or release".to_owned(),
            _ => "its dates hold; facts say whether it covers its control".to_owned(),
        })
    }

    /// For people at a terminal.
    pub fn human(&self, look: &Look) -> String {
        let mut page = Page::new(look);
        let words = self.waivers.iter().map(|status| status.state.word());
        let facts = if self.decision.is_some() { "" } else { ", without facts" };
        let head = format!("{} (at {}, clock: {}{facts})", tally("waiver", words), self.now, clock(self.given));
        page.put(0, 2, &[Part::words(head).styled(STRONG)]);
        for status in self.waivers {
            page.blank();
            self.one(&mut page, status);
        }
        page.finish()
    }

    fn one(&self, page: &mut Page, status: &WaiverStatus) {
        let waiver = &status.waiver;
        let bound = &waiver.remediation;
        let title = [
            Part::whole(&waiver.id).styled(STRONG),
            Part::words(format!("{}:", status.state.word())).styled(style(status.state)),
            Part::words(self.why(status)),
        ];
        page.put(2, INNER, &title);
        for id in &status.uncovered {
            page.put(INNER + 2, INNER + 2, &[Part::whole(format!("+ {id}"))]);
        }
        entry(
            page,
            "Control",
            vec![Part::whole(&bound.control), Part::words(format!("in {}, release {}", bound.environment, bound.release))],
        );
        let runs = status.ends_at > self.now && !matches!(status.state, WaiverState::OutOfScope | WaiverState::Pending);
        let left = if runs { format!("({})", distance(status.ends_at, self.now)) } else { String::new() };
        let by = if bound.target_date < waiver.expires_at { ", its target date" } else { "" };
        let valid = format!("from {} until {}{by} {left}", waiver.created_at, status.ends_at);
        entry(page, "Valid", vec![Part::words(valid.trim_end())]);
        entry(page, "Approved by", vec![Part::words(&waiver.approved_by), Part::words("for"), Part::words(&waiver.requested_by)]);
        entry(page, "Ticket", vec![Part::whole(&waiver.ticket)]);
        entry(page, "Owner", vec![Part::words(&bound.owner)]);
        entry(page, "Action", vec![Part::words(&bound.action)]);
        page.put(INNER, INNER, &[Part::words("Accepts").styled(STRONG)]);
        for id in &waiver.findings {
            let gone = status.gone.as_ref().is_some_and(|gone| gone.contains(id));
            let mut parts = vec![Part::whole(format!("- {id}"))];
            parts.extend(gone.then(|| Part::words("(does not stand)")));
            page.put(INNER + 2, INNER + 4, &parts);
        }
        if status.after_facts == Some(true) {
            entry(page, "Note", vec![Part::words("it was written after the facts that it is about were collected")]);
        }
    }
}

fn style(state: WaiverState) -> Style {
    match state {
        WaiverState::Active => GOOD,
        WaiverState::Expiring | WaiverState::InTime | WaiverState::Pending => HELD,
        WaiverState::Unused | WaiverState::OutOfScope => STRONG,
        _ => BAD,
    }
}
