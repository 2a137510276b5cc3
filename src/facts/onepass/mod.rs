//! One pass from bytes to facts: reads, refuses duplicates, checks the closed schemas and builds a tree, all at once.
//!
//! It answers "valid" or nothing. Whatever is not plainly valid goes to the strict reader and the schemas' validator,
//! which make the diagnostics; what is valid here is valid for those two, and the tree is the same.

mod any;
mod compile;
mod cursor;
mod document;
mod lay;
mod moment;
mod plan;
mod read;
mod token;

pub use document::{Group, Onepass, ReadFacts};
pub use lay::Layouts;
