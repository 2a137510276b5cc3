//! The monitoring system: Prometheus, Alertmanager and dashboards, asked over HTTP or read from saved answers.

pub mod alertmanager;
pub mod dashboards;
pub mod matchers;
pub mod prometheus;
pub mod promql;
pub mod rule_files;
pub mod server;
#[cfg(test)]
mod tests;
