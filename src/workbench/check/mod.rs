//! What is allowed in a checklist, yet worth knowing before somebody trusts it.

mod interpreted;
mod unread;
mod untested;

use super::suite::Suite;
use crate::checklist::Checklist;
use crate::text::Problem;

/// A checklist that passed every check of its load, and what is worth knowing of it.
#[derive(Debug)]
pub struct Findings {
    /// Warnings, by kind and place.
    pub warnings: Vec<Problem>,
    /// How many policies a batch leaves to the interpreter, the gate among them.
    pub interpreted: usize,
}

/// Looks at a checklist; `tried` are the fixtures beside it, and the same checklist with their parameters.
pub fn check(checklist: &Checklist, tried: Option<(&Suite, &Checklist)>) -> Findings {
    let mut warnings = interpreted::interpreted(checklist);
    let interpreted = warnings.len();
    warnings.extend(checklist.unused_functions());
    warnings.extend(unread::parameters(checklist));
    warnings.extend(unread::facts(checklist));
    if let Some((suite, tried)) = tried {
        warnings.extend(untested::controls(checklist, suite));
        warnings.extend(untested::violations(tried, suite));
    }
    Findings { warnings, interpreted }
}
