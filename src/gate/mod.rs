//! From outcomes to a decision: gate.rego may close the gate, never open it.

mod ask;
mod conclude;
mod decide;
mod quick;

pub use ask::{Closed, Entry, Question, ask};
pub use conclude::{At, Concluded, conclude};
pub use decide::{GateError, decide};
pub use quick::QuickGate;
