//! `auth.enforced`.

use super::{Control, all, each, some_and_all, value};
use crate::native::Case;
use crate::native::row::Row;
use crate::native::words::{Auth, Probe, Profile, Purpose};

pub const ENFORCED: Control = Control {
    id: "auth.enforced",
    groups: &["auth_probes", "daemons", "tls_endpoints"],
    criteria: &[
        "bearer-configured",
        "production-profile",
        "every-way-probed",
        "probes-current",
        "unauthenticated-rejected",
        "bad-token-rejected",
        "right-token-accepted",
    ],
    judge,
};

fn judge(case: &Case<'_, '_>, row: &mut Row) {
    let daemons = value(case.seen.daemons.as_ref()).map(|group| &group.daemons);
    let probes = value(case.seen.auth_probes.as_ref()).map(|group| &group.listeners);
    let probed_at = case.seen.auth_probes.as_ref().map(|good| good.around.collected_at.ms);
    let ingress = value(case.seen.tls_endpoints.as_ref()).map(|group| &group.ingress);
    let probed = |id: &str| each(probes).any(|p| p.id.0 == id);
    let clients: usize = each(daemons).map(|d| d.rpc_listeners.len()).sum();
    let ways = ingress.map(|ingress| clients + ingress.len());
    let made = probes.map(Vec::len);
    row.met("bearer-configured", some_and_all(daemons, |d| matches!(d.auth, Auth::AuthToken | Auth::AuthProfile)));
    row.met("production-profile", some_and_all(daemons, |d| d.profile == Profile::Prod));
    let every_way = some_and_all(daemons, |d| {
        !d.rpc_listeners.is_empty()
            && d.rpc_listeners.iter().all(|l| probed(&l.id.0))
            && d.side_listeners.iter().all(|l| matches!(l.purpose, Purpose::Health | Purpose::Metrics))
    });
    let counted = ways.zip(made).is_some_and(|(ways, made)| ways <= made);
    row.met("every-way-probed", every_way && all(ingress, |e| probed(&e.id.0)) && counted);
    row.met("probes-current", probed_at.is_some_and(|at| all(daemons, |d| d.started_at.ms <= at)));
    row.met("unauthenticated-rejected", some_and_all(probes, |p| p.no_header == Probe::Rejected && p.second_method == Probe::Rejected));
    row.met("bad-token-rejected", some_and_all(probes, |p| p.wrong_token == Probe::Rejected && p.empty_bearer == Probe::Rejected));
    row.met("right-token-accepted", some_and_all(probes, |p| p.right_token == Probe::Accepted));
    for daemon in each(daemons) {
        let id = &*daemon.id.0;
        for (wrong, criterion, code) in [
            (daemon.auth == Auth::None, "bearer-configured", "auth-off"),
            (daemon.profile == Profile::Dev, "production-profile", "profile-dev"),
            (daemon.rpc_listeners.is_empty(), "every-way-probed", "rpc-missing"),
            (probed_at.is_some_and(|at| daemon.started_at.ms > at), "probes-current", "probes-outdated"),
        ] {
            if wrong {
                row.about(criterion, code, &[id]);
            }
        }
        for listener in daemon.rpc_listeners.iter().filter(|l| probes.is_some() && !probed(&l.id.0)) {
            row.about("every-way-probed", "listener-unprobed", &[&listener.id.0]);
        }
        for listener in daemon.side_listeners.iter().filter(|l| l.purpose == Purpose::Other) {
            row.about("every-way-probed", "listener-strange", &[id, &listener.address.0]);
        }
    }
    row.deny("every-way-probed", "probes-too-few", ways.zip(made).is_some_and(|(ways, made)| ways > made));
    for endpoint in each(ingress).filter(|e| probes.is_some() && !probed(&e.id.0)) {
        row.about("every-way-probed", "ingress-unprobed", &[&endpoint.id.0]);
    }
    answers(case, row);
}

/// What the probes found out.
fn answers(case: &Case<'_, '_>, row: &mut Row) {
    for probe in each(value(case.seen.auth_probes.as_ref()).map(|group| &group.listeners)) {
        for (wrong, criterion, code) in [
            (probe.no_header == Probe::Accepted, "unauthenticated-rejected", "no-header-accepted"),
            (probe.second_method == Probe::Accepted, "unauthenticated-rejected", "second-method-accepted"),
            (probe.wrong_token == Probe::Accepted, "bad-token-rejected", "wrong-token-accepted"),
            (probe.empty_bearer == Probe::Accepted, "bad-token-rejected", "empty-token-accepted"),
            (probe.right_token == Probe::Rejected, "right-token-accepted", "right-token-rejected"),
        ] {
            if wrong {
                row.about(criterion, code, &[&probe.id.0]);
            }
        }
    }
}
