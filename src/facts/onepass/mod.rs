//! One pass from bytes to facts: reads, refuses duplicates, checks the closed schemas and builds a tree, all at once.
//!
//! It answers with what was plainly read, or nothing. Whatever is not plainly a facts document goes to the strict reader and
//! the schemas' validator, which make the diagnostics; what is read here is read by those two, and the tree is the same. A
//! group whose value is not plainly valid is held against its schema at once, so that one such group does not cost the others.

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
