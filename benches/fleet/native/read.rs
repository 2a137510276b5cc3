//! From text to typed groups, and which of them can be used.

use super::leaf::{Sha, Text, Time};
use super::words::Trust;
use super::{Good, Limits};
use super::{deployment as d, operations as o, recovery as b, release as r};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Reads a document and hands it on; an error refuses it as a whole.
pub fn read<R>(text: &str, then: impl FnOnce(&Facts<'_>) -> R) -> Result<R, serde_json::Error> {
    if let Ok(facts) = serde_json::from_str::<Facts<'_>>(text) {
        return Ok(then(&facts));
    }
    // Some group is off its type, or all is lost: the document as a tree, read group by group.
    let tree: Value = serde_json::from_str(text)?;
    Ok(then(&Facts::of(&tree)?))
}

/// What stands around a group.
pub struct Around<'a> {
    pub collected_at: Time<'a>,
    pub evidence: Vec<Evidence<'a>>,
    trust: Trust,
}

/// One piece of evidence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence<'a> {
    #[serde(borrow)]
    pub uri: Text<'a>,
    #[serde(borrow)]
    pub sha256: Sha<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Collector<'a> {
    #[serde(borrow, rename = "name")]
    _name: Text<'a>,
    #[serde(borrow, rename = "version")]
    _version: Text<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'a, T: Deserialize<'de>"))]
struct Envelope<'a, T> {
    collected_at: Time<'a>,
    #[serde(rename = "collector")]
    _collector: Collector<'a>,
    evidence: Vec<Evidence<'a>>,
    #[serde(rename = "source")]
    _source: Text<'a>,
    trust: Trust,
    value: T,
}

/// A group as it was stated; without a value where it is off its type.
pub struct Stated<'a, T> {
    around: Around<'a>,
    value: Option<T>,
}

impl<'a, T> Stated<'a, T> {
    fn of(envelope: Envelope<'a, T>) -> Self {
        let Envelope { collected_at, evidence, trust, value, .. } = envelope;
        Self { around: Around { collected_at, evidence, trust }, value: Some(value) }
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Stated<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Envelope::deserialize(deserializer).map(Self::of)
    }
}

/// A group out of a tree: without a value where only that is wrong.
fn lenient<'a, T: Deserialize<'a>>(value: &'a Value) -> Result<Stated<'a, T>, serde_json::Error> {
    if let Ok(stated) = Stated::deserialize(value) {
        return Ok(stated);
    }
    let Envelope { collected_at, evidence, trust, .. } = Envelope::<'a, IgnoredAny>::deserialize(value)?;
    Ok(Stated { around: Around { collected_at, evidence, trust }, value: None })
}

macro_rules! groups {
    ($($name:ident: $type:ty, $trust:ident;)+) => {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Groups<'a> {
            $(#[serde(borrow)] $name: Option<Stated<'a, $type>>,)+
        }

        /// The groups that can be used.
        pub struct Seen<'f, 'a> {
            $(pub $name: Option<Good<'f, 'a, $type>>,)+
        }

        impl<'a> Facts<'a> {
            /// The groups that can be used, and what is wrong with the others.
            pub fn assess<'f>(&'f self, limits: &Limits, now: i64) -> (Seen<'f, 'a>, Vec<(&'static str, Vec<String>)>) {
                let mut faults = Vec::new();
                let seen = Seen {
                    $($name: match assess(stringify!($name), self.groups.$name.as_ref(), Trust::$trust, <$type>::is_whole, limits, now) {
                        Ok(good) => Some(good),
                        Err(found) => {
                            faults.push((stringify!($name), found));
                            None
                        }
                    },)+
                };
                (seen, faults)
            }
        }

        fn groups(facts: &Value) -> Result<Groups<'_>, serde_json::Error> {
            Ok(Groups { $($name: facts.get(stringify!($name)).map(lenient).transpose()?,)+ })
        }
    };
}

groups! {
    daemons: d::Daemons<'a>, Observed;
    install: d::Install<'a>, Observed;
    install_statement: d::InstallStatement<'a>, Attested;
    auth_probes: d::AuthProbes<'a>, Observed;
    tls_endpoints: d::TlsEndpoints<'a>, Observed;
    exposure: d::Exposure<'a>, Observed;
    backup_schedule: b::BackupSchedule<'a>, Observed;
    backups: b::Backups<'a>, Observed;
    backup_verifications: b::BackupVerifications<'a>, Observed;
    rollback_plan: b::RollbackPlan<'a>, Observed;
    rollback_drills: b::RollbackDrills<'a>, Observed;
    rollback_statement: b::RollbackStatement<'a>, Attested;
    compatibility_guarantees: r::Guarantees<'a>, Observed;
    compatibility_tests: r::CompatibilityTests<'a>, Observed;
    scans: r::Scans<'a>, Observed;
    release_manifest: r::ReleaseManifest<'a>, Observed;
    artifacts: r::Artifacts<'a>, Observed;
    runbooks: o::Runbooks<'a>, Observed;
    runbook_reviews: o::RunbookReviews<'a>, Attested;
    slos: o::Slos<'a>, Observed;
    alerts: o::Alerts<'a>, Observed;
    on_call: o::OnCall<'a>, Attested;
}

/// A facts document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts<'a> {
    #[serde(rename = "format")]
    _format: Format,
    #[serde(borrow)]
    environment: Text<'a>,
    #[serde(borrow)]
    release: Text<'a>,
    #[serde(borrow, rename = "facts")]
    groups: Groups<'a>,
}

#[derive(Deserialize)]
enum Format {
    #[serde(rename = "golive.facts/1")]
    Facts,
}

impl<'a> Facts<'a> {
    /// From a tree, group by group.
    fn of(tree: &'a Value) -> Result<Self, serde_json::Error> {
        let text = |key: &str| Text::deserialize(&tree[key]);
        Ok(Self {
            _format: Format::deserialize(&tree["format"])?,
            environment: text("environment")?,
            release: text("release")?,
            groups: groups(&tree["facts"])?,
        })
    }

    /// The environment that it is about.
    pub fn environment(&self) -> &str {
        &self.environment.0
    }

    /// The release that it is about.
    pub fn release(&self) -> &str {
        &self.release.0
    }
}

fn assess<'f, 'a, T>(
    name: &str,
    stated: Option<&'f Stated<'a, T>>,
    lowest: Trust,
    is_whole: fn(&T) -> bool,
    limits: &Limits,
    now: i64,
) -> Result<Good<'f, 'a, T>, Vec<String>> {
    let Some(stated) = stated else { return Err(vec![format!("facts:{name}:missing")]) };
    let age = now - stated.around.collected_at.ms;
    let max_age = limits.max_age(name);
    let value = stated.value.as_ref().filter(|value| is_whole(value));
    let future = age < -limits.clock_skew_ms;
    let found = [
        (value.is_none(), "invalid"),
        (stated.around.evidence.is_empty(), "no-evidence"),
        (future, "future"),
        (!future && max_age.is_none_or(|max_age| age > max_age), "stale"),
        (lowest == Trust::Observed && stated.around.trust == Trust::Attested, "untrusted"),
    ];
    match value {
        Some(value) if found.iter().all(|(wrong, _)| !wrong) => Ok(Good { value, around: &stated.around }),
        _ => Err(found.iter().filter(|(wrong, _)| *wrong).map(|(_, word)| format!("facts:{name}:{word}")).collect()),
    }
}
