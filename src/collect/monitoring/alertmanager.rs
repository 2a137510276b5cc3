//! Alertmanager: where an alert would go, and what keeps it from there now.
//!
//! Its configuration holds secrets: receivers are read for their names and for the kinds of their notifications, nothing else.

use super::matchers::{self, Known, Labels, Matcher};
use super::server::Server;
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::model::Instant;
use crate::text::{Limits, Source, read_yaml, visible};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The configuration that is loaded, and the silences.
pub struct Alertmanager {
    root: Route,
    /// The kinds of notifications of each receiver.
    receivers: BTreeMap<String, Vec<String>>,
    inhibitions: Vec<Inhibition>,
    silences: Vec<Silence>,
    /// When saved answers were saved.
    pub saved_at: Option<Instant>,
}

/// A node of the routing tree.
struct Route {
    receiver: Option<String>,
    /// None where they cannot be read.
    matchers: Option<Vec<Matcher>>,
    goes_on: bool,
    /// It is mute at some times.
    is_timed: bool,
    routes: Vec<Self>,
}

struct Inhibition {
    source: Option<Vec<Matcher>>,
    target: Option<Vec<Matcher>>,
}

#[derive(Deserialize)]
struct Silence {
    matchers: Vec<Matcher>,
    status: SilenceStatus,
}

#[derive(Deserialize)]
struct SilenceStatus {
    state: String,
}

impl Silence {
    /// Whether it is not surely over.
    fn counts(&self) -> bool {
        self.status.state != "expired"
    }
}

/// Routes nest no deeper.
const DEEPEST: usize = 32;

impl Alertmanager {
    /// Asks it.
    ///
    /// # Errors
    /// Configuration or silences cannot be learnt.
    pub fn read(server: &Server, at: &Context) -> Result<Self, Absent> {
        let (status, first) = server.json(at, "status", "/api/v2/status")?;
        let (silences, second) = server.json(at, "silences", "/api/v2/silences")?;
        let asked = |what: &str| format!("{} asked for {what}", server.shown());
        let text = status["config"]["original"].as_str();
        let text = text.ok_or_else(|| Absent::new(format!("{}: the answer holds no configuration", asked("status"))))?;
        let source = Arc::new(Source::new("alertmanager.yml", text));
        let config = read_yaml(source, &Limits::default())
            .map_err(|p| Absent::new(format!("{}: its configuration cannot be read: {}", asked("status"), p.message)))?
            .value;
        let silences = serde_json::from_value(silences)
            .map_err(|e| Absent::new(format!("{}: the answer cannot be read: {}", asked("silences"), visible(&e.to_string()))))?;
        let root =
            route(&config["route"], 0).ok_or_else(|| Absent::new(format!("{}: it has no routes that can be read", asked("status"))))?;
        let receivers =
            config["receivers"].as_array().into_iter().flatten().filter_map(|r| Some((r["name"].as_str()?.to_owned(), kinds(r))));
        let inhibitions = config["inhibit_rules"].as_array().into_iter().flatten().map(|node| Inhibition {
            source: matchers::of(node, "source_matchers", "source_match", "source_match_re"),
            target: matchers::of(node, "target_matchers", "target_match", "target_match_re"),
        });
        let saved_at = first.into_iter().chain(second).min();
        Ok(Self { root, receivers: receivers.collect(), inhibitions: inhibitions.collect(), silences, saved_at })
    }

    /// Whether an alert with these labels reaches a receiver that notifies somebody.
    pub fn reaches(&self, labels: &Labels) -> Known {
        match self.ends(&self.root, labels, &[])[..] {
            [true] => Known::Yes,
            [false] => Known::No,
            _ => Known::Maybe,
        }
    }

