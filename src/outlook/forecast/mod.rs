//! Until when a decision holds with no new facts, and what ends it.
//!
//! Turns are found by evaluating: a control's compiled policy says while it judges when the next of its comparisons with the clock turns,
//! ages of groups and dates of exceptions say the same, and at the first of these times all that may differ is judged again. Every turn is
//! judged by the reference too, a millisecond before it and at it.

mod candidates;
mod human;
mod json;
mod moment;
mod sight;
mod turn;
mod walk;

pub use human::human;
pub use json::{Required, Told, json};

use crate::checklist::{Checklist, Compiled};
use crate::evaluate::Quick;
use crate::exceptions::Exceptions;
use crate::facts::Facts;
use crate::gate::QuickGate;
use crate::model::{Forecast, Instant, Millis};
use crate::rego::compiled::Bounds;
use crate::text::visible;
use walk::Walk;

/// How far a forecast may go.
type Reach = walk::Bounds;

/// What the values that one policy makes of one document may take.
const MEMORY: usize = 256 << 20;

/// Why there is no forecast.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// At some time there is no decision.
    #[error("at {at}: {words}")]
    NoDecision {
        /// The time.
        at: Instant,
        /// Why.
        words: String,
    },
    /// The compiled path and the reference differ.
    #[error("the compiled path and the interpreter differ at {at}: {words}")]
    Differs {
        /// The time.
        at: Instant,
        /// In what.
        words: String,
    },
}

/// A checklist made ready for forecasts.
pub struct Forecaster<'c> {
    checklist: &'c Checklist,
    quick: Quick,
    gate: Option<QuickGate>,
    /// Of each control that is not compiled: why.
    outside: Vec<Option<String>>,
    bounds: Reach,
}

impl<'c> Forecaster<'c> {
    /// Compiles a checklist.
    pub fn new(checklist: &'c Checklist) -> Self {
        let bounds = Bounds { time: checklist.limits.time, memory: MEMORY };
        let Compiled { controls, gate } = checklist.compiled();
        let outside = controls.iter().map(|program| program.as_ref().err().map(|outside| visible(&outside.message))).collect();
        let gate = gate.ok().map(|gate| QuickGate::new(gate, bounds));
        Self { checklist, quick: Quick::new(checklist, controls, bounds), gate, outside, bounds: Reach::USUAL }
    }

    /// The same with so many turns at most.
    #[must_use]
    pub fn at_most(mut self, turns: usize) -> Self {
        self.bounds.turns = turns;
        self
    }

    /// Every turn from now until the horizon's end.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn forecast(&self, facts: &Facts, exceptions: &Exceptions, now: Instant, horizon: Millis) -> Result<Forecast, Fault> {
        Walk::new(self, facts, exceptions).go(now, horizon)
    }
}

/// Every moment from now until the horizon's end at which something turns with no new facts.
///
/// # Errors
/// See [`Fault`].
pub fn forecast(checklist: &Checklist, facts: &Facts, exceptions: &Exceptions, now: Instant, horizon: Millis) -> Result<Forecast, Fault> {
    Forecaster::new(checklist).forecast(facts, exceptions, now, horizon)
}
