//! `tls.encrypted`.

use super::{Control, all, each, some_and_all, value};
use crate::native::Case;
use crate::native::deployment::{Configured, Daemons, Exposure, TlsEndpoint, TlsEndpoints};
use crate::native::row::Row;
use crate::native::words::{Answer, Chain, Outcome};
use std::collections::BTreeSet;

pub const ENCRYPTED: Control = Control {
    id: "tls.encrypted",
    groups: &["daemons", "exposure", "tls_endpoints"],
    criteria: &[
        "tls-terminated",
        "ports-known",
        "certificate-trusted",
        "certificate-in-date",
        "certificate-configured",
        "plaintext-refused",
        "networks-covered",
        "measured-now",
    ],
    judge,
};

impl TlsEndpoints<'_> {
    fn secured(&self, id: &str) -> bool {
        self.tls.iter().any(|e| e.id.0 == id)
    }

    fn asked(&self, id: &str) -> bool {
        self.secured(id) || self.plaintext.iter().any(|e| e.id.0 == id)
    }

    fn undetermined(&self, id: &str) -> bool {
        self.undetermined.iter().any(|e| e.id.0 == id)
    }

    fn terminated(&self, id: &str) -> bool {
        self.secured(id) || self.ingress.iter().any(|e| self.secured(&e.id.0))
    }

    fn answers(&self) -> usize {
        self.tls.len() + self.plaintext.len() + self.undetermined.len()
    }
}

/// How many ports there are.
fn known(daemons: Option<&Daemons<'_>>, endpoints: &TlsEndpoints<'_>) -> usize {
    let of_daemons = daemons.into_iter().flat_map(|group| &group.daemons);
    of_daemons.map(|d| d.rpc_listeners.len() + d.side_listeners.len()).sum::<usize>() + endpoints.ingress.len()
}

fn tried(exposure: &Exposure<'_>, id: &str, network: &str) -> bool {
    exposure.vantages.iter().any(|v| v.network.0 == network && v.attempts.iter().any(|a| a.id.0 == id))
}

fn configured(endpoint: &TlsEndpoint<'_>) -> bool {
    match &endpoint.configured {
        Configured::None {} => true,
        Configured::File { sha256 } => *sha256 == endpoint.served_sha256,
        Configured::Unknown {} => false,
    }
}

fn judge(case: &Case<'_, '_>, row: &mut Row) {
    let daemons = value(case.seen.daemons.as_ref());
    let list = daemons.map(|group| &group.daemons);
    let endpoints = value(case.seen.tls_endpoints.as_ref());
    let exposure = value(case.seen.exposure.as_ref());
    let vantages = exposure.map(|group| &group.vantages);
    let limits = &case.limits.tls;
    let terminated = endpoints
        .is_some_and(|e| some_and_all(list, |d| !d.rpc_listeners.is_empty() && d.rpc_listeners.iter().all(|l| e.terminated(&l.id.0))));
    row.met("tls-terminated", terminated);
    let ports_known = endpoints.is_some_and(|e| {
        let of_daemons =
            all(list, |d| d.rpc_listeners.iter().all(|l| e.asked(&l.id.0)) && d.side_listeners.iter().all(|l| e.asked(&l.id.0)));
        e.undetermined_total == 0 && of_daemons && e.ingress.iter().all(|i| e.asked(&i.id.0)) && known(daemons, e) <= e.answers()
    });
    row.met("ports-known", ports_known);
    let tls = endpoints.map(|group| &group.tls);
    row.met("certificate-trusted", all(tls, |e| e.chain == Chain::Trusted && e.name_matches == Answer::Yes));
    let in_date = |e: &TlsEndpoint<'_>| e.not_before.ms <= case.now && e.not_after.ms - case.now >= limits.min_validity_ms;
    row.met("certificate-in-date", all(tls, in_date));
    row.met("certificate-configured", all(tls, configured));
    row.met("plaintext-refused", all(vantages, |v| v.attempts.iter().all(|a| a.outcome == Outcome::Refused)));
    let covered = endpoints.zip(exposure).is_some_and(|(e, exposure)| {
        let each_tried = |network: &String| e.plaintext.iter().all(|port| tried(exposure, &port.id.0, network));
        !limits.production_networks.is_empty()
            && limits.production_networks.iter().all(each_tried)
            && exposure.vantages.iter().all(|v| v.reaches_tls == Answer::Yes)
    });
    row.met("networks-covered", covered);
    let measured = case.seen.tls_endpoints.as_ref().zip(case.seen.exposure.as_ref());
    let measured = measured.map(|(e, x)| (e.around.collected_at.ms, x.around.collected_at.ms));
    row.met("measured-now", measured.is_some_and(|(e, x)| all(list, |d| d.started_at.ms <= e && d.started_at.ms <= x)));
    for daemon in each(list) {
        let Some((e, x)) = measured else { break };
        for (at, group) in [(x, "exposure"), (e, "tls_endpoints")] {
            if daemon.started_at.ms > at {
                row.about("measured-now", "measured-early", &[&daemon.id.0, group]);
            }
        }
    }
    certificates(case, row);
    if let Some(endpoints) = endpoints {
        ports(daemons, endpoints, row);
    }
    ways_in(case, row);
}

