//! SIGINT and SIGTERM: heard once they ask for an orderly end, SIGINT again ends at once.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Which signals have come.
#[derive(Debug, Default)]
pub struct Signals {
    interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
}

impl Signals {
    /// From now on the first signal ends nothing by itself.
    pub fn listen() -> io::Result<Self> {
        let signals = Self::default();
        // In this order: the first SIGINT finds the flag down.
        flag::register_conditional_shutdown(SIGINT, 130, Arc::clone(&signals.interrupted))?;
        flag::register(SIGINT, Arc::clone(&signals.interrupted))?;
        flag::register_conditional_shutdown(SIGTERM, 143, Arc::clone(&signals.terminated))?;
        flag::register(SIGTERM, Arc::clone(&signals.terminated))?;
        Ok(signals)
    }

    /// Whether SIGINT has come.
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Whether one of them has come.
    pub fn any(&self) -> bool {
        self.interrupted() || self.terminated.load(Ordering::Relaxed)
    }
}
