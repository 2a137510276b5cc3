//! From outcomes to a decision: gate.rego may close the gate, never open it.

mod ask;
mod decide;
mod quick;

pub use ask::{Closed, Entry, Question, ask};
pub use decide::{GateError, decide};
pub use quick::QuickGate;
