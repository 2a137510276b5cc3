//! The only folder that names the Rego engine: parse, check at load, compile, evaluate.
//!
//! The reference is the engine's interpreter with strict builtin errors. What the engine does silently is caught here
//! before it runs: see `checks`.

pub mod checks;
pub mod compiled;
mod convert;
mod engine;
mod exam;
mod parse;
mod scan;
pub mod syntax;
pub mod trace;
mod values;

pub use checks::{ALLOWED, Reads, check_modules, check_tests, reads};
pub use engine::{Answer, ENGINE, Engine, EngineError, FileLines, Limits, Lines};
pub use exam::{Broken, Exam, Mark, Test};
pub use parse::{Parsed, parse, parse_all};
