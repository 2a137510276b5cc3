//! `golive batch` through the binary: many documents, made from the two deployments, in folders of their own.

mod broken;
mod cache;
mod fleet;
mod limits;
mod lines;
mod order;
mod outputs;
mod resume;
mod tables;
