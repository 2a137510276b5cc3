//! The daemons of a product on this machine: which processes they are and on what they listen.
//!
//! Several groups speak of the same listeners. They all get them, and their ids, from [`Find::daemons`], so that the names meet.

mod holders;
mod listeners;
mod processes;
mod sockets;
#[cfg(test)]
pub mod tests;
mod unit;
mod words;

pub use listeners::{Listener, Purpose};
pub use processes::Replaced;
pub use words::{Flag, Words};

use super::collector::{Absent, Need};
use super::context::Context;
use crate::model::Instant;
use listeners::Side;
use serde::Deserialize;
use std::path::PathBuf;

/// How to find the daemons of a product: the table `find` of every group that speaks of them.
///
/// At least one of `executable`, `unit` and `pidfile` is wanted; where several stand, what each of them finds is a daemon.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Find {
    /// The executable's file name: every process that runs a file of this name is found, wherever it lies. Or its absolute path, where several
    /// installations share a machine: then a daemon from another folder is none of this product's.
    pub executable: Option<String>,
    /// A systemd unit: its main process.
    pub unit: Option<String>,
    /// A file that holds the number of the process.
    pub pidfile: Option<PathBuf>,
    /// The words that tell a daemon from another call of the same executable; without any, each process of it is a daemon.
    #[serde(default)]
    pub subcommands: Vec<String>,
    /// Listeners that do not serve clients. Every other one counts as a way in for clients.
    #[serde(default)]
    pub side_ports: Vec<Side>,
}

/// A running daemon.
pub struct Daemon {
    /// Its name for people: host and unit or process number.
    pub id: String,
    /// Its process number.
    pub pid: i32,
    /// The path of its executable, as the kernel shows it.
    pub exe: PathBuf,
    /// When it started.
    pub started_at: Instant,
    /// The sha256 of the image that runs.
    pub sha256: String,
    /// Whether another file now stands where its executable stood.
    pub replaced: Replaced,
    /// The words that it was started with.
    pub words: Words,
    /// Whether the words are those of a daemon: one of the configured subcommands is among them. A process may rewrite its own
    /// words; where they are not recognised, what is missing among them proves nothing.
    pub words_known: bool,
    /// The addresses on which it listens, in order.
    pub listeners: Vec<Listener>,
}

impl Find {
    /// What finding uses, for `--dry-run`.
    pub fn needs(&self) -> Vec<Need> {
        let unit = self.unit.iter().map(|_| Need::Program("systemctl".to_owned()));
        let pidfile = self.pidfile.iter().cloned().map(Need::Path);
        std::iter::once(Need::Machine).chain(unit).chain(pidfile).collect()
    }

    /// Every daemon that runs now, in the order of their start, with all that they listen on.
    ///
    /// # Errors
    /// None runs, or what belongs to one cannot be read: a daemon that cannot be seen whole is not left out.
    pub fn daemons(&self, at: &Context) -> Result<Vec<Daemon>, Absent> {
        let daemons = processes::daemons(self, at)?;
        // Who is named by unit or pidfile alone is found whatever else listens.
        if self.executable.is_some() {
            holders::all_seen()?;
        }
        Ok(daemons)
    }
}