fn certificates(case: &Case<'_, '_>, row: &mut Row) {
    for endpoint in each(value(case.seen.tls_endpoints.as_ref()).map(|group| &group.tls)) {
        let left = endpoint.not_after.ms - case.now;
        let other = matches!(&endpoint.configured, Configured::File { sha256 } if *sha256 != endpoint.served_sha256);
        for (wrong, criterion, code) in [
            (endpoint.chain == Chain::Untrusted, "certificate-trusted", "chain-untrusted"),
            (endpoint.name_matches == Answer::No, "certificate-trusted", "name-mismatch"),
            (endpoint.not_before.ms > case.now, "certificate-in-date", "not-yet-valid"),
            (left <= 0, "certificate-in-date", "expired"),
            (left > 0 && left < case.limits.tls.min_validity_ms, "certificate-in-date", "expires-soon"),
            (other, "certificate-configured", "other-served"),
        ] {
            if wrong {
                row.about(criterion, code, &[&endpoint.id.0]);
            }
        }
    }
}

fn ports(daemons: Option<&Daemons<'_>>, endpoints: &TlsEndpoints<'_>, row: &mut Row) {
    let list = daemons.map(|group| &group.daemons);
    let of_clients: BTreeSet<&str> = each(list).flat_map(|d| d.rpc_listeners.iter().map(|l| &*l.id.0)).collect();
    for port in endpoints.plaintext.iter().filter(|e| of_clients.contains(&*e.id.0) && !endpoints.terminated(&e.id.0)) {
        row.about("tls-terminated", "tls-missing", &[&port.id.0]);
    }
    row.deny("ports-known", "ports-too-few", known(daemons, endpoints) > endpoints.answers());
    let beside = each(list).flat_map(|d| d.side_listeners.iter().map(|l| &*l.id.0));
    let ports: BTreeSet<&str> = of_clients.iter().copied().chain(beside).chain(endpoints.ingress.iter().map(|e| &*e.id.0)).collect();
    for id in ports.into_iter().filter(|id| !endpoints.asked(id) && !endpoints.undetermined(id)) {
        row.about("ports-known", "port-unasked", &[id]);
    }
}

fn ways_in(case: &Case<'_, '_>, row: &mut Row) {
    let Some(exposure) = value(case.seen.exposure.as_ref()) else { return };
    for vantage in &exposure.vantages {
        let network = &*vantage.network.0;
        for attempt in vantage.attempts.iter().filter(|a| a.outcome == Outcome::Open) {
            row.about("plaintext-refused", "plaintext-open", &[network, &attempt.id.0]);
        }
        if vantage.reaches_tls == Answer::No {
            row.about("networks-covered", "vantage-blind", &[network]);
        }
    }
    let plaintext = value(case.seen.tls_endpoints.as_ref()).map(|group| &group.plaintext);
    for network in &case.limits.tls.production_networks {
        for port in each(plaintext).filter(|port| !tried(exposure, &port.id.0, network)) {
            row.about("networks-covered", "not-tried", &[network, &port.id.0]);
        }
    }
}
