//! A checklist: its policies, schemas and parameters, read, checked and ready to judge.

mod checked;
mod compiled;
mod contracts;
mod digest;
mod exam;
mod files;
mod load;
mod manifest;
mod metadata;
mod parameters;
mod parts;
mod policies;
mod reading;
mod traced;

pub use compiled::{CONTROL_RULES, Compiled, GATE_RULES};
pub use contracts::contract;
pub use files::{FIXTURES, Files};
pub use load::{Checklist, Control, LoadError, load, load_for};
pub use metadata::control_text;
pub use parameters::{Parameters, environments};
