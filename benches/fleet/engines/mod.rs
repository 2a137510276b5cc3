//! The engines that are measured, behind one trait.

mod by_hand;
mod golive;
mod nothing;
mod opa;
mod reference;
mod stock;

use crate::ground::Ground;
use std::collections::BTreeSet;
use std::ffi::CString;

/// One way to judge documents.
pub trait Engine {
    /// What happens before the clock starts: what the engine's user would hand over.
    fn prepare(&self, document: &str) -> Prepared;

    /// From the document to its verdicts, inside the clock.
    fn judge(&mut self, prepared: &Prepared);

    /// What was last said, outside of the clock; none where the engine judges nothing.
    fn said(&self, prepared: &Prepared) -> Option<Said>;
}

/// A document as an engine takes it.
#[derive(Default)]
pub struct Prepared {
    /// The number of its environment.
    pub environment: usize,
    /// The facts document, or what a control may see of it.
    pub text: String,
    /// The same for C.
    pub c_text: CString,
    /// What the host found wrong with groups, where the host looked before the engine did: ids of findings by control.
    pub faults: Vec<Vec<String>>,
}

/// A verdict line, so that engines can be compared.
#[derive(Debug, Default, PartialEq)]
pub struct Said {
    /// Whether it is GO.
    pub go: bool,
    /// One per control, in the checklist's order.
    pub rows: Vec<Spoken>,
}

/// What was said of one control.
#[derive(Debug, Default)]
pub struct Spoken {
    /// The verdict's word.
    pub verdict: String,
    /// The criteria that are met; none where the engine does not tell.
    pub met: Option<BTreeSet<String>>,
    /// The ids of its findings, but for `unproven:…`, which follow from the criteria.
    pub findings: BTreeSet<String>,
}

impl PartialEq for Spoken {
    fn eq(&self, other: &Self) -> bool {
        let met = self.met.is_none() || other.met.is_none() || self.met == other.met;
        met && self.verdict == other.verdict && self.findings == other.findings
    }
}

/// An engine's name, what it is, and how it is made.
pub struct Entry {
    /// Its name in `--engines` and in the table.
    pub name: &'static str,
    /// What the table's notes say of it.
    pub note: &'static str,
    /// Makes it; the words say why it cannot be had here.
    pub make: fn(&Ground) -> Result<Box<dyn Engine + '_>, String>,
}

/// All engines. The first is what the others must agree with.
pub const ENGINES: &[Entry] =
    &[reference::ENTRY, golive::ENTRY, golive::SAMPLED, golive::AGAIN, stock::ENTRY, opa::ENTRY, opa::INPUT, by_hand::ENTRY];

/// What a process needs that judges nothing: the floor of the memory column.
pub const NOTHING: Entry = nothing::ENTRY;
