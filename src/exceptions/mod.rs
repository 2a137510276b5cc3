//! Waivers and remediations: read from files, judged by the host alone, turned into outcomes.

mod outcomes;
mod read;

pub use outcomes::{Exceptions, Outcomes, Settled, outcomes, settle};
pub use read::{Scope, remediations, waivers};
