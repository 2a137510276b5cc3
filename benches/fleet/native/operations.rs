//! Runbooks, objectives, alerts and people.

use super::deployment::Linked;
use super::leaf::{Length, Sha, Text, Time};
use super::whole;
use super::words::{Answer, Drift, Health, Objective, Review, Target, Topic};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runbooks<'a> {
    #[serde(borrow)]
    pub tried_on: Text<'a>,
    #[serde(borrow)]
    pub runbooks: Vec<Runbook<'a>>,
    pub runbooks_total: u64,
}

impl Runbooks<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.runbooks.len(), self.runbooks_total) && self.runbooks.iter().all(Runbook::is_whole)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runbook<'a> {
    pub topic: Topic,
    #[serde(borrow)]
    pub path: Text<'a>,
    #[serde(borrow)]
    pub sha256: Sha<'a>,
    pub size_bytes: u64,
    #[serde(borrow)]
    pub checks: Vec<RunbookCheck<'a>>,
    pub checks_total: u64,
}

impl Runbook<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.checks.len(), self.checks_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunbookCheck<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    pub result: Drift,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunbookReviews<'a> {
    #[serde(borrow)]
    pub reviews: Vec<RunbookReview<'a>>,
    pub reviews_total: u64,
}

impl RunbookReviews<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.reviews.len(), self.reviews_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunbookReview<'a> {
    #[serde(borrow)]
    pub path: Text<'a>,
    #[serde(borrow)]
    pub sha256: Sha<'a>,
    #[serde(borrow)]
    pub release: Text<'a>,
    #[serde(borrow)]
    pub reviewer: Text<'a>,
    #[serde(borrow)]
    pub reviewed_at: Time<'a>,
    pub result: Review,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slos<'a> {
    #[serde(borrow)]
    pub availability: Slo<'a>,
    #[serde(borrow)]
    pub latency: Slo<'a>,
    #[serde(borrow)]
    pub error_budget: Slo<'a>,
}

impl Slos<'_> {
    pub fn is_whole(_: &Self) -> bool {
        true
    }
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Slo<'a> {
    None {},
    Documented {
        #[serde(borrow)]
        objective: Text<'a>,
        window: Length,
        #[serde(borrow)]
        document: Linked<'a>,
        returns_data: Answer,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts<'a> {
    #[serde(borrow)]
    pub rules: Vec<Rule<'a>>,
    pub rules_total: u64,
    #[serde(borrow)]
    pub targets: Vec<ScrapeTarget<'a>>,
    pub targets_total: u64,
    #[serde(borrow)]
    pub dashboards: Vec<Dashboard<'a>>,
    pub dashboards_total: u64,
}

impl Alerts<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.rules.len(), self.rules_total)
            && whole(self.targets.len(), self.targets_total)
            && whole(self.dashboards.len(), self.dashboards_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    pub slo: Objective,
    pub health: Health,
    #[serde(borrow)]
    pub last_evaluation_at: Time<'a>,
    pub receiver: Answer,
    pub silenced: Answer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScrapeTarget<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    pub state: Target,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dashboard<'a> {
    #[serde(borrow)]
    pub uri: Text<'a>,
    pub reachable: Answer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnCall<'a> {
    #[serde(borrow)]
    pub assignment: Assignment<'a>,
    #[serde(borrow)]
    pub escalation: Escalation<'a>,
    #[serde(borrow)]
    pub acknowledgement: Acknowledgement<'a>,
    #[serde(borrow)]
    pub noise: Noise<'a>,
}

impl OnCall<'_> {
    pub fn is_whole(_: &Self) -> bool {
        true
    }
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Assignment<'a> {
    None {},
    Assigned {
        #[serde(borrow)]
        role: Text<'a>,
    },
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Escalation<'a> {
    None {},
    Documented {
        #[serde(borrow)]
        uri: Text<'a>,
        #[serde(borrow)]
        sha256: Sha<'a>,
    },
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Acknowledgement<'a> {
    None {},
    Unknown {},
    Given {
        #[serde(borrow)]
        at: Time<'a>,
        #[serde(borrow)]
        escalation_sha256: Sha<'a>,
    },
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Noise<'a> {
    Unknown {},
    Reviewed {
        #[serde(borrow)]
        at: Time<'a>,
        acceptable: Answer,
    },
}
