//! The part of a batch that touches files, processes and the clock.
//!
//! One thread reads the inputs and cuts them into chunks; for each worker process one thread sends chunks and hears answers;
//! the thread that called writes answers in the order of the inputs.

mod cache;
mod derive;
mod desk;
mod feed;
mod isolate;
mod keeper;
mod list;
mod open;
mod output;
mod process;
mod resume;
mod run;
pub mod worker;

pub use cache::{Cache, CacheFolder, key};
pub use derive::{Table, derive};
pub use list::List;
pub use output::{Durable, Fault, Output, earlier, is_stream, part_of, state_of, stdout_was_closed, words};
pub use process::Launch;
pub use resume::{Done, go_on};
pub use run::{End, Job, Watcher, run};

pub use feed::{Feed, Next};
pub use open::document;
