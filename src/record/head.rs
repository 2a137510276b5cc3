//! The head of a chain: which record is the newest, so that a cut tail is seen.

use crate::model::record::Sha256;
use crate::report::encode;
use crate::text::{Limits, Problem, Source, read_json, visible};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The type of the payload of an envelope that holds a head.
pub const PAYLOAD_TYPE: &str = "application/vnd.golive.head+json";

const FORMAT: &str = "golive.head/1";

/// The newest record of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    format: String,
    /// The environment of the chain.
    pub environment: String,
    /// The number of the newest record, which is how many there are.
    pub seq: u64,
    /// The digest of its payload.
    pub digest: Sha256,
}

impl Head {
    /// The head of a chain whose newest record is this one.
    pub fn new(environment: &str, seq: u64, digest: &str) -> Self {
        Self { format: FORMAT.to_owned(), environment: environment.to_owned(), seq, digest: digest.to_owned() }
    }

    /// Its payload.
    pub fn write(&self) -> String {
        encode::document(self)
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// Whatever makes it no head.
    pub fn read(source: &Arc<Source>) -> Result<Self, Problem> {
        let document = read_json(Arc::clone(source), &Limits::default())?;
        let head: Self = Self::deserialize(&document.value)
            .map_err(|fault| Problem::new("golive::record::head", format!("it is no head of a chain: {}", visible(&fault.to_string()))))?;
        if head.format == FORMAT {
            Ok(head)
        } else {
            let message = format!("the head is of the version `{}`, this golive reads `{FORMAT}`", visible(&head.format));
            Err(Problem::new("golive::record::version", message))
        }
    }
}
