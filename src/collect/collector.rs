//! What a collector is, and what it gives back.

use super::context::Context;
use super::settings::Table;
use crate::model::{Evidence, Instant, Trust};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::path::PathBuf;
use toml::de::Error;

/// One source of facts with its settings: the type that a table `[facts.<group>]` of `golive.toml` is read into.
pub trait Collector: Send + Sync {
    /// What it is going to use, in the order of use: told by `golive collect --dry-run`.
    fn needs(&self) -> Vec<Need>;

    /// Looks, and states what it saw.
    ///
    /// # Errors
    /// What it could not learn, for people. The group is then absent.
    fn collect(&self, at: &Context) -> Result<Collected, Absent>;
}

/// Something outside that a collector uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// A file or folder.
    Path(PathBuf),
    /// A program, as it stands in argv.
    Program(String),
    /// An address that is connected to, `host:port`.
    Address(String),
    /// Processes and sockets of this machine.
    Machine,
}

/// A line of the registry.
pub struct Entry {
    /// Its name: the value of `collector` in a table; a group of the same name uses it without saying so.
    pub name: &'static str,
    /// What it states, in one line.
    pub about: &'static str,
    /// How far what it states can be trusted, where its settings do not say.
    pub trust: Trust,
    /// Reads its settings.
    pub read: fn(Table<'_>) -> Result<Box<dyn Collector>, Error>,
}

/// Reads the settings of one collector; unknown keys are the type's to refuse.
///
/// # Errors
/// What does not fit, with its place in the file.
pub fn read<C: Collector + DeserializeOwned + 'static>(table: Table<'_>) -> Result<Box<dyn Collector>, Error> {
    Ok(Box::new(C::deserialize(table)?))
}

/// What a collector saw.
#[derive(Debug, Clone)]
pub struct Collected {
    /// The group's value, as its schema wants it.
    pub value: Value,
    /// From where, for people: commands, paths, addresses. Secrets in it are the collector's to leave out.
    pub source: String,
    /// What backs it. Without any the group proves nothing.
    pub exhibits: Vec<Exhibit>,
    /// When it was so, where that is earlier than the moment of collection: the time of a file, of a statement.
    pub collected_at: Option<Instant>,
    /// How it was learnt, where that differs from the registry's word.
    pub trust: Option<Trust>,
}

impl Collected {
    /// A value and where it was learnt.
    pub fn new(value: Value, source: impl Into<String>) -> Self {
        Self { value, source: source.into(), exhibits: Vec::new(), collected_at: None, trust: None }
    }

    /// The same, backed by one exhibit more.
    #[must_use]
    pub fn with(mut self, exhibit: Exhibit) -> Self {
        self.exhibits.push(exhibit);
        self
    }
}

/// A piece of evidence: made by [`Context::exhibit`], or a link to something that lies elsewhere.
#[derive(Debug, Clone)]
pub struct Exhibit {
    /// Link and digest, as they stand in the facts.
    pub evidence: Evidence,
    /// What is written beside the facts, below the evidence folder; none for a link.
    pub kept: Option<(String, Vec<u8>)>,
}

impl Exhibit {
    /// Evidence that lies elsewhere.
    pub fn link(uri: impl Into<String>, sha256: impl Into<String>) -> Self {
        Self { evidence: Evidence { uri: uri.into(), sha256: sha256.into() }, kept: None }
    }
}

/// Why a group is absent, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// What could not be learnt, without a full stop.
    pub reason: String,
    /// The remedy.
    pub help: Option<String>,
}

impl Absent {
    /// A reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: None }
    }

    /// The same with a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Absent {}
