//! Many facts documents to verdict lines, in the order of the inputs.
//!
//! What is decided here is a function of data: [`Judge`] makes the line of a document, [`Line`] writes it, [`Summary`] counts
//! lines, [`State`] says whether a run may be gone on with. Only `supervisor` touches files, processes and the clock.

mod judge;
mod line;
mod lines;
mod memory;
mod protocol;
mod quick;
mod setting;
mod state;
mod summary;
pub mod supervisor;
mod table;
mod table_csv;
#[cfg(feature = "parquet")]
mod table_parquet;

pub use judge::{Judge, Mode, Refusal};
pub use line::{Ending, Line, Marks, Stamp, Trouble, TroubleKind};
pub use memory::{Memory, Remembered};
pub use setting::{Fingerprint, Setting};
pub use state::{Inputs, Run, State};
pub use summary::{Counts, Summary};
