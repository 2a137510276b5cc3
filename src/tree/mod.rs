//! Facts as a tree in an arena: read in one pass, seen by compiled policies, gone with the document.
//!
//! A tree holds what JSON holds, and what policies make of it: sets, and values that are absent. It borrows its text from
//! the document and its lists from the arena, so that a value is copied like a number.

mod keys;
mod order;
mod value;

pub use keys::Keys;
pub use value::{Record, Truth, Value};
