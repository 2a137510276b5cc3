//! Probes of addresses: connections and what becomes of them, what a port speaks, and certificates.

mod address;
mod certificates;
mod handshake;
mod port;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;

pub use address::{Addresses, Connected, connect, is_own, resolve};
pub use certificates::{Judged, TrustStore, Word, judge, leaf_digest};
pub use port::{PATIENCE, Speaks, probe};

use super::collector::Absent;
use crate::text::visible;
use rustls::pki_types::ServerName;
use std::future::Future;

/// Runs probes side by side on this thread. A look-up of a name that hangs is left behind.
///
/// # Errors
/// The machine has no means for connections.
pub fn run<T>(probes: impl Future<Output = T>) -> Result<T, Absent> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Absent::new(format!("no connection can be made: {}", visible(&e.to_string()))))?;
    let out = runtime.block_on(probes);
    runtime.shutdown_background();
    Ok(out)
}

/// A name that clients use, of a host or an address.
///
/// # Errors
/// It is neither.
pub fn name(written: &str) -> Result<ServerName<'static>, Absent> {
    ServerName::try_from(written.to_owned())
        .map_err(|_| Absent::new(format!("`{}` is the name of no host", visible(written))).help("`name` is a host's name or an IP address"))
}
