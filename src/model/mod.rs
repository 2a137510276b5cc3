//! Plain data that every part of the program speaks: no IO, no engine, no judgement beyond one function.
//!
//! The one function is [`Verdict::conclude`]: nothing else in the code base can build a `pass`.

pub mod control;
pub mod decision;
pub mod dossier;
pub mod exception;
pub mod facts;
pub mod finding;
pub mod forecast;
pub mod record;
pub mod time;
pub mod verdict;

pub use control::{Checklist, ControlId, ControlText, GroupId, ViolationText};
pub use decision::{Blocking, Decision, Gate, Outcome, Row};
pub use dossier::{Annex, Dossier};
pub use exception::{ExceptionState, Remediation, Waiver};
pub use facts::{Collector, Evidence, Group, Trust};
pub use finding::{Fault, Finding};
pub use forecast::Forecast;
pub use record::Record;
pub use time::{Instant, Millis, Window};
pub use verdict::{Criterion, CriterionState, Judgement, Standing, Verdict};
