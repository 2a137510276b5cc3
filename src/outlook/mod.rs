//! Questions about one decision: why it is so, what would have to be otherwise, and until when it holds.

pub mod explain;
pub mod forecast;
