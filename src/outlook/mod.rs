//! Questions about one decision: why it is so, what would have to be otherwise, until when it holds, and how
//! its exceptions stand.

pub mod annex;
pub mod exceptions;
pub mod explain;
pub mod forecast;
