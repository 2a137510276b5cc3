//! Alert rules, targets and dashboards, as the monitoring system has them now.
//!
//! Files of rules only say what ought to be loaded: an alert that stands in a file and is not loaded was never evaluated.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Exhibit, Need, read};
use crate::collect::context::Context;
use crate::collect::monitoring::alertmanager::Alertmanager;
use crate::collect::monitoring::dashboards::Dashboard;
use crate::collect::monitoring::matchers::{Known, Labels};
use crate::collect::monitoring::prometheus::{self, Rule, RuleGroup, Target};
use crate::collect::monitoring::promql;
use crate::collect::monitoring::rule_files::{self, Alert};
use crate::collect::monitoring::server::Server;
use crate::collect::redact;
use crate::model::{Instant, Trust};
use crate::text::visible;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "alerts",
    about: "alert rules, targets and dashboards of Prometheus, Alertmanager and Grafana",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Who evaluates the rules and scrapes the targets.
    prometheus: Server,
    /// Who sends the alerts on; without it nobody knows where they go.
    alertmanager: Option<Server>,
    /// The groups of rules of the service.
    rule_groups: Vec<String>,
    /// The jobs of the service.
    jobs: Vec<String>,
    /// Files with the alerts that ought to be loaded.
    #[serde(default)]
    rule_files: Vec<PathBuf>,
    /// The objective that an alert serves, where the alert has no label `slo` that says so.
    #[serde(default)]
    slos: BTreeMap<String, Slo>,
    /// Who has the dashboards.
    grafana: Option<Server>,
    /// The dashboards of the service.
    #[serde(default)]
    dashboards: Vec<Dashboard>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Slo {
    Availability,
    Latency,
    ErrorBudget,
    Other,
}

impl Slo {
    fn word(self) -> &'static str {
        match self {
            Self::Availability => "availability",
            Self::Latency => "latency",
            Self::ErrorBudget => "error_budget",
            Self::Other => "other",
        }
    }
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let servers = [Some(&self.prometheus), self.alertmanager.as_ref(), self.grafana.as_ref()];
        servers.into_iter().flatten().flat_map(Server::need).chain(self.rule_files.iter().cloned().map(Need::Path)).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let (wanted, mut exhibits) = rule_files::read(at, &self.rule_files)?;
        let loaded = prometheus::rules(&self.prometheus, at)?;
        let targets = prometheus::targets(&self.prometheus, at)?;
        let sending = prometheus::alertmanagers(&self.prometheus, at)?;
        let manager = self.alertmanager.as_ref().map(|server| Alertmanager::read(server, at)).transpose()?;
        let path = Path { manager: manager.as_ref(), sends: sending.answer > 0, firing: firing(&loaded.answer) };
        let rules = self.rules(&wanted, &loaded.answer, &path)?;
        let own = self.targets(targets.answer);
        let asked_at = targets.saved_at.map_or(at.now(), |saved| saved.min(at.now()));
        let jobs = self.jobs.iter().map(|job| redact::url(job));
        let missing = jobs.filter(|job| !own.iter().any(|t| t.labels.get("job") == Some(job)));
        // A job that nobody scrapes is stated, as a target that is not known to be up.
        let missing = missing.map(|job| json!({ "name": short(&format!("{job} has no target"), 512), "state": "unknown" }));
        let scraped: Vec<Value> = own.iter().map(|one| target(one, asked_at)).chain(missing).collect();
        let mut dashboards = Vec::new();
        let mut looked = Vec::new();
        let mut saved = vec![loaded.saved_at, targets.saved_at, sending.saved_at, manager.as_ref().and_then(|m| m.saved_at)];
        for dashboard in &self.dashboards {
            let (stated, seen, saved_at) = dashboard.look(at, self.grafana.as_ref())?;
            dashboards.push(stated);
            looked.push(seen);
            saved.push(saved_at);
        }
        exhibits.push(exhibit(at, "rules.json", &json!(self.own_groups(&loaded.answer))));
        exhibits.push(exhibit(at, "targets.json", &json!(own)));
        exhibits.push(exhibit(at, "dashboards.json", &json!(looked)));
        let routes = manager.as_ref().map_or(Value::Null, Alertmanager::exhibit);
        exhibits.push(exhibit(at, "alertmanager.json", &json!({ "active": sending.answer, "configuration": routes })));
        let value = json!({
            "rules_total": rules.len(), "rules": rules, "targets_total": scraped.len(), "targets": scraped,
            "dashboards_total": dashboards.len(), "dashboards": dashboards,
        });
        let mut out = Collected::new(value, self.source());
        out.exhibits = exhibits;
        out.collected_at = saved.into_iter().flatten().min();
        Ok(out)
    }
}

/// What an alert goes through on its way to somebody.
struct Path<'p> {
    manager: Option<&'p Alertmanager>,
    /// Prometheus knows somebody to send alerts to.
    sends: bool,
    firing: Vec<Labels>,
}

impl Path<'_> {
    fn receiver(&self, labels: &Labels) -> Known {
        match (self.sends, self.manager) {
            (false, _) => Known::No,
            (true, Some(manager)) => manager.reaches(labels),
            (true, None) => Known::Maybe,
        }
    }

    fn silenced(&self, labels: &Labels) -> Known {
        self.manager.map_or(Known::Maybe, |manager| manager.silenced(labels, &self.firing))
    }
}

impl Settings {
    fn source(&self) -> String {
        let others = [("Alertmanager", &self.alertmanager), ("Grafana", &self.grafana)];
        let others = others.into_iter().filter_map(|(name, server)| Some(format!(", {name} {}", server.as_ref()?.shown())));
        format!("Prometheus {}{}", self.prometheus.shown(), others.collect::<String>())
    }

