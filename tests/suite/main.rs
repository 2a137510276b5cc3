//! golive's test suite: one binary, cases as folders under `fixtures/`, one module for each question.

mod cases;
mod checklists;
mod controls;
mod court;
mod deployments;
mod differences;
mod layers;
mod oracle;
mod project;
