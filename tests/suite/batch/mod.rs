//! `golive batch` through the binary: many documents, made from the two deployments, in folders of their own.

mod broken;
mod fleet;
mod lines;
mod limits;
mod order;
mod outputs;
mod resume;
