//! The enumerations of facts.

use serde::Deserialize;

macro_rules! words {
    ($($name:ident { $($word:ident),+ })+) => {$(
        #[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($word),+ }
    )+};
}

words! {
    Answer { Yes, No, Unknown }
    Trust { Observed, Attested }
    Auth { AuthToken, AuthProfile, None, Unknown }
    Profile { Prod, Dev, Unknown }
    Scope { Loopback, NonLoopback }
    Purpose { Health, Metrics, Other, Unknown }
    Probe { Rejected, Accepted, Inconclusive, NotRun }
    Chain { Trusted, Untrusted, Unknown }
    Outcome { Refused, Open, TimedOut, Unreachable, Unknown }
    Method { Archive, InstallerScript, OsPackage, LanguagePackage, ContainerImage, SourceBuild, Manual, Unknown }
    CheckResult { Passed, Warned, Failed, Unknown }
    ScheduleKind { SystemdTimer, Cron, KubernetesCronjob, Other }
    RunResult { Succeeded, Failed, Unknown }
    ToolResult { Passed, Failed, Unknown }
    Done { Done, Failed, Skipped, Unknown }
    Tested { Passed, Failed, Skipped, Unknown }
    Level { Full, Limited, Unsupported, Unknown }
    ScanKind { Dependency, Image, Static, Other }
    Severity { Critical, High, Medium, Low, Info, Unknown }
    Origin { InSource, ToolConfiguration, Vex, Unknown }
    SubjectKind { Binary, Archive, Image, Source, Lockfile }
    Checksum { Matched, Mismatched, Missing, Unknown }
    NotVerified { Missing, Unsupported, Unknown }
    Validity { Valid, Invalid }
    Topic { StartupShutdown, BackupRestore, TokenRotation, IncidentResponse, Rollback, Other }
    Drift { Matched, Failed, NotRun }
    Review { Current, Outdated }
    Objective { Availability, Latency, ErrorBudget, Other }
    Health { Ok, Err, Unknown }
    Target { Up, Down, Unknown }
}

impl Done {
    /// A step that was not done, as the policy's words say it.
    pub fn undone(self) -> bool {
        matches!(self, Self::Failed | Self::Skipped)
    }
}

impl ScanKind {
    /// All of them, with their words.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::Dependency, "dependency"), (Self::Image, "image"), (Self::Static, "static"), (Self::Other, "other")];

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, w)| *w == word).map(|(kind, _)| *kind)
    }
}

impl Severity {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
            Self::Unknown => "unknown",
        }
    }
}

impl Topic {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::StartupShutdown => "startup_shutdown",
            Self::BackupRestore => "backup_restore",
            Self::TokenRotation => "token_rotation",
            Self::IncidentResponse => "incident_response",
            Self::Rollback => "rollback",
            Self::Other => "other",
        }
    }
}

impl Method {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::InstallerScript => "installer_script",
            Self::OsPackage => "os_package",
            Self::LanguagePackage => "language_package",
            Self::ContainerImage => "container_image",
            Self::SourceBuild => "source_build",
            Self::Manual => "manual",
            Self::Unknown => "unknown",
        }
    }
}

impl Level {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Limited => "limited",
            Self::Unsupported => "unsupported",
            Self::Unknown => "unknown",
        }
    }
}
