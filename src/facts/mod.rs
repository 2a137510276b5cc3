//! Facts: documents read strictly, combined, and each group held against its schema and its age.

mod assess;
mod document;
pub mod onepass;
mod statement;

pub use assess::{Ages, Assessment, assess};
pub use document::{Facts, FactsDocument, Plan, Stated, combine, group_of, read, write};
pub use statement::{LONGEST, Statement};
