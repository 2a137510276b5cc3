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
mod hostile;
mod layers;
mod onepass;
mod oracle;
mod project;
mod quick;
mod recorded;
