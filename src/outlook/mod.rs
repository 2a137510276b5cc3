//! Questions about one decision: why it is so, and what would have to be otherwise.

pub mod annex;
pub mod explain;
