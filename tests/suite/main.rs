//! golive's test suite: one binary, cases as folders under `fixtures/`, one module for each question.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test whose ground is not as it must be ends with a panic, and says how much it looked at"
)]

mod attest;
mod batch;
mod cases;
mod checked;
mod checklists;
mod collectors;
mod contributing;
mod controls;
mod court;
mod deployments;
mod differences;
mod docs;
mod endurance;
mod explain;
#[path = "../fleet/mod.rs"]
mod fleet;
mod fleets;
mod forecast;
#[path = "../../benches/fleet/foresight/mod.rs"]
mod foresight;
mod formats;
mod hostile;
mod impact;
#[path = "../../benches/fleet/impact/mod.rs"]
mod impact_edits;
mod layers;
mod lsp;
#[path = "../../benches/fleet/native/mod.rs"]
mod native;
mod onepass;
mod oracle;
mod project;
mod quick;
mod readme;
mod recorded;
mod records;
mod signing;
mod start;
mod typos;
mod waivers;
mod workbench;
