//! Outcomes to a decision: the gate policy decides, the host's invariant stands behind it.

mod decide;

pub use decide::{GateError, decide};
