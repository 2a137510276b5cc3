//! Each control against its fixtures, and the fixtures against their conventions.

mod conventions;
mod verdicts;
