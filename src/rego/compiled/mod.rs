//! The fast path: the dialect of Rego that controls and gate are written in, compiled from the engine's own syntax trees to
//! an evaluator over facts in an arena. `docs/dialect.md` says what is inside it.
//!
//! It answers where it is sure of the interpreter's answer, and otherwise says so: an error, a number that is no small
//! integer, whatever is rare goes to the interpreter, which decides and explains.

mod compile;
mod constant;
mod machine;
mod program;
mod types;

pub use compile::{Outside, compile};
pub use machine::{Bounds, Halt, Machine};
pub use program::Program;
pub use types::Type;
