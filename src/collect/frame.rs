//! Runs collectors side by side: one that fails, hangs or panics costs only its own group.

use super::collector::{Absent, Collected, Exhibit};
use super::context::{Context, Shared};
use super::settings::Configured;
use crate::model::{Collector, Evidence, Group as Envelope, Trust};
use crate::text::visible;
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// What became of one group.
pub struct Gathered {
    /// The group.
    pub group: String,
    /// Its collector's name.
    pub collector: &'static str,
    /// The group with its evidence, or why it is absent.
    pub outcome: Result<Group, Absent>,
    /// How long it took.
    pub took: Duration,
}

/// A group of facts and the evidence to be written beside it.
#[derive(Debug)]
pub struct Group {
    /// As it stands in the facts document.
    pub envelope: Envelope,
    /// Paths below the evidence folder, and what is written there.
    pub kept: Vec<(String, Vec<u8>)>,
}

/// What a caller checks each value with: the group's name and value; the answer says what is wrong.
pub type Fits<'a> = &'a dyn Fn(&str, &Value) -> Vec<String>;

/// Runs the collectors, and tells of each as it ends. The answer is in the order of `configured`.
pub fn gather(configured: &[Configured], shared: &Arc<Shared>, fits: Fits<'_>, mut told: impl FnMut(&Gathered)) -> Vec<Gathered> {
    let begun = Instant::now();
    let (send, receive) = channel();
    for (index, one) in configured.iter().enumerate() {
        let heard = Arc::default();
        let context = Context { group: one.group.clone(), deadline: begun + one.limit, shared: Arc::clone(shared), heard };
        let (collector, send) = (Arc::clone(&one.collector), send.clone());
        std::thread::spawn(move || {
            let now = context.now();
            let outcome = catch_unwind(AssertUnwindSafe(|| collector.collect(&context)));
            let outcome = outcome.unwrap_or_else(|_| Err(Absent::new("the collector broke: a bug of golive's")));
            let at = context.heard.lock().map_or(now, |heard| heard.map_or(now, |oldest| oldest.min(now)));
            // Nobody listens any more where the collector was given up.
            let _ = send.send((index, outcome.map(|collected| (at, collected)), begun.elapsed()));
        });
    }
    drop(send);
    let mut out: Vec<Option<Gathered>> = configured.iter().map(|_| None).collect();
    while out.iter().any(Option::is_none) {
        let waiting = configured.iter().zip(&out).filter(|(_, done)| done.is_none()).map(|(one, _)| one.limit);
        // A collector keeps its own limit where it can; the frame gives it a little longer before it is given up.
        let until = waiting.min().unwrap_or_default() + GRACE;
        match receive.recv_timeout(until.saturating_sub(begun.elapsed())) {
            Ok((index, outcome, took)) => {
                let one = &configured[index];
                let outcome = outcome.and_then(|(at, collected)| group(one, shared, at, collected, fits));
                let outcome = outcome.map_err(|absent| shared.secrets.hush(absent));
                let gathered = Gathered { group: one.group.clone(), collector: one.entry.name, outcome, took };
                told(&gathered);
                out[index] = Some(gathered);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                for (one, slot) in
                    configured.iter().zip(&mut out).filter(|(one, slot)| slot.is_none() && begun.elapsed() >= one.limit + GRACE)
                {
                    let reason = format!("it did not end within its limit of {} s and was given up", one.limit.as_secs_f32());
                    let outcome = Err(Absent::new(reason).help(format!("[facts.{}] limit = \"PT30S\" gives it longer", one.group)));
                    let gathered = Gathered { group: one.group.clone(), collector: one.entry.name, outcome, took: begun.elapsed() };
                    told(&gathered);
                    *slot = Some(gathered);
                }
            }
        }
    }
    out.into_iter().flatten().collect()
}

const GRACE: Duration = Duration::from_millis(500);

fn group(one: &Configured, shared: &Shared, at: crate::model::Instant, collected: Collected, fits: Fits<'_>) -> Result<Group, Absent> {
    let Collected { value, source, exhibits, collected_at, trust } = collected;
    let wrong = fits(&one.group, &value);
    if !wrong.is_empty() {
        let more = if wrong.len() > 3 { format!(" (and {} faults more)", wrong.len() - 3) } else { String::new() };
        let reason = format!("what it stated does not fit the group's schema: {}{more}", wrong[..wrong.len().min(3)].join("; "));
        return Err(Absent::new(reason).help(format!("`golive schema {}` prints what is wanted", one.group)));
    }
    let mut evidence: Vec<Evidence> = Vec::new();
    let mut kept = Vec::new();
    for Exhibit { evidence: link, kept: file } in exhibits {
        if !evidence.contains(&link) {
            evidence.push(link);
            kept.extend(file);
        }
    }
    let source: String = visible(&source).chars().take(4000).collect();
    let links = evidence.iter().map(|e| e.uri.as_str());
    let said = [value.to_string(), source.clone()];
    let said = said.iter().map(String::as_str).chain(links).map(str::as_bytes).chain(kept.iter().map(|(_, bytes)| bytes.as_slice()));
    if said.into_iter().any(|text| shared.secrets.leak(text)) {
        return Err(Absent::new("what it stated holds a secret, and was thrown away"));
    }
    let envelope = Envelope {
        // The earlier of the two: nothing becomes fresher by being read.
        collected_at: collected_at.map_or(at, |earlier| earlier.min(at)),
        collector: Collector { name: one.entry.name.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        source: if source.is_empty() { one.entry.name.to_owned() } else { source },
        evidence,
        trust: trust.unwrap_or(one.entry.trust).min(Trust::Observed),
        value,
    };
    Ok(Group { envelope, kept })
}
