//! `runbooks.current`.

use super::{Control, all, each, value};
use crate::native::Case;
use crate::native::limits::has;
use crate::native::operations::{Runbook, RunbookReviews};
use crate::native::row::Row;
use crate::native::words::{Drift, Review};

pub const CURRENT: Control = Control {
    id: "runbooks.current",
    groups: &["runbooks", "runbook_reviews"],
    criteria: &["topics-covered", "texts-present", "reviewed-for-release", "no-objection", "matches-deployment"],
    judge,
};

fn judge(case: &Case<'_, '_>, row: &mut Row) {
    let group = value(case.seen.runbooks.as_ref());
    let runbooks = group.map(|group| &group.runbooks);
    let reviews = value(case.seen.runbook_reviews.as_ref());
    let limits = &case.limits.runbooks;
    let covered = |topic: &String| each(runbooks).any(|r| r.topic.word() == topic);
    let tried = |r: &Runbook<'_>| !r.checks.is_empty() || has(&limits.prose_topics, r.topic.word());
    let reviewed = |r: &Runbook<'_>, reviews: &RunbookReviews<'_>| {
        reviews.reviews.iter().any(|v| {
            v.sha256 == r.sha256
                && v.release.0 == case.release
                && v.result == Review::Current
                && case.within(v.reviewed_at.ms, limits.review_max_age_ms)
        })
    };
    row.met("topics-covered", runbooks.is_some() && limits.required_topics.iter().all(covered));
    row.met("texts-present", all(runbooks, |r| r.size_bytes > 0));
    row.met("reviewed-for-release", reviews.is_some_and(|reviews| all(runbooks, |r| reviewed(r, reviews))));
    row.met("no-objection", all(reviews.map(|group| &group.reviews), |v| v.result == Review::Current));
    let planned = group.is_some_and(|group| group.tried_on.0 == case.release);
    let works = |r: &Runbook<'_>| tried(r) && r.checks.iter().all(|c| c.result == Drift::Matched);
    row.met("matches-deployment", planned && all(runbooks, works));
    for topic in limits.required_topics.iter().filter(|topic| runbooks.is_some() && !covered(topic)) {
        row.about("topics-covered", "topic-missing", &[topic]);
    }
    row.deny("matches-deployment", "other-release", group.is_some() && !planned);
    for r in each(runbooks) {
        let path = &*r.path.0;
        for (wrong, criterion, code) in [
            (r.size_bytes == 0, "texts-present", "runbook-empty"),
            (reviews.is_some_and(|reviews| !reviewed(r, reviews)), "reviewed-for-release", "runbook-unreviewed"),
            (!tried(r), "matches-deployment", "runbook-untried"),
        ] {
            if wrong {
                row.about(criterion, code, &[path]);
            }
        }
        for check in r.checks.iter().filter(|c| c.result == Drift::Failed) {
            row.about("matches-deployment", "drift-found", &[path, &check.name.0]);
        }
    }
    for v in each(reviews.map(|group| &group.reviews)).filter(|v| v.result == Review::Outdated) {
        row.about("no-objection", "runbook-outdated", &[&v.path.0]);
    }
}
