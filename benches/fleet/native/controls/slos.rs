//! `slos.active`.

use super::{Control, all, each, some_and_all, value};
use crate::native::Case;
use crate::native::operations::{Acknowledgement, Alerts, Assignment, Escalation, Noise, OnCall, Rule, Slo};
use crate::native::row::Row;
use crate::native::words::{Answer, Health, Objective, Target};

pub const ACTIVE: Control = Control {
    id: "slos.active",
    groups: &["slos", "alerts", "on_call"],
    criteria: &[
        "slos-live",
        "alerts-defined",
        "alerts-active",
        "targets-scraped",
        "dashboards-active",
        "on-call-assigned",
        "escalation-known",
        "alerts-quiet",
    ],
    judge,
};

impl Slo<'_> {
    fn returns_data(&self) -> Option<Answer> {
        match self {
            Self::Documented { returns_data, .. } => Some(*returns_data),
            Self::None {} => None,
        }
    }
}

fn judge(case: &Case<'_, '_>, row: &mut Row) {
    if let Some(slos) = value(case.seen.slos.as_ref()) {
        let kinds = [("availability", &slos.availability), ("latency", &slos.latency), ("error_budget", &slos.error_budget)];
        row.met("slos-live", kinds.iter().all(|(_, slo)| slo.returns_data() == Some(Answer::Yes)));
        for (kind, slo) in kinds {
            match slo.returns_data() {
                None => row.about("slos-live", "slo-missing", &[kind]),
                Some(Answer::No) => row.about("slos-live", "indicator-silent", &[kind]),
                _ => {}
            }
        }
    }
    if let Some(good) = &case.seen.alerts {
        alerts(case, good.value, good.around.collected_at.ms, row);
    }
    if let Some(on_call) = value(case.seen.on_call.as_ref()) {
        people(case, on_call, row);
    }
}

fn alerts(case: &Case<'_, '_>, alerts: &Alerts<'_>, collected: i64, row: &mut Row) {
    let kinds = [(Objective::Availability, "availability"), (Objective::Latency, "latency"), (Objective::ErrorBudget, "error_budget")];
    let served = |kind: Objective| alerts.rules.iter().any(|r| r.slo == kind);
    let evaluated = |r: &Rule<'_>| {
        let at = r.last_evaluation_at.ms;
        at - collected <= case.limits.clock_skew_ms && collected - at <= case.limits.slos.evaluation_max_age_ms
    };
    let active = |r: &Rule<'_>| r.health == Health::Ok && r.receiver == Answer::Yes && r.silenced == Answer::No && evaluated(r);
    row.met("alerts-defined", kinds.iter().all(|(kind, _)| served(*kind)));
    row.met("alerts-active", all(Some(&alerts.rules), active));
    row.met("targets-scraped", some_and_all(Some(&alerts.targets), |t| t.state == Target::Up));
    row.met("dashboards-active", some_and_all(Some(&alerts.dashboards), |d| d.reachable == Answer::Yes));
    for (_, kind) in kinds.iter().filter(|(kind, _)| !served(*kind)) {
        row.about("alerts-defined", "alert-missing", &[kind]);
    }
    for r in &alerts.rules {
        for (wrong, code) in [
            (r.health == Health::Err, "alert-broken"),
            (!evaluated(r), "alert-idle"),
            (r.receiver == Answer::No, "alert-unrouted"),
            (r.silenced == Answer::Yes, "alert-silenced"),
        ] {
            if wrong {
                row.about("alerts-active", code, &[&r.name.0]);
            }
        }
    }
    row.deny("targets-scraped", "target-missing", alerts.targets.is_empty());
    row.deny("dashboards-active", "dashboard-missing", alerts.dashboards.is_empty());
    for t in each(Some(&alerts.targets)).filter(|t| t.state == Target::Down) {
        row.about("targets-scraped", "target-down", &[&t.name.0]);
    }
    for d in each(Some(&alerts.dashboards)).filter(|d| d.reachable == Answer::No) {
        row.about("dashboards-active", "dashboard-unreachable", &[&d.uri.0]);
    }
}

fn people(case: &Case<'_, '_>, on_call: &OnCall<'_>, row: &mut Row) {
    let limits = &case.limits.slos;
    row.met("on-call-assigned", matches!(on_call.assignment, Assignment::Assigned { .. }));
    row.deny("on-call-assigned", "nobody-on-call", matches!(on_call.assignment, Assignment::None {}));
    row.deny("escalation-known", "escalation-missing", matches!(on_call.escalation, Escalation::None {}));
    row.deny("escalation-known", "escalation-unacknowledged", matches!(on_call.acknowledgement, Acknowledgement::None {}));
    if let Acknowledgement::Given { at, escalation_sha256 } = &on_call.acknowledgement {
        let recent = case.within(at.ms, limits.escalation_max_age_ms);
        if let Escalation::Documented { sha256, .. } = &on_call.escalation {
            row.met("escalation-known", sha256 == escalation_sha256 && recent);
            row.deny("escalation-known", "escalation-changed", sha256 != escalation_sha256);
        }
        row.deny("escalation-known", "acknowledgement-old", !recent);
    }
    if let Noise::Reviewed { at, acceptable } = &on_call.noise {
        let recent = case.within(at.ms, limits.noise_max_age_ms);
        row.met("alerts-quiet", *acceptable == Answer::Yes && recent);
        row.deny("alerts-quiet", "alerts-noisy", *acceptable == Answer::No);
        row.deny("alerts-quiet", "noise-review-old", !recent);
    }
}
