//! golive: a Production Readiness Checklist as code.
//!
//! `collect → FACTS → strict read + schema → evaluate → VERDICTS → gate → DECISION → report`: each arrow is a folder, and
//! only `cli`, `collect` and `batch::supervisor` touch clock, files, processes, network and environment.

#![forbid(unsafe_code)]

pub mod batch;
pub mod checklist;
pub mod cli;
pub mod collect;
pub mod evaluate;
pub mod exceptions;
pub mod facts;
pub mod gate;
pub mod model;
pub mod outlook;
pub mod record;
pub mod rego;
pub mod report;
pub mod schema;
pub mod text;
pub mod tree;
pub mod workbench;
