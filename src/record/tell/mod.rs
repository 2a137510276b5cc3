//! What an auditor reads about records: for people, and as golive's own JSON documents.

mod compared;
mod log;
mod replayed;
mod verification;

pub use compared::compared;
pub use log::log;
pub use replayed::{Replayed, replayed};
pub use verification::{Answer, Verified, verification};

use crate::model::Record;

/// The decision of a record in a few words: `GO with 2 waived`, `NO_GO`.
fn decided(record: &Record) -> String {
    match record.decision["waived"].as_u64().unwrap_or_default() {
        0 => record.gate.word().to_owned(),
        waived => format!("{} with {waived} waived", record.gate.word()),
    }
}