    fn own_groups<'g>(&self, groups: &'g [RuleGroup]) -> Vec<&'g RuleGroup> {
        groups.iter().filter(|g| self.rule_groups.contains(&g.name)).collect()
    }

    /// What is loaded, and what is not though a file has it.
    fn rules(&self, wanted: &[Alert], groups: &[RuleGroup], path: &Path<'_>) -> Result<Vec<Value>, Absent> {
        if let Some(stray) = wanted.iter().find(|alert| !self.rule_groups.contains(&alert.group)) {
            let reason = format!("the rule files have the group `{}`, which `rule_groups` does not name", visible(&stray.group));
            return Err(Absent::new(reason));
        }
        let is_there = |name: &String| groups.iter().any(|g| g.name == *name) || wanted.iter().any(|alert| alert.group == *name);
        if let Some(name) = self.rule_groups.iter().find(|name| !is_there(name)) {
            return Err(Absent::new(format!("no group of rules `{}` is loaded, though `rule_groups` names it", visible(name))));
        }
        let loaded: Vec<(&str, &Rule)> = self
            .own_groups(groups)
            .into_iter()
            .flat_map(|g| g.rules.iter().map(|rule| (g.name.as_str(), rule)))
            .filter(|(_, rule)| rule.kind != "recording")
            .collect();
        let mut out = Vec::new();
        for (_, rule) in &loaded {
            let last = prometheus::time(&rule.last_evaluation);
            let last = last.ok_or_else(|| Absent::new(format!("the alert `{}` has no good time of evaluation", visible(&rule.name))))?;
            let health = match rule.health.as_str() {
                "ok" if self.watches(rule) => "ok",
                "err" => "err",
                _ => "unknown",
            };
            out.push(self.rule(&rule.name, &rule.labels, (health, last), path));
        }
        let is_loaded = |alert: &Alert| {
            loaded.iter().any(|(group, rule)| *group == alert.group && rule.name == alert.name && promql::same(&rule.query, &alert.expr))
        };
        for alert in wanted.iter().filter(|alert| !is_loaded(alert)) {
            let health = if alert.fault.is_some() { "err" } else { "unknown" };
            out.push(self.rule(&alert.name, &alert.labels, (health, Instant { ms: 0 }), path));
        }
        Ok(out)
    }

    fn rule(&self, name: &str, labels: &Labels, (health, last): (&str, Instant), path: &Path<'_>) -> Value {
        let labels = with_name(name, labels);
        json!({
            "name": short(name, 256), "slo": self.slo(name, &labels), "health": health, "last_evaluation_at": last.to_string(),
            "receiver": path.receiver(&labels).word(), "silenced": path.silenced(&labels).word(),
        })
    }

    /// Whether an alert that serves an objective depends on any series. One that serves none may always fire, to show that alerts get through.
    fn watches(&self, rule: &Rule) -> bool {
        let serves = self.slo(&rule.name, &rule.labels) != Slo::Other.word();
        !serves || promql::parse(&rule.query).ok().is_none_or(|query| query.measures())
    }

    fn slo(&self, name: &str, labels: &Labels) -> &'static str {
        let said = labels.get("slo").map(|slo| slo.replace('-', "_"));
        let known = [Slo::Availability, Slo::Latency, Slo::ErrorBudget].into_iter().find(|k| said.as_deref() == Some(k.word()));
        known.or_else(|| self.slos.get(name).copied()).unwrap_or(Slo::Other).word()
    }

    fn targets(&self, targets: Vec<Target>) -> Vec<Target> {
        let mut own: Vec<Target> = targets.into_iter().filter(|t| t.labels.get("job").is_some_and(|job| self.jobs.contains(job))).collect();
        for target in &mut own {
            // A probed address may hold a password, and other labels say nothing here.
            target.labels.retain(|name, _| ["job", "instance"].contains(&name.as_str()));
            for value in target.labels.values_mut() {
                *value = redact::url(value);
            }
        }
        own
    }
}

/// Prometheus itself takes no series for alive that was not scraped for so long.
const STALE_MS: i64 = 5 * 60 * 1000;

/// The clocks of two machines differ by no more.
const SKEW_MS: i64 = 60 * 1000;

/// A target, as an answer of the time `asked_at` has it: `up` only where the scrape that says so is neither old nor yet to come.
fn target(target: &Target, asked_at: Instant) -> Value {
    let label = |name: &str| target.labels.get(name).map(String::as_str).unwrap_or_default();
    let age = prometheus::time(&target.last_scrape).map(|last| asked_at.ms.saturating_sub(last.ms));
    let is_fresh = age.is_some_and(|age| (-SKEW_MS..=STALE_MS).contains(&age));
    let state = match target.health.as_str() {
        "up" if is_fresh => "up",
        "down" => "down",
        _ => "unknown",
    };
    json!({ "name": short(&format!("{} {}", label("job"), label("instance")), 512), "state": state })
}

fn with_name(name: &str, labels: &Labels) -> Labels {
    let mut out = labels.clone();
    out.insert("alertname".to_owned(), name.to_owned());
    out
}

/// The alerts that fire now: they may inhibit others.
fn firing(groups: &[RuleGroup]) -> Vec<Labels> {
    let rules = groups.iter().flat_map(|g| &g.rules).filter(|r| r.state.as_deref() == Some("firing"));
    rules.map(|rule| with_name(&rule.name, &rule.labels)).collect()
}

fn exhibit(at: &Context, name: &str, value: &Value) -> Exhibit {
    at.exhibit(name, format!("{value:#}\n"))
}

fn short(text: &str, most: usize) -> String {
    visible(text).chars().take(most).collect()
}