    /// Whether a silence, or an alert that fires now, keeps it from its receiver.
    pub fn silenced(&self, labels: &Labels, firing: &[Labels]) -> Known {
        let mut worst = Known::No;
        for silence in self.silences.iter().filter(|s| s.counts()) {
            match matchers::all(&silence.matchers, labels) {
                Known::Yes if silence.status.state.eq_ignore_ascii_case("active") => return Known::Yes,
                // One that is yet to begin, or of which nobody knows what its state means.
                Known::Yes | Known::Maybe => worst = Known::Maybe,
                Known::No => {}
            }
        }
        let hold = |side: &Option<Vec<Matcher>>, labels: &Labels| side.as_ref().map_or(Known::Maybe, |m| matchers::all(m, labels));
        for rule in &self.inhibitions {
            let others = firing.iter().filter(|other| *other != labels);
            // Labels that must be equal come from the series: more than "perhaps" cannot be said.
            if hold(&rule.target, labels) != Known::No && others.into_iter().any(|other| hold(&rule.source, other) != Known::No) {
                worst = Known::Maybe;
            }
        }
        worst
    }

    /// The ends that an alert may come to: whether somebody is notified. Each once, `false` first.
    fn ends(&self, route: &Route, labels: &Labels, above: &[&Route]) -> Vec<bool> {
        let path: Vec<&Route> = above.iter().copied().chain([route]).collect();
        // Each possible course so far: whether a route below took it, and whether somebody is notified by then.
        let mut open = vec![(false, false)];
        let mut out = Vec::new();
        for child in &route.routes {
            let matches = child.matchers.as_ref().map_or(Known::Maybe, |m| matchers::all(m, labels));
            if matches == Known::No {
                continue;
            }
            let below = self.ends(child, labels, &path);
            let taken = open.iter().flat_map(|(_, notified)| below.iter().map(move |end| *notified || *end)).collect::<Vec<_>>();
            if matches == Known::Yes {
                open.clear();
            }
            if child.goes_on {
                open.extend(taken.into_iter().map(|notified| (true, notified)));
            } else {
                out.extend(taken);
            }
            open.sort_unstable();
            open.dedup();
        }
        for (taken, notified) in open {
            if taken {
                out.push(notified);
            } else {
                let own = path.iter().rev().find_map(|r| r.receiver.as_ref());
                let notifies = own.and_then(|name| self.receivers.get(name)).is_some_and(|kinds| !kinds.is_empty());
                out.push(notifies);
                if route.is_timed {
                    out.push(false);
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// What was read, without secrets, for the evidence.
    pub fn exhibit(&self) -> Value {
        let silences = self.silences.iter().filter(|s| s.counts());
        json!({
            "routes": shown(&self.root), "receivers": self.receivers, "inhibit_rules": self.inhibitions.len(),
            "active_silences": silences.map(|s| said(&s.matchers)).collect::<Vec<_>>(),
        })
    }
}

fn route(node: &Value, depth: usize) -> Option<Route> {
    if !node.is_object() || depth > DEEPEST {
        return None;
    }
    let listed = |key: &str| node[key].as_array().is_some_and(|a| !a.is_empty());
    let routes = node["routes"].as_array().into_iter().flatten().map(|child| route(child, depth + 1)).collect::<Option<_>>()?;
    Some(Route {
        receiver: node["receiver"].as_str().filter(|r| !r.is_empty()).map(str::to_owned),
        // The root takes every alert.
        matchers: if depth == 0 { Some(Vec::new()) } else { matchers::of(node, "matchers", "match", "match_re") },
        goes_on: node["continue"] == true,
        is_timed: listed("mute_time_intervals") || listed("active_time_intervals"),
        routes,
    })
}

/// The kinds of notifications that a receiver sends.
fn kinds(receiver: &Value) -> Vec<String> {
    let members = receiver.as_object().into_iter().flatten();
    let sends = members.filter(|(key, list)| key.ends_with("_configs") && list.as_array().is_some_and(|l| !l.is_empty()));
    sends.map(|(key, _)| key.clone()).collect()
}

fn shown(route: &Route) -> Value {
    let matchers = route.matchers.as_ref().map_or(json!("cannot be read"), |m| json!(said(m)));
    let routes: Vec<Value> = route.routes.iter().map(shown).collect();
    json!({ "receiver": route.receiver, "matchers": matchers, "continue": route.goes_on, "timed": route.is_timed, "routes": routes })
}

fn said(matchers: &[Matcher]) -> Vec<String> {
    let operator = |m: &Matcher| match (m.is_equal, m.is_regex) {
        (true, false) => "=",
        (true, true) => "=~",
        (false, false) => "!=",
        (false, true) => "!~",
    };
    matchers.iter().map(|m| format!("{}{}\"{}\"", m.name, operator(m), m.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manager(config: &Value, silences: Value) -> Alertmanager {
        let receivers =
            config["receivers"].as_array().expect("receivers").iter().map(|r| (r["name"].as_str().expect("a name").to_owned(), kinds(r)));
        let inhibitions = config["inhibit_rules"].as_array().into_iter().flatten().map(|node| Inhibition {
            source: matchers::of(node, "source_matchers", "source_match", "source_match_re"),
            target: matchers::of(node, "target_matchers", "target_match", "target_match_re"),
        });
        Alertmanager {
            root: route(&config["route"], 0).expect("routes"),
            receivers: receivers.collect(),
            inhibitions: inhibitions.collect(),
            silences: serde_json::from_value(silences).expect("silences"),
            saved_at: None,
        }
    }

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn an_alert_reaches_somebody_or_not() {
        let config = json!({
            "receivers": [{ "name": "null" }, { "name": "pager", "webhook_configs": [{ "url": "<secret>" }] }],
            "route": { "receiver": "null", "routes": [
                { "receiver": "pager", "matchers": ["severity=\"page\""] },
                { "receiver": "pager", "match": { "job": "claw" } },
                { "receiver": "pager", "matchers": ["severity=night"], "mute_time_intervals": ["day"] },
                { "matchers": ["severity=both"], "receiver": "null", "continue": true },
                { "matchers": ["severity=both"], "receiver": "pager" },
            ] },
        });
        let manager = manager(&config, json!([]));
        for (given, want) in [
            (&[("severity", "page")][..], Known::Yes),
            (&[("severity", "none"), ("job", "other")], Known::No),
            (&[("severity", "none"), ("job", "claw")], Known::Yes),
            (&[("severity", "none")], Known::Maybe),
            (&[("severity", "night"), ("job", "x")], Known::Maybe),
            (&[("severity", "both"), ("job", "x")], Known::Yes),
        ] {
            assert_eq!(manager.reaches(&labels(given)), want, "{given:?}");
        }
    }

    #[test]
    fn silences_and_inhibitions_are_seen() {
        let silence = |state: &str, name: &str, value: &str| json!({ "status": { "state": state }, "matchers": [{ "name": name, "value": value, "isRegex": false, "isEqual": true }] });
        let config = json!({
            "receivers": [], "route": { "receiver": "a" },
            "inhibit_rules": [{ "source_matchers": ["alertname=Big"], "target_matchers": ["severity=ticket"], "equal": ["job"] }],
        });
        let big = labels(&[("alertname", "Big")]);
        for (silences, alert, firing, want) in [
            (json!([]), &[("alertname", "Down"), ("severity", "page")][..], vec![], Known::No),
            (json!([silence("active", "alertname", "Down")]), &[("alertname", "Down")], vec![], Known::Yes),
            (json!([silence("expired", "alertname", "Down")]), &[("alertname", "Down")], vec![], Known::No),
            (json!([silence("Active", "alertname", "Down")]), &[("alertname", "Down")], vec![], Known::Yes),
            (json!([silence("pending", "alertname", "Down")]), &[("alertname", "Down")], vec![], Known::Maybe),
            (json!([silence("pending", "alertname", "Up")]), &[("alertname", "Down")], vec![], Known::No),
            (json!([silence("", "alertname", "Down")]), &[("alertname", "Down")], vec![], Known::Maybe),
            (json!([silence("active", "instance", "x")]), &[("alertname", "Down")], vec![], Known::Maybe),
            (json!([]), &[("alertname", "Down"), ("severity", "ticket")], vec![big], Known::Maybe),
            (json!([]), &[("alertname", "Down"), ("severity", "ticket")], vec![], Known::No),
        ] {
            assert_eq!(manager(&config, silences).silenced(&labels(alert), &firing), want, "{alert:?}");
        }
    }
}
