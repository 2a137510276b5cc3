//! Closed JSON Schemas: the dialect that groups of facts are written in, the check of a value, and words for what is wrong.

mod check;
mod enrich;
mod layout;
mod plain_pattern;
mod quick;
mod quick_pattern;
mod shape;
mod shape_read;
mod suggest;

pub use check::{Schema, code_points, kind_of};
pub use enrich::enrich;
pub use layout::millis_key;
pub use plain_pattern::PlainPattern;
pub use shape::{Kind, LeafKind, Shape};
pub use suggest::{did_you_mean, nearest};
