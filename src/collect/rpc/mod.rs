//! Requests to daemons: one gRPC or HTTP call over a connection of its own, and what was answered.

mod answer;
mod grpc;
mod http;
mod stream;
#[cfg(test)]
pub mod tests;

pub use answer::{Said, shown};
pub use grpc::{Reply, field};
pub use stream::{Target, Transport, Trust};

use ::http::HeaderValue;
use serde::Deserialize;
use std::time::Duration;

/// The protocol that a daemon's clients speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// gRPC: a `POST` of an empty message over HTTP/2.
    Grpc,
    /// A `GET` over HTTP/1.1.
    Http,
}

/// Calls a path and waits for the whole answer, at most for `limit`. No redirect is followed and no proxy is used.
///
/// # Errors
/// Why there is no answer, in a few words without anything that was sent.
pub fn call(
    protocol: Protocol,
    target: &Target,
    path: &str,
    authorization: Option<&HeaderValue>,
    limit: Duration,
) -> Result<Reply, String> {
    match protocol {
        Protocol::Http => http::call(target, path, authorization, limit),
        Protocol::Grpc => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|_| "no connection could be prepared".to_owned())?;
            let answer = async { tokio::time::timeout(limit, grpc::call(target, path, authorization)).await };
            runtime.block_on(answer).unwrap_or_else(|_| Err(TIMED_OUT.to_owned()))
        }
    }
}

const TIMED_OUT: &str = "timed out";

/// Does the same for each of `items`, side by side. The answers are in their order.
pub fn side_by_side<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let mut out = Vec::with_capacity(items.len());
    for some in items.chunks(MOST_AT_ONCE) {
        std::thread::scope(|scope| {
            let each = &each;
            let running: Vec<_> = some.iter().map(|item| scope.spawn(move || each(item))).collect();
            for thread in running {
                // A panic goes on to the frame, which makes the group absent.
                out.push(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
        });
    }
    out
}

const MOST_AT_ONCE: usize = 32;
