//! What other programs print and store: one file per format, from text to plain data. No file knows a collector.

pub mod cargo_audit;
pub mod checksums;
pub mod claw_checks;
pub mod claw_matrix;
pub mod junit;
mod junit_shape;
pub mod minisign;
pub mod sarif;
pub mod scan;
pub mod severity;
