//! Waivers and remediations: read from files, judged by the host alone, turned into outcomes.

mod draft;
mod outcomes;
mod read;
mod status;

pub use draft::draft;
pub use outcomes::{Exceptions, Outcomes, Settled, outcomes, settle};
pub use read::{Scope, remediations, waivers};
pub use status::{
    History, Judged, Recorded, RemediationState, RemediationStatus, WaiverState, WaiverStatus, dated, judged, remediation_statuses,
};
