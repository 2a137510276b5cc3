//! Facts and a checklist to verdicts: one control at a time, each with only the groups that it names.

mod judge;
mod quick;
mod violation;

pub use judge::{Evaluation, View, evaluate, evaluate_watched, judge, view};
pub use quick::{Case, Known, Quick, Said};
pub use violation::read as finding;
