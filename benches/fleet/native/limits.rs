//! The parameters, typed.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The parameters in force, as far as the controls use them.
#[derive(Deserialize)]
pub struct Limits {
    /// How far a time may lie ahead.
    pub clock_skew_ms: i64,
    /// By group.
    max_age: BTreeMap<String, Value>,
    /// For backups.
    pub backups: Backups,
    /// For the way back.
    pub rollback: Rollback,
    /// For clients.
    pub compatibility: Compatibility,
    /// For installations.
    pub install: Install,
    /// For certificates and ports.
    pub tls: Tls,
    /// For signatures.
    pub artifacts: Artifacts,
    /// For scans.
    pub scans: Scans,
    /// For runbooks.
    pub runbooks: Runbooks,
    /// For objectives and alerts.
    pub slos: Slos,
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Deserialize)]
        pub struct $name {
            $(pub $field: $type),+
        }
    )+};
}

limits! {
    /// For backups.
    Backups { window_ms: i64, lookback_ms: i64, verification_max_age_ms: i64 }
    /// For the way back.
    Rollback { target_time_ms: i64, drill_max_age_ms: i64, statement_max_age_ms: i64, required_clients: Vec<String> }
    /// For clients.
    Compatibility { required_clients: Vec<String>, required_steps: Vec<String>, accepted_levels: Vec<String>, test_max_age_ms: i64 }
    /// For installations.
    Install { documented_methods: Vec<String>, optional_checks: Vec<String> }
    /// For certificates and ports.
    Tls { min_validity_ms: i64, production_networks: Vec<String> }
    /// For signatures.
    Artifacts { trusted_keys: Vec<String> }
    /// For scans.
    Scans { required_kinds: Vec<String>, tolerated_severities: Vec<String>, scan_max_age_ms: i64, database_max_age_ms: i64 }
    /// For runbooks.
    Runbooks { required_topics: Vec<String>, prose_topics: Vec<String>, review_max_age_ms: i64 }
    /// For objectives and alerts.
    Slos { evaluation_max_age_ms: i64, escalation_max_age_ms: i64, noise_max_age_ms: i64 }
}

impl Limits {
    /// From the parameters as policies see them.
    pub fn of(parameters: &Value) -> Self {
        let mut out = Self::deserialize(parameters).expect("the parameters in force");
        let ages = std::mem::take(&mut out.max_age).into_iter();
        out.max_age = ages.filter_map(|(name, age)| Some((name.strip_suffix("_ms")?.to_owned(), age))).collect();
        out
    }

    /// How old a group may be.
    pub fn max_age(&self, group: &str) -> Option<i64> {
        self.max_age.get(group)?.as_i64()
    }
}

/// Whether a list of words has a word.
pub fn has(words: &[String], word: &str) -> bool {
    words.iter().any(|w| w == word)
}
